// A small browser for the halves: happy-dom, and what that lacks: canvases that keep their pixels, pictures that decode
// grey PNGs, frames that come when the test says so.
import { register } from "node:module";
import { inflateSync } from "node:zlib";
import { Window } from "happy-dom";

register("./resolve.mjs", import.meta.url);

const window = new Window({ url: "http://localhost/", settings: { disableCSSFileLoading: true, disableJavaScriptFileLoading: true, errorCapture: "disabled" } });
for (const name of ["NodeFilter", 
  "document", "Node", "Element", "HTMLElement", "Event", "CustomEvent", "KeyboardEvent", "MouseEvent", "CSSStyleSheet", "ShadowRoot",
  "HTMLInputElement", "HTMLSelectElement", "HTMLDetailsElement", "MutationObserver", "getComputedStyle", "location", "history", "sessionStorage",
]) globalThis[name] = typeof window[name] === "function" && name === "getComputedStyle" ? window[name].bind(window) : window[name];
Object.assign(globalThis, { window, PointerEvent: window.PointerEvent ?? window.MouseEvent });
window.console.error = (...words) => { throw new Error(words.join(" ")); };

globalThis.Option = class {
  constructor(text, value, _defaultSelected, selected) {
    // biome-ignore lint/correctness/noConstructorReturn: as a browser's constructor, it makes an element
    return Object.assign(document.createElement("option"), { textContent: text, value, selected: Boolean(selected) });
  }
};

/** Answers of `matchMedia`; `media.still` is what a reader with less motion has. */
export const media = { still: false };
globalThis.matchMedia = (query) => ({ matches: query.includes("reduced-motion") && media.still });

// -------------------------------------------------------------------------------------------------------- frames

/** Frames that were asked for; `frames.run(now)` gives all of them the time. */
export const frames = {
  waiting: new Map(),
  next: 1,
  run(now) {
    const due = [...this.waiting.values()];
    this.waiting.clear();
    for (const act of due) act(now);
  },
};
globalThis.requestAnimationFrame = (act) => {
  frames.waiting.set(frames.next, act);
  return frames.next++;
};
globalThis.cancelAnimationFrame = (id) => void frames.waiting.delete(id);

/** Everything that observes sizes now. */
export const observers = new Set();
globalThis.ResizeObserver = class {
  observe() { observers.add(this); }
  unobserve() {}
  disconnect() { observers.delete(this); }
};

// ------------------------------------------------------------------------------------------------------ pictures

/** Pixels of a grey PNG of eight bits: {width, height, values}. */
export function png(data) {
  let at = 8, width = 0, height = 0;
  const parts = [];
  while (at < data.length) {
    const length = data.readUInt32BE(at), kind = data.toString("latin1", at + 4, at + 8), body = data.subarray(at + 8, at + 8 + length);
    if (kind === "IHDR") {
      [width, height] = [body.readUInt32BE(0), body.readUInt32BE(4)];
      if (body[8] !== 8 || body[9] !== 0) throw new Error("not a grey PNG of eight bits");
    }
    if (kind === "IDAT") parts.push(body);
    at += 12 + length;
  }
  const raw = inflateSync(Buffer.concat(parts)), values = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    const filter = raw[y * (width + 1)];
    for (let x = 0; x < width; x++) {
      const [left, up] = [x ? values[y * width + x - 1] : 0, y ? values[(y - 1) * width + x] : 0], corner = x && y ? values[(y - 1) * width + x - 1] : 0;
      const [a, b, c] = [Math.abs(up - corner), Math.abs(left - corner), Math.abs(left + up - 2 * corner)];
      const guess = [0, left, up, (left + up) >> 1, a <= b && a <= c ? left : b <= c ? up : corner][filter];
      values[y * width + x] = raw[y * (width + 1) + 1 + x] + guess;
    }
  }
  return { width, height, values };
}

/** Pictures by address for tests that need no PNG, and how long each takes: `slow.set(address, promise)`. */
export const pictures = new Map(), slow = new Map();
async function decode() {
  const address = this.getAttribute("src");
  await slow.get(address);
  const known = pictures.get(address);
  const found = known ?? (address.startsWith("data:image/png;base64,") ? png(Buffer.from(address.split(",")[1], "base64")) : { width: 1, height: 1 });
  for (const [name, value] of Object.entries(found)) Object.defineProperty(this, name, { value, configurable: true });
}
Object.defineProperty(window.HTMLImageElement.prototype, "decode", { value: decode, configurable: true });
globalThis.Image = class {
  constructor() {
    // biome-ignore lint/correctness/noConstructorReturn: as a browser's constructor, it makes an element
    return document.createElement("img");
  }
};

globalThis.ImageData = class {
  constructor(width, height) {
    if (!(width > 0 && height > 0)) throw new Error(`a picture of ${width} x ${height}`);
    Object.assign(this, { width, height, data: new Uint8ClampedArray(4 * width * height) });
  }
};

class Pen {
  constructor(canvas) {
    this.canvas = canvas;
  }
  createImageData(width, height) {
    return new ImageData(width, height);
  }
  putImageData(image) {
    this.canvas.painted = image;
  }
  getImageData(_x, _y, width, height) {
    const image = new ImageData(width, height);
    if (this.canvas.painted?.data.length === image.data.length) image.data.set(this.canvas.painted.data);
    return image;
  }
  drawImage(from) {
    if (from.painted) this.canvas.painted = from.painted;
    if (!from.values) return;
    const image = (this.canvas.painted = new ImageData(from.width, from.height));
    from.values.forEach((value, i) => image.data.set([value, value, value, 255], 4 * i));
  }
}
for (const name of ["clearRect", "fillRect", "strokeRect", "beginPath", "moveTo", "lineTo", "stroke", "fill", "rect", "arc", "scale", "closePath", "save", "restore", "translate", "setTransform", "bezierCurveTo", "quadraticCurveTo"])
  Pen.prototype[name] = () => {};
const pens = new WeakMap();
function getContext() {
  if (!pens.has(this)) pens.set(this, new Pen(this));
  return pens.get(this);
}
Object.defineProperty(window.HTMLCanvasElement.prototype, "getContext", { value: getContext });
Object.defineProperty(window.HTMLCanvasElement.prototype, "toDataURL", { value: () => "data:," });
globalThis.OffscreenCanvas = class {
  constructor(width, height) {
    Object.assign(this, { width, height, getContext });
  }
};
for (const name of ["setPointerCapture", "scrollIntoView"]) window.Element.prototype[name] = () => {};
Object.defineProperty(window.SVGElement.prototype, "viewBox", { get: () => ({ baseVal: { width: 320, height: 320 } }), configurable: true });
globalThis.devicePixelRatio = 1;
