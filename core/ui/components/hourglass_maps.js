// Maps that are not sent but made here, from the maps before the poolings, the switches and the values of the way up.

const TURNS = [[-1, -1], [1, -1], [-1, 1], [1, 1]]; // where switch 0, 1, 2, 3 points

const colourOf = (words, byte) => words.subarray(4 * byte, 4 * byte + 4);

// Put RGBA pixels, given by a function of their number, on a canvas of `side` x `side`.
function putSquare(canvas, side, pixels) {
  canvas.width = canvas.height = side;
  const context = canvas.getContext("2d"), image = context.createImageData(side, side);
  pixels((i, colour) => image.data.set(colour, 4 * i));
  context.putImageData(image, 0, 0);
}

// A vector of bytes as a square of cells.
function drawSquare(canvas, values, palette) {
  putSquare(canvas, Math.ceil(Math.sqrt(values.length)), (put) => values.forEach((byte, i) => put(i, [...palette.slice(3 * byte, 3 * byte + 3), 255])));
}

// An arrow from the middle (x, y) of a window into the cell that won; `unit` is the side of a cell.
function drawSwitch(context, x, y, turn, unit, colour) {
  const [dx, dy] = TURNS[turn], tip = [x + dx * 0.72 * unit, y + dy * 0.72 * unit], wing = 0.34 * unit;
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

class LevelMaps {
  // before: a sheet per level, finest first. rising: sheets of the way up by side. Channel for channel they belong together.
  constructor(levels, before, rising) {
    Object.assign(this, { levels, before, rising, switches: levels.map((level) => unpackBytes(level.switches)) });
  }

  // Who won window (row, column) of map `pick` of level `i`: its switch, its place in the large map, its byte.
  winner(i, pick, row, column) {
    const small = this.levels[i].side / 2, at = pick * small * small + row * small + column;
    const turn = (this.switches[i][at >> 2] >> (2 * (at & 3))) & 3;
    const [y, x] = [2 * row + (turn >> 1), 2 * column + (turn & 1)];
    return { turn, y, x, byte: this.before[i].bytes[this.before[i].offset(pick, y, x)] };
  }

  // The values of the way up at their switches; empty cells stay transparent.
  unpool(canvas, i, pick, palette) {
    const { side } = this.levels[i], small = side / 2, sheet = this.rising[small], words = sheet.lookup(pick, palette);
    putSquare(canvas, side, (put) => {
      for (let row = 0; row < small; row++)
        for (let column = 0; column < small; column++) {
          const { y, x } = this.winner(i, pick, row, column);
          put(y * side + x, colourOf(words, sheet.bytes[sheet.offset(pick, row, column)]));
        }
    });
  }

  // The first map after the last pooling: the winners of the coarsest level.
  pool(canvas, palette) {
    const i = this.levels.length - 1, small = this.levels[i].side / 2, words = this.before[i].lookup(0, palette);
    putSquare(canvas, small, (put) => {
      for (let n = 0; n < small * small; n++) put(n, colourOf(words, this.winner(i, 0, Math.floor(n / small), n % small).byte));
    });
  }
}
