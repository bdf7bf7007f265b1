// Maps that are not sent but made here, from the maps before the poolings, the switches and the values of the way up.
// A map may have odd sides: then its last windows hold a single row or column.

import { bytes } from "./bytes.js";

export const TURNS = [[-1, -1], [1, -1], [-1, 1], [1, 1]]; // where switch 0, 1, 2, 3 points
export const VIEW = 14; // cells of the large map along the side of a lens: seven windows
export const LENS = 420; // pixels of a lens
export const UNIT = LENS / VIEW; // of a cell

export const colourOf = (words, byte) => words.subarray(4 * byte, 4 * byte + 4);
/** @type {(size: number[]) => string} */
export const sizeOf = ([height, width]) => `${height} × ${width}`;

// Put RGBA pixels, given by a function of their number, on a canvas of `height` x `width`.
export function putMap(canvas, [height, width], pixels) {
  Object.assign(canvas, { width, height });
  const context = canvas.getContext("2d"), image = context.createImageData(width, height);
  pixels((i, colour) => image.data.set(colour, 4 * i));
  context.putImageData(image, 0, 0);
}

// A vector of bytes as a square of cells.
export function drawSquare(canvas, values, palette) {
  const side = Math.ceil(Math.sqrt(values.length));
  putMap(canvas, [side, side], (put) => values.forEach((byte, i) => put(i, [...palette.slice(3 * byte, 3 * byte + 3), 255])));
}

// An arrow from the middle (x, y) of a window into the cell that won.
export function drawSwitch(context, x, y, turn, colour) {
  const [dx, dy] = TURNS[turn], tip = [x + dx * 0.72 * UNIT, y + dy * 0.72 * UNIT], wing = 0.34 * UNIT;
  for (const [stroke, width] of [["rgb(255 255 255 / 0.9)", 5], [colour, 2.6]]) {
    Object.assign(context, { strokeStyle: stroke, lineWidth: width, lineCap: "round", lineJoin: "round" });
    context.beginPath();
    context.moveTo(x, y);
    context.lineTo(...tip);
    context.moveTo(tip[0] - dx * wing, tip[1]);
    context.lineTo(...tip);
    context.lineTo(tip[0], tip[1] - dy * wing);
    context.stroke();
  }
}

export class LevelMaps {
  /** @type {any[]} */ levels;
  /** @type {import("./sprite_sheet.js").SpriteSheet[]} */ before;
  /** @type {import("./sprite_sheet.js").SpriteSheet[]} */ rising;
  /** @type {Uint8Array[]} two bits a window, four windows a byte */ switches;

  // levels, finest first. before: their sheets. rising: sheets of the way up, finest first, one more. Channel for channel
  // before[i] and rising[i + 1] belong together.
  constructor(data, before, rising) {
    const { levels } = data;
    Object.assign(this, { levels, before, rising, switches: levels.map((level) => bytes(level.switches)) });
    this.palettes = { magnitude: bytes(data.palette), signed: bytes(data.signed) };
  }

  // Palette of a map, and the ends of it where zero has to stay in the middle.
  colours(sheet, pick) {
    if (!sheet.signed) return [this.palettes.magnitude];
    const most = Math.max(Math.abs(sheet.low[pick]), Math.abs(sheet.high[pick]));
    return [this.palettes.signed, [-most, most]];
  }

  draw(canvas, sheet, pick) {
    sheet.draw(canvas, pick, ...this.colours(sheet, pick));
  }

  lookup(sheet, pick) {
    return sheet.lookup(pick, ...this.colours(sheet, pick));
  }

  // Who won window (row, column) of map `pick` of level `i`: its switch, its place in the large map, its byte, and
  // whether it won anything: behind a ReLU a window may be zero everywhere.
  winner(i, pick, row, column) {
    const [height, width] = this.levels[i].small, at = (pick * height + row) * width + column, sheet = this.before[i];
    const turn = (this.switches[i][at >> 2] >> (2 * (at & 3))) & 3;
    const [y, x] = [2 * row + (turn >> 1), 2 * column + (turn & 1)], byte = sheet.bytes[sheet.offset(pick, y, x)];
    return { turn, y, x, byte, won: Boolean(sheet.signed || byte) };
  }

  // The values that window (row, column) of level `i` holds: four, or fewer at an odd border.
  window(i, pick, row, column) {
    const [height, width] = this.levels[i].size, places = [0, 1, 2, 3].map((n) => [2 * row + (n >> 1), 2 * column + (n & 1)]);
    return places.filter(([y, x]) => y < height && x < width).map(([y, x]) => this.before[i].value(pick, y, x));
  }

  // The values of the way up at their switches; empty cells stay transparent.
  unpool(canvas, i, pick) {
    const { size, small } = this.levels[i], sheet = this.rising[i + 1], words = this.lookup(sheet, pick);
    putMap(canvas, size, (put) => {
      for (let row = 0; row < small[0]; row++)
        for (let column = 0; column < small[1]; column++) {
          const { y, x } = this.winner(i, pick, row, column);
          put(y * size[1] + x, colourOf(words, sheet.bytes[sheet.offset(pick, row, column)]));
        }
    });
  }

  // The first map after the last pooling: the winners of the coarsest level.
  pool(canvas) {
    const i = this.levels.length - 1, [height, width] = this.levels[i].small, words = this.lookup(this.before[i], 0);
    putMap(canvas, [height, width], (put) => {
      for (let n = 0; n < height * width; n++) put(n, colourOf(words, this.winner(i, 0, Math.floor(n / width), n % width).byte));
    });
  }

  // The four lenses at once, from the window `first` on. contexts: by panel. pick: of level `i`. dense: pick of the map
  // that the level makes. colours: accent, empty.
  lenses(contexts, i, pick, dense, first, { accent, empty }) {
    const [top, left] = first;
    const { size, small } = this.levels[i], [rows, columns] = size.map((side, axis) => Math.min(VIEW, side - 2 * [top, left][axis]));
    const values = this.rising[i + 1], made = this.rising[i], own = this.before[i];
    const tables = { before: this.lookup(own, pick), incoming: this.lookup(values, pick), dense: this.lookup(made, dense) };
    const paint = (context, words, byte, x, y, wide, high) => {
      context.fillStyle = `rgb(${colourOf(words, byte).subarray(0, 3).join()})`;
      context.fillRect(x * UNIT, y * UNIT, wide * UNIT - 1, high * UNIT - 1);
    };
    for (const context of Object.values(contexts)) context.clearRect(0, 0, LENS, LENS);
    contexts.unpooled.fillStyle = empty;
    contexts.unpooled.fillRect(0, 0, columns * UNIT, rows * UNIT);
    for (let row = 0; row < rows; row++)
      for (let column = 0; column < columns; column++) {
        const [y, x] = [2 * top + row, 2 * left + column];
        paint(contexts.before, tables.before, own.bytes[own.offset(pick, y, x)], column, row, 1, 1);
        paint(contexts.dense, tables.dense, made.bytes[made.offset(dense, y, x)], column, row, 1, 1);
      }
    for (let row = 0; 2 * row < rows && top + row < small[0]; row++)
      for (let column = 0; 2 * column < columns && left + column < small[1]; column++) {
        const { turn, y, x, won } = this.winner(i, pick, top + row, left + column);
        const [wide, high] = [Math.min(2, columns - 2 * column), Math.min(2, rows - 2 * row)];
        const byte = values.bytes[values.offset(pick, top + row, left + column)];
        paint(contexts.incoming, tables.incoming, byte, 2 * column, 2 * row, wide, high);
        paint(contexts.unpooled, tables.incoming, byte, x - 2 * left, y - 2 * top, 1, 1);
        for (const name of ["before", "unpooled"]) {
          Object.assign(contexts[name], { strokeStyle: "rgb(128 128 128 / 0.75)", lineWidth: 1 });
          contexts[name].strokeRect(2 * column * UNIT - 0.5, 2 * row * UNIT - 0.5, wide * UNIT, high * UNIT);
        }
        drawSwitch(contexts.before, (2 * column + 1) * UNIT, (2 * row + 1) * UNIT, turn, own.signed ? "#1a1a1a" : won ? accent : "rgb(128 128 128 / 0.6)");
      }
  }
}
