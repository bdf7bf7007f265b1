// (c) The convolution's matrix C and its transpose.

import { context } from "./bytes.js";
import { draw } from "./grid_board.js";
import { clamp } from "./photo.js";
import { fill } from "./text.js";
import { Picture, TALL, WIDE } from "./transposed_views.js";

export class MatrixPicture extends Picture {
  layout(data, links) {
    this.links = links;
    this.data = data;
    const { text } = data;
    const [I, O] = [links.inputs, links.outputs];
    this.begin(text.matrixAlt);
    const fine = Math.min(9, (WIDE - 2) / O); // along the outputs, in C
    const flat = Math.min(9, 96 / I);
    const across = clamp(190 / I, 1, 14); // along the inputs, in the transpose
    const top = 22 + I * flat + 38;
    const down = Math.min(9, (TALL - top - 24) / O);
    const url = this.image(I, O);
    this.title(fill(text.convolutionMatrix, { size: `${I} × ${O}` }), 0, 14);
    const x = WIDE / 2 - (across * I) / 2;
    this.c = { x: 0, y: 20, width: O * fine, height: I * flat, cw: fine, ch: flat };
    this.t = { x, y: top, width: I * across, height: O * down, cw: across, ch: down };
    draw("image", { class: "entries", "data-kind": "c", href: url.plain, preserveAspectRatio: "none", ...this.size(this.c) }, this.svg);
    this.title(fill(text.transposedMatrix, { size: `${O} × ${I}` }), 0, top - 10);
    draw("image", { class: "entries", "data-kind": "t", href: url.turned, preserveAspectRatio: "none", ...this.size(this.t) }, this.svg);
    for (const place of [this.c, this.t]) draw("rect", { class: "edge", ...this.size(place) }, this.svg);
    this.y = { x: x - 52, y: top, width: 18, height: O * down, ch: down };
    this.x = { x: x + I * across + 30, y: top, width: 18, height: Math.min(O * down, I * 14), ch: Math.min((O * down) / I, 14) };
    draw("rect", { class: "vector output", ...this.size(this.y) }, this.svg);
    draw("rect", { class: "vector input", ...this.size(this.x) }, this.svg);
    const middle = top + Math.min(this.x.height, O * down) / 2;
    for (const [sign, at] of [["=", x - 17], ["·", x + I * across + 15]])
      draw("text", { class: "sign", x: at, y: middle, "text-anchor": "middle", dy: "0.36em" }, this.svg, sign);
    for (const [name, place] of Object.entries({ y: this.y, Cᵀ: this.t, x: this.x }))
      draw("text", { class: "name", x: place.x + place.width / 2, y: place.y + place.height + 15, "text-anchor": "middle" }, this.svg, name);
    this.end(Math.max(top + O * down + 20, 60));
  }

  size({ x, y, width, height }) {
    return { x, y, width, height };
  }

  // Both matrices as pictures: white for the zeros that are there by construction, grey for the kernel's weights.
  image(I, O) {
    const paint = (width, height, place) => {
      const canvas = Object.assign(document.createElement("canvas"), { width, height });
      const picture = new ImageData(width, height);
      const most = Math.max(1e-9, ...this.links.kernel.map(Math.abs));
      for (let i = 0; i < I; i++)
        for (const { output, tap } of this.links.stamp(i)) {
          const weight = this.links.kernel[tap] / most;
          const at = 4 * (place(i, output)[1] * width + place(i, output)[0]);
          const colour = weight < 0 ? [206, 92, 20] : [92, 96, 104];
          picture.data.set([...colour, 70 + 185 * Math.abs(weight)], at);
        }
      context(canvas).putImageData(picture, 0, 0);
      return canvas.toDataURL();
    };
    return { plain: paint(O, I, (i, o) => [o, i]), turned: paint(I, O, (i, o) => [i, o]) };
  }

  band(place, kind, index, name) {
    const { x, y, width, height, cw = width, ch } = place;
    const box =
      kind === "row"
        ? { x: x - 2, y: y + index * ch - Math.max(0, (2 - ch) / 2), width: width + 4, height: Math.max(2, ch) }
        : { x: x + index * cw - Math.max(0, (2 - cw) / 2), y: y - 2, width: Math.max(2, cw), height: height + 4 };
    draw("rect", { class: `band ${name}`, ...box }, this.over);
  }

  render({ spot, changed, hidden }) {
    if (!changed) return;
    this.over.replaceChildren();
    const at = hidden ? (hidden.truth ? { kind: "output", i: hidden.i } : null) : spot;
    if (at?.kind === "output") {
      this.band(this.t, "row", at.i, "green");
      this.band(this.c, "column", at.i, "green");
      this.band(this.y, "row", at.i, "green");
      for (const { input } of this.links.terms(at.i)) this.band(this.x, "row", input, "blue");
    } else if (at?.kind === "input") {
      this.band(this.t, "column", at.i, "blue");
      this.band(this.c, "row", at.i, "blue");
      this.band(this.x, "row", at.i, "blue");
      for (const { output } of this.links.stamp(at.i)) this.band(this.y, "row", output, "green");
    }
  }
}
