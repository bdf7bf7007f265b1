// What a player shows, as a file: the current frame as SVG or PNG, all steps as an animated GIF. Nothing leaves the
// browser.

import { context } from "./bytes.js";
import { applyPalette, GIFEncoder, quantize } from "./gifenc.js";
import { draw } from "./grid_board.js";

const INLINED = ["fill", "fill-opacity", "stroke", "stroke-width", "stroke-dasharray", "stroke-opacity", "opacity", "font-size", "font-weight", "display", "visibility", "image-rendering"];

// Colours as other programs know them: `color-mix` and `color(srgb ...)` become `rgba(...)`.
const plainColour = (() => {
  const known = new Map();
  const canvas = Object.assign(document.createElement("canvas"), { width: 1, height: 1 });
  const pen = context(canvas, { willReadFrequently: true });
  return (colour) => {
    if (!/^color|^oklab|^lab/.test(colour)) return colour;
    if (!known.has(colour)) {
      pen.clearRect(0, 0, 1, 1);
      pen.fillStyle = colour;
      pen.fillRect(0, 0, 1, 1);
      const [r, g, b, a] = pen.getImageData(0, 0, 1, 1).data;
      known.set(colour, `rgba(${r}, ${g}, ${b}, ${(a / 255).toFixed(3)})`);
    }
    return known.get(colour);
  };
})();

// A copy of an SVG element that carries its looks with it.
function standalone(svg) {
  const copy = svg.cloneNode(true);
  const copies = copy.querySelectorAll("*");
  svg.querySelectorAll("*").forEach((node, i) => {
    const style = getComputedStyle(node);
    const text = INLINED.map((name) => `${name}:${plainColour(style.getPropertyValue(name))}`).join(";");
    copies[i].setAttribute("style", text);
    for (const name of ["class", "role", "tabindex", "aria-label", "data-i"]) copies[i].removeAttribute(name);
  });
  return copy;
}

// Several pictures side by side in one SVG: {text, width, height}.
function frame(svgs, background) {
  const gap = 24;
  const boxes = svgs.map((svg) => svg.viewBox.baseVal);
  const width = boxes.reduce((sum, box) => sum + box.width + gap, gap);
  const height = Math.max(...boxes.map((box) => box.height)) + 2 * gap;
  const root = draw("svg", { xmlns: "http://www.w3.org/2000/svg", viewBox: `0 0 ${width} ${height}`, width, height, "font-family": "sans-serif" });
  draw("rect", { width, height, fill: background }, root);
  let x = gap;
  svgs.forEach((svg, i) => {
    const copy = standalone(svg);
    for (const [name, value] of Object.entries({ x, y: gap, width: boxes[i].width, height: boxes[i].height })) copy.setAttribute(name, value);
    copy.removeAttribute("class");
    copy.setAttribute("overflow", "visible"); // another font may need more room
    // Names inside one document must differ.
    for (const node of copy.querySelectorAll("[id]")) node.id += i;
    for (const node of copy.querySelectorAll("[marker-end]")) node.setAttribute("marker-end", `url(#tip${i})`);
    root.append(copy);
    x += boxes[i].width + gap;
  });
  return { text: new XMLSerializer().serializeToString(root), width, height };
}

async function raster({ text, width, height }, scale) {
  const image = new Image();
  image.src = "data:image/svg+xml;charset=utf-8," + encodeURIComponent(text);
  await image.decode();
  const canvas = Object.assign(document.createElement("canvas"), { width: Math.round(width * scale), height: Math.round(height * scale) });
  context(canvas, { willReadFrequently: true }).drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas;
}

/**
 * An animated GIF that repeats for ever, in the colours of a few of its frames.
 * @param {AsyncIterable<ImageData>} frames
 * @param {ImageData[]} samples of one size, as all frames are
 * @param {number} delay of a frame, in ms
 */
export async function gif(frames, samples, delay) {
  const together = new Uint8ClampedArray(samples.reduce((sum, { data }) => sum + data.length, 0));
  samples.reduce((at, { data }) => {
    together.set(data, at);
    return at + data.length;
  }, 0);
  const palette = quantize(together, 256), encoder = GIFEncoder();
  for await (const { data, width, height } of frames)
    encoder.writeFrame(applyPalette(data, palette), width, height, { palette, delay });
  encoder.finish();
  return new Blob([encoder.bytes()], { type: "image/gif" });
}

// Offer `player`'s pictures as a file of type `kind`; `button` shows how far a GIF is.
export async function save(player, kind, button) {
  const { transport, root } = player;
  const svgs = [...root.querySelectorAll(".views figure:not([hidden]) svg")];
  const background = plainColour(getComputedStyle(root).getPropertyValue("--st-background-color").trim() || "#fff");
  const offer = (blob) => {
    const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(blob), download: `transposed-convolution.${kind}` });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  };
  transport.stop();
  if (kind === "svg") return offer(new Blob([frame(svgs, background).text], { type: "image/svg+xml" }));
  if (kind === "png") return (await raster(frame(svgs, background), 2)).toBlob(offer, "image/png");
  const [before, label] = [transport.at, button.textContent];
  const shot = async (at) => {
    transport.jump(at);
    const canvas = await raster(frame(svgs, background), 0.9);
    return context(canvas).getImageData(0, 0, canvas.width, canvas.height);
  };
  button.disabled = true;
  const skip = Math.ceil(transport.length / 120); // long animations become coarser, not heavier
  const positions = [];
  for (let at = 0; at <= transport.length; at += skip) positions.push(at);
  if (positions.at(-1) !== transport.length) positions.push(transport.length);
  async function* frames() {
    for (const [i, at] of positions.entries()) {
      button.textContent = `${i + 1} / ${positions.length}`;
      yield await shot(at);
    }
  }
  const samples = [await shot(0), await shot(transport.length / 2), await shot(transport.length)];
  offer(await gif(frames(), samples, positions.length > 40 ? 200 : 500));
  Object.assign(button, { disabled: false, textContent: label });
  transport.jump(before);
}
