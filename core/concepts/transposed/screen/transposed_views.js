// Three pictures of one transposed convolution. Each lays its boards out for new data and renders a moment of the player:
// {order, active, part, shown, stamps, spot}: the step under way, how far it is (0 to 1), the numerators shown so far,
// how many stamps each output cell has, and the cell that is looked at ({kind: "input" | "output", i}).

import { Board, draw } from "./grid_board.js";
import { ease } from "./motion.js";
import { clamp } from "./photo.js";
import { decimal, fill } from "./text.js";

export const WIDE = 320; // width of each picture in its own units, where three stand side by side
export const TALL = 430;
const BROAD = 640; // width and height of one that stands alone: what stood below then stands beside
const LOW = 330;

export class Picture {
  /** @type {any} */ over;
  /** @type {Board & { before?: any[] }} */ out;

  constructor(svg) {
    this.svg = svg;
  }

  begin(label, alone = false) {
    this.width = alone ? BROAD : WIDE;
    this.svg.replaceChildren();
    this.svg.setAttribute("aria-label", label);
    this.svg.setAttribute("role", "group");
    draw("rect", { class: "paper", x: 0, y: 0, width: this.width, height: alone ? LOW : TALL }, this.svg);
  }

  end(height) {
    this.svg.setAttribute("viewBox", `0 0 ${this.width} ${height}`);
    this.over = draw("g", { class: "over", "pointer-events": "none" }, this.svg);
    const tip = draw("marker", { id: "tip", viewBox: "0 0 6 6", refX: 5, refY: 3, markerWidth: 5, markerHeight: 5, orient: "auto" });
    draw("path", { d: "M0 0L6 3L0 6z", class: "tip" }, tip);
    draw("defs", {}, this.svg).append(tip);
  }

  title(text, x, y) {
    draw("text", { class: "title", x, y }, this.svg, text);
  }

  // From the edge of one cell to the edge of another, so that neither number is covered.
  arrow(from, to, cell) {
    const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
    const edge = (0.52 * cell) / Math.max(Math.abs(dx), Math.abs(dy), 1);
    const at = (t) => [from[0] + dx * t, from[1] + dy * t];
    const [[x1, y1], [x2, y2]] = [at(edge), at(1 - edge)];
    draw("line", { class: "arrow", x1, y1, x2, y2, "marker-end": "url(#tip)" }, this.over);
  }

  outline(box, name) {
    draw("rect", { class: name, ...box, rx: 3 }, this.over);
  }

  // Write what has changed since the last time.
  writeOutput({ shown, hidden, stamps }, links, words) {
    const { columns } = this.out;
    this.out.before ??= [];
    for (let i = 0; i < links.outputs; i++) {
      const value = hidden ? (i === hidden.i ? "?" : null) : shown[i];
      const level = Math.min(4, stamps ? stamps[i] : shown[i] === null ? 0 : 1);
      const [was, lay] = this.out.before[i] ?? [];
      if (was === value && lay === level) continue;
      this.out.before[i] = [value, level];
      const text = value === null ? "" : value === "?" ? value : decimal(value, links.denominator);
      const place = { row: Math.floor(i / columns) + 1, column: (i % columns) + 1, value: text || "–" };
      this.out.write(i, text, fill(words.outputCell, place));
      if (lay !== undefined) this.out.cells[i].classList.remove(`stamps${lay}`);
      this.out.cells[i].classList.add(`stamps${level}`);
    }
  }
}

// (a) Every input cell stamps its scaled kernel on the output.
export class PaintPicture extends Picture {
  /** @type {any} */ data;
  /** @type {import("./grid_links.js").Links} */ links;
  /** @type {Board} */ input;
  /** @type {Board} */ kernel;
  /** @type {any} */ stamp;
  /** @type {number[][]} */ flight;

  layout(data, links) {
    this.links = links;
    this.data = data;
    const { rows, columns, taps, text } = data;
    this.begin(text.paintAlt, data.alone);
    const below = Math.max(rows.size, taps), across = Math.max(columns.size, taps);
    const cell = data.alone
      ? Math.min(44, (BROAD - 80) / (columns.out + across), (LOW - 24) / rows.out, (LOW - 66) / (rows.size + taps))
      : Math.min(34, (WIDE - 2) / Math.max(columns.out, columns.size + taps + 1), (TALL - 70) / (rows.out + below));
    const left = data.alone ? BROAD - 10 - columns.out * cell : (WIDE - columns.out * cell) / 2;
    this.title(fill(text.outputTitle, { size: `${rows.out} × ${columns.out}` }), Math.max(0, left), 14);
    this.out = new Board(this.svg, { x: left, y: 20, cell, rows: rows.out, columns: columns.out, name: "output", label: text.output });
    const y = data.alone ? 20 : 20 + this.out.height + 46;
    const start = data.alone ? 10 : (WIDE - (columns.size + taps + 1) * cell) / 2;
    const title = data.alone ? start : Math.max(0, start - (columns.size < 4 ? 24 : 0));
    this.title(fill(text.inputTitle, { size: `${rows.size} × ${columns.size}` }), title, y - 6);
    this.input = new Board(this.svg, { x: start, y, cell, rows: rows.size, columns: columns.size, name: "input editable", label: text.input });
    const right = data.alone ? start : start + (columns.size + 1) * cell;
    const under = data.alone ? y + this.input.height + 40 : y;
    this.title(fill(text.kernelTitle, { size: `${taps} × ${taps}` }), data.alone ? right : Math.min(right, WIDE - 84), under - 6);
    this.kernel = new Board(this.svg, { x: right, y: under, cell, rows: taps, columns: taps, name: "kernel editable", label: text.kernel });
    this.input.kind = "input";
    this.out.kind = "output";
    this.kernel.kind = "kernel";
    links.input.forEach((value, i) => {
      const [row, column] = [Math.floor(i / columns.size) + 1, (i % columns.size) + 1];
      this.input.write(i, decimal(value), fill(text.inputCell, { row, column, value: decimal(value) }));
    });
    links.kernel.forEach((value, i) => {
      const [row, column] = [Math.floor(i / taps) + 1, (i % taps) + 1];
      const shown = decimal(value, links.denominator);
      this.kernel.write(i, shown, fill(text.kernelCell, { row, column, value: shown }));
    });
    this.end(data.alone ? Math.max(under + this.kernel.height, 20 + this.out.height) + 6 : y + below * cell + 4);
    this.stamp = null;
  }

  render(moment) {
    const { order, active, part, spot, changed, hidden } = moment;
    const { links } = this;
    if (changed) {
      this.writeOutput(moment, links, this.data.text);
      for (const board of [this.out, this.input, this.kernel]) board.unmark();
      this.over.replaceChildren();
      this.stamp = null;
      if (hidden) {
        this.out.mark(hidden.i, "asked");
        hidden.chosen.forEach((i) => this.input.mark(i, "chosen"));
        (hidden.truth ?? []).forEach((i) => this.input.mark(i, "lit"));
      } else if (spot?.kind === "output") this.gather(spot.i);
      else if (spot?.kind === "input") this.scatter(spot.i, order === "paint" && spot.i === active && !spot.pointed);
      else if (spot?.kind === "kernel") this.tap(spot.i);
    }
    if (this.stamp) this.fly(ease(part));
  }

  gather(i) {
    this.out.mark(i, "spot");
    for (const { input, tap } of this.links.terms(i)) {
      this.input.mark(input, "lit");
      this.kernel.mark(tap, "lit");
      this.arrow(this.input.centre(input), this.out.centre(i), this.out.cell);
      this.outline(this.footprint(input), "print faint");
    }
  }

  tap(i) {
    this.kernel.mark(i, "lit");
    for (let input = 0; input < this.links.inputs; input++)
      for (const link of this.links.stamp(input)) if (link.tap === i) this.out.mark(link.output, "lit");
  }

  // Where the stamp of input cell `i` lies, also the part that padding cuts off.
  footprint(i) {
    const { rows, columns, dilation, taps, padding } = this.data;
    const side = dilation * (taps - 1) + 1;
    const [r, c] = [Math.floor(i / columns.size) * rows.stride - padding, (i % columns.size) * columns.stride - padding];
    const [top, left] = [clamp(r, 0, rows.out), clamp(c, 0, columns.out)];
    return this.out.box(top, left, clamp(r + side, 0, rows.out) - top, clamp(c + side, 0, columns.out) - left);
  }

  scatter(i, flying) {
    this.input.mark(i, "spot");
    const reached = this.links.stamp(i);
    for (const link of reached) {
      this.out.mark(link.output, "lit");
      this.kernel.mark(link.tap, "lit");
    }
    this.outline(this.footprint(i), "print");
    if (!flying) {
      if (reached.length) this.arrow(this.input.centre(i), this.out.centre(reached[reached.length >> 1].output), this.out.cell);
      return;
    }
    this.stamp = draw("g", { class: "stamp" }, this.over);
    const { cell } = this.out;
    for (const link of reached) {
      const [x, y] = this.out.centre(link.output);
      draw("rect", { x: x - cell / 2 + 1, y: y - cell / 2 + 1, width: cell - 2, height: cell - 2, rx: 2 }, this.stamp);
      if (cell < 14) continue;
      const text = decimal(this.links.product(link), this.links.denominator);
      const size = Math.min(cell * 0.42, (cell * 1.5) / text.length);
      draw("text", { x, y, dy: "0.36em", "text-anchor": "middle", "font-size": size }, this.stamp, text);
    }
    const { x, y, width, height } = this.footprint(i);
    this.flight = [this.input.centre(i), [x + width / 2, y + height / 2]];
  }

  // The stamp on its way from the input cell (0) to its place (1), where it melts into the sum.
  fly(t) {
    const [[x0, y0], [x1, y1]] = this.flight;
    const go = Math.min(1, t / 0.75);
    const scale = 0.35 + 0.65 * go;
    const [x, y] = [x0 + (x1 - x0) * go, y0 + (y1 - y0) * go];
    this.stamp.setAttribute("transform", `translate(${x} ${y}) scale(${scale}) translate(${-x1} ${-y1})`);
    this.stamp.setAttribute("opacity", t <= 0.75 ? 0.95 : 0.95 * (1 - (t - 0.75) * 4));
  }
}

// (b) Zeros between and around the cells, and the turned kernel slides.
export class SlidePicture extends Picture {
  /** @type {any} */ data;
  /** @type {import("./grid_links.js").Links} */ links;
  /** @type {Board} */ wide;
  /** @type {number[]} */ at;
  /** @type {any} */ window;
  /** @type {any} */ rays;
  /** @type {number[]} */ origin;
  /** @type {number} */ span;

  layout(data, links) {
    this.links = links;
    this.data = data;
    const { rows, columns, taps, text, dilation } = data;
    this.begin(text.slideAlt, data.alone);
    const reach = dilation * (taps - 1);
    // Where the border is negative, cells are cut off: they are drawn, and the window never gets there.
    const cut = { top: Math.max(0, -rows.before), left: Math.max(0, -columns.before) };
    const wide = {
      rows: rows.out + reach + cut.top + Math.max(0, -rows.after),
      columns: columns.out + reach + cut.left + Math.max(0, -columns.after),
    };
    const cell = data.alone
      ? Math.min(40, (BROAD - 60) / (columns.out + wide.columns), (LOW - 24) / wide.rows)
      : Math.min(30, (WIDE - 2) / wide.columns, (TALL - 70) / (rows.out + wide.rows));
    const left = data.alone ? BROAD - 10 - columns.out * cell : (WIDE - columns.out * cell) / 2;
    const over = data.alone ? left : Math.max(0, Math.min(left, (WIDE - wide.columns * cell) / 2));
    this.title(fill(text.outputTitle, { size: `${rows.out} × ${columns.out}` }), over, 14);
    this.out = new Board(this.svg, { x: left, y: 20, cell, rows: rows.out, columns: columns.out, name: "output plain", label: text.output });
    const y = data.alone ? 20 : 20 + this.out.height + 46;
    const start = data.alone ? 10 : (WIDE - wide.columns * cell) / 2;
    this.title(fill(text.wideTitle, { size: `${rows.out + reach} × ${columns.out + reach}` }), Math.max(0, Math.min(start, 60)), y - 6);
    const source = (i) => {
      const r = Math.floor(i / wide.columns) - Math.max(0, rows.before);
      const c = (i % wide.columns) - Math.max(0, columns.before);
      const inside = r >= 0 && c >= 0 && r <= (rows.size - 1) * rows.stride && c <= (columns.size - 1) * columns.stride;
      if (!inside) return "border";
      return r % rows.stride || c % columns.stride ? "zero" : (r / rows.stride) * columns.size + c / columns.stride;
    };
    const look = (i) => (typeof source(i) === "number" ? "value" : source(i));
    this.wide = new Board(this.svg, { x: start, y, cell, ...wide, name: "wide", label: text.wide, look });
    this.out.kind = "output";
    this.wide.kind = "wide";
    this.wide.source = source;
    this.at = [];
    for (let i = 0; i < wide.rows * wide.columns; i++) {
      const found = source(i);
      if (typeof found === "number") this.at[found] = i;
      const value = typeof found === "number" ? decimal(links.input[found]) : "0";
      this.wide.write(i, value, typeof found === "number" ? value : text.insertedZero);
    }
    this.window = draw("g", { class: "window", "pointer-events": "none" }, this.svg);
    const span = (reach + 1) * cell;
    for (let u = 0; u < taps; u++)
      for (let v = 0; v < taps; v++) {
        const [x, top] = [v * dilation * cell, u * dilation * cell];
        draw("rect", { class: "tap", x: x + 0.5, y: top + 0.5, width: cell - 1, height: cell - 1 }, this.window);
        if (cell < 18) continue;
        const weight = decimal(links.kernel[taps * taps - 1 - (u * taps + v)], links.denominator);
        const size = Math.min(cell * 0.3, (cell * 1.2) / weight.length);
        draw("text", { x: x + cell - 2.5, y: top + cell - 3, "text-anchor": "end", "font-size": size }, this.window, weight);
      }
    draw("rect", { class: "frame", x: 0, y: 0, width: span, height: span, rx: 2 }, this.window);
    this.rays = draw("g", { class: "rays", "pointer-events": "none" }, this.svg);
    for (let i = 0; i < 4; i++) draw("line", {}, this.rays);
    this.origin = [start + cut.left * cell, y + cut.top * cell];
    this.span = span;
    this.end(y + wide.rows * cell + 6);
  }

  render(moment) {
    const { order, active, part, spot, changed, hidden } = moment;
    const columns = this.out.columns;
    if (changed) {
      this.writeOutput({ ...moment, stamps: null }, this.links, this.data.text);
      this.out.unmark();
      this.wide.unmark();
      this.over.replaceChildren();
      if (hidden) {
        this.out.mark(hidden.i, "asked");
        hidden.chosen.forEach((i) => this.wide.mark(this.at[i], "chosen"));
        (hidden.truth ?? []).forEach((i) => this.wide.mark(this.at[i], "lit"));
      } else if (spot?.kind === "output") {
        this.out.mark(spot.i, "spot");
        for (const { input } of this.links.terms(spot.i)) this.wide.mark(this.at[input], "lit");
      } else if (spot?.kind === "input") {
        this.wide.mark(this.at[spot.i], "spot");
        for (const { output } of this.links.stamp(spot.i)) this.out.mark(output, "lit");
      }
      const look = !hidden && spot?.kind === "output" ? "" : "none";
      this.window.style.display = this.rays.style.display = hidden?.truth ? "" : look;
    }
    if (this.window.style.display === "none") return;
    const place = (i) => [Math.floor(i / columns), i % columns];
    const target = hidden ? hidden.i : spot.i;
    let [row, column] = place(target);
    if (order === "slide" && !hidden && !spot.pointed && active > 0 && part < 1) {
      const [r0, c0] = place(active - 1);
      const t = ease(part);
      [row, column] = [r0 + (row - r0) * t, c0 + (column - c0) * t];
    }
    this.put(row, column);
  }

  put(row, column) {
    const { cell } = this.out;
    const [x, y] = [this.origin[0] + column * cell, this.origin[1] + row * cell];
    this.window.setAttribute("transform", `translate(${x} ${y})`);
    const [left, top] = [this.out.x + column * cell, this.out.y + row * cell];
    [...this.rays.children].forEach((ray, i) => {
      const [dx, dy] = [i % 2, i >> 1];
      const ends = { x1: x + dx * this.span, y1: y + dy * this.span, x2: left + dx * cell, y2: top + dy * cell };
      for (const key in ends) ray.setAttribute(key, ends[key]);
    });
  }
}
