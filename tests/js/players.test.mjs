// What each player does with keys, and with settings that come from Python: Reset, Back and links set it; an answer to
// what the reader did does not.
import assert from "node:assert/strict";
import { test } from "node:test";
import { frames, media, pictures, slow } from "./dom.mjs";
import { half, input, mount, pointer, press, settled, sized } from "./players.mjs";

const wait = (ms) => new Promise((done) => setTimeout(done, ms));
const base64 = (values) => Buffer.from(values).toString("base64");
const grey = (name, width, height, value = (i) => i % 7) => {
  pictures.set(name, { width, height, values: Uint8Array.from({ length: width * height }, (_, i) => value(i)) });
  return name;
};
const PALETTE = base64(Array.from({ length: 768 }, (_, i) => i % 256));

// ------------------------------------------------------------------------------------------------------ the meter

const meter = (dot, id = "a") => ({ id, grey: grey(`meter-${id}`, 8, 8), dot, smallest: [[1, 1], [2, 3]] });

test("dot_meter: keys move the dot and tell it once; Reset and Back move it too", async () => {
  const player = await mount("dot_meter"), stage = player.$(".stage"), begin = { row: 2, column: 2, side: 2, value: 9 };
  await player.show(meter(begin));
  press(stage, "ArrowRight");
  press(stage, "ArrowDown", { shiftKey: true });
  press(stage, "ArrowLeft", { ctrlKey: true });
  stage.dispatchEvent(new Event("keyup"));
  stage.dispatchEvent(new Event("keyup"));
  const moved = { row: 6, column: 3, side: 2, value: 9 };
  assert.deepEqual(player.sent, [["dot", moved]]);
  await player.show(meter(begin)); // another part of the page ran: Python has not heard of it
  frames.run(0);
  press(stage, "ArrowUp");
  await player.show(meter(moved)); // the answer, while the reader has gone on
  stage.dispatchEvent(new Event("keyup"));
  assert.deepEqual(player.sent.at(-1), ["dot", { ...moved, row: 5 }]);
  await player.show(meter({ ...moved, row: 5 }));
  await player.show(meter(begin)); // a reset
  frames.run(1);
  assert.equal(player.$("input.size").value, "2");
  press(stage, "ArrowLeft");
  stage.dispatchEvent(new Event("keyup"));
  assert.deepEqual(player.sent.at(-1), ["dot", { ...begin, column: 1 }]);
  await player.leave();
  assert.equal(frames.waiting.size, 0);
});

// ------------------------------------------------------------------------------------------------------- the probe

const probe = (pin, photo = "photo-a") => ({
  photo, size: [100, 60], pin, sides: [1, 9, 17, 33, 65], windows: [9, 33], table: base64(new Uint8Array(2 * 5 * 21).fill(pin[0])),
  truth: 3, places: [[5, 5]], names: Array.from({ length: 21 }, (_, i) => `class ${i}`), networks: ["near", "far"],
});

test("window_probe: keys move the pixel, a held one tells it once, and its table is awaited", async () => {
  const player = await mount("window_probe"), stage = player.$(".stage");
  await player.show(probe([40, 30]));
  assert.equal(player.$(".probe").dataset.pin, "40,30");
  press(stage, "ArrowRight");
  press(stage, "ArrowUp", { shiftKey: true });
  assert.equal(player.$(".probe").dataset.pin, "", "the table is another pixel's");
  await wait(280);
  assert.deepEqual(player.sent, [["pin", [48, 29]]]);
  press(stage, "ArrowRight");
  await player.show(probe([48, 29]));
  assert.equal(player.$(".probe").dataset.pin, "", "an answer that comes late moves nothing back");
  await wait(280);
  assert.deepEqual(player.sent.at(-1), ["pin", [56, 29]]);
  await player.show(probe([56, 29]));
  assert.equal(player.$(".probe").dataset.pin, "56,29");
  await player.show(probe([40, 30]));
  assert.equal(player.$(".probe").dataset.pin, "40,30", "a reset");
  press(stage, "ArrowRight");
  await player.leave();
  await wait(280);
  assert.equal(player.sent.length, 2, "nothing is told after it has gone");
});

test("window_probe: an older photo that decodes later is not drawn", async () => {
  const player = await mount("window_probe");
  let release;
  slow.set("late", new Promise((done) => (release = done)));
  await player.show(probe([1, 1], "late"));
  await player.show(probe([2, 2], "early"));
  release();
  await settled();
  assert.equal(player.$(".probe").dataset.pin, "2,2");
  await player.leave();
});

// ------------------------------------------------------------------------------------------------------ the finder

const finder = (level, source = "fcn") => ({
  photo: "photo-b", size: [4, 4], subject: "s", source, level, given: null,
  sources: [["fcn", (i) => 10 * i], ["cam", (i) => 150 - 10 * i]].map(([code, value]) => ({ code, title: code, heat: grey(`heat-${code}`, 4, 4, value) })),
});

test("box_finder: a threshold that is being dragged stays, a reset sets it, keys move the own box", async () => {
  const player = await mount("box_finder"), slider = player.$('input[type="range"]'), stage = player.$(".stage");
  await player.show(finder(128));
  assert.equal(slider.value, "128");
  input(slider, 100);
  input(slider, 100, "change");
  input(slider, 90);
  await player.show(finder(100));
  assert.equal(slider.value, "90", "the reader has gone on");
  await player.show(finder(128));
  assert.equal(slider.value, "128", "a reset");
  player.$('.sources button[data-code="cam"]').click();
  assert.deepEqual(player.sent, [["level", 100], ["source", "cam"]]);
  await player.show(finder(128, "cam"));
  await player.show(finder(128, "fcn"));
  assert.equal(player.$('.sources button[aria-pressed="true"]').dataset.code, "fcn");
  press(stage, "ArrowRight");
  press(stage, "Enter");
  assert.equal(player.$(".finder").dataset.box, "1,3,4,4,3");
  await player.leave();
});

test("box_finder: components, their order and IoU", async () => {
  const { regionsOf, iouOf, formatsOf } = await import("./players.mjs").then(({ half }) => half("box_finder"));
  const heat = Uint8Array.from([9, 0, 0, 9, 0, 9, 0, 0, 9]);
  assert.deepEqual(regionsOf(heat, 3, 3, 5), [[0, 0, 1, 2, 2], [2, 1, 3, 3, 2]]);
  assert.equal(iouOf([0, 0, 2, 2], [1, 0, 3, 2]), 1 / 3);
  assert.deepEqual(formatsOf([1, 2, 3, 6], [10, 10]).cxcywh, [2, 4, 2, 4]);
});

// ----------------------------------------------------------------------------------------------------- the tap map

const taps = (rate) => ({
  size: 5, rate, marks: [1, 2], along: ["23332", "22322", "22122", "21112"], palette: PALETTE,
  shares: [[[9, 0.4]], [[9, 0.2]], [[4, 1]], [[4, 1]]],
});

test("tap_map: rates are told when they rest, and come back with a reset; keys move the spot", async () => {
  const player = await mount("tap_map"), slider = player.$("input");
  await player.show(taps(1));
  input(slider, 2);
  assert.equal(player.sent.length, 0);
  input(slider, 3);
  input(slider, 3, "change");
  input(slider, 3, "change");
  assert.deepEqual(player.sent, [["rate", 3]]);
  input(slider, 4);
  await player.show(taps(3));
  assert.equal(slider.value, "4");
  await player.show(taps(1));
  assert.equal(slider.value, "1");
  const before = player.root.querySelector(".stage rect").getAttribute("x");
  press(player.$(".stage"), "ArrowRight");
  assert.notEqual(player.root.querySelector(".stage rect").getAttribute("x"), before);
  await player.leave();
});

// ------------------------------------------------------------------------------------------------------- gridding

const stack = (code) => ({ code, title: code, note: "", layers: [1, 3, 5].map((field, i) => ({ ways: Array(field).fill(1), rate: i, field, used: 1 })) });
const reach = (chosen, id = "a") => ({ id, chosen, stacks: ["1-1", "2-2"].map(stack), text: { step: "{step}/{of}" } });

test("reach: an answer does not begin the replay anew, Back chooses, keys choose and step", async () => {
  const player = await mount("reach"), chosen = () => player.$('[aria-checked="true"]').dataset.code, count = () => player.$(".count").textContent;
  media.still = true;
  await player.show(reach("1-1"));
  press(player.$(".stacks"), "ArrowRight");
  assert.equal(chosen(), "2-2");
  assert.deepEqual(player.sent, [["stack", "2-2"]]);
  press(player.$(".player"), "ArrowLeft");
  assert.equal(count(), "1/2");
  await player.show(reach("2-2"));
  assert.equal(count(), "1/2");
  await player.show(reach("1-1"));
  assert.equal(chosen(), "1-1");
  await player.leave();
  media.still = false;
});

// ------------------------------------------------------------------------------------------------------ the divider

const divider = (shown) => ({
  photo: "photo-c", size: [64, 64], colours: PALETTE, names: [], at: [32, 32], detail: 48, shown, reference: "", distance: grey("far", 64, 64, (i) => 1 + (i % 9)),
  versions: ["a", "b", "c"].map((code) => ({ code, title: code, mask: grey(`mask-${code}`, 64, 64, () => 1), scores: [0.9, 0.95] })),
});

test("divider: the pair is Python's after a reset and the reader's after an answer; keys move the loupe", async () => {
  const player = await mount("divider"), select = player.$("select.left");
  await player.show(divider(["a", "b"]));
  input(select, "c", "change");
  input(player.$("select.right"), "a", "change");
  assert.deepEqual(player.sent, [["shown", ["c", "b"]], ["shown", ["c", "a"]]]);
  await player.show(divider(["c", "b"]));
  assert.equal(player.$("select.right").value, "a");
  await player.show(divider(["c", "a"]));
  await player.show(divider(["a", "b"]));
  assert.deepEqual([select.value, player.$("select.right").value], ["a", "b"]);
  assert.deepEqual([...player.$(".chart").querySelectorAll("polyline")].map((line) => line.getAttribute("class")), ["left", "right"]);
  const { left } = player.$(".frame").style;
  press(player.$(".stage"), "ArrowRight");
  assert.notEqual(player.$(".frame").style.left, left);
  await player.leave();
});

// -------------------------------------------------------------------------------------------------------- the parts

const parts = (pin, mask = "parts-mask") => ({
  photo: "photo-d", size: [100, 100], input: [100, 100], stride: 10, edges: [[...Array(11).keys()].map((i) => 10 * i), [...Array(11).keys()].map((i) => 10 * i)],
  palette: PALETTE, colours: PALETTE, names: ["background", "cat"], mask: grey(mask, 4, 4, () => 1), pin, active: 0,
  bars: [{ name: "cat", all: 0.5, now: 0.4 }],
  parts: [{
    title: "one", note: "", on: true, kind: "point", readout: "{row} {column}", rate: 0, rows: [], columns: [], changes: [],
    sheet: { image: grey("parts-sheet", 10, 10), count: 1, columns: 1, width: 10, height: 10, low: [0], high: [1], channels: [-1] },
  }],
});

test("parts: keys walk from the pin and Enter pins; after a reset they walk from Python's pin", async () => {
  const player = await mount("parts"), photo = player.$(".photo"), says = () => player.$(".readout").textContent;
  await player.show(parts([500, 500]));
  assert.equal(says(), "one: 6 6");
  press(photo, "ArrowRight");
  press(photo, "ArrowUp");
  press(photo, "ArrowUp", { metaKey: true });
  assert.equal(says(), "one: 5 7");
  press(photo, "Enter");
  assert.deepEqual(player.sent, [["pin", [600, 400]]]);
  await player.show(parts([600, 400]));
  await player.show(parts([500, 500]));
  press(photo, "ArrowRight");
  assert.equal(says(), "one: 6 7");
  assert.equal(player.$(".legend").textContent, "cat");
  player.$(".switch").click();
  assert.deepEqual(player.sent.at(-1), ["switch", 0]);
  await player.leave();
});

test("parts: a mask that is sent twice while it decodes gets its legend", async () => {
  const player = await mount("parts");
  let release;
  slow.set("parts-late", new Promise((done) => (release = done)));
  await player.show(parts([1, 1], "parts-late"));
  await player.show(parts([2, 2], "parts-late"));
  release();
  await settled();
  assert.equal(player.$(".legend").textContent, "cat");
  await player.leave();
});

// --------------------------------------------------------------------------------------------------------- the U

const NAMES = ["down1", "down2", "down3", "down4", "bottom", "up1", "up2", "up3", "up4"];
const layout = { channels: [0], columns: 1, width: 4, height: 4 };
function u(gains, pin = null, box = "down1", more = {}) {
  for (const name of NAMES) for (const kind of ["figure", "browse", "0"]) grey(`/maps/${name}/${kind}.png`, 4, 4);
  const ends = [...Array(4).keys()].map((i) => 16 * i), seen = [ends, ends.map((v) => v + 15)];
  return {
    subject: "s", layout: "l", photo: { address: "photo-e", width: 64, height: 64 }, place: [0, 0, 64, 64], mask: grey("u-mask", 64, 64, () => 1),
    colours: PALETTE, opacities: null, named: ["cat 100%"], score: [0.5, 0.5], milliseconds: 3, gains, worth: null, box, pin,
    magnitude: PALETTE, signed: PALETTE, fields: Object.fromEntries(NAMES.map((name) => [name, [seen, seen]])),
    stages: NAMES.map((name) => ({
      name, address: `/maps/${name}/`, place: [0, 0, 16], width: 4, height: 4, channels: 1, parameters: 9, milliseconds: 1, low: [0], high: [1],
      orders: { strength: [1], variance: [1] }, figure: layout, browse: layout,
    })),
    text: { titles: Object.fromEntries(NAMES.map((name) => [name, name])), pinned: "{x} {y}" }, ...more,
  };
}
const ALL = [100, 100, 100, 100];

test("u_map: faders, pin and box come back with a reset, and stay with an answer", async () => {
  const player = await mount("u_map"), faders = () => [...player.root.querySelectorAll(".skip input")].map((node) => Number(node.value));
  await player.show(u(ALL));
  player.$(".acts button").click();
  await wait(20);
  assert.deepEqual(player.sent, [["gains", [0, 0, 0, 0]]]);
  await player.show(u([0, 0, 0, 0]));
  assert.deepEqual(faders(), [0, 0, 0, 0]);
  assert.equal(player.$(".mask").dataset.gains, "0.0.0.0");
  await player.show(u(ALL));
  assert.deepEqual(faders(), ALL);
  player.$('.box[data-stage="up1"]').click();
  await player.show(u(ALL, null, "up1"));
  assert.equal(player.$('.box[aria-pressed="true"]').dataset.stage, "up1");
  await player.show(u(ALL, null, "down1"));
  assert.equal(player.$('.box[aria-pressed="true"]').dataset.stage, "down1");
  await player.show(u(ALL, [9, 8]));
  assert.equal(player.$(".pinned").textContent, "9 8");
  await player.show(u(ALL));
  assert.equal(player.$(".pinned").textContent, "32 28", "nobody's pin");
  await player.leave();
});

test("u_map: a fader that is moved while the answer is on its way stays", async () => {
  const player = await mount("u_map");
  await player.show(u(ALL));
  const fader = player.$(".skip input");
  input(fader, 50);
  await wait(150);
  input(fader, 20);
  await player.show(u([50, 100, 100, 100]));
  assert.equal(fader.value, "20");
  await wait(150);
  assert.deepEqual(player.sent, [["gains", [50, 100, 100, 100]], ["gains", [20, 100, 100, 100]]]);
  await player.leave();
});

test("u_map: arrow keys pin as a click does, once for a held key", async () => {
  const player = await mount("u_map"), photo = player.$(".in .photo");
  await player.show(u(ALL, [10, 20]));
  sized(photo, 64, 64);
  press(photo, "ArrowRight");
  press(photo, "ArrowRight");
  press(photo, "ArrowDown", { shiftKey: true });
  press(photo, "ArrowDown", { ctrlKey: true });
  assert.equal(player.$(".pinned").textContent, "12 36");
  await wait(280);
  assert.deepEqual(player.sent, [["pin", [12, 36]]]);
  photo.dispatchEvent(new PointerEvent("click", { clientX: 30.5, clientY: 31.5, bubbles: true }));
  await wait(20);
  assert.deepEqual(player.sent.at(-1), ["pin", [30, 31]]);
  await player.leave();
});

// ----------------------------------------------------------------------------------------------------- the explorer

const share16 = (values) => Buffer.from(Uint16Array.from(values).buffer).toString("base64");
const explorer = (pin, subject = "s") => ({
  subject, photo: "photo-f", width: 448, height: 448, crop: "", cropIds: [], cropShares: [], rows: 8, columns: 8, native: 224, stride: 32,
  heat: share16(Array.from({ length: 64 }, (_, i) => (i === 9 ? 65535 : i))), top: 1, bestIds: share16(Array(320).fill(0)), bestShares: share16(Array(320).fill(9)),
  names: { 0: "cat" }, targets: [0], target: "cat", palette: PALETTE, compact: true, pin, begin: { cell: [-1, -1], resets: 0 }, text: { readout: "{row} {column}" },
});

test("score_explorer: it begins at the hottest cell or the pinned one, and keys move on", async () => {
  const player = await mount("score_explorer"), says = () => player.$(".readout").textContent;
  await player.show(explorer(null));
  assert.equal(says(), "2 2");
  press(player.$(".photo"), "ArrowDown");
  assert.equal(says(), "3 2");
  await player.show(explorer([112 + 32 * 5, 112 + 32 * 3]));
  assert.equal(says(), "4 6");
  press(player.$(".photo"), "End");
  assert.equal(says(), "8 8");
  await player.show(explorer([112 + 32 * 5, 112 + 32 * 3]));
  assert.equal(says(), "8 8", "the same pin again moves nothing");
  await player.show(explorer(null, "another"));
  assert.equal(says(), "2 2");
  await player.leave();
});

// ---------------------------------------------------------------------------------------------------- the mask grid

const masks = (setting, subject = "s") => ({
  subject, photo: "photo-g", width: 10, height: 10, names: ["background", "cat"], colours: PALETTE, palette: PALETTE, votes: null, questions: [],
  setting: { pin: [5, 5], opacity: 60, left: "a", right: "b", serial: 0, ...setting },
  masks: ["a", "b"].map((name) => ({ name, title: name, note: "", mask: grey(`grid-${name}`, 10, 10, () => 1), labels: [[1, 5, 5, 1]] })),
  text: { pixel: "{x} {y}" },
});

test("mask_grid: keys pin and tell once; what Python was told already moves nothing back", async () => {
  const player = await mount("mask_grid"), swipe = player.$(".swipe"), says = () => player.$(".here").textContent;
  await player.show(masks({}));
  press(swipe, "ArrowRight");
  press(swipe, "ArrowRight");
  press(swipe, "ArrowLeft", { altKey: true });
  assert.equal(says(), "7 5");
  await wait(400);
  assert.deepEqual(player.sent, [["setting", { pin: [7, 5], opacity: 60, left: "a", right: "b" }]]);
  await player.show(masks({}));
  assert.equal(says(), "7 5");
  await player.show(masks({ serial: 1 }));
  assert.equal(says(), "5 5");
  press(player.$(".divider"), "End");
  assert.equal(player.$(".divider").getAttribute("aria-valuenow"), "100");
  press(swipe, "ArrowRight");
  await player.leave();
  await wait(400);
  assert.equal(player.sent.length, 1);
});

// ---------------------------------------------------------------------------------------- what has no setting of its own

test("redundancy and loupe: keys move, Home and End go to the corners", async () => {
  const counts = await mount("redundancy");
  const layer = { title: "t", rows: [1, 2], columns: [1, 2], most: 4, says: "{x} {y} {count}" };
  await counts.show({ photo: "p", width: 20, height: 20, palette: PALETTE, margin: 0, side: 5, stride: 5, layers: [layer, layer] });
  for (const [key, says] of [["End", "1 1 4"], ["Home", "0 0 1"], ["ArrowRight", "1 0 2"]]) {
    press(counts.$(".map"), key);
    assert.equal(counts.$(".spot").textContent, says, key);
  }
  press(counts.$(".choice"), "ArrowRight");
  assert.equal(counts.root.querySelectorAll(".choice button")[1].getAttribute("aria-checked"), "true");
  const loupe = await mount("loupe");
  await loupe.show({ label: "l", width: 100, height: 100, versions: [{ title: "t", note: "n", image: "i", words: [[1, 2, "cat"]] }] });
  assert.equal(loupe.$(".picture b").textContent, "cat");
  const shown = { label: "l", width: 100, height: 100, versions: [{ title: "t", note: "n", image: "j", words: [] }], at: [0.25, 0.25] };
  await loupe.show(shown);
  assert.equal(Math.round(parseFloat(loupe.$(".picture i").style.left)), 7); // percent: 36 pixels around the place that Python names
  const { left } = loupe.$(".picture i").style;
  press(loupe.$(".loupe"), "ArrowRight");
  assert.notEqual(loupe.$(".picture i").style.left, left);
  const moved = loupe.$(".picture i").style.left;
  await loupe.show({ ...shown, versions: [{ ...shown.versions[0], image: "k" }], at: [0.75, 0.75] });
  assert.equal(loupe.$(".picture i").style.left, moved); // where the reader has looked
  await counts.leave();
  await loupe.leave();
});

test("polygon_pen: corners with keys, closed and handed over", async () => {
  const pen = await mount("polygon_pen"), stage = pen.$(".stage");
  await pen.show({ subject: "s", photo: "p", width: 100, height: 50, label: 1, names: ["background", "cat"], colours: PALETTE, corners: 9, shapes: 2 });
  press(stage, "Enter");
  press(stage, "ArrowRight");
  press(stage, " ");
  press(stage, "ArrowDown", { shiftKey: true });
  press(stage, "Enter");
  pen.$('[data-act="use"]').click();
  assert.deepEqual(pen.sent, [["drawn", [{ label: 1, corners: [[50, 25], [52, 25], [52, 26]] }]]]);
  pen.$('[data-act="undo"]').click();
  assert.equal(pen.$('[data-act="use"]').disabled, false, "the three corners stand open again");
  await pen.leave();
});

test("race: it replays what it was sent, Home and End go to its ends, and it ends with its page", async () => {
  const race = await mount("race");
  const lane = (way) => ({ way, title: way, how: "", unit: "{done}/{total}", done: 2, total: 2, seconds: 1, left: null, state: "done", heat: base64([1, 254]), marks: [[0, 0], [1, 2]] });
  await race.show({
    mode: "done", subject: "s", run: 1, photo: "p", width: 64, height: 32, palette: PALETTE, bet: 0, news: "", across: 2, side: 32, stride: 32, margin: 0,
    cells: { rows: 1, columns: 2, size: 32, first: 0, block: 1 }, lanes: ["single", "batched", "once"].map(lane),
  });
  press(race.$(".replay"), "Home");
  assert.equal(race.$(".count").textContent, "0/2");
  press(race.$(".replay"), "End");
  assert.equal(race.$(".count").textContent, "2/2");
  race.$(".play").click();
  assert.equal(frames.waiting.size, 1);
  await race.leave();
  assert.equal(frames.waiting.size, 0);
});

test("tile_player: buttons and the slider step through the tiles; the masks of the newest data are drawn", async () => {
  const tiles = await mount("tile_player");
  let release;
  slow.set("tiles-old", new Promise((done) => (release = done)));
  const data = (mask) => ({
    subject: mask, photo: "p", width: 30, height: 20, margin: 5, tile: 10, picture: [20, 10], mask: grey(mask, 20, 10, () => (mask === "tiles-old" ? 1 : 2)),
    heat: grey("tiles-heat", 20, 10), colours: PALETTE, palette: PALETTE, opacities: null,
    steps: [[0, 0, 0, 0, 10, 10, 1, 2, 3], [0, 10, 0, 10, 10, 20, 1, 2, 3]], text: { said: "{number} of {of}" },
  });
  await tiles.show(data("tiles-old"));
  await tiles.show(data("tiles-new"));
  release();
  await settled();
  assert.equal(tiles.$(".mask").painted.data[0], 6);
  assert.equal(tiles.$(".tiles").dataset.drawn, "tiles-new");
  tiles.$(".forward").click();
  assert.equal(tiles.$("p").textContent, "2 of 2");
  input(tiles.$('.tools > input[type="range"]'), 1);
  assert.equal(tiles.$("p").textContent, "1 of 2");
  await tiles.leave();
});

test("trade_off: a mask for each network and a curve for each line", async () => {
  const chart = await mount("trade_off");
  const shown = ["a", "b"].map((title) => ({ title, ids: grey(`trade-${title}`, 2, 2, () => 1), note: "n" }));
  await chart.show({ photo: "p", colours: PALETTE, maps: shown, ticks: ["1", "2", "U"], lines: [{ title: "t", values: [0.1, 0.5, 0.9] }] });
  assert.deepEqual([...chart.root.querySelectorAll("canvas")].map((canvas) => canvas.painted.data[3]), [255, 255]);
  assert.equal(chart.$("polyline").getAttribute("points").split(" ").length, 2, "the last point is beside the curve");
  assert.equal(chart.root.querySelectorAll("circle").length, 3);
  await chart.leave();
});

test("picker: arrow keys move among the samples, a click chooses", async () => {
  const picker = await mount("picker");
  await picker.show({ label: "l", chosen: "a", samples: ["a", "b", "c"].map((key) => ({ key, title: key, image: key })) });
  const [first, second, third] = picker.root.querySelectorAll("button");
  press(first, "ArrowRight");
  assert.equal(second.tabIndex, 0);
  press(second, "End");
  assert.equal(third.tabIndex, 0);
  third.click();
  assert.deepEqual(picker.sent, [["chosen", "c"]]);
  pointer(third, "pointermove");
  await picker.leave();
});

test("size_quiz: an answer is judged", async () => {
  const quiz = await mount("size_quiz");
  await quiz.show({ questions: [{ i: 4, k: 2, s: 2, answer: 8, formula: "8" }], text: { right: "yes", wrong: "no, {answer}, off by {off}", ask: "{i}?" } });
  assert.equal(quiz.$(".ask").textContent, "4?");
  quiz.$("input").value = 7;
  quiz.$(".quiz").dispatchEvent(new Event("submit", { bubbles: true, cancelable: true }));
  assert.match(quiz.$(".verdict").textContent, /^no, 8, off by 1/);
  await quiz.leave();
});

// ------------------------------------------------------------------------------------------------- panes of the lab

const ramp = (name, width, height) => grey(name, width, height, (i) => (i * 255) / (width * height - 1));
const layer = (kind, image, label = "", more = {}) => ({ kind, image, label, note: `note of ${image}`, place: [0, 0, 1, 1], most: 2, ...more });
const panes = (more = {}) => ({
  photos: ["photo-c", "photo-d"], size: [40, 20], pin: [500, 250], pins: true, box: [0.1, 0.2, 0.6, 0.9], slider: "Depth", at: 1, opacity: 70,
  names: Array.from({ length: 21 }, (_, i) => `class ${i}`), colours: PALETTE, heat: PALETTE, signed: PALETTE,
  panes: [
    { title: "many", note: "", photo: [0, 1, 1], layers: ["p0", "p1", "p2"].map((name) => layer("heat", ramp(name, 4, 2), `depth ${name}`)) },
    { title: "one", note: "always", photo: [0], layers: [layer("ids", grey("p-ids", 40, 20, (i) => (i % 40 < 20 ? 8 : 255)))] },
    { title: "sign", note: "", photo: [0], layers: [layer("signed", ramp("p-sign", 4, 2))] },
    { title: "marks", note: "", photo: [0], layers: [layer("marks", grey("p-marks", 4, 2, (i) => Number(i < 4)))] },
    { title: "bare", note: "", photo: [1], layers: [] },
  ],
  text: { here: "x {x}, y {y}" },
  ...more,
});

test("panes: what is pinned is read in every pane, from the layer at the slider's place", async () => {
  const player = await mount("panes");
  await player.show(panes());
  const says = () => [...player.root.querySelectorAll(".value")].map((node) => node.textContent);
  assert.deepEqual(says(), ["0.565", "void", "−0.871", "marked", ""]);
  assert.equal(player.$(".here").textContent, "x 20, y 5");
  assert.equal(player.$(".slide output").textContent, "depth p1");
  const [first, second] = player.root.querySelectorAll("figure");
  assert.equal(first.querySelector("img").getAttribute("src"), "photo-d");
  assert.equal(first.querySelector(".note").textContent, "note of p1");
  assert.equal(second.querySelector(".note").textContent, "always note of p-ids");
  assert.equal(second.querySelector(".names").textContent, "class 8");
  assert.equal(first.querySelector(".box").style.left, "10%");
  input(player.$(".slide input"), 0);
  assert.equal(player.$(".slide output").textContent, "depth p0");
  assert.equal(first.querySelector("img").getAttribute("src"), "photo-c");
  assert.deepEqual(player.sent, [], "a drag tells nothing yet");
  await wait(450);
  assert.deepEqual(player.sent, [["at", 0]]);
  await player.show(panes({ at: 0 })); // the answer
  input(player.$(".slide input"), 2);
  await player.show(panes({ at: 0 })); // another part of the page ran
  assert.equal(player.$(".slide output").textContent, "depth p2", "the reader has gone on");
  await player.show(panes({ at: 1 })); // Back
  assert.equal(player.$(".slide output").textContent, "depth p1");
  await player.leave();
});

test("panes: keys move a place that is read, Enter pins it, Escape lets it go, and a click pins", async () => {
  const player = await mount("panes");
  await player.show(panes());
  const stage = () => player.$(".stage");
  press(stage(), "ArrowRight");
  press(stage(), "ArrowDown", { shiftKey: true });
  press(stage(), "ArrowLeft", { ctrlKey: true });
  assert.equal(player.$(".look").hidden, false);
  assert.deepEqual(player.sent, []);
  press(stage(), "Enter");
  assert.deepEqual(player.sent, [["pin", [520, 252]]]);
  press(stage(), "ArrowRight");
  press(stage(), "Escape");
  press(stage(), "Enter");
  assert.equal(player.sent.length, 1, "nothing is looked at");
  sized(stage(), 400, 200);
  pointer(stage(), "click", 100, 50);
  assert.deepEqual(player.sent.at(-1), ["pin", [250, 250]]);
  await player.show(panes({ pin: [250, 250] }));
  await player.show(panes({ pin: [500, 250] }));
  assert.equal(player.$(".cross").style.left, "50.05%", "a reset");
  await player.show(panes({ pins: false, pin: [] }));
  sized(stage(), 400, 200);
  pointer(stage(), "click", 100, 50);
  assert.equal(player.sent.length, 2, "a pane without pins");
  assert.equal(player.$(".cross").hidden, true);
  await player.leave();
});

// --------------------------------------------------------------------------------------------------------- curves

test("curves: values between points, round ticks, and what stands at a place", async () => {
  const { valueAt, ticks } = await import("./players.mjs").then(({ half }) => half("curves"));
  const points = [[0, 1], [10, 0.5], [20, 0]];
  assert.equal(valueAt(points, 5), 0.75);
  assert.equal(valueAt(points, 20), 0);
  assert.equal(valueAt(points, 21), null);
  assert.equal(valueAt([], 0), null);
  assert.deepEqual(ticks(0, 1), [0, 0.2, 0.4, 0.6, 0.8, 1]);
  assert.deepEqual(ticks(0, 12), [0, 2.5, 5, 7.5, 10]);
  const player = await mount("curves");
  await player.show({
    lines: [{ title: "one", points, faint: false, mark: [10] }, { title: "two", points: [[0, 1]], faint: true, mark: [] }],
    title: "Both", x: "strength", y: "agreement", span: [0, 20], high: 1, level: [0.5], percent: true, whole: false, text: { at: "at {x}: {values}" },
  });
  const svg = player.$(".curves > svg");
  assert.equal(svg.querySelectorAll("polyline").length, 2);
  assert.equal(svg.querySelectorAll("circle").length, 2);
  press(svg, "Home");
  assert.equal(player.$(".says").textContent, "at 0: one 100%, two 100%");
  press(svg, "ArrowRight");
  assert.equal(player.$(".says").textContent, "at 1: one 95%");
  press(svg, "End");
  assert.equal(player.$(".says").textContent, "at 20: one 0%");
  await player.leave();
});

// --------------------------------------------------------------------------------------------------------- training

const brush = (strokes = [], more = {}) => ({
  subject: "a", photo: "photo", width: 100, height: 60, strokes, most: 3, names: ["background", "object"], colours: ["", "#d55e00"], mask: "", news: "", ...more,
});

test("stroke_brush: a stroke by mouse is told when it is lifted; undo and redo tell it too", async () => {
  const player = await mount("stroke_brush"), stage = player.$(".stage");
  sized(stage, 100, 60);
  await player.show(brush());
  pointer(stage, "pointerdown", 10, 10);
  pointer(stage, "pointermove", 11, 10); // too near to count
  pointer(stage, "pointermove", 30, 20);
  assert.equal(player.sent.length, 0);
  pointer(stage, "pointerup", 30, 20);
  assert.deepEqual(player.sent[0], ["strokes", [{ label: 1, radius: 1.3, points: [[10, 10], [30, 20]] }]]);
  player.$('[data-act="undo"]').click();
  assert.deepEqual(player.sent[1], ["strokes", []]);
  press(stage, "y", { ctrlKey: true });
  assert.equal(player.sent[2][1].length, 1);
  await player.show(brush([])); // an answer to the second, which comes late
  assert.equal(player.$(".brush").dataset.strokes, "1");
  await player.leave();
});

test("stroke_brush: keys draw a stroke, choose a class, and stop at the most", async () => {
  const player = await mount("stroke_brush"), stage = player.$(".stage");
  await player.show(brush());
  for (const key of ["1", "ArrowRight", "Enter", "ArrowDown", "ArrowDown", "Enter"]) press(stage, key);
  assert.deepEqual(player.sent[0][1][0], { label: 0, radius: 1.3, points: [[52, 30], [52, 32], [52, 34]] });
  press(stage, "e");
  assert.equal(player.$('[aria-checked="true"]').dataset.label, "255");
  for (let i = 0; i < 4; i++) for (const key of ["Enter", "ArrowUp", "Enter"]) press(stage, key);
  assert.equal(player.$(".brush").dataset.strokes, "3");
  assert.equal(player.$(".news").textContent, "full", "and says why");
  await player.show(brush([], { subject: "b" }));
  assert.equal(player.$(".brush").dataset.strokes, "0");
  await player.leave();
});

const sheet = (name, id) => grey(name, 24, 4 + 16, () => id);
const learning = (steps, frames, more = {}) => ({
  task: "t", photo: "photo", truth: sheet("truth", 1), side: 4, shown: 6, classes: ["background", "disc"], colours: ["", "#e69f00"],
  runs: [{ name: "one", title: "", steps, frames }], running: false, over: false, slow: false, ready: true, news: "", ...more,
});
const learned = (step, more = {}) => ({ step, loss: 1, taught: 0.5, iou: [1, 0.4], said: sheet(`said-${step}`, 0), ...more });

test("learning_player: frames arrive piece by piece, a lost one is asked for, and scrubbing tells nothing", async () => {
  const player = await mount("learning_player");
  await player.show(learning([0], [learned(0, { loss: null })]));
  await player.show(learning([0, 5], [learned(5)], { running: true }));
  const scrub = player.$('input[type="range"]');
  assert.equal(scrub.max, "1");
  assert.equal(scrub.value, "1", "it follows what is learned");
  assert.deepEqual(player.sent, []);
  await player.show(learning([0, 5, 10, 15], [learned(15)], { running: true }));
  assert.deepEqual(player.sent.pop(), ["missing", true]);
  await player.show(learning([0, 5, 10, 15], [0, 5, 10, 15].map((step) => learned(step)), { running: true }));
  input(scrub, 1);
  await player.show(learning([0, 5, 10, 15, 20], [learned(20)], { running: true }));
  assert.equal(scrub.value, "1", "who looks back stays there");
  assert.deepEqual(player.sent, []);
  player.$(".train").click();
  assert.deepEqual(player.sent, [["pause", true]]);
  await player.leave();
  assert.equal(frames.waiting.size, 0);
});

test("learning_player: a copy gets every frame that came, or every n-th where a file would burst", async () => {
  const { default: render } = await half("learning_player"), player = await mount("learning_player"), shown = () => render.shown(player.root);
  await player.show(learning([0], [learned(0, { loss: null })]));
  await player.show(learning([0, 5], [learned(5)], { running: true }));
  assert.deepEqual([shown().runs[0].frames.map(({ step }) => step), shown().running], [[0, 5], false]);
  const steps = Array.from({ length: 12 }, (_, i) => i), long = grey("x".repeat(300_000), 24, 8);
  await player.show(learning(steps, steps.slice(1).map((step) => learned(step, { said: long }))));
  const { steps: kept, frames } = shown().runs[0];
  assert.deepEqual(kept, [0, 3, 6, 9, 11]);
  assert.deepEqual(frames.map(({ step }) => step), kept);
  await player.leave();
});

test("learning_player: readers with less motion see every tenth frame of what is learned", async () => {
  const player = await mount("learning_player"), steps = Array.from({ length: 13 }, (_, i) => i);
  await player.show(learning([0], [learned(0)]));
  media.still = true;
  await player.show(learning(steps, steps.map((step) => learned(step)), { running: true }));
  assert.equal(player.$('input[type="range"]').value, "10");
  media.still = false;
  await player.leave();
});

test("pixel_picker: a click in any of the three pictures and the arrow keys choose a pixel", async () => {
  const player = await mount("pixel_picker"), tiles = player.$(".tiles"), said = () => player.$(".news").textContent;
  const shown = (at, more = {}) => player.show({
    subject: "a", photo: "photo", truth: grey("pixel-truth", 8, 8, () => 1), said: grey("pixel-said", 8, 8, () => 0), side: 8, at,
    colours: ["", "#e69f00"], ...more, text: { at: "row {row}, column {column}" },
  });
  await shown([3, 2]);
  assert.equal(said(), "row 3, column 2");
  const truth = player.root.querySelectorAll(".tile")[1];
  sized(truth, 80, 80);
  pointer(truth, "pointerdown", 45, 19);
  assert.deepEqual(player.sent.pop(), ["pixel", [1, 4]]);
  assert.equal(player.root.querySelectorAll(".tile b")[0].style.left, "50%", "the mark stands in every picture");
  press(tiles, "ArrowDown");
  assert.deepEqual(player.sent.pop(), ["pixel", [2, 4]]);
  press(tiles, "ArrowRight", { shiftKey: true });
  assert.deepEqual(player.sent.pop(), ["pixel", [2, 7]], "not beyond the rim");
  await shown([1, 4]); // an answer that comes late
  assert.equal(said(), "row 2, column 7");
  await shown([6, 6]); // a slider
  assert.equal(said(), "row 6, column 6");
  press(tiles, "a");
  assert.deepEqual(player.sent, []);
  await player.leave();
});

test("photo_keeper: a copy is kept where that is wanted, and forgotten where it no longer is", async () => {
  const keeper = await mount("photo_keeper");
  const photo = { keep: true, uploader: "", digest: "d", name: "cat.png", photo: base64([1, 2, 3]) };
  await keeper.show(photo);
  await wait(5);
  assert.deepEqual(keeper.sent, [["held", "d"]]);
  assert.deepEqual(JSON.parse(sessionStorage.getItem("segscope-photo")), { name: "cat.png", photo: photo.photo });
  await keeper.show({ ...photo, photo: "" });
  assert.ok(sessionStorage.getItem("segscope-photo"));
  await keeper.show({ ...photo, keep: false, photo: "" });
  assert.equal(sessionStorage.getItem("segscope-photo"), null);
});
