// The hourglass: every depth of one pass, and for each depth the way from a small map to a large one. The maps came as
// sprite sheets; stepping, scrubbing, looking closer and choosing maps happen here alone. Unpooled maps are not sent:
// they are made here from the values and the switches.

const houses = new WeakMap();
const VIEW = 14; // cells of the large map along the side of a lens: seven windows
const LENS = 420; // pixels of a lens
const PANELS = ["before", "incoming", "unpooled", "dense"];

class Hourglass {
  constructor(parent) {
    this.root = parent.querySelector(".glass-house");
    this.$ = (selector) => this.root.querySelector(selector);
    this.place = [0.5, 0.45]; // centre of the lenses, as shares of the picture
    this.pointed = null; // a window under the pointer: [row, column] of the small map
    this.transport = new Transport(this.$(".walk"), this.$(".controls"), (at) => this.render(at));
    this.build();
    const point = (event, photo) => {
      const box = photo.getBoundingClientRect(), side = this.data.side;
      this.browser.pin(clamp(((event.clientX - box.left) / box.width) * side, 0, side - 1), clamp(((event.clientY - box.top) / box.height) * side, 0, side - 1));
    };
    this.browser = new ChannelBrowser(this.$(".browser"), { channel: () => {}, wanted: () => {}, point });
  }

  build() {
    this.panels = {};
    for (const name of PANELS) {
      const figure = document.createElement("figure");
      figure.dataset.panel = name;
      const make = (tag, className, into) => into.appendChild(Object.assign(document.createElement(tag), { className }));
      const caption = make("figcaption", "", figure), lens = make("canvas", "lens", figure), under = make("div", "under", figure);
      lens.width = lens.height = LENS;
      const whole = make("div", "whole", under), map = make("canvas", "", whole), frame = make("i", "", whole), facts = make("div", "facts", under);
      const select = name === "before" || name === "dense" ? make("select", "", facts) : null;
      const lines = [make("span", "", facts), make("span", "", facts)];
      this.panels[name] = { figure, caption, lens, whole, map, frame, select, lines };
      this.$(".panels").append(figure);
      lens.addEventListener("pointermove", (event) => this.point(this.windowAt(lens, event)));
      lens.addEventListener("pointerleave", () => this.point(null));
      lens.addEventListener("click", (event) => this.point(this.windowAt(lens, event)));
      const look = (event) => {
        const box = whole.getBoundingClientRect();
        this.look((event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height);
      };
      whole.addEventListener("pointerdown", look);
      whole.addEventListener("pointermove", (event) => event.buttons && look(event));
      select?.addEventListener("change", () => {
        const level = this.level();
        this.picks[name === "before" ? level.side / 2 : level.side] = Number(select.value);
        this.last = null;
        this.render(this.transport.at);
      });
    }
    const { whole } = this.panels.before;
    whole.tabIndex = 0;
    whole.setAttribute("role", "group");
    whole.addEventListener("keydown", (event) => {
      const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
      if (!steps || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      event.stopPropagation(); // the player's own arrows step through time
      const share = 2 / this.level().side;
      this.look(this.place[0] + steps[0] * share, this.place[1] + steps[1] * share);
    });
  }

  async show(data) {
    if (this.delivered === data.id) return;
    this.delivered = data.id;
    const before = data.levels.map((level) => new SpriteSheet(level.before));
    const rising = Object.fromEntries(data.rising.map((sheet) => [sheet.width, new SpriteSheet(sheet)]));
    await Promise.all([...before, ...Object.values(rising)].map((sheet) => sheet.loaded));
    if (this.delivered !== data.id) return; // another picture came meanwhile
    const { text } = data;
    Object.assign(this, { data, before, rising, palette: unpackBytes(data.palette), last: null });
    this.maps = new LevelMaps(data.levels, before, rising);
    this.picks = Object.fromEntries(Object.keys(rising).map((side) => [side, 0]));
    this.stages = data.stages.map((stage) => new FeatureStage(stage));
    const palettes = { magnitude: this.palette, signed: this.palette }; // behind a ReLU nothing is negative
    this.browser.texts(text.browser, palettes, { address: data.photo, width: data.side, height: data.side });
    this.$(".browser").hidden = true;
    this.$(".walk").setAttribute("aria-label", text.label);
    this.panels.before.whole.setAttribute("aria-label", text.move);
    for (const node of this.root.querySelectorAll("[data-text]")) node.textContent = text[node.dataset.text];
    this.strip();
    this.transport.show(text, 2 * data.levels.length, 1);
    this.root.dataset.ready = data.id;
  }

  // ------------------------------------------------------------------------------------------------- the hourglass

  strip() {
    const { data, before, rising } = this, { text } = data;
    const boxes = this.$(".boxes");
    const stages = [{ side: 224, image: data.photo, name: text.photo, at: 2 * before.length }];
    const { down, code, up } = data.order; // which stage a box opens
    before.forEach((sheet, i) => stages.push({ side: sheet.width, sheet, open: down + i, down: i + 1, at: 2 * (before.length - i) - 1, name: fill(text.downBox, { ...data.levels[i], ...data.down[i] }) }));
    stages.push({ side: 7, sheet: rising[7], pooled: true, at: 0, name: text.smallest });
    stages.push({ side: 1, open: code, name: text.code, at: 0 });
    const sides = Object.keys(rising).map(Number).sort((a, b) => a - b);
    sides.forEach((side, i) => stages.push({ side, sheet: rising[side], open: up + i, up: i, at: 2 * i, name: fill(text.upBox, { side, channels: data.upChannels[i], ...data.up[i] }) }));
    stages.push({ side: 224, image: data.mask, name: text.mask, at: 2 * before.length });
    const widths = stages.map(({ side }) => 12 + 11 * Math.log2(side));
    const sum = widths.reduce((a, b) => a + b, 0) + 60;
    boxes.setAttribute("aria-label", text.strip);
    boxes.replaceChildren(
      ...stages.map((stage, i) => {
        const button = Object.assign(document.createElement("button"), { type: "button", title: stage.name });
        button.setAttribute("aria-label", stage.name);
        button.style.width = `${(100 * widths[i]) / sum}%`;
        button.dataset.at = stage.at;
        if (stage.down) button.dataset.down = stage.down;
        if (stage.up !== undefined) button.dataset.up = stage.up;
        if (stage.image) button.append(Object.assign(new Image(), { src: stage.image, alt: "" }));
        else {
          const canvas = document.createElement("canvas");
          if (stage.pooled) this.maps.pool(canvas, this.palette);
          else if (stage.sheet) stage.sheet.draw(canvas, 0, this.palette);
          else drawSquare(canvas, unpackBytes(data.code), this.palette);
          button.append(canvas);
        }
        button.addEventListener("click", () => {
          this.transport.stop();
          this.transport.jump(stage.at);
          if (stage.open !== undefined) this.open(stage.open, stage.name);
        });
        return button;
      }),
    );
    new ResizeObserver(() => this.tie()).observe(boxes);
  }

  // All maps of a stage, below; its sheets are fetched now.
  open(number, name) {
    this.$(".browser").hidden = false;
    this.$(".browser").dataset.stage = this.stages[number].name;
    this.browser.show(this.stages[number], name);
  }

  // Arcs below the boxes: which pooling hands its switches to which unpooling.
  tie() {
    const svg = this.$(".ties"), frame = svg.getBoundingClientRect();
    if (!frame.width) return;
    svg.replaceChildren();
    const count = this.before.length;
    for (let down = 1; down <= count; down++) {
      const [left, right] = [this.$(`[data-down="${down}"]`), this.$(`[data-up="${count + 1 - down}"]`)].map((node) => node.getBoundingClientRect());
      const [x1, x2] = [left.left + left.width / 2 - frame.left, right.left + right.width / 2 - frame.left];
      const low = left.bottom - frame.top + 2, deep = frame.height + 6 + 5 * (count - down);
      draw("path", { d: `M${x1} ${low}V${deep}H${x2}V${low}`, "data-tie": down }, svg);
    }
    this.mark();
  }

  mark() {
    const at = Math.ceil(this.transport.at - 1e-9), depth = this.level().depth;
    for (const button of this.root.querySelectorAll(".boxes button")) {
      button.setAttribute("aria-current", button.dataset.up !== undefined && Number(button.dataset.up) === Math.floor(at / 2));
      button.classList.toggle("partner", Number(button.dataset.down) === depth && at > 0);
    }
    for (const path of this.root.querySelectorAll(".ties path")) path.classList.toggle("on", Number(path.dataset.tie) === depth && at > 0);
  }

  // ---------------------------------------------------------------------------------------------- a moment in time

  index() {
    return this.data.levels.length - Math.max(1, Math.ceil((this.transport.at - 1e-9) / 2));
  }

  level() {
    return this.data.levels[this.index()];
  }

  render() {
    if (!this.data) return;
    const step = Math.ceil(this.transport.at - 1e-9), level = this.level(), { text } = this.data;
    const stage = step === 0 ? "incoming" : step % 2 ? "unpooled" : "dense";
    const reached = PANELS.indexOf(stage);
    const key = [step, JSON.stringify(this.picks)].join();
    if (key === this.last) return;
    this.last = key;
    this.step = step;
    PANELS.forEach((name, i) => {
      const { figure } = this.panels[name];
      figure.classList.toggle("active", name === stage);
      figure.classList.toggle("waiting", i > reached);
    });
    const values = { small: level.side / 2, large: level.side, depth: level.depth, empty: level.empty, dense: level.denseEmpty, into: level.channels, out: level.outputs, ...this.data.up[Math.ceil(step / 2)] };
    this.$(".now").textContent = fill(text[step === 0 ? "start" : stage], values);
    for (const name of PANELS) this.panels[name].caption.textContent = fill(text[`${name}Title`], values);
    const options = (select, sheet, pick) => {
      select.replaceChildren(...sheet.channels.map((channel, i) => new Option(fill(text.map, { channel }), i, false, i === pick)));
      select.setAttribute("aria-label", text.choose);
      select.disabled = sheet.count < 2;
    };
    options(this.panels.before.select, this.before[this.index()], this.picks[level.side / 2]);
    options(this.panels.dense.select, this.rising[level.side], this.picks[level.side]);
    const low = this.rising[level.side / 2], chosen = this.picks[level.side / 2];
    const range = (sheet, i) => fill(text.range, { low: this.number(sheet.low[i]), high: this.number(sheet.high[i]) });
    const set = (name, ...lines) => lines.forEach((line, i) => (this.panels[name].lines[i].textContent = line));
    set("before", range(this.before[this.index()], chosen), fill(text.size, { side: level.side, channels: level.channels }));
    set("incoming", range(low, chosen), fill(text.size, { side: level.side / 2, channels: level.channels }));
    set("unpooled", range(low, chosen), fill(text.emptyShare, { share: level.empty }));
    set("dense", range(this.rising[level.side], this.picks[level.side]), fill(text.emptyShare, { share: level.denseEmpty }));
    this.wholes();
    this.look(...this.place);
    this.mark();
  }

  number(value) {
    return Number(value.toPrecision(3)).toString().replace("-", "−");
  }

  wholes() {
    const i = this.index(), level = this.level(), small = level.side / 2, pick = this.picks[small];
    this.before[i].draw(this.panels.before.map, pick, this.palette);
    this.rising[small].draw(this.panels.incoming.map, pick, this.palette);
    this.rising[level.side].draw(this.panels.dense.map, this.picks[level.side], this.palette);
    this.maps.unpool(this.panels.unpooled.map, i, pick, this.palette);
    for (const name of PANELS) {
      const { map, lens, caption } = this.panels[name];
      for (const canvas of [map, lens]) canvas.setAttribute("role", "img");
      map.setAttribute("aria-label", caption.textContent);
      lens.setAttribute("aria-label", `${caption.textContent} (${this.data.text.closer})`);
    }
  }

  // ------------------------------------------------------------------------------------------------- looking closer

  look(x, y) {
    const { side } = this.level(), half = VIEW / 2 / side;
    this.place = [x, y].map((v) => clamp(v, 0, 1));
    const windows = VIEW / 2;
    this.first = [this.place[1], this.place[0]].map((v) => clamp(Math.round((v - half) * (side / 2)), 0, side / 2 - windows));
    for (const name of PANELS) {
      const { frame } = this.panels[name], percent = (v) => `${(100 * 2 * v) / side}%`;
      Object.assign(frame.style, { left: percent(this.first[1]), top: percent(this.first[0]), width: percent(windows), height: percent(windows) });
    }
    this.lenses();
  }

  lenses() {
    const i = this.index(), level = this.level(), small = level.side / 2, pick = this.picks[small], unit = LENS / VIEW;
    const [top, left] = this.first;
    const style = getComputedStyle(this.root);
    const accent = style.getPropertyValue("--accent").trim(), empty = style.getPropertyValue("--st-secondary-background-color").trim();
    const contexts = Object.fromEntries(PANELS.map((name) => [name, this.panels[name].lens.getContext("2d")]));
    const tables = {
      before: this.before[i].lookup(pick, this.palette),
      incoming: this.rising[small].lookup(pick, this.palette),
      dense: this.rising[level.side].lookup(this.picks[level.side], this.palette),
    };
    const paint = (context, words, byte, x, y, size) => {
      context.fillStyle = `rgb(${colourOf(words, byte).subarray(0, 3).join()})`;
      context.fillRect(x * unit, y * unit, size * unit - 1, size * unit - 1);
    };
    for (const context of Object.values(contexts)) context.clearRect(0, 0, LENS, LENS);
    contexts.unpooled.fillStyle = empty;
    contexts.unpooled.fillRect(0, 0, LENS, LENS);
    for (let row = 0; row < VIEW; row++)
      for (let column = 0; column < VIEW; column++) {
        const [y, x] = [2 * top + row, 2 * left + column];
        paint(contexts.before, tables.before, this.before[i].bytes[this.before[i].offset(pick, y, x)], column, row, 1);
        const dense = this.rising[level.side];
        paint(contexts.dense, tables.dense, dense.bytes[dense.offset(this.picks[level.side], y, x)], column, row, 1);
      }
    const values = this.rising[small];
    for (let row = 0; row < VIEW / 2; row++)
      for (let column = 0; column < VIEW / 2; column++) {
        const { turn, y, x, byte: won } = this.maps.winner(i, pick, top + row, left + column);
        const byte = values.bytes[values.offset(pick, top + row, left + column)];
        paint(contexts.incoming, tables.incoming, byte, 2 * column, 2 * row, 2);
        paint(contexts.unpooled, tables.incoming, byte, x - 2 * left, y - 2 * top, 1);
        for (const name of ["before", "unpooled"]) {
          contexts[name].strokeStyle = "rgb(128 128 128 / 0.75)";
          contexts[name].lineWidth = 1;
          contexts[name].strokeRect(2 * column * unit - 0.5, 2 * row * unit - 0.5, 2 * unit, 2 * unit);
        }
        drawSwitch(contexts.before, (2 * column + 1) * unit, (2 * row + 1) * unit, turn, unit, won ? accent : "rgb(128 128 128 / 0.6)");
      }
    if (this.pointed)
      for (const name of PANELS) {
        const context = contexts[name], [row, column] = this.pointed;
        context.strokeStyle = accent;
        context.lineWidth = 4;
        context.strokeRect(2 * (column - left) * unit, 2 * (row - top) * unit, 2 * unit - 1, 2 * unit - 1);
      }
  }

  windowAt(lens, event) {
    const box = lens.getBoundingClientRect(), [top, left] = this.first, last = VIEW / 2 - 1;
    const at = (share) => clamp(Math.floor((share * VIEW) / 2), 0, last);
    return [top + at((event.clientY - box.top) / box.height), left + at((event.clientX - box.left) / box.width)];
  }

  point(window) {
    if (String(window) === String(this.pointed)) return;
    this.pointed = window;
    this.lenses();
    const line = this.$(".readout"), { text } = this.data;
    if (!window) return (line.textContent = "");
    const i = this.index(), level = this.level(), small = level.side / 2, pick = this.picks[small], [row, column] = window;
    const { turn, y, x } = this.maps.winner(i, pick, row, column);
    const sheet = this.before[i], four = [0, 1, 2, 3].map((n) => this.number(sheet.value(pick, 2 * row + (n >> 1), 2 * column + (n & 1))));
    const values = { row: row + 1, column: column + 1, four: four.join(", "), best: this.number(sheet.value(pick, y, x)), corner: text.corners[turn], value: this.number(this.rising[small].value(pick, row, column)), y: y + 1, x: x + 1 };
    line.textContent = fill(text.readout, values);
  }
}

export default function ({ parentElement, data }) {
  let house = houses.get(parentElement);
  if (!house || !house.root.isConnected) houses.set(parentElement, (house = new Hourglass(parentElement)));
  house.show(data);
}
