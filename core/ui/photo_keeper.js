// Keeps a copy of the visitor's photo in the storage of this tab, and hands it in where a reload has lost it.

/**
 * What photo_keeper.py sends.
 * @typedef {{
 *   keep: boolean,
 *   uploader: string,
 *   digest: string,
 *   name: string,
 *   photo: string,
 * }} Data
 */

const PLACE = "segscope-photo";
const COPY = "kept-in-this-tab "; // before the name: says in photo_keeper.py where the file comes from
const PATIENCE = 100; // times a tenth of a second, until the uploader stands
let handed = false; // once in the life of a page

/**
 * What was kept, if anything; a browser may have no such storage for this site.
 * @returns {{ name: string, photo: string } | null}
 */
function kept() {
  try {
    return JSON.parse(sessionStorage.getItem(PLACE) ?? "null");
  } catch {
    return null;
  }
}

function keep({ name, photo }) {
  try {
    sessionStorage.setItem(PLACE, JSON.stringify({ name, photo }));
    return true;
  } catch {
    return false; // too large, or not allowed
  }
}

function forget() {
  try {
    sessionStorage.removeItem(PLACE);
  } catch {} // then there is nothing either
}

/**
 * @param {string} uploader
 * @param {{ name: string, photo: string }} copy
 */
function handIn(uploader, copy, left = PATIENCE) {
  const input = /** @type {HTMLInputElement | null} */ (document.querySelector(`[class*="st-key-${uploader}-"] input[type=file]`));
  if (!input) {
    if (left) setTimeout(() => handIn(uploader, copy, left - 1), 100);
    return;
  }
  const bytes = Uint8Array.from(atob(copy.photo), (letter) => letter.charCodeAt(0)), list = new DataTransfer();
  list.items.add(new File([bytes], COPY + copy.name, { type: "image/png" }));
  input.files = list.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

/** @param {import("./mount.js").Component & { data: Data }} component */
export default function ({ data, setTriggerValue }) {
  if (!data.keep) return forget();
  // Later: Streamlit does not hear what a component says while it is drawn for the first time.
  const tell = (event, value) => void setTimeout(() => setTriggerValue(event, value));
  if (data.photo) return tell("held", keep(data) ? data.digest : "");
  const copy = data.uploader && !handed ? kept() : null;
  if (!copy) return;
  handed = true;
  handIn(data.uploader, copy);
}
