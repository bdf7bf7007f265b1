// Korean: the particle that a value takes, and where a line must not break, as core/locale/korean.py has it.

/** @type {Record<string, string>} */
const AFTER_CONSONANT = { 는: "은", 가: "이", 를: "을", 와: "과", 로: "으로", 야: "아" };
/** @type {Record<string, string>} */
const AFTER_VOWEL = Object.fromEntries(Object.entries(AFTER_CONSONANT).map(([vowel, consonant]) => [consonant, vowel]));
/** @type {Record<string, string>} */
const BRACKETS = { ")": "(", "]": "[", "」": "「", "』": "『" };

/** @param {string} text */
function beforeBrackets(text) {
  while (text && !/[\p{L}\p{N}%+°]$/u.test(text)) {
    const opening = BRACKETS[text.at(-1) ?? ""], start = opening ? text.lastIndexOf(opening) : -1;
    text = start > 0 && text.slice(0, start).trim() ? text.slice(0, start) : text.slice(0, -1);
  }
  return text;
}

/** @param {string} word */
function wordEnding(word) {
  const low = word.toLowerCase(), last = low.at(-1) ?? "";
  if (word === "px") return "ㄹ"; // 픽셀
  if (word.length === 1 || /[A-Z]$/.test(word)) return "lr".includes(last) ? "ㄹ" : "mn".includes(last) ? "consonant" : "";
  if (/le?$/.test(low)) return "ㄹ";
  if (/(ne|me|n|m|ng)$/.test(low)) return "consonant";
  return /(^|[^aeiou])[aeiou][bckpt]$/.test(low) ? "consonant" : "";
}

/**
 * How a text ends when it is read aloud in Korean: "", "consonant" or "ㄹ".
 * @param {string} text
 */
export function ending(text) {
  text = beforeBrackets(text);
  const last = text.at(-1) ?? "";
  if (last >= "가" && last <= "힣") {
    const final = (last.charCodeAt(0) - 0xac00) % 28;
    return final === 8 ? "ㄹ" : final ? "consonant" : "";
  }
  if (/[0-9]/.test(last)) {
    if (/v\d$/i.test(text)) return "179".includes(last) ? "consonant" : ""; // a version is read in English: 쓰리
    const zeros = /(?<![.\d,])[1-9][\d,]*?((?:,?0)+)$/.exec(text)?.[1].replaceAll(",", "").length ?? 0;
    return zeros >= 12 && zeros < 16 ? "" : ["consonant", "ㄹ", "", "consonant", "", "", "consonant", "ㄹ", "ㄹ", ""][last];
  }
  const word = /[A-Za-z]+$/.exec(text);
  return word ? wordEnding(word[0]) : "";
}

/**
 * @param {string} text
 * @param {string} particle
 */
export function josa(text, particle) {
  const end = ending(text);
  if (particle === "으로" || particle === "로") return end === "consonant" ? "으로" : "로";
  if (particle in AFTER_CONSONANT || particle in AFTER_VOWEL) {
    const vowel = AFTER_VOWEL[particle] ?? particle;
    return end ? AFTER_CONSONANT[vowel] : vowel;
  }
  const stem = particle.replace(/^이/, "");
  return end ? `이${stem}` : stem;
}

/**
 * No line breaks in a product, before a unit, between a number and its particle.
 * @param {string} text
 */
export function noBreak(text) {
  return text
    .replace(/(?<=[\p{L}\p{N}_}%)]) ([×x]) (?=[\p{L}\p{N}_{(−-])/gu, "\u00a0$1\u00a0")
    .replace(/(?<=[\d}]) (?=(?:%|MB|GB|ms|px|s)(?![A-Za-z]))/g, "\u00a0")
    .replace(/(?<=\d), (?=\d)/g, ",\u00a0")
    .replace(/(?<=[한두세네]) (?=번(?![가-힣]*호))|(?<=스트라이드) (?=[\d{])|(?<=팽창률) (?=[\d{])/g, "\u00a0")
    .replace(/(?<=[%)”’])(?=[가-힣])/g, "\u2060");
}
