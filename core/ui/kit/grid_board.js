// Grids of numbers in SVG, for every player that steps through cells. Put in front of a component's own script.

const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
const clamp = (value, low, high) => Math.min(high, Math.max(low, value));
const ease = (t) => t * t * (3 - 2 * t);
const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

// A fraction as a decimal of at most `places` digits, with a real minus sign.
function decimal(numerator, denominator = 1, places = 2) {
  const text = (numerator / denominator).toFixed(places);
  const short = places ? text.replace(/\.?0+$/, "") : text;
  return short === "-0" ? "0" : short.replace("-", "−");
}

// Whether that decimal is the fraction itself.
const exact = (numerator, denominator, places) => Number.isInteger((numerator * 10 ** places) / denominator);

// A new SVG element inside `parent`.
function draw(name, attributes, parent, text) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const key in attributes) node.setAttribute(key, attributes[key]);
  if (text !== undefined) node.textContent = text;
  parent?.append(node);
  return node;
}

// A grid of cells. Each has a text, a look (set once for a layout) and marks (set anew at every step).
class Board {
  // x, y, cell: place of the first cell and side of a cell, in the SVG's units. name: class for the colours.
  constructor(parent, { x, y, cell, rows, columns, name, label = "", look = () => "" }) {
    Object.assign(this, { x, y, cell, rows, columns });
    this.group = draw("g", { class: `board ${name}`, role: "grid", "aria-label": label }, parent);
    this.cells = [];
    this.texts = [];
    this.marked = [];
    const inset = cell > 8 ? 0.5 : 0;
    for (let r = 0; r < rows; r++) {
      const row = draw("g", { role: "row" }, this.group);
      for (let c = 0; c < columns; c++) {
        const i = r * columns + c;
        const node = draw("g", { class: `cell ${look(i)}`, role: "gridcell", "data-i": i }, row);
        const [left, top, side] = [x + c * cell + inset, y + r * cell + inset, cell - 2 * inset];
        draw("rect", { x: left, y: top, width: side, height: side, rx: cell > 14 ? 2 : 0 }, node);
        const middle = { x: x + (c + 0.5) * cell, y: y + (r + 0.5) * cell, "text-anchor": "middle", dy: "0.36em" };
        this.texts.push(cell >= 11 ? draw("text", middle, node) : null);
        this.cells.push(node);
      }
    }
    this.group.board = this;
    this.current = 0;
    if (this.cells.length) this.cells[0].setAttribute("tabindex", 0);
  }

  get width() {
    return this.columns * this.cell;
  }

  get height() {
    return this.rows * this.cell;
  }

  // What cell `i` says, and what a screen reader says of it.
  write(i, text, spoken = text) {
    const node = this.cells[i];
    if (node.said !== spoken) node.setAttribute("aria-label", (node.said = spoken));
    const label = this.texts[i];
    if (!label || label.said === text) return;
    label.textContent = label.said = text;
    label.setAttribute("font-size", Math.min(this.cell * 0.46, (this.cell * 1.6) / Math.max(1, text.length)));
  }

  mark(i, name) {
    this.cells[i].classList.add(name);
    this.marked.push([this.cells[i], name]);
  }

  unmark() {
    for (const [node, name] of this.marked) node.classList.remove(name);
    this.marked = [];
  }

  // The rectangle that covers cells from (row, column), in the SVG's units.
  box(row, column, rows = 1, columns = 1) {
    const { x, y, cell } = this;
    return { x: x + column * cell, y: y + row * cell, width: columns * cell, height: rows * cell };
  }

  centre(i) {
    return [this.x + ((i % this.columns) + 0.5) * this.cell, this.y + (Math.floor(i / this.columns) + 0.5) * this.cell];
  }

  // The one cell that the Tab key reaches.
  enter(i) {
    const before = this.current;
    this.current = clamp(i, 0, this.cells.length - 1);
    this.cells[this.current].setAttribute("tabindex", 0);
    if (before !== this.current) this.cells[before].removeAttribute("tabindex"); // which would end its focus
    return this.cells[this.current];
  }
}

// Pointing, pressing and keys on all boards inside `root`: point(board, i) or point(null), press(board, i, event).
function watchBoards(root, point, press) {
  const find = (event) => {
    const node = event.target.closest?.(".cell");
    return node ? [node.closest(".board").board, Number(node.dataset.i)] : null;
  };
  root.addEventListener("pointerover", (event) => {
    if (event.pointerType !== "touch") point(...(find(event) ?? [null]));
  });
  root.addEventListener("pointerleave", () => point(null));
  root.addEventListener("focusin", (event) => {
    const found = find(event);
    if (found) {
      found[0].enter(found[1]);
      point(...found);
    }
  });
  root.addEventListener("focusout", (event) => find(event) && point(null));
  root.addEventListener("click", (event) => {
    const found = find(event);
    if (!found) return;
    found[0].enter(found[1]).focus({ preventScroll: true });
    point(...found);
    press(...found, event);
  });
  root.addEventListener("keydown", (event) => {
    const found = find(event);
    if (!found || event.ctrlKey || event.metaKey || event.altKey) return;
    const [board, i] = found;
    const column = i % board.columns;
    const next = {
      ArrowUp: i - board.columns,
      ArrowDown: i + board.columns,
      ArrowLeft: column > 0 ? i - 1 : -1,
      ArrowRight: column < board.columns - 1 ? i + 1 : -1,
      Home: 0,
      End: board.cells.length - 1,
    }[event.key];
    if (next !== undefined) {
      if (next >= 0 && next < board.cells.length) board.enter(next).focus();
    } else if (event.key === "Enter" || /^[-0-9.]$/.test(event.key)) press(board, i, event);
    else return;
    event.preventDefault();
    event.stopPropagation(); // the player's own arrows step through time
  });
}
