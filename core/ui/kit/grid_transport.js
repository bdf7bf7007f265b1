// Play, pause, step, scrub, speed: time for a player. Positions run from 0 (nothing done) to `length` (all steps done).

import { draw } from "./grid_board.js";
import { still } from "./motion.js";
import { clamp } from "./photo.js";
import { fill } from "./text.js";

const STEP_MS = 700; // of one step at speed 1
const SHAPES = {
  first: "M3 3h2v10H3zM13 3v10L6 8z",
  back: "M11 3v10L4 8z",
  play: "M4 3l9 5-9 5z",
  pause: "M4 3h3v10H4zM9 3h3v10H9z",
  forward: "M5 3l7 5-7 5z",
  last: "M11 3h2v10h-2zM3 3l7 5-7 5z",
};

export class Transport {
  /** @type {any} */ running;
  /** @type {HTMLElement} */ root;
  /** @type {HTMLElement} */ bar;
  /** @type {(at: number) => void} */ move;
  /** @type {Record<string, string>} */ text;
  at = 0;
  length = 0;
  timer = 0;
  frames = 0;

  // root: where keys are heard. bar: filled with the controls. move(at): draw position `at`.
  constructor(root, bar, move) {
    Object.assign(this, { root, bar, move });
    for (const act of ["first", "back", "play", "forward", "last"]) {
      const button = Object.assign(document.createElement("button"), { type: "button" });
      button.dataset.act = act;
      draw("path", { d: SHAPES[act] }, draw("svg", { viewBox: "0 0 16 16", "aria-hidden": "true" }, button));
      if (act === "play") button.append(document.createElement("span"));
      bar.append(button);
    }
    this.scrub = Object.assign(document.createElement("input"), { type: "range", min: 0, step: 1 });
    this.speed = document.createElement("select");
    for (const rate of [0.5, 1, 2, 4, 8]) this.speed.append(new Option(`${rate}×`, String(rate), rate === 1, rate === 1));
    this.count = Object.assign(document.createElement("output"), { className: "count" });
    bar.append(this.scrub, this.count, this.speed);
    this.listen();
  }

  gone() {
    cancelAnimationFrame(this.timer);
  }

  // New texts and a new number of steps; the place is kept, as a share of the whole. What plays goes on from there; a
  // single step that was under way ends there.
  show(text, length, begin) {
    cancelAnimationFrame(this.timer);
    const share = this.length ? this.at / this.length : null;
    this.text = text;
    for (const button of this.bar.querySelectorAll("button")) {
      button.title = text[button.dataset.act ?? ""];
      button.setAttribute("aria-label", button.title);
    }
    this.scrub.setAttribute("aria-label", text.scrub);
    this.speed.setAttribute("aria-label", text.speed);
    this.scrub.max = this.length = length;
    this.playing(Boolean(this.running));
    this.jump(share === null ? begin : Math.round(share * length));
    if (this.running) this.glide(this.length);
  }

  jump(at) {
    this.at = clamp(at, 0, this.length);
    const step = Math.ceil(this.at - 1e-9);
    this.scrub.value = String(step);
    const said = fill(this.text.step, { step, of: this.length });
    if (this.count.textContent !== said) {
      this.count.textContent = said;
      this.scrub.setAttribute("aria-valuetext", said);
    }
    this.move(this.at);
  }

  playing(on) {
    this.running = on;
    const [path, said] = ["path", "span"].map((part) => /** @type {Element} */ (this.bar.querySelector(`[data-act="play"] ${part}`)));
    const name = on ? this.text.pause : this.text.play;
    said.textContent = name;
    path.setAttribute("d", on ? SHAPES.pause : SHAPES.play);
    said.parentElement?.setAttribute("aria-label", name);
  }

  stop() {
    cancelAnimationFrame(this.timer);
    this.timer = 0;
    this.playing(false);
  }

  // Move towards `target`, at the chosen speed or so that it takes `duration`; step by step for those who asked their
  // system for less motion.
  glide(target, duration) {
    cancelAnimationFrame(this.timer);
    const start = this.at;
    const sign = Math.sign(target - start);
    const calm = still();
    if (calm && duration) return this.jump(target);
    let last = null;
    let gone = 0;
    const frame = (now) => {
      if (!this.root.isConnected) return;
      const rate = duration ? Math.abs(target - start) / duration : Number(this.speed.value) / STEP_MS;
      gone += last === null ? 0 : Math.min(now - last, 200) * rate;
      last = now;
      this.frames += 1;
      const at = start + sign * Math.min(gone, Math.abs(target - start));
      this.jump(calm ? Math.floor(at) : at);
      if (gone < Math.abs(target - start)) this.timer = requestAnimationFrame(frame);
      else this.stop();
    };
    this.timer = requestAnimationFrame(frame);
  }

  act(name) {
    if (name === "play") {
      if (this.running) return this.stop();
      if (this.at >= this.length) this.jump(0);
      this.glide(this.length);
      return this.playing(true);
    }
    const ahead = Math.min(this.length, Math.floor(this.at + 0.001) + 1);
    const behind = Math.max(0, Math.ceil(this.at - 0.001) - 1);
    this.stop();
    if (name === "first") this.jump(0);
    if (name === "last") this.jump(this.length);
    if (name === "back") this.jump(behind);
    if (name === "forward") this.glide(ahead, 260);
  }

  listen() {
    this.bar.addEventListener("click", (event) => {
      const button = /** @type {Element} */ (event.target).closest("button");
      if (button) this.act(button.dataset.act);
    });
    this.scrub.addEventListener("input", () => {
      const wanted = Number(this.scrub.value);
      this.stop();
      this.jump(wanted);
    });
    this.root.addEventListener("keydown", (event) => {
      const { key } = event, target = /** @type {Element} */ (event.target);
      if (event.ctrlKey || event.metaKey || event.altKey || target.matches("select, input:not([type=range])")) return;
      if (target === this.scrub && key !== " ") return; // a range moves by itself
      const action = { ArrowLeft: "back", ArrowRight: "forward", Home: "first", End: "last", " ": "play" }[key];
      if (!action || (key === " " && target.tagName === "BUTTON")) return;
      event.preventDefault();
      this.act(action);
    });
  }
}
