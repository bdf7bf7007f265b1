// From Streamlit's component to a player: its document once, its style, its data, and its end.
import { LIT, lights } from "./lights.js";

/**
 * @typedef {(event: string, value: any) => void} Send tells Python that something was settled
 * @typedef {{ parentElement: HTMLElement, data: any, setTriggerValue: Send, [more: string]: any }} Component
 * @typedef {(component: Component) => void | (() => void)} Render
 */

/**
 * What has its own document, fills it from `data` and may have to end something.
 * @template D
 * @typedef {{ root: Element, show(data: D, send: Send): unknown, gone?(): void }} Player
 */

/**
 * The default export of a player's file: one player for each place on the page, which outlives new data.
 * @template D
 * @param {new (parent: HTMLElement) => Player<D>} Made
 * @returns {Render}
 */
export function mounted(Made) {
  /** @type {WeakMap<HTMLElement, Player<D>>} */
  const players = new WeakMap();
  return ({ parentElement, data, setTriggerValue }) => {
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
}

/**
 * The module that a page loads for a component: `html` goes in once, `css` once for each root, `data` comes as bytes.
 * @param {string} name
 * @param {string} html
 * @param {string} css
 * @param {Render} render
 * @returns {Render}
 */
export function component(name, html, css, render) {
  const style = new CSSStyleSheet(), lit = new CSSStyleSheet(), drawn = new WeakSet(), words = new TextDecoder();
  style.replaceSync(css);
  lit.replaceSync(LIT);
  return (given) => {
    const root = given.parentElement, sheets = /** @type {ShadowRoot} */ (root.getRootNode());
    if (!drawn.has(root) || !root.firstChild) {
      root.innerHTML = html;
      setTimeout(() => (/** @type {HTMLElement} */ (sheets.host).dataset.component = name), 1000); // its pictures come a moment later
      drawn.add(root);
      lights(root);
      sheets.adoptedStyleSheets = [...sheets.adoptedStyleSheets.filter((sheet) => sheet !== style && sheet !== lit), style, lit];
    }
    return render({ ...given, data: JSON.parse(words.decode(given.data)) });
  };
}
