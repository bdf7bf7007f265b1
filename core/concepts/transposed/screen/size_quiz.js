// One question at a time; checked here.

import { mounted } from "./mount.js";
import { fill } from "./text.js";

/**
 * What size_quiz.py sends.
 * @typedef {{
 *   questions: { i: number, k: number, s: number, p: number, o: number, d: number, answer: number,
 *     formula: string }[],
 *   text: Record<"ask" | "label" | "check" | "next" | "right" | "wrong", string>,
 * }} Data
 */

class Quiz {
  /** @type {import("./mount.js").Send} */ send;
  /** @type {Data} */ data;

  constructor(parent) {
    this.root = parent.querySelector(".quiz");
    this.$ = (selector) => this.root.querySelector(selector);
    this.number = 0;
    this.guess = null;
    this.root.addEventListener("submit", (event) => {
      event.preventDefault();
      this.guess = Number(this.$("input").value);
      this.draw();
      this.send("guess", [this.number, this.guess]);
    });
    this.$(".next").addEventListener("click", () => {
      this.number = (this.number + 1) % this.data.questions.length;
      this.guess = null;
      this.$("input").value = "";
      this.draw();
      this.$("input").focus();
    });
  }

  /**
   * @param {Data} data
   * @param {import("./mount.js").Send} send
   */
  show(data, send) {
    this.data = data;
    this.send = send;
    this.$("input").setAttribute("aria-label", data.text.label);
    this.$(".check").textContent = data.text.check;
    this.$(".next").textContent = data.text.next;
    this.draw();
  }

  draw() {
    const { questions, text } = this.data;
    const question = questions[this.number];
    const { answer, formula } = question;
    this.$(".ask").textContent = fill(text.ask, question);
    const off = Math.abs(answer - (this.guess ?? 0));
    const verdict = off ? fill(text.wrong, { answer, off }) : text.right;
    this.$(".verdict").textContent = this.guess === null ? "" : `${verdict} (i − 1) s − 2 p + d (k − 1) + o + 1 = ${formula}`;
  }
}

export default mounted(Quiz);
