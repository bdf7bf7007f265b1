// A figure alone in a page of somebody else's: the address names it (`?figure=u_map`), document.css hides what is around
// it, and the frame is told how high it stands.

/** @typedef {{ name: string, host: HTMLElement }} Standing */

/** Which figure the address names: a component, and of several of one name which. Empty where it names none. */
const wanted = document.documentElement.dataset.figure ?? "";
/** @type {ResizeObserver | undefined} */
let observer;

/**
 * Something was drawn: mark the figure that the address names.
 * @param {() => Standing[]} components what stands on the page
 */
export function framed(components) {
  if (!wanted) return;
  const [name, number = "1"] = wanted.split("."), found = components().filter((each) => each.name === name);
  const chosen = found[Number(number) - 1] ?? found[0];
  for (const { host } of found) host.toggleAttribute("data-framed", host === chosen?.host);
  const page = document.querySelector(".stMainBlockContainer");
  if (!page || observer || window.parent === window) return;
  // To whoever shows it: a height is no secret, and who may show it the content policy has decided.
  observer = new ResizeObserver(() => window.parent.postMessage({ segscope: "height", height: Math.ceil(page.getBoundingClientRect().height) }, "*"));
  observer.observe(page);
}
