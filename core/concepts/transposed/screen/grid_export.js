// What a player shows, as a file: the current frame as SVG or PNG, all steps as an animated GIF. Nothing leaves the
// browser. LZW and the block layout follow the GIF89a specification.

const INLINED = ["fill", "fill-opacity", "stroke", "stroke-width", "stroke-dasharray", "stroke-opacity", "opacity", "font-size", "font-weight", "display", "visibility", "image-rendering"];

// Colours as other programs know them: `color-mix` and `color(srgb ...)` become `rgba(...)`.
const plainColour = (() => {
  const known = new Map();
  const canvas = Object.assign(document.createElement("canvas"), { width: 1, height: 1 });
  const pen = canvas.getContext("2d", { willReadFrequently: true });
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
  canvas.getContext("2d", { willReadFrequently: true }).drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas;
}

// The 255 most frequent colours of some pictures, at five bits a channel, and the nearest of them for any colour.
function palette(pictures) {
  const key = (r, g, b) => ((r >> 3) << 10) | ((g >> 3) << 5) | (b >> 3);
  const seen = new Map();
  for (const { data } of pictures)
    for (let i = 0; i < data.length; i += 4) {
      const k = key(data[i], data[i + 1], data[i + 2]);
      const entry = seen.get(k);
      if (entry) entry.count += 1;
      else seen.set(k, { count: 1, colour: [data[i], data[i + 1], data[i + 2]] });
    }
  const colours = [...seen.values()].sort((a, b) => b.count - a.count).slice(0, 256).map(({ colour }) => colour);
  const nearest = new Map();
  const index = (r, g, b) => {
    const k = key(r, g, b);
    if (!nearest.has(k)) {
      const distance = ([x, y, z]) => (x - r) ** 2 + (y - g) ** 2 + (z - b) ** 2;
      nearest.set(k, colours.reduce((best, colour, i) => (distance(colour) < distance(colours[best]) ? i : best), 0));
    }
    return nearest.get(k);
  };
  return { colours, index };
}

// LZW with 8-bit codes, cut into GIF's blocks of at most 255 bytes.
function squeeze(pixels) {
  const out = [8];
  let [block, buffer, bits] = [[], 0, 0];
  let [table, next, width] = [new Map(), 258, 9];
  const put = (code) => {
    buffer |= code << bits;
    bits += width;
    while (bits >= 8) {
      block.push(buffer & 255);
      buffer >>>= 8;
      bits -= 8;
      if (block.length === 255) out.push(255, ...block.splice(0));
    }
  };
  put(256);
  let prefix = pixels[0];
  for (let i = 1; i < pixels.length; i++) {
    const pair = (prefix << 8) | pixels[i];
    const known = table.get(pair);
    if (known !== undefined) {
      prefix = known;
      continue;
    }
    put(prefix);
    if (next < 4096) {
      table.set(pair, next);
      if (next === 1 << width && width < 12) width += 1;
      next += 1;
    } else {
      put(256);
      [table, next, width] = [new Map(), 258, 9];
    }
    prefix = pixels[i];
  }
  put(prefix);
  put(257);
  if (bits > 0) block.push(buffer & 255);
  if (block.length) out.push(block.length, ...block);
  out.push(0);
  return Uint8Array.from(out);
}

// frames: async iterable of ImageData; samples: a few of them for the palette; delay in hundredths of a second.
async function gif(frames, samples, delay) {
  const { colours, index } = palette(samples);
  const { width, height } = samples[0];
  const short = (n) => [n & 255, n >> 8];
  const table = new Uint8Array(768);
  colours.forEach((colour, i) => table.set(colour, 3 * i));
  const loop = [0x21, 0xff, 11, ..."NETSCAPE2.0"].map((c) => (typeof c === "string" ? c.charCodeAt(0) : c));
  const parts = [new TextEncoder().encode("GIF89a"), Uint8Array.from([...short(width), ...short(height), 0xf7, 0, 0]), table];
  parts.push(Uint8Array.from([...loop, 3, 1, 0, 0, 0]));
  for await (const { data } of frames) {
    const pixels = new Uint8Array(width * height);
    for (let i = 0; i < pixels.length; i++) pixels[i] = index(data[4 * i], data[4 * i + 1], data[4 * i + 2]);
    const control = [0x21, 0xf9, 4, 4, ...short(delay), 0, 0];
    parts.push(Uint8Array.from([...control, 0x2c, 0, 0, 0, 0, ...short(width), ...short(height), 0]), squeeze(pixels));
  }
  parts.push(Uint8Array.from([0x3b]));
  return new Blob(parts, { type: "image/gif" });
}

// Offer `player`'s pictures as a file of type `kind`; `button` shows how far a GIF is.
async function save(player, kind, button) {
  const { transport, root } = player;
  const svgs = [...root.querySelectorAll(".views svg")];
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
    return canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
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
  offer(await gif(frames(), samples, positions.length > 40 ? 20 : 50));
  Object.assign(button, { disabled: false, textContent: label });
  transport.jump(before);
}
