// Where a player stands, in the page's address: a copied link and a reload find it again. The browser writes it and
// tells nobody; Streamlit sends the address along whenever it asks for anything, so that Python reads it there.

/** @type {Map<string, ReturnType<typeof setTimeout>>} */
const waiting = new Map();

/**
 * Write `name` into the address, or take it out where it is what the page begins with. A clock that plays writes when
 * it rests: browsers allow some hundred changes a minute.
 * @param {string} name
 * @param {string | number} value
 * @param {string | number} usual
 */
export function note(name, value, usual) {
  if (document.documentElement.dataset.taken) return; // a file of one figure: nobody would read it
  clearTimeout(waiting.get(name));
  const path = location.pathname;
  waiting.set(name, setTimeout(() => {
    if (location.pathname !== path) return; // another page has come
    const url = new URL(location.href);
    if (value === usual) url.searchParams.delete(name);
    else url.searchParams.set(name, String(value));
    if (url.href !== location.href) history.replaceState(history.state, "", url);
  }, 250));
}
