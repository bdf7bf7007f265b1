// Words and numbers. Python sends every text translated; what is filled in here are values.

import { josa, noBreak } from "./josa.js";

/**
 * A text with its values filled in: "{name}", and in Korean "{name:은}" with the particle that the value takes. English
 * texts hold no particle and no Hangul, and are filled in as they are.
 * @param {string} template with names in braces
 * @param {Record<string, any>} values
 */
export function fill(template, values) {
  const filled = template.replace(/\{(\w+)(?::([^가-힣{}]*)([가-힣]+))?\}/g, (_, name, closing = "", particle = "") => {
    const word = String(values[name]);
    return word + closing + (particle && josa(word, particle));
  });
  return /[가-힣]/.test(template) ? noBreak(filled) : filled;
}

/**
 * A fraction as a decimal of at most `places` digits, with a real minus sign.
 * @param {number} numerator
 */
export function decimal(numerator, denominator = 1, places = 2) {
  const text = (numerator / denominator).toFixed(places);
  const short = places ? text.replace(/\.?0+$/, "") : text;
  return short === "-0" ? "0" : short.replace("-", "−");
}

/**
 * Whether that decimal is the fraction itself.
 * @param {number} numerator
 * @param {number} denominator
 * @param {number} places
 */
export const exact = (numerator, denominator, places) => Number.isInteger((numerator * 10 ** places) / denominator);

/**
 * Three digits that count, with a real minus sign.
 * @param {number} value
 */
export const three = (value) => String(Number(value.toPrecision(3))).replace("-", "−");

/**
 * A new element inside `parent`, if there is one.
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {string} className
 * @param {Element | null} parent
 * @param {Record<string, any>} more properties
 */
export function make(tag, className = "", parent = null, more = {}) {
  const node = Object.assign(document.createElement(tag), { className, ...more });
  parent?.append(node);
  return node;
}
