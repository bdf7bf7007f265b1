// One photo under many masks. A mask arrives as a grey picture of class ids and is decoded once; from then on hovering,
// swiping and fading read and colour bytes that are here already.

const views = new WeakMap();
const TILE = 420; // longer side of a small picture's canvas: thinner than the mask, as thin as it is shown

const unpack = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
const fill = (template, values) => template.replace(/\{(\w+)\}/g, (_, name) => values[name]);
const clamp = (v, low, high) => Math.min(high, Math.max(low, v));
const percent = (v) => (100 * v).toFixed(v > 0 && v < 0.001 ? 2 : 1) + "%";
const make = (tag, className = "", text = "") => Object.assign(document.createElement(tag), { className, textContent: text });

async function grey(address) {
  const image = Object.assign(new Image(), { src: address });
  await image.decode(); // no colour profile: a byte stays the byte that Python wrote
  const canvas = new OffscreenCanvas(image.width, image.height);
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  pen.drawImage(image, 0, 0);
  const rgba = pen.getImageData(0, 0, image.width, image.height).data;
  const out = new Uint8Array(rgba.length / 4);
  for (let i = 0; i < out.length; i++) out[i] = rgba[4 * i];
  return out;
}

class Masks {
  constructor(parent, send) {
    this.root = parent.querySelector(".masks");
    this.$ = (selector) => this.root.querySelector(selector);
    this.send = send;
    this.bytes = new Map(); // address -> decoded bytes
    this.tiles = new Map(); // name -> its figure
    this.cut = 0.5;
    this.shown = "answers";
    this.asked = 0;
    this.listen();
  }

  // ------------------------------------------------------------------------------------------------- new data

  async show(data) {
    const first = !this.data, other = !first && this.data.subject !== data.subject;
    // What the server was told already comes back only with a reset or the browser's back button.
    const told = JSON.stringify(data.setting);
    if (first || other || told !== this.told) {
      Object.assign(this, { pin: data.setting.pin, opacity: data.setting.opacity, left: data.setting.left, right: data.setting.right });
      this.told = told;
    }
    this.data = data;
    if (other) this.bytes.clear(), this.endGuess();
    this.colours = unpack(data.colours);
    this.viridis = unpack(data.palette);
    const mine = (this.turn = (this.turn ?? 0) + 1);
    const addresses = data.masks.map((m) => m.mask).filter(Boolean);
    if (data.votes) addresses.push(data.votes.answers, data.votes.entropy);
    await Promise.all(addresses.map(async (a) => this.bytes.has(a) || this.bytes.set(a, await grey(a))));
    if (mine !== this.turn) return; // newer data has come meanwhile
    for (const address of this.bytes.keys()) if (!addresses.includes(address)) this.bytes.delete(address);
    this.draw();
  }

  mask(name) {
    return this.data.masks.find((m) => m.name === name);
  }

  ids(mask) {
    return this.bytes.get(mask?.mask);
  }

  name(id) {
    return id === 255 ? this.data.text.void : this.data.names[id];
  }

  // -------------------------------------------------------------------------------------------------- drawing

  draw() {
    const { data } = this, { text } = data;
    for (const node of this.root.querySelectorAll("[data-text]")) node.textContent = text[node.dataset.text];
    const swipe = this.$(".swipe"), image = swipe.querySelector(".photo");
    if (image.getAttribute("src") !== data.photo) image.src = data.photo;
    image.alt = text.photoAlt;
    swipe.style.aspectRatio = `${data.width} / ${data.height}`;
    swipe.style.maxWidth = `${(34 * data.width) / data.height}rem`;
    swipe.setAttribute("aria-label", text.stage);
    this.$(".divider").setAttribute("aria-label", text.divider);
    this.$(".tint input").value = this.opacity;
    const ready = data.masks.filter((m) => m.mask);
    for (const [side, fallback] of [["left", 0], ["right", 1]]) {
      if (!this.mask(this[side])) this[side] = data.masks[Math.min(fallback, data.masks.length - 1)]?.name;
      const select = this.$(`.${side}-net`), names = data.masks.map((m) => m.name + m.title).join();
      if (select.dataset.names !== names) {
        select.replaceChildren(...data.masks.map((m) => Object.assign(document.createElement("option"), { value: m.name, textContent: m.title })));
        select.dataset.names = names;
      }
      select.value = this[side];
    }
    const guess = this.$(".guess");
    guess.hidden = !data.questions.length;
    if (!data.questions.length || !ready.length) this.endGuess();
    guess.textContent = this.guessing ? text.stopGuess : text.guess;
    this.drawGrid();
    this.drawSides();
    this.fade();
    this.setCut(this.cut);
    this.look(null);
  }

  // Tint and white outline of a mask on two canvases of `width` x `height`.
  paint(stage, mask, limit) {
    const { data } = this, ids = this.ids(mask);
    const [tint, edge, names] = [".fill", ".edge", ".names"].map((s) => stage.querySelector(s));
    const scale = Math.min(1, limit / Math.max(data.width, data.height));
    const width = Math.max(1, Math.round(data.width * scale)), height = Math.max(1, Math.round(data.height * scale));
    const key = `${mask?.mask.length}:${mask?.mask.slice(-40)}:${width}x${height}:${data.names[0]}`;
    if (stage.dataset.painted === key) return;
    stage.dataset.painted = key;
    for (const canvas of [tint, edge]) Object.assign(canvas, { width, height });
    names.replaceChildren();
    if (!ids) return;
    const at = new Uint8Array(width * height);
    for (let y = 0, i = 0; y < height; y++) {
      const row = Math.min(data.height - 1, Math.floor((y + 0.5) / height * data.height)) * data.width;
      for (let x = 0; x < width; x++, i++) at[i] = ids[row + Math.min(data.width - 1, Math.floor((x + 0.5) / width * data.width))];
    }
    const colour = new ImageData(width, height), line = new ImageData(width, height);
    const tints = new Uint32Array(colour.data.buffer), lines = new Uint32Array(line.data.buffer);
    const words = new Uint32Array(256);
    for (let id = 1; id < 256; id++) words[id] = (255 << 24) | (this.colours[3 * id + 2] << 16) | (this.colours[3 * id + 1] << 8) | this.colours[3 * id];
    for (let y = 0, i = 0; y < height; y++)
      for (let x = 0; x < width; x++, i++) {
        tints[i] = words[at[i]];
        if ((x + 1 < width && at[i] !== at[i + 1]) || (y + 1 < height && at[i] !== at[i + width])) lines[i] = 0xffffffff;
      }
    tint.getContext("2d").putImageData(colour, 0, 0);
    edge.getContext("2d").putImageData(line, 0, 0);
    names.replaceChildren(
      ...mask.labels.map(([id, x, y]) => {
        const label = make("span", "", this.name(id));
        Object.assign(label.style, { left: `${clamp((100 * (x + 0.5)) / data.width, 8, 92)}%`, top: `${clamp((100 * (y + 0.5)) / data.height, 5, 95)}%` });
        return label;
      }),
    );
  }

  drawSides() {
    for (const [selector, side] of [[".side.a", "left"], [".side.b", "right"]]) {
      const stage = this.$(selector), mask = this.mask(this[side]);
      this.paint(stage, mask, 1024);
      stage.querySelector(".who").textContent = mask?.title ?? "";
    }
  }

  drawGrid() {
    const { data } = this, grid = this.$(".grid"), wanted = [];
    for (const mask of data.masks) {
      let figure = this.tiles.get(mask.name);
      if (!figure) {
        figure = make("figure");
        figure.dataset.net = mask.name;
        const stage = make("div", "stage");
        stage.append(make("img", "photo"), make("canvas", "fill"), make("canvas", "edge"), make("div", "names"), make("i", "cross"), make("span", "wait"));
        const caption = make("figcaption");
        caption.append(make("b"), make("span", "class"), make("span", "note"));
        figure.append(stage, caption);
        this.tiles.set(mask.name, figure);
      }
      wanted.push(figure);
      const stage = figure.querySelector(".stage"), image = figure.querySelector(".photo");
      stage.style.aspectRatio = `${data.width} / ${data.height}`;
      if (image.getAttribute("src") !== data.photo) image.src = data.photo;
      image.alt = fill(data.text.tile, { title: mask.title });
      stage.classList.toggle("empty", !mask.mask);
      figure.querySelector(".wait").textContent = mask.mask || mask.note ? "" : data.text.waiting;
      figure.querySelector("b").textContent = mask.title;
      figure.querySelector(".note").textContent = mask.note;
      this.paint(stage, mask, TILE);
    }
    if (data.votes) wanted.push(this.differ());
    const now = [...grid.children];
    if (now.length !== wanted.length || now.some((node, i) => node !== wanted[i])) grid.replaceChildren(...wanted);
  }

  // The tile that shows where the masks differ.
  differ() {
    const { data } = this, { text, votes } = data;
    const figure = (this.differTile ??= make("figure", "differ"));
    if (!figure.firstChild) {
      const stage = make("div", "stage"), caption = make("figcaption"), legend = make("div", "legend"), toggle = make("span", "switch");
      stage.append(make("img", "photo"), make("canvas", "fill"), make("i", "cross"));
      caption.append(make("b"), make("span", "class"));
      for (const kind of ["answers", "entropy"]) {
        const button = Object.assign(make("button"), { type: "button" });
        button.dataset.kind = kind;
        toggle.append(button);
      }
      figure.append(stage, caption, toggle, legend, make("p", "note"));
    }
    const stage = figure.querySelector(".stage"), canvas = figure.querySelector(".fill"), image = figure.querySelector(".photo");
    stage.style.aspectRatio = `${data.width} / ${data.height}`;
    if (image.getAttribute("src") !== data.photo) image.src = data.photo;
    image.alt = text.differ;
    figure.querySelector("b").textContent = text.differ;
    figure.querySelector(".note").textContent = fill(text.agreement, { share: percent(votes.agreement) });
    for (const button of figure.querySelectorAll("button")) {
      button.textContent = text[button.dataset.kind];
      button.setAttribute("aria-pressed", String(button.dataset.kind === this.shown));
    }
    const values = this.bytes.get(votes[this.shown]), word = new ImageData(data.width, data.height);
    const step = (v) => 3 * (this.shown === "entropy" ? v : votes.most > 1 ? Math.round((255 * (v - 1)) / (votes.most - 1)) : 0);
    for (let i = 0; i < values.length; i++) {
      const at = step(values[i]);
      word.data.set([this.viridis[at], this.viridis[at + 1], this.viridis[at + 2], 235], 4 * i);
    }
    Object.assign(canvas, { width: data.width, height: data.height });
    canvas.getContext("2d").putImageData(word, 0, 0);
    const legend = figure.querySelector(".legend");
    const chip = (v) => {
      const node = make("i", "chip");
      node.style.background = `rgb(${this.viridis.slice(step(v), step(v) + 3)})`;
      return node;
    };
    if (this.shown === "answers")
      legend.replaceChildren(...Array.from({ length: votes.most }, (_, i) => {
        const key = make("span", "key");
        key.append(chip(i + 1), String(i + 1));
        return key;
      }));
    else {
      const ramp = Object.assign(make("canvas"), { width: 256, height: 1 }), strip = new ImageData(256, 1);
      for (let i = 0; i < 256; i++) strip.data.set([...this.viridis.slice(3 * i, 3 * i + 3), 255], 4 * i);
      ramp.getContext("2d").putImageData(strip, 0, 0);
      legend.replaceChildren("0", ramp, `${votes.bits.toFixed(2)} bits`);
    }
    return figure;
  }

  fade() {
    for (const canvas of this.root.querySelectorAll(".side .fill, figure:not(.differ) .fill")) canvas.style.opacity = this.opacity / 100;
    for (const canvas of this.root.querySelectorAll(".edge")) canvas.style.opacity = this.opacity ? 0.9 : 0;
  }

  setCut(share) {
    this.cut = clamp(share, 0, 1);
    const at = `${(100 * this.cut).toFixed(2)}%`;
    this.$(".side.a").style.clipPath = `inset(0 calc(100% - ${at}) 0 0)`;
    this.$(".side.b").style.clipPath = `inset(0 0 0 ${at})`;
    const divider = this.$(".divider");
    divider.style.left = at;
    divider.setAttribute("aria-valuenow", Math.round(100 * this.cut));
    divider.setAttribute("aria-valuetext", `${this.mask(this.left)?.title} ${Math.round(100 * this.cut)}% / ${this.mask(this.right)?.title}`);
  }

  // Show what stands at `at` ([x, y] in pixels of the mask), or at the pinned pixel.
  look(at) {
    const { data } = this, { text } = data;
    const [x, y] = (at ?? this.pin).map((v, i) => clamp(Math.floor(v), 0, [data.width, data.height][i] - 1));
    for (const cross of this.root.querySelectorAll(".cross"))
      Object.assign(cross.style, { left: `${(100 * (x + 0.5)) / data.width}%`, top: `${(100 * (y + 0.5)) / data.height}%` });
    const i = y * data.width + x, tally = new Map();
    const chip = (id) => {
      const node = make("i", "chip");
      node.style.background = id ? `rgb(${this.colours.slice(3 * id, 3 * id + 3)})` : "transparent";
      return node;
    };
    for (const mask of data.masks) {
      const ids = this.ids(mask), place = this.tiles.get(mask.name)?.querySelector(".class");
      if (!ids) {
        place?.replaceChildren();
        continue;
      }
      place.replaceChildren(chip(ids[i]), this.name(ids[i]));
      if (mask.kind !== "reference") tally.set(ids[i], [...(tally.get(ids[i]) ?? []), mask.title]);
    }
    const all = [...tally.values()].reduce((sum, who) => sum + who.length, 0);
    this.$(".here").textContent = this.guessing ? "" : fill(text.pixel, { x, y });
    this.$(".tally").replaceChildren(
      ...[...tally].sort((a, b) => b[1].length - a[1].length).map(([id, who]) => {
        const line = make("li"), track = make("span", "track"), bar = make("i");
        bar.style.width = `${(100 * who.length) / all}%`;
        track.append(bar);
        line.append(chip(id), make("span", "", fill(text.vote, { name: this.name(id), count: who.length, all, who: who.join(", ") })), track);
        return line;
      }),
    );
    if (!data.votes) return;
    const value = this.bytes.get(data.votes[this.shown])[i];
    const shown = this.shown === "answers" ? value : ((value / 255) * data.votes.bits).toFixed(2);
    this.differTile.querySelector(".class").textContent = fill(text[`${this.shown}Here`], { value: shown });
  }

  // ----------------------------------------------------------------------------------------------- predicting

  startGuess() {
    const { questions, masks, text } = this.data, question = questions[this.asked % questions.length];
    this.guessing = true;
    this.root.classList.add("guessing");
    this.$(".guess").setAttribute("aria-pressed", "true");
    this.$(".guess").textContent = text.stopGuess;
    this.$(".verdict").textContent = "";
    this.$(".question").hidden = false;
    this.$(".ask").textContent = question.text;
    this.$(".options").replaceChildren(
      ...masks.filter((m) => m.name in question.values).map((m) => {
        const button = Object.assign(make("button", "", m.title), { type: "button" });
        button.dataset.net = m.name;
        return button;
      }),
    );
    this.$(".options button")?.focus();
  }

  endGuess() {
    if (!this.guessing) return;
    this.guessing = false;
    this.root.classList.remove("guessing");
    this.$(".guess").setAttribute("aria-pressed", "false");
    this.$(".guess").textContent = this.asked ? this.data.text.another : this.data.text.guess;
    this.$(".question").hidden = true;
    this.look(null);
  }

  answer(name) {
    const { questions } = this.data, question = questions[this.asked % questions.length];
    const best = Object.keys(question.values).reduce((a, b) => (question.values[b] > question.values[a] ? b : a));
    const words = { best: this.mask(best).title, value: percent(question.values[best]), yours: this.mask(name).title, other: percent(question.values[name]) };
    this.asked += 1;
    this.endGuess();
    this.$(".verdict").textContent = fill(question.values[name] === question.values[best] ? question.hit : question.miss, words);
    this.$(".guess").focus();
  }

  // --------------------------------------------------------------------------------------------------- events

  // Tell the server what was settled, a moment later, so that a held key tells it once.
  tell() {
    clearTimeout(this.later);
    this.later = setTimeout(() => {
      const { pin, opacity, left, right } = this;
      this.send({ pin, opacity, left, right });
    }, 350);
  }

  place(event) {
    const stage = event.target.closest(".stage");
    if (!stage || !this.data) return null;
    const box = stage.getBoundingClientRect();
    return [((event.clientX - box.left) / box.width) * this.data.width, ((event.clientY - box.top) / box.height) * this.data.height];
  }

  listen() {
    const root = this.root, divider = this.$(".divider"), swipe = this.$(".swipe");
    root.addEventListener("pointermove", (event) => {
      if (this.dragging) {
        const box = swipe.getBoundingClientRect();
        return this.setCut((event.clientX - box.left) / box.width);
      }
      const at = this.place(event);
      if (at) this.look(at);
      else if (this.hovered) this.look(null);
      this.hovered = Boolean(at);
    });
    root.addEventListener("pointerleave", () => this.data && this.look(null));
    divider.addEventListener("pointerdown", (event) => {
      this.dragging = true;
      divider.setPointerCapture(event.pointerId);
    });
    for (const end of ["pointerup", "pointercancel"]) divider.addEventListener(end, () => setTimeout(() => (this.dragging = false)));
    root.addEventListener("click", (event) => {
      if (event.target.closest(".divider")) return;
      const at = this.place(event), kind = event.target.closest(".switch button")?.dataset.kind;
      const option = event.target.closest(".options button");
      if (option) return this.answer(option.dataset.net);
      if (kind) {
        this.shown = kind;
        this.differ();
        return this.look(null);
      }
      if (event.target.closest(".guess")) return this.guessing ? this.endGuess() : this.startGuess();
      if (!at) return;
      this.pin = at.map((v, i) => clamp(Math.floor(v), 0, [this.data.width, this.data.height][i] - 1));
      this.look(null);
      this.tell();
    });
    root.addEventListener("input", (event) => {
      if (!event.target.closest(".tint")) return;
      this.opacity = Number(event.target.value);
      this.fade();
    });
    root.addEventListener("change", (event) => {
      if (event.target.closest(".left-net")) this.left = event.target.value;
      else if (event.target.closest(".right-net")) this.right = event.target.value;
      this.drawSides();
      this.fade();
      this.setCut(this.cut);
      this.tell();
    });
    divider.addEventListener("keydown", (event) => {
      const to = { ArrowLeft: this.cut - 0.02, ArrowDown: this.cut - 0.02, ArrowRight: this.cut + 0.02, ArrowUp: this.cut + 0.02, Home: 0, End: 1 }[event.key];
      if (to === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      event.stopPropagation();
      this.setCut(to);
    });
    swipe.addEventListener("keydown", (event) => {
      const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
      if (!steps || event.target !== swipe || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      const size = [this.data.width, this.data.height], step = event.shiftKey ? 1 : Math.max(1, Math.round(Math.max(...size) / 60));
      this.pin = this.pin.map((v, i) => clamp(v + steps[i] * step, 0, size[i] - 1));
      this.look(null);
      this.tell();
    });
  }
}

export default function ({ parentElement, data, setTriggerValue }) {
  let view = views.get(parentElement);
  const send = (setting) => setTriggerValue("setting", setting);
  if (!view || !view.root.isConnected) views.set(parentElement, (view = new Masks(parentElement, send)));
  view.send = send;
  view.show(data);
}
