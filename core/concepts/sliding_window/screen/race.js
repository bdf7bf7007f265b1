// Three lanes over one photo: live while the server computes, then replayed side by side from the recorded moments.
// Replaying, scrubbing and the bet happen here and send nothing; starting and stopping are the only messages.

import { bytes } from "./bytes.js";
import { mounted } from "./mount.js";
import { clamp } from "./photo.js";
import { fill } from "./text.js";

/**
 * What race.py sends.
 * @typedef {{
 *   mode: "idle" | "running" | "done",
 *   subject: string,
 *   run: string,
 *   news: string,
 *   bet: number,
 *   photo: string,
 *   width: number,
 *   height: number,
 *   side: number,
 *   stride: number,
 *   margin: number,
 *   across: number,
 *   cells: { rows: number, columns: number, size: number, first: number, block: number },
 *   palette: string,
 *   lanes: { way: string, title: string, how: string, unit: string, total: number, done: number, seconds: number,
 *     left: number | null, state: string, marks: number[][], heat: string }[],
 *   text: Record<"bet" | "times" | "betNote" | "start" | "again" | "stop" | "replay" | "pause" | "recorded" |
 *     "scrub" | "speed" | "waiting" | "warming" | "stopped" | "seconds" | "left" | "alt", string>,
 * }} Data
 */

const clock = (seconds) => (seconds < 1 ? seconds.toFixed(3) : seconds < 10 ? seconds.toFixed(2) : seconds.toFixed(1));
const NOTHING = 255; // a cell that is not computed yet

class Race {
  static asks = ["start", "stop"];
  /** @type {any[]} */ lanes;
  /** @type {import("./mount.js").Send} */ trigger;
  /** @type {Uint8Array} */ palette;
  /** @type {number} */ length;
  /** @type {Data} */ data;

  constructor(parent) {
    this.parent = parent;
    this.root = parent.querySelector(".race");
    this.$ = (selector) => this.root.querySelector(selector);
    this.frame = 0;
    this.at = 0; // seconds of the replay
    this.$(".bet").addEventListener("submit", (event) => {
      event.preventDefault();
      const bet = Number(this.$("input[type=number]").value);
      this.trigger("start", Math.max(bet, 0));
    });
    this.$(".stop").addEventListener("click", () => this.trigger("stop", true));
    this.$(".play").addEventListener("click", () => (this.frame ? this.pause() : this.play()));
    this.$(".scrub").addEventListener("input", (event) => {
      this.pause();
      this.move((event.target.value / 1000) * this.length);
    });
    this.$(".replay").addEventListener("keydown", (event) => {
      const to = { Home: 0, End: this.length }[event.key];
      if (to === undefined) return;
      event.preventDefault();
      this.pause();
      this.move(to);
    });
    this.speed = this.$(".speed");
    for (const rate of [0.25, 1, 4, 16]) this.speed.append(new Option(`${rate}×`, String(rate), rate === 1, rate === 1));
  }

  gone() {
    cancelAnimationFrame(this.frame);
  }

  /**
   * @param {Data} data
   * @param {import("./mount.js").Send} trigger
   */
  show(data, trigger) {
    const before = this.data;
    this.trigger = trigger;
    this.data = data;
    this.palette = bytes(data.palette);
    for (const node of this.root.querySelectorAll("[data-text]")) node.textContent = data.text[node.dataset.text];
    const bet = this.$("input[type=number]");
    bet.disabled = data.mode === "running";
    if (data.bet && (!before || before.bet !== data.bet)) bet.value = data.bet;
    this.$(".start").textContent = data.mode === "done" ? data.text.again : data.text.start;
    this.$(".start").hidden = data.mode === "running";
    this.$(".stop").hidden = data.mode !== "running";
    this.$(".replay").hidden = data.mode !== "done";
    this.$(".scrub").setAttribute("aria-label", data.text.scrub);
    this.speed.setAttribute("aria-label", data.text.speed);
    if (!before || before.subject !== data.subject || !this.lanes) this.build();
    this.lanes.forEach((lane, i) => {
      lane.data = data.lanes[i];
      lane.heat = bytes(lane.data.heat);
      lane.drawn = -1;
    });
    const news = this.$(".news");
    if (news.textContent !== data.news) news.textContent = data.news;
    if (data.mode === "done") {
      this.length = Math.max(...data.lanes.map((lane) => lane.seconds));
      if (before?.mode !== "done" || before.run !== data.run) this.move(this.length);
      else this.move(this.at);
      this.playName();
    } else {
      this.pause();
      this.lanes.forEach((lane) => this.live(lane));
    }
  }

  build() {
    const { data } = this;
    const make = (name, className, parent, text = "") => {
      const node = Object.assign(document.createElement(name), { className, textContent: text });
      parent.append(node);
      return node;
    };
    this.$(".lanes").replaceChildren();
    this.lanes = data.lanes.map((entry) => {
      const box = make("section", "lane", this.$(".lanes"));
      box.dataset.way = box.dataset.part = entry.way;
      make("h3", "", box, entry.title);
      make("p", "how", box, entry.how);
      const photo = make("div", "photo", box);
      const image = make("img", "", photo);
      image.src = data.photo;
      image.alt = fill(data.text.alt, { lane: entry.title });
      image.style.aspectRatio = `${data.width} / ${data.height}`;
      const canvas = make("canvas", "", photo);
      canvas.setAttribute("aria-hidden", "true");
      const { rows, columns, size, first } = data.cells;
      Object.assign(canvas, { width: columns, height: rows });
      Object.assign(canvas.style, {
        left: `${(100 * first) / data.width}%`, top: `${(100 * first) / data.height}%`,
        width: `${(100 * columns * size) / data.width}%`, height: `${(100 * rows * size) / data.height}%`,
      });
      const frame = make("i", "", photo);
      const track = make("div", "track", box);
      track.setAttribute("role", "progressbar");
      track.setAttribute("aria-label", entry.title);
      track.setAttribute("aria-valuemin", 0);
      track.setAttribute("aria-valuemax", 100);
      const bar = make("b", "", track);
      const line = make("p", "line", box);
      return { canvas, frame, track, bar, count: make("span", "count", line), time: make("span", "time", line) };
    });
  }

  // The lane as the server last reported it.
  live(lane) {
    const { text } = this.data, { done, total, seconds, left, state, unit } = lane.data;
    this.progress(lane, total ? done / total : 0);
    lane.count.textContent = total ? fill(unit, { done, total }) : "";
    const words = { waiting: text.waiting, warming: text.warming, stopped: text.stopped };
    const running = left === null ? fill(text.seconds, { seconds: clock(seconds) }) : fill(text.left, { seconds: clock(seconds), left: clock(left) });
    lane.time.textContent = this.data.mode === "idle" && state === "waiting" ? "" : words[state] ?? (state === "done" ? fill(text.seconds, { seconds: clock(seconds) }) : running);
    this.paint(lane, (i) => lane.heat[i] !== NOTHING);
    this.outline(lane, state === "running" ? done : -1);
  }

  // The lane as it stood `at` seconds after its start.
  replayed(lane, at) {
    const { marks, total, seconds, unit, way } = lane.data;
    let low = 0, high = marks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (marks[middle][0] <= at + 1e-9) low = middle;
      else high = middle - 1;
    }
    const next = marks[low + 1];
    const done = marks[low][1];
    const share = next ? done + ((next[1] - done) * (at - marks[low][0])) / (next[0] - marks[low][0] || 1) : total;
    this.progress(lane, share / total);
    lane.count.textContent = fill(unit, { done: way === "once" ? Math.floor(share) : done, total });
    lane.time.textContent = `${clock(Math.min(at, seconds))} s`;
    const finished = at >= seconds - 1e-9;
    const painted = way === "once" ? (finished ? Infinity : 0) : finished ? Infinity : done;
    if (painted !== lane.drawn) this.paint(lane, (i) => this.window(i) < painted);
    lane.drawn = painted;
    this.outline(lane, finished || way === "once" ? -1 : done);
  }

  progress(lane, share) {
    lane.bar.style.width = `${100 * share}%`;
    lane.track.setAttribute("aria-valuenow", Math.round(100 * share));
  }

  // Which window answers for cell i.
  window(i) {
    const { columns, block } = this.data.cells;
    return Math.floor(Math.floor(i / columns) / block) * this.data.across + Math.floor((i % columns) / block);
  }

  paint(lane, computed) {
    const { rows, columns } = this.data.cells;
    const context = lane.canvas.getContext("2d"), image = context.createImageData(columns, rows);
    if (lane.heat.length === rows * columns)
      for (let i = 0; i < lane.heat.length; i++) {
        if (!computed(i)) continue;
        const at = 3 * Math.min(255, Math.round((lane.heat[i] / 254) * 255));
        image.data.set([this.palette[at], this.palette[at + 1], this.palette[at + 2], 255], 4 * i);
      }
    context.putImageData(image, 0, 0);
  }

  outline(lane, index) {
    const { across, width, height, side, stride, margin } = this.data;
    lane.frame.hidden = index < 0 || lane.data.way === "once" || index >= lane.data.total;
    if (lane.frame.hidden) return;
    const [row, column] = [Math.floor(index / across), index % across];
    Object.assign(lane.frame.style, {
      left: `${(100 * (column * stride - margin)) / width}%`, top: `${(100 * (row * stride - margin)) / height}%`,
      width: `${(100 * side) / width}%`, height: `${(100 * side) / height}%`,
    });
  }

  // ------------------------------------------------------------------------------------------------- replaying

  move(at) {
    this.at = clamp(at, 0, this.length);
    this.$(".scrub").value = this.length ? Math.round((1000 * this.at) / this.length) : 0;
    this.$(".clock").textContent = `${clock(this.at)} / ${clock(this.length)} s`;
    this.lanes.forEach((lane) => this.replayed(lane, this.at));
  }

  playName() {
    this.$(".play").textContent = this.frame ? this.data.text.pause : this.data.text.replay;
  }

  play() {
    if (this.at >= this.length) this.move(0);
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return this.move(this.length); // the slider remains
    let last = performance.now();
    const tick = (now) => {
      if (!this.root.isConnected) return this.pause();
      this.move(this.at + ((now - last) / 1000) * Number(this.speed.value));
      last = now;
      if (this.at >= this.length) return this.pause();
      this.frame = requestAnimationFrame(tick);
    };
    this.frame = requestAnimationFrame(tick);
    this.playName();
  }

  pause() {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    if (this.data) this.playName();
  }
}

export default mounted(Race);
