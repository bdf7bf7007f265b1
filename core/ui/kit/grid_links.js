// Two grids and who contributes to whom, from the lists that Python computed for each axis. Numbers are integers over
// one denominator, so that sums are exact.

import { bytes } from "./bytes.js";

export class Links {
  /** @type {{ count: number; sums: Float64Array; stamps: Uint16Array; }} */ canvas;

  constructor(data) {
    const { rows, columns = rows } = data; // square unless it says otherwise
    this.inputs = rows.size * columns.size;
    this.outputs = rows.out * columns.out;
    this.input = data.input;
    this.kernel = data.kernel;
    this.denominator = data.denominator;
    const buffer = bytes(data.output).buffer;
    this.output = data.wide ? new Int32Array(buffer) : new Int16Array(buffer); // empty where a player has no use for it
    this.into = (axis, cell) => axis.links.filter(([output]) => output === cell);
    this.from = (axis, cell) => axis.links.filter(([, input]) => input === cell);
    this.pairs = (down, across) =>
      down.flatMap(([r, i, u]) =>
        across.map(([c, j, v]) => ({ output: r * columns.out + c, input: i * columns.size + j, tap: u * data.taps + v })),
      );
    this.size = { rows, columns };
    /** @type {Record<"into" | "from", { output: number, input: number, tap: number }[][]>} */
    this.known = { into: [], from: [] };
  }

  // The products that make output cell `i`: {output, input, tap} by index.
  terms(i) {
    const { rows, columns } = this.size;
    const find = () => this.pairs(this.into(rows, Math.floor(i / columns.out)), this.into(columns, i % columns.out));
    return (this.known.into[i] ??= find());
  }

  // The products that input cell `i` gives away.
  stamp(i) {
    const { rows, columns } = this.size;
    const find = () => this.pairs(this.from(rows, Math.floor(i / columns.size)), this.from(columns, i % columns.size));
    return (this.known.from[i] ??= find());
  }

  product({ input, tap }) {
    return this.input[input] * this.kernel[tap];
  }

  // Sums (as numerators) and number of stamps of all output cells when the first `count` inputs have been stamped.
  // The arrays are reused: going forward adds the new stamps alone.
  painted(count) {
    if (!this.canvas || this.canvas.count > count)
      this.canvas = { count: 0, sums: new Float64Array(this.outputs), stamps: new Uint16Array(this.outputs) };
    const { sums, stamps } = this.canvas;
    for (; this.canvas.count < count; this.canvas.count++)
      for (const link of this.stamp(this.canvas.count)) {
        sums[link.output] += this.product(link);
        stamps[link.output] += 1;
      }
    return { sums, stamps };
  }
}
