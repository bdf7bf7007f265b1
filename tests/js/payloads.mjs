// Mounts each half with the payload of a page, twice, presses every key that players know on everything that takes keys,
// and lets it go: `node payloads.mjs FOLDER`.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { frames, observers, pictures } from "./dom.mjs";
import { mount, press, settled } from "./players.mjs";

const KEYS = ["ArrowRight", "ArrowDown", "ArrowLeft", "ArrowUp", "End", "Home", "Enter", "Escape", " ", "Backspace", "x"];
const HOLES = /undefined|\bNaN\b|\[object/;
const folder = process.argv[2];
let now = 0;

// The server's sheets of a stage (core/ui/feature_sheets.py), all black.
function sheets({ address, width, height, channels, figure, browse }) {
  const black = (columns, rows) => ({ width: columns * width, height: rows * height, values: new Uint8Array(columns * width * rows * height) });
  for (const [kind, layout] of Object.entries({ figure, browse }))
    pictures.set(`${address}${kind}.png`, black(layout.columns, Math.ceil(layout.channels.length / layout.columns)));
  const one = black(1, 1);
  for (let channel = 0; channel < channels; channel++) pictures.set(`${address}${channel}.png`, one);
}

for (const file of readdirSync(folder)) {
  const name = file.replace(".json", ""), data = JSON.parse(readFileSync(`${folder}/${file}`, "utf8"));
  const player = await mount(name, true), says = () => player.root.textContent;
  for (const stage of data.stages ?? []) sheets(stage);
  const turn = async () => {
    frames.run((now += 100));
    await settled();
    assert.ok(!HOLES.test(says()), `${name} says ${says()}`);
  };
  await player.show(data);
  await turn();
  if (!["language", "file_gate"].includes(name)) assert.ok(player.root.querySelector("button, canvas, img, svg"), `${name} is empty`);
  const drawn = says();
  await player.show(data);
  await turn();
  assert.equal(says(), drawn, `${name} says something else of the same`);
  const places = [...player.root.querySelectorAll("[tabindex], button, input, .cell")].filter((node) => !node.closest("[hidden]")).slice(0, 60);
  for (const node of places) for (const key of KEYS) press(node, key);
  for (const key of KEYS) for (const node of places.slice(0, 4)) press(node, key, { shiftKey: true });
  await turn();
  await player.show(data);
  await turn();
  await player.leave();
  assert.equal(observers.size, 0, `${name} still observes`);
  assert.equal(frames.waiting.size, 0, `${name} still waits for a frame`);
  process.stdout.write(`${name}\n`);
}
process.exit(); // timers of players that were let go have nothing left to say
