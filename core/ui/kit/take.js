// A figure as one file: the page that core/ui/takeaway.py makes of a player's own modules, with what the player shows now.

import { settings } from "./controls.js";
import { components } from "./mount.js";

/**
 * @typedef {import("./mount.js").Standing & { title: string, called: string, words: import("./mount.js").Standing | undefined, notes: string[] }} Figure
 *   `called` is how an address names it; `words` are the sentences that point at it.
 * @typedef {{ address: string, figure: { channels: number[] }, channel?: number, images?: Record<string, string> }} Maps
 */

const STEP = '[class*="st-key-step-of-"]';
const HERE = /^(localhost|127\.|\[::1\])/;
const MOST = 1_950_000; // characters of a file, nearly all of one byte

const text = (/** @type {Element | null | undefined} */ node) => node?.textContent?.trim() ?? "";
/** @type {(a: Node, b: Node) => boolean} */
const follows = (a, b) => Boolean(a.compareDocumentPosition(b) & Node.DOCUMENT_POSITION_FOLLOWING);

/**
 * The figures of the page, each with what is written around it.
 * @returns {Figure[]}
 */
export function figures() {
  const all = components(), found = all.filter((each) => each.figure), counted = /** @type {Record<string, number>} */ ({});
  const step = text(all.find(({ name }) => name === "steps")?.root.querySelector("[aria-current] .step-title"));
  return found.map((each, i) => {
    const { host } = each, section = host.closest(STEP), next = found[i + 1]?.host;
    const beside = (/** @type {Element} */ node) => node.closest(STEP) === section && follows(host, node) && (!next || follows(node, next));
    const heading = [...(section?.querySelectorAll("h2, h3") ?? [])].filter((node) => follows(node, host)).at(-1);
    const number = (counted[each.name] = (counted[each.name] ?? 0) + 1);
    return {
      ...each,
      title: text(heading) || step || text(document.querySelector("h1")),
      called: number > 1 ? `${each.name}.${number}` : each.name,
      words: all.find((other) => other.name === "pointing" && beside(other.host)),
      notes: [...(section?.querySelectorAll('[data-testid="stCaptionContainer"]') ?? [])].filter(beside).map(text),
    };
  });
}

/**
 * The address of this view with nothing but that figure, or of the whole page.
 * @param {Figure | null} figure
 */
export function viewOf(figure) {
  const url = new URL(location.href);
  if (figure) url.searchParams.set("figure", figure.called);
  else url.searchParams.delete("figure");
  return url.href;
}

/** @param {string} address */
async function asData(address) {
  const answer = await fetch(new URL(address, document.baseURI));
  if (!answer.ok) throw new Error(`${answer.status} ${address}`);
  let characters = "";
  for (const byte of new Uint8Array(await answer.arrayBuffer())) characters += String.fromCharCode(byte);
  return `data:image/png;base64,${btoa(characters)}`;
}

/**
 * Maps that the server would be asked for later come along: of each stage the one that is chosen and the strongest, as
 * many as there is room for, the same number of each.
 * @param {any} data
 * @param {number} room in characters
 */
export async function withMaps(data, room) {
  /** @type {Maps[]} */
  const stages = (data.stages ?? []).filter((/** @type {Maps} */ stage) => stage.address).map((/** @type {Maps} */ stage) => ({ ...stage, images: {} }));
  if (!stages.length) return data;
  const take = async (/** @type {Maps} */ stage, /** @type {string | number} */ kind) => {
    const image = await asData(`${stage.address}${kind}.png`);
    if (image.length <= room && stage.images) stage.images[kind] = image;
    room -= Math.min(room, image.length);
  };
  for (const stage of stages) await take(stage, "figure");
  const wanted = stages.map(({ channel, figure }) => [...new Set([channel ?? figure.channels[0], ...figure.channels])]);
  for (let i = 0; room > 0 && i < Math.max(...wanted.map((list) => list.length)); i++)
    for (const [at, stage] of stages.entries()) if (wanted[at][i] !== undefined && room > 0) await take(stage, wanted[at][i]);
  return { ...data, stages: data.stages.map((/** @type {Maps} */ stage) => stages.find(({ address }) => address === stage.address) ?? stage) };
}

/**
 * The file, as text.
 * @param {Figure} figure
 * @param {string} credit whose photo it is
 */
export async function fileOf(figure, credit) {
  const lang = document.documentElement.lang || "en", page = await fetch(new URL(`./${figure.name}.${lang}.html`, import.meta.url));
  if (!page.ok) throw new Error(`${page.status} ${figure.name}`);
  const start = await page.text(), now = figure.now(), data = await withMaps(now, MOST - start.length - JSON.stringify(now).length);
  const given = {
    page: text(document.querySelector("h1")),
    question: text(document.querySelector(".st-key-page-question")),
    title: figure.title,
    notes: figure.notes,
    credit: data.credit ?? (JSON.stringify(data).includes("data:image/jpeg") ? credit : ""),
    address: HERE.test(location.hostname) ? "" : viewOf(null), // another machine would find nothing there
    data,
    settings: settings(figure.root),
    words: figure.words?.now() ?? null,
  };
  const json = JSON.stringify(given).replaceAll("<", "\\u003c"); // nothing in it may end the script that holds it
  return start.replace("{}</script>", () => `${json}</script>`);
}

/**
 * Make the file and hand it to the browser to save.
 * @param {Figure} figure
 * @param {string} credit
 * @returns {Promise<string>} its name
 */
export async function take(figure, credit) {
  const page = location.pathname.split("/").pop() || "home", name = `segscope-${page}-${figure.called}.html`;
  const address = URL.createObjectURL(new Blob([await fileOf(figure, credit)], { type: "text/html" }));
  Object.assign(document.createElement("a"), { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
  return name;
}
