// The strip of steps, the tools of every page, and sentences that point at a figure.
import assert from "node:assert/strict";
import { test } from "node:test";
import { mount, press } from "./players.mjs";

const STEPS = { label: "steps", titles: ["One", "Two", "Three"], names: ["one", "two", "three"], now: "one", all: "all", forward: "KeyN", back: "KeyB" };
const marked = (strip) => strip.$("[aria-current]").textContent;

test("the strip goes on by click and by key, says so at once, and stops at its ends", async () => {
  const strip = await mount("steps");
  await strip.show(STEPS);
  assert.equal(marked(strip), "1One");
  press(document.body, "b", { code: "KeyB" });
  assert.deepEqual(strip.sent, []);
  press(document.body, "ㅜ", { code: "KeyN" });
  assert.equal(marked(strip), "2Two");
  strip.root.querySelectorAll("button")[2].click();
  press(document.body, "n", { code: "KeyN" });
  assert.deepEqual(strip.sent, [["chosen", "two"], ["chosen", "three"]]);
  await strip.show({ ...STEPS, now: "two" }); // an answer to what was sent, while the reader has gone on
  assert.equal(marked(strip), "3Three");
  await strip.show({ ...STEPS, now: "three" });
  await strip.show({ ...STEPS, now: "one" }); // the browser's Back
  assert.equal(marked(strip), "1One");
  assert.equal(strip.$("h2").textContent, "One");
  await strip.leave();
  press(document.body, "n", { code: "KeyN" });
  assert.equal(strip.sent.length, 2);
});

test("letters that somebody writes, and keys with others, are not for the strip", async () => {
  const strip = await mount("steps"), field = document.createElement("input");
  await strip.show(STEPS);
  document.body.append(field);
  press(field, "n", { code: "KeyN" });
  press(document.body, "n", { code: "KeyN", ctrlKey: true });
  assert.deepEqual(strip.sent, []);
  field.remove();
  await strip.leave();
});

test("a link is copied; with an own photo it is said first that the photo stays", async () => {
  const copied = [], clipboard = { writeText: async (text) => void copied.push(text) };
  Object.defineProperty(globalThis, "navigator", { value: { clipboard }, configurable: true });
  globalThis.location ??= window.location;
  const tools = await mount("tools"), data = { own: false, resets: 0, list: [["N", "next"]] };
  await tools.show(data);
  tools.$(".tool-copy").click();
  await new Promise((done) => setTimeout(done, 1));
  assert.equal(copied.length, 1);
  await tools.show({ ...data, copied: "copied", own: true, stays: "it stays" });
  tools.$(".tool-copy").click();
  assert.equal(copied.length, 1);
  assert.equal(tools.$(".tool-note").textContent, "it stays");
  tools.$(".tool-anyway").click();
  await new Promise((done) => setTimeout(done, 1));
  assert.equal(copied.length, 2);
  await tools.show({ ...data, reset: "as at first", resets: 1 });
  assert.equal(tools.$(".tool-said").textContent, "as at first");
  press(document.body, "?");
  assert.equal(tools.$("table").hidden, false);
  assert.equal(tools.$("tbody").textContent, "Nnext");
  await tools.leave();
});

test("a phrase lights its part, and the part its phrase", async () => {
  const text = await mount("pointing"), figure = await mount("tools", true);
  figure.root.innerHTML = '<i data-part="bins"></i><i data-part="map"></i>';
  await text.show({ pieces: [["Look at ", ""], ["the bins", "bins"], [".", ""]] });
  const { lights } = await import("../../core/ui/kit/lights.js"), [bins, map] = figure.root.children;
  lights(figure.root);
  text.$("button").dispatchEvent(new Event("pointerenter"));
  assert.deepEqual([bins, map].map((each) => each.hasAttribute("data-lit")), [true, false]);
  text.$("button").dispatchEvent(new Event("pointerleave"));
  assert.equal(bins.hasAttribute("data-lit"), false);
  bins.dispatchEvent(new PointerEvent("pointerover", { bubbles: true }));
  assert.equal(text.$("button").classList.contains("lit"), true);
  assert.equal(text.root.textContent, "Look at the bins.");
  await figure.leave();
  await text.leave();
});
