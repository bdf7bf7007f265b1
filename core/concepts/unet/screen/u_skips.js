// What the skip connections are worth: a fader on each, a guess before it is said, and the bars that say it.

import { fill, make } from "./text.js";

const PAUSE = 120; // ms between two settings of the faders on their way to the server

export class Skips {
  /** @type {HTMLElement} */ root;
  /** @type {(selector: string) => any} */ $;
  /** @type {import("./u_map.js").Data} */ data;
  /** @type {import("./mount.js").Send} */ trigger;
  /** @type {Record<string, import("./told.js").Told>} */ told;
  /** @type {number[]} */ gains;
  /** @type {any[]} */ skips;
  /** @type {number} */ later;
  /** @type {HTMLButtonElement} */ last;
  /** @type {number | null} */ guessed = null;
  whole = true; // the U, not its skip connections alone

  skip(level) {
    const host = make("div", "skip", null), ns = "http://www.w3.org/2000/svg";
    const svg = document.createElementNS(ns, "svg"), path = document.createElementNS(ns, "path");
    svg.setAttribute("viewBox", "0 0 100 8");
    svg.setAttribute("preserveAspectRatio", "none");
    svg.setAttribute("aria-hidden", "true");
    path.setAttribute("d", "M1 4H98M93 1l5 3l-5 3");
    svg.append(path);
    host.append(svg);
    const words = make("span", "", host), fader = make("input", "", host, { type: "range", min: 0, max: 100, step: 5 });
    const share = make("output", "", host), bar = make("div", "bar", host), worth = make("span", "worth", host);
    make("i", "", bar);
    fader.addEventListener("input", () => this.fade(this.gains.with?.(level, Number(fader.value)) ?? this.gains.map((g, i) => (i === level ? Number(fader.value) : g)), false));
    this.skips[level] = { path, words, fader, share, bar, worth };
    return host;
  }

  fade(gains, now) {
    this.gains = gains;
    this.drawFaders();
    clearTimeout(this.later);
    this.later = setTimeout(() => this.send("gains", this.gains), now ? 0 : PAUSE);
  }

  drawFaders() {
    const { text, worth } = this.data, depth = (level) => fill(text.depth, { depth: level + 1 }), most = Math.max(0.01, ...(worth ?? []).map((v) => Math.abs(v[0])));
    this.skips.forEach(({ path, words, fader, share, bar, worth: said }, level) => {
      words.textContent = this.whole ? text.copy : depth(level);
      fader.value = this.gains[level];
      fader.setAttribute("aria-label", fill(text.fader, { depth: level + 1 }));
      share.textContent = `${this.gains[level]}%`;
      path.style.opacity = 0.15 + (0.85 * this.gains[level]) / 100;
      bar.hidden = said.hidden = !worth || this.guessed === null;
      if (!worth || bar.hidden) return;
      bar.firstChild.style.width = `${(100 * Math.max(0, worth[level][0])) / most}%`;
      said.textContent = fill(text.worth, { points: (100 * worth[level][0]).toFixed(1).replace("-", "−") });
    });
  }

  drawGuess() {
    const { text, worth, stages } = this.data, host = this.$(".guess"), group = host.querySelector(".choices"), said = host.querySelector("p");
    host.firstElementChild.textContent = text.guess;
    host.hidden = !worth;
    if (!worth) return;
    const best = worth.reduce((top, v, i) => (v[0] > worth[top][0] ? i : top), 0);
    const answer = (mine) => {
      this.guessed = mine;
      if (mine >= 0) this.send("guess", mine);
      this.drawGuess();
      this.drawFaders();
    };
    group.replaceChildren();
    for (let i = -1; i < worth.length; i++) {
      const button = make("button", "", group, { type: "button", textContent: i < 0 ? text.justShow : fill(text.depth, { depth: i + 1 }) });
      button.setAttribute("aria-pressed", String(this.guessed === i));
      button.addEventListener("click", () => answer(i));
      if (i < 0) this.last = button;
    }
    group.append(this.last);
    const values = { depth: best + 1, points: (100 * worth[best][0]).toFixed(1), outline: (100 * worth[best][1]).toFixed(1).replace("-", "−") };
    if (this.guessed === null) return void (said.textContent = "");
    const jump = (name) => stages.find((stage) => stage.name === name)?.place[2] ?? 0;
    const more = { yours: this.guessed + 1, less: (100 * (worth[this.guessed]?.[0] ?? 0)).toFixed(1).replace("-", "−"), fine: jump(`down${best + 1}`), coarse: 2 * jump(`down${best + 1}`) };
    const verdict = this.guessed === best ? text.right : this.guessed < 0 ? text.revealed : text.wrong;
    said.textContent = `${fill(verdict, { ...values, ...more })} ${fill(text.why, more)}`;
    host.dataset.verdict = this.guessed === best ? "right" : "wrong";
  }

  send(name, value) {
    this.told[name]?.tell(value);
    this.trigger(name, value);
  }
}
