// What Python knows of a setting that both sides can change: a fader, a pin, a choice. What a player shows comes from
// Python whenever Python's value differs from the last it was told: at first, after Reset, after the browser's Back.
// An answer to what was sent itself is no news, not even one that comes late, while the reader has already gone on.

export class Told {
  /** @type {any} */ sent;
  /** @type {string | undefined} */ last;

  constructor() {
    this.forget();
  }

  // The next value is news, whatever it is: another picture, another network.
  forget() {
    this.sent = []; // what Python has been told and not yet answered, oldest first
    this.last = undefined; // what Python has last shown that it knows
  }

  // `value` is on its way to Python. Whether that is news there.
  tell(value) {
    const text = JSON.stringify(value);
    if (text === (this.sent.at(-1) ?? this.last)) return false;
    this.sent.push(text);
    return true;
  }

  // Whether `value`, which has come from Python, is to be shown.
  news(value) {
    const text = JSON.stringify(value), answered = this.sent.lastIndexOf(text);
    if (answered < 0 && text === this.last) return false; // Python has not heard of the later ones yet
    this.sent = answered < 0 ? [] : this.sent.slice(answered + 1);
    this.last = text;
    return answered < 0;
  }
}
