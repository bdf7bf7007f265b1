// Streamlit's own labels are English for ever. This says them in the reader's language, here and when they change, and
// English again after a switch back: it remembers what stood there.
import { fill } from "./text.js";

/** @type {WeakMap<object, any>} */
const SAID = new WeakMap(); // element or text -> { name of the attribute: [English, said] }
const PLACES = ["MainMenuPopover", "StatusWidget", "TooltipContent", "TooltipErrorContent", "SkipToContent"].map((name) => `[data-testid=st${name}]`).join();
/** @type {Record<string, string>} */
let streamlitWords = {};

function inWords(english) {
  if (english in streamlitWords) return streamlitWords[english];
  const refused = /^(\S+) files are not allowed\.$/.exec(english);
  const sentence = refused && streamlitWords["{type} files are not allowed."];
  return sentence ? fill(sentence, { type: refused[1] }) : english;
}

function reword(holder, name, now, say) {
  if (!now) return;
  const known = SAID.get(holder) ?? {}, [before, said] = known[name] ?? [];
  const english = said === now ? before : now, wanted = inWords(english);
  if (wanted === english && said === undefined) return;
  SAID.set(holder, { ...known, [name]: [english, wanted] });
  if (wanted !== now) say(wanted);
}

function rewordElement(element) {
  for (const name of ["aria-label", "title"]) reword(element, name, element.getAttribute(name), (said) => element.setAttribute(name, said));
}

function rewordText(node) {
  if (node.parentElement?.closest(PLACES)) reword(node, "text", node.data.trim(), (said) => (node.data = said));
}

// With groups in the navigation, Streamlit's list of a phone holds headings beside its items, and items outside a list:
// screen readers count wrongly. As a group of links it reads right.
function regroup(root) {
  for (const list of root.querySelectorAll('[data-testid="stSidebarNavItems"], [data-testid="stSidebarNavItems"] ul')) list.setAttribute("role", "group");
  for (const item of root.querySelectorAll('[data-testid="stSidebarNavItems"] li')) item.setAttribute("role", "none");
}

function rewordAll(root) {
  if (root.nodeType === Node.TEXT_NODE) return rewordText(root);
  if (root.nodeType !== Node.ELEMENT_NODE) return;
  if (root.closest("[data-testid=stSidebarNav]") || root.querySelector("[data-testid=stSidebarNavItems]")) regroup(document);
  rewordElement(root);
  for (const element of root.querySelectorAll("[aria-label], [title]")) rewordElement(element);
  const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  const places = root.closest(PLACES) || root.querySelector(PLACES);
  while (places && texts.nextNode()) rewordText(texts.currentNode);
}

/** @param {Record<string, string>} words English -> the reader's language */
export function speak(words) {
  streamlitWords = words;
  rewordAll(document.body);
}

new MutationObserver((changes) => {
  for (const { type, target, addedNodes } of changes) {
    if (type === "attributes") rewordElement(target);
    else if (type === "characterData") rewordText(target);
    else addedNodes.forEach(rewordAll);
  }
}).observe(document.body, { subtree: true, childList: true, characterData: true, attributeFilter: ["aria-label", "title"] });
