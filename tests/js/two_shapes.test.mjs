// The player of two shapes: dragged, moved with keys, grown; what it counts is tested against Python in
// tests/ui/kit/test_two_shapes.py.
import assert from "node:assert/strict";
import { test } from "node:test";
import { input, mount, pointer, press, sized } from "./players.mjs";

const SHAPES = {
  modes: ["iou", "boundary"], size: [40, 30], middle: [12, 15], halves: { square: [4, 4], bar: [8, 1] }, least: { square: -4, bar: -1 }, most: 8, distance: 2,
  begin: { resets: 0 },
  text: { sum: "{both} / {either} = {share}", f1: "F1 {share}", precision: "P {hits} / {all}", recall: "R {hits} / {all}", offset: "{x}, {y}", pixels: "{n} px", both: "both {count}" },
};
const words = (values) => new Proxy(values, { get: (own, name) => own[name] ?? String(name) });

// `mount` gives a text that a test does not write its own name; these have fields.
async function shapes(more = {}) {
  const player = await mount("two_shapes"), show = player.show;
  player.show = (data) => show({ ...data, text: words(SHAPES.text) });
  await player.show({ ...SHAPES, ...more });
  return Object.assign(player, { hold: player.$(".hold"), says: () => player.$(".sum").textContent, at: () => player.$(".shapes").dataset.at });
}
const press2 = (player, place, name) => player.$(`${place} [data-name="${name}"]`).click();

test("two_shapes: keys move by a pixel, with Shift by eight, home to the reference, and never off the grid", async () => {
  const player = await shapes(), { hold } = player;
  assert.equal(player.at(), "30,23");
  assert.equal(player.says(), "0 / 162 = 0.000");
  assert.ok(press(hold, "ArrowLeft").defaultPrevented);
  press(hold, "ArrowUp", { shiftKey: true });
  assert.equal(player.at(), "29,15");
  assert.ok(!press(hold, "ArrowLeft", { altKey: true }).defaultPrevented, "the browser's");
  assert.ok(!press(hold, "a").defaultPrevented);
  press(hold, "Home");
  assert.equal(player.says(), "81 / 81 = 1.000");
  press(hold, "ArrowRight");
  assert.equal(player.says(), "72 / 90 = 0.800");
  assert.equal(player.$(".offset").textContent, "+1, 0");
  for (let i = 0; i < 9; i++) press(hold, "ArrowDown", { shiftKey: true });
  for (let i = 0; i < 9; i++) press(hold, "ArrowRight", { shiftKey: true });
  assert.equal(player.at(), "39,29");
  assert.deepEqual(player.sent, []);
  await player.leave();
});

test("two_shapes: a pointer takes it where it holds it, and lets go", async () => {
  const player = await shapes(), { hold } = player;
  sized(player.$("canvas"), 400, 300);
  pointer(hold, "pointermove", 100, 100);
  assert.equal(player.at(), "30,23", "nobody holds it");
  pointer(hold, "pointerdown", 325, 235);
  pointer(hold, "pointermove", 335, 225);
  assert.equal(player.at(), "31,22");
  pointer(hold, "pointermove", 145, 155);
  assert.equal(player.at(), "12,15");
  assert.equal(player.says(), "81 / 81 = 1.000");
  pointer(hold, "pointerup", 145, 155);
  pointer(hold, "pointermove", 300, 100);
  assert.equal(player.at(), "12,15");
  pointer(hold, "pointerdown", 125, 155, { button: 2 });
  pointer(hold, "pointermove", 300, 100);
  assert.equal(player.at(), "12,15", "the other button is the browser's");
  await player.leave();
});

test("two_shapes: growing costs a large shape its outline and a thin one its area", async () => {
  const player = await shapes(), root = player.$(".shapes"), slider = player.$("input");
  player.$(".centre").click();
  input(slider, "3");
  assert.equal(player.$("output").textContent, "+3 px");
  assert.deepEqual([root.dataset.iou, root.dataset.boundary], ["0.360", "0.000"]);
  press2(player, ".modes", "boundary");
  assert.equal(player.says(), "none");
  press2(player, ".kinds", "bar");
  input(slider, "2");
  assert.deepEqual([root.dataset.iou, root.dataset.boundary], ["0.347", "1.000"]);
  assert.equal(player.says(), "F1 1.000");
  assert.equal(player.$(".says p").textContent, "P 52 / 52");
  input(slider, "-4");
  assert.equal(player.$("output").textContent, "−1 px", "something is left of it");
  assert.equal(slider.min, "-1");
  await player.leave();
});

test("two_shapes: pixels that count are drawn full, others as dots", async () => {
  const player = await shapes(), seen = () => new Set(new Uint32Array(player.$("canvas").painted.data.buffer));
  assert.equal(seen().size, 5, "ground, and two kinds of stripes in two shades");
  press2(player, ".modes", "boundary");
  assert.equal(seen().size, 7, "dots on a faint line, a band, of two outlines");
  press(player.hold, "Home");
  assert.equal(seen().size, 4, "both lines in full, and a band");
  await player.leave();
});

test("two_shapes: new texts leave it where it is, a reset brings it back, one mode has one button", async () => {
  const player = await shapes(), button = player.$(".kinds button");
  press(player.hold, "Home");
  press2(player, ".modes", "boundary");
  await player.show({ ...SHAPES });
  assert.equal(player.at(), "12,15");
  assert.equal(player.$('.modes [aria-pressed="true"]').dataset.name, "boundary");
  assert.equal(player.$(".kinds button"), button, "who stands on it keeps the focus");
  await player.show({ ...SHAPES, begin: { resets: 1 } });
  assert.equal(player.at(), "30,23");
  assert.equal(player.$('.modes [aria-pressed="true"]').dataset.name, "iou");
  await player.show({ ...SHAPES, modes: ["iou"], begin: { resets: 1 } });
  assert.equal(player.root.querySelectorAll(".modes button").length, 0);
  assert.match(player.$(".modes").textContent, /^iou0\.\d{3}$/);
  await player.leave();
});
