// Mounts each half with the payload of a page, twice and in one more place, and lets it go: `node payloads.mjs FOLDER`.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { frames, observers } from "./dom.mjs";
import { mount } from "./players.mjs";

const folder = process.argv[2];
for (const file of readdirSync(folder)) {
  const name = file.replace(".json", ""), data = JSON.parse(readFileSync(`${folder}/${file}`, "utf8"));
  const player = await mount(name, true);
  await player.show(data);
  for (let now = 0; now < 3; now++) frames.run(now);
  assert.ok(player.root.textContent.trim() || player.root.querySelector("canvas, img"), `${name} is empty`);
  assert.ok(!/undefined|NaN|\{\w+\}/.test(player.root.textContent), `${name} says ${player.root.textContent}`);
  const drawn = player.root.textContent;
  await player.show(data);
  frames.run(3);
  assert.equal(player.root.textContent, drawn, `${name} says something else of the same`);
  await player.leave();
  assert.equal(observers.size, 0, `${name} still observes`);
  process.stdout.write(`${name}\n`);
}
