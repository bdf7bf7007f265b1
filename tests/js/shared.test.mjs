// The halves that several players share: what Python knows, turns, time, bytes, words.
import assert from "node:assert/strict";
import { test } from "node:test";
import { frames, media, pictures, slow } from "./dom.mjs";
import { half, settled, texts } from "./players.mjs";

const { Told } = await half("told");
const { Transport } = await half("grid_transport");
const { drawMask } = await half("mask_canvas");
const { SpriteSheet } = await half("sprite_sheet");
const { bytes, words, grey } = await half("bytes");
const { fill, decimal, exact, three } = await half("text");
const { clamp, placeOf, arrow, share } = await half("photo");

test("told: the first value is news, the same again is none, another is", () => {
  const told = new Told();
  assert.ok(told.news([1, 2]));
  assert.ok(!told.news([1, 2]));
  assert.ok(told.news(null));
  told.forget();
  assert.ok(told.news(null));
});

test("told: an answer to what was sent is no news, however late and whatever was left out", () => {
  const told = new Told();
  told.news("start");
  for (const value of ["a", "b", "c", "d"]) told.tell(value);
  assert.ok(!told.news("start"), "Python has not heard yet");
  assert.ok(!told.news("a"), "the reader has gone on");
  assert.ok(!told.news("c"), "b was passed over");
  assert.ok(!told.news("d"));
  assert.ok(told.news("start"), "a reset");
  assert.ok(told.news("d"), "the browser's Back");
});

test("told: nothing is told twice", () => {
  const told = new Told();
  told.news(3);
  assert.ok(!told.tell(3));
  assert.ok(told.tell(4));
  assert.ok(!told.tell(4));
  assert.ok(told.tell(3), "there and back");
});

function transport() {
  const root = document.createElement("div"), bar = document.createElement("div"), seen = [];
  root.append(bar);
  document.body.append(root);
  return { root, bar, seen, player: new Transport(root, bar, (at) => seen.push(at)) };
}

test("transport: new data while it plays keeps the share, and plays on to the new end", () => {
  const { player } = transport();
  player.show(texts({ step: "{step}" }), 9, 3);
  player.act("play");
  frames.run(0);
  frames.run(70);
  assert.equal(player.at.toFixed(3), "3.100");
  player.jump(3);
  player.show(texts({ step: "{step}" }), 36);
  assert.equal(player.at, 12);
  frames.run(1000);
  frames.run(1070);
  assert.equal(player.at.toFixed(3), "12.100");
  for (let now = 1070; frames.waiting.size; now += 200) frames.run(now);
  assert.equal(player.at, 36);
  assert.equal(player.running, false);
});

test("transport: a single step under way ends where the new data puts it", () => {
  const { player } = transport();
  player.show(texts({ step: "{step}" }), 4, 2);
  player.act("forward");
  frames.run(0);
  frames.run(100);
  player.show(texts({ step: "{step}" }), 8);
  const { at } = player;
  frames.run(200);
  assert.equal(player.at, at);
  assert.equal(frames.waiting.size, 0);
});

test("transport: keys step, jump and play; those with a modifier are the browser's", () => {
  const { player, root } = transport();
  media.still = true;
  player.show(texts({ step: "{step}" }), 5, 2);
  const key = (name, more) => root.dispatchEvent(new KeyboardEvent("keydown", { key: name, bubbles: true, cancelable: true, ...more }));
  for (const [name, at] of [["ArrowLeft", 1], ["ArrowRight", 2], ["End", 5], ["Home", 0], ["x", 0]]) {
    key(name);
    assert.equal(player.at, at, name);
  }
  key("End", { ctrlKey: true });
  assert.equal(player.at, 0);
  key(" ");
  assert.ok(player.running);
  player.gone();
  assert.equal(frames.waiting.size, 0);
  media.still = false;
});

const mask = (...values) => ({ width: 2, height: 2, values: Uint8Array.from(values) });
const COLOURS = Uint8Array.from({ length: 768 }, (_, i) => Math.floor(i / 3));

test("masks: ids become colours, background stays clear, outlines stand on the larger id", async () => {
  pictures.set("one", mask(0, 3, 0, 3));
  const canvas = document.createElement("canvas");
  assert.deepEqual(await drawMask(canvas, "one", COLOURS, 100), [3]);
  assert.deepEqual([...canvas.painted.data.slice(0, 8)], [0, 0, 0, 0, 3, 3, 3, 100]);
  await drawMask(canvas, "one", COLOURS, 100, true);
  assert.deepEqual([...canvas.painted.data.slice(0, 8)], [0, 0, 0, 204, 255, 255, 255, 255]);
  await drawMask(canvas, "one", COLOURS, Uint8Array.from({ length: 256 }, (_, id) => 2 * id));
  assert.equal(canvas.painted.data[7], 6);
});

test("masks: an older one that decodes later is not drawn", async () => {
  let release;
  slow.set("old", new Promise((done) => (release = done)));
  pictures.set("old", mask(1, 1, 1, 1)).set("new", mask(2, 2, 2, 2));
  const canvas = document.createElement("canvas");
  const old = drawMask(canvas, "old", COLOURS), fresh = drawMask(canvas, "new", COLOURS);
  assert.deepEqual(await fresh, [2]);
  release();
  assert.equal(await old, null);
  assert.equal(canvas.painted.data[0], 2);
});

test("a sprite sheet gives back values, and colours between its ends", async () => {
  pictures.set("sheet", { width: 4, height: 1, values: Uint8Array.from([0, 255, 51, 204]) });
  const sheet = new SpriteSheet({ image: "sheet", count: 2, columns: 2, width: 2, height: 1, low: [0, -1], high: [1, 1] });
  await sheet.loaded;
  assert.deepEqual([0, 1].map((x) => sheet.value(0, 0, x)), [0, 1]);
  assert.deepEqual([0, 1].map((x) => sheet.value(1, 0, x).toFixed(2)), ["-0.60", "0.60"]);
  const canvas = document.createElement("canvas");
  sheet.draw(canvas, 1, COLOURS, [-1, 1]);
  assert.deepEqual([...canvas.painted.data], [51, 51, 51, 255, 204, 204, 204, 255]);
});

test("bytes, words and grey pictures", async () => {
  assert.deepEqual([...bytes("AQL/")], [1, 2, 255]);
  assert.deepEqual([...words("AQL/AA==")], [513, 255]);
  pictures.set("grey", mask(7, 8, 9, 10));
  assert.deepEqual(await grey("grey"), mask(7, 8, 9, 10));
  await settled();
});

test("words and numbers", () => {
  assert.equal(fill("{a} of {b}, {a}", { a: 1, b: "x" }), "1 of x, 1");
  assert.deepEqual([decimal(-1, 4), decimal(3), decimal(-0.001), decimal(10, 1, 0)], ["−0.25", "3", "0", "10"]);
  assert.ok(exact(1, 4, 2) && !exact(1, 3, 4));
  assert.deepEqual([three(-1234), three(0.012345)], ["−1230", "0.0123"]);
});

test("places on a photo", () => {
  const node = { getBoundingClientRect: () => ({ left: 10, top: 20, width: 100, height: 50 }) };
  assert.deepEqual(placeOf({ clientX: 60, clientY: 45 }, node), [0.5, 0.5]);
  assert.deepEqual([arrow({ key: "ArrowUp" }), arrow({ key: "ArrowUp", altKey: true }), arrow({ key: "a" })], [[0, -1], null, null]);
  assert.equal(share(1, 4), "25%");
  assert.deepEqual([clamp(-1, 0, 2), clamp(1, 0, 2), clamp(3, 0, 2)], [0, 1, 2]);
});

test("a GIF of some frames repeats, keeps their size and their few colours", async () => {
  const { gif } = await half("grid_export");
  const frame = (...colour) => {
    const image = new ImageData(6, 4);
    for (let i = 0; i < 24; i++) image.data.set([...colour, 255], 4 * i);
    return image;
  };
  const shots = [frame(255, 0, 0), frame(0, 0, 255), frame(0, 0, 255)];
  async function* frames() {
    yield* shots;
  }
  const file = Buffer.from(await (await gif(frames(), shots.slice(0, 2), 500)).arrayBuffer());
  assert.equal(file.toString("latin1", 0, 6), "GIF89a");
  assert.deepEqual([file.readUInt16LE(6), file.readUInt16LE(8)], [6, 4]);
  assert.ok(file.includes("NETSCAPE2.0"));
  const delays = file.toString("latin1").split("!\u00f9\u0004").slice(1).map((control) => Buffer.from(control, "latin1").readUInt16LE(1));
  assert.deepEqual(delays, [50, 50, 50], "hundredths of a second");
  assert.equal(file.at(-1), 0x3b);
});
