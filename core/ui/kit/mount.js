// From Streamlit's component to a player: its document once, its style, its data, and its end.
import { framed } from "./framed.js";
import { LIT, lights } from "./lights.js";

/**
 * @typedef {(event: string, value: any) => void} Send tells Python that something was settled
 * @typedef {{ parentElement: HTMLElement, data: any, setTriggerValue: Send, [more: string]: any }} Component
 * @typedef {((component: Component) => void | (() => void)) & { asks?: string[], shown?: (root: HTMLElement) => any }} Render
 *   `asks` names the events that Python alone can answer; `shown` is the data with which a player would stand as it does.
 * @typedef {{ name: string, root: HTMLElement, host: HTMLElement, figure: boolean, now: () => any }} Standing
 */

/** @type {Map<HTMLElement, Standing>} what has been drawn, by where it stands */
const standing = new Map();

/**
 * What stands on the page, from top to bottom: each component's name, where it is (`root` inside, `host` on the page), whether it shows something by itself,
 * and its data as of now.
 * @returns {Standing[]}
 */
export function components() {
  const order = (/** @type {Standing} */ a, /** @type {Standing} */ b) => (a.host.compareDocumentPosition(b.host) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1);
  return [...standing.values()].filter(({ root }) => root.isConnected).sort(order);
}

/**
 * What has its own document, fills it from `data` and may have to end something.
 * @template D
 * @typedef {{ root: Element, show(data: D, send: Send): unknown, asShown?(): D, gone?(): void }} Player
 */

/**
 * The default export of a player's file: one player for each place on the page, which outlives new data.
 * @template D
 * @param {(new (parent: HTMLElement) => Player<D>) & { asks?: string[] }} Made
 * @returns {Render}
 */
export function mounted(Made) {
  /** @type {WeakMap<HTMLElement, Player<D>>} */
  const players = new WeakMap();
  /** @param {Component} component */
  const render = ({ parentElement, data, setTriggerValue }) => {
    let player = players.get(parentElement);
    if (!player?.root.isConnected) {
      player?.gone?.();
      players.set(parentElement, (player = new Made(parentElement)));
    }
    const here = player;
    here.show(data, setTriggerValue);
    // Streamlit also calls this for a drawing that a newer one has overtaken, while the player stands and plays on.
    return () => void setTimeout(() => !here.root.isConnected && here.gone?.());
  };
  return Object.assign(render, { asks: Made.asks ?? [], shown: (/** @type {HTMLElement} */ root) => players.get(root)?.asShown?.() });
}

/**
 * The module that a page loads for a component: `html` goes in once, `css` once for each root, `data` comes as bytes.
 * @param {string} name
 * @param {string} html
 * @param {string} css
 * @param {Render} render
 * @param {boolean} figure whether it shows something by itself
 * @returns {Render}
 */
export function component(name, html, css, render, figure = true) {
  const style = new CSSStyleSheet(), lit = new CSSStyleSheet(), drawn = new WeakSet(), words = new TextDecoder();
  style.replaceSync(css);
  lit.replaceSync(LIT);
  const draw = (/** @type {Component} */ given) => {
    const root = given.parentElement, sheets = /** @type {ShadowRoot} */ (root.getRootNode());
    if (!drawn.has(root) || !root.firstChild) {
      root.innerHTML = html;
      setTimeout(() => (/** @type {HTMLElement} */ (sheets.host).dataset.component = name), 1000); // its pictures come a moment later
      drawn.add(root);
      lights(root);
      sheets.adoptedStyleSheets = [...sheets.adoptedStyleSheets.filter((sheet) => sheet !== style && sheet !== lit), style, lit];
    }
    const read = () => JSON.parse(words.decode(given.data));
    for (const other of standing.keys()) if (!other.isConnected) standing.delete(other);
    standing.set(root, { name, root, host: /** @type {HTMLElement} */ (sheets.host), figure, now: () => render.shown?.(root) ?? read() });
    framed(components);
    return render({ ...given, data: read() });
  };
  return Object.assign(draw, { asks: render.asks });
}
