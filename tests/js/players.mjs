// Mounting a half as a page does, and doing to it what a person does.
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import "./dom.mjs";
import { FILES } from "./resolve.mjs";

/** The module of a half. */
export const half = (name) => import(FILES.get(`${name}.js`));

/**
 * A player on an otherwise empty page: {root, $, show(data), sent, leave()}. `sent` are pairs of event and value. Texts
 * that a test does not give are their own names.
 */
export async function mount(name, asSent = false) {
  const { component } = await half("mount"), { default: render } = await half(name);
  const file = fileURLToPath(FILES.get(`${name}.js`)).replace(/\.js$/, ".html");
  const place = document.createElement("div"), root = place.attachShadow({ mode: "open" }), parentElement = document.createElement("div");
  root.append(parentElement);
  document.body.append(place);
  const html = existsSync(file) ? readFileSync(file, "utf8") : "", draw = asSent ? component(name, html, "", render) : render, sent = [];
  if (!asSent) parentElement.innerHTML = html;
  let ends;
  return {
    root: parentElement,
    sent,
    $: (selector) => parentElement.querySelector(selector),
    async show(data) {
      const given = asSent ? new TextEncoder().encode(JSON.stringify(data)) : { ...structuredClone({ ...data, text: null }), text: texts(data.text) };
      ends = draw({ parentElement, data: given, setTriggerValue: (event, value) => sent.push([event, structuredClone(value)]) });
      await settled();
    },
    async leave() {
      place.remove();
      ends?.();
      await settled();
      await new Promise((done) => setTimeout(done, 5));
    },
  };
}

/** Until what was begun has had its turns. */
export async function settled() {
  for (let i = 0; i < 20; i++) await new Promise((done) => setImmediate(done));
}

export function press(node, key, more = {}) {
  const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, composed: true, ...more });
  node.dispatchEvent(event);
  return event;
}

export function pointer(node, kind, x = 0, y = 0, more = {}) {
  node.dispatchEvent(new PointerEvent(kind, { clientX: x, clientY: y, bubbles: true, composed: true, ...more }));
}

export function input(node, value, kind = "input") {
  node.value = value;
  node.dispatchEvent(new Event(kind, { bubbles: true }));
}

/** The element stands at the window's corner with this size, for what asks where the pointer is on it. */
export function sized(node, width, height) {
  node.getBoundingClientRect = () => ({ left: 0, top: 0, right: width, bottom: height, width, height, x: 0, y: 0 });
}

/** Texts for any name, so that a test's payload needs none. */
export const texts = (more = {}) => new Proxy(more, { get: (own, name) => own[name] ?? String(name) });
