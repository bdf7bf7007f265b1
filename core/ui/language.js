// Streamlit's document says lang="en" for ever; screen readers, hyphenation and line breaking go by it.
//
// And a connection that was lost and has come back may lead to a session that knows nothing: the server has started
// again, another replica answers, or it gave this page up in the meantime. Streamlit would leave the old page standing
// there, with parts that answer nothing. So the page asks for one run; a new session takes all it needs from the address.
import { speak } from "./streamlit_words.js";

let ask = () => {};

new MutationObserver((changes) => {
  // A change back to "connected"; the ways there may all lie in one batch.
  const back = ({ target, oldValue }) =>
    oldValue !== "CONNECTED" && target.getAttribute("data-test-connection-state") === "CONNECTED";
  if (changes.some(back)) ask();
}).observe(document.body, {
  subtree: true,
  attributeFilter: ["data-test-connection-state"],
  attributeOldValue: true,
});

/**
 * What language.py sends.
 * @typedef {{
 *   language: string,
 *   words: Record<string, string>,
 * }} Data
 */

/** @param {import("./mount.js").Component & { data: Data }} component */
export default function ({ data, setTriggerValue }) {
  document.documentElement.lang = data.language;
  speak(data.words);
  ask = () => setTriggerValue("returned", true);
}
