// A figure taken away: what is around it, what comes along, how its controls stood; and a figure alone in a frame.
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import "./dom.mjs";
import { half, settled } from "./players.mjs";

const { settings, restore } = await half("controls");
const { component, components, mounted } = await half("mount");
const { figures, fileOf, viewOf, withMaps } = await half("take");

afterEach(() => document.body.replaceChildren());

/** A component on the page, inside `parent`: {host, show(data), sent}. */
function place(name, parent, { html = "", figure = true, asShown, asks = [] } = {}) {
  class Made {
    static asks = asks;
    constructor(root) {
      this.root = root.firstElementChild ?? root;
      if (asShown) this.asShown = () => asShown(this.data);
    }
    show(data) {
      this.data = data;
    }
  }
  const host = document.createElement("div"), root = host.attachShadow({ mode: "open" }), inner = document.createElement("div");
  root.append(inner);
  parent.append(host);
  const draw = component(name, html || "<p></p>", "", mounted(Made), figure);
  const show = (data) => draw({ parentElement: inner, data: new TextEncoder().encode(JSON.stringify(data)), setTriggerValue() {} });
  return { host, show, draw };
}

function page() {
  document.body.innerHTML = `<h1>U-Net</h1><div class="st-key-page-question"><p>Why <b>so</b>?</p></div>
    <div class="strip"></div>
    <div class="st-key-step-of-one"><h3>First</h3><div class="a"></div><div data-testid="stCaptionContainer">Of a.</div><div class="b"></div><div class="words"></div></div>`;
  return (selector) => document.querySelector(selector);
}

test("figures: in the page's order, each with its heading, its caption and the sentences that point at it", () => {
  const $ = page();
  place("steps", $(".strip"), { figure: false, html: '<ol><li><button aria-current="step"><span class="step-title">Step</span></button></li></ol>' }).show({});
  place("panes", $(".b")).show({ b: 1 }); // drawn before what stands above it
  place("panes", $(".a")).show({ a: 1 });
  place("pointing", $(".words"), { figure: false }).show({ pieces: [["Look", ""]] });
  const [a, b] = figures();
  assert.deepEqual([a.now(), b.now()], [{ a: 1 }, { b: 1 }]);
  assert.deepEqual([a.title, a.called, a.notes, a.words], ["First", "panes", ["Of a."], undefined]);
  assert.deepEqual([b.called, b.notes, b.words.now()], ["panes.2", [], { pieces: [["Look", ""]] }]);
  $("h3").remove();
  assert.equal(figures()[0].title, "Step");
  $(".b").remove();
  assert.equal(components().filter(({ figure }) => figure).length, 1, "what has left the page is none");
});

test("a view's address names one figure, or none", () => {
  assert.match(viewOf({ called: "panes.2" }), /[?&]figure=panes\.2$/);
  assert.doesNotMatch(viewOf(null), /figure=/);
});

const answer = (body, ok = true) => ({ ok, status: ok ? 200 : 404, text: async () => body, arrayBuffer: async () => new TextEncoder().encode(body).buffer });

test("the file holds what was sent, with what the player has changed, and nothing in it ends its script", async (t) => {
  const $ = page(), asked = [];
  t.mock.method(globalThis, "fetch", async (url) => {
    asked.push(String(url));
    return answer('<script id="given">{}</script>');
  });
  place("panes", $(".a"), { html: '<input type="range" max="9" value="7">', asShown: (data) => ({ ...data, at: 3 }) }).show({ photo: "data:image/jpeg;base64,x", at: 1, word: "</script>$&" });
  const text = await fileOf(figures()[0], "Picture: A");
  assert.ok(asked[0].endsWith("/panes.en.html"), asked[0]);
  assert.equal(text.match(/<\/script>/g).length, 1);
  const given = JSON.parse(/id="given">(.*)<\/script>/.exec(text)[1]);
  assert.deepEqual(given.data, { photo: "data:image/jpeg;base64,x", at: 3, word: "</script>$&" });
  assert.deepEqual([given.page, given.question, given.credit, given.settings, given.address], ["U-Net", "Why so?", "Picture: A", ["7"], ""]);
  t.mock.method(globalThis, "fetch", async () => answer("", false));
  await assert.rejects(fileOf(figures()[0], ""));
});

test("no photo in it, no credit; and a figure with a photo of its own says whose that is", async (t) => {
  const $ = page();
  t.mock.method(globalThis, "fetch", async () => answer('<script id="given">{}</script>'));
  place("panes", $(".a")).show({ rows: 3 });
  place("panes", $(".b")).show({ photo: "data:image/jpeg;base64,x", credit: "Picture: B" });
  const credits = await Promise.all(figures().map(async (each) => JSON.parse(/>(\{.*\})</.exec(await fileOf(each, "Picture: A"))[1]).credit));
  assert.deepEqual(credits, ["", "Picture: B"]);
});

test("maps come along: of each stage the chosen one and the strongest, as long as there is room", async (t) => {
  t.mock.method(globalThis, "fetch", async (url) => answer(`${new URL(url).pathname} `.padEnd(30, "x")));
  const stage = (name, channel) => ({ name, channel, address: `maps/t/${name}/`, figure: { channels: [5, 2, 9] } });
  const data = { stages: [stage("down", 7), stage("up"), { name: "out of sight", address: "" }] };
  const all = await withMaps(data, 1e6);
  assert.deepEqual(all.stages.map(({ images }) => images && Object.keys(images)), [["2", "5", "7", "9", "figure"], ["2", "5", "9", "figure"], undefined]);
  assert.equal(atob(all.stages[0].images[7].split(",")[1]).slice(0, 16), "/maps/t/down/7.p");
  const length = all.stages[0].images.figure.length, few = await withMaps(data, 4.5 * length);
  assert.deepEqual(few.stages.map(({ images }) => images && Object.keys(images)), [["7", "figure"], ["5", "figure"], undefined]);
  assert.equal(await withMaps({ rows: 1 }, 1e6).then(JSON.stringify), '{"rows":1}');
});

test("controls: how they stood, and so again, choices before what they bring", async () => {
  document.body.innerHTML = '<button role="radio" aria-checked="false">a</button><button role="radio" aria-checked="true">b</button><input type="range" max="9" value="2"><input type="checkbox"><select><option>x<option>y</select><button aria-pressed="true">on</button>';
  const [a, b] = document.querySelectorAll("[role=radio]"), heard = [], range = document.querySelector("[type=range]"), press = document.querySelector("[aria-pressed]");
  const choose = (one, other) => one.addEventListener("click", () => {
    one.setAttribute("aria-checked", "true");
    other.setAttribute("aria-checked", "false");
    range.value = "0";
    heard.push(one.textContent);
  });
  choose(a, b);
  choose(b, a);
  press.addEventListener("click", () => press.setAttribute("aria-pressed", String(press.getAttribute("aria-pressed") !== "true")));
  range.addEventListener("input", () => heard.push(range.value));
  assert.deepEqual(settings(document.body), [false, true, "2", false, "x", true]);
  await restore(document.body, [true, false, "6", true, "y", false]);
  assert.deepEqual(settings(document.body), [true, false, "6", true, "y", false]);
  assert.deepEqual(heard, ["a", "6"]);
});

test("a file stands as it was given; what only Python answers is said, and undone", async () => {
  const { begin } = await half("alone");
  const given = { page: "P", question: "", title: "T", notes: ["n"], credit: "c", address: "", data: { at: 1 }, settings: null, words: null };
  document.body.innerHTML = `<main>${["page", "title", "question", "credit"].map((name) => `<p data-given="${name}"></p>`).join("")}<div class="figure"></div><div class="words"></div><div class="notes"></div><p class="few"></p><p class="asked" hidden></p><a class="live"></a><button class="theme"></button></main><script type="application/json" id="given"></script>`;
  document.querySelector("#given").textContent = JSON.stringify(given);
  const drawn = [];
  const figure = Object.assign(({ parentElement, data, setTriggerValue }) => drawn.push([new TextDecoder().decode(data), parentElement, setTriggerValue]), { asks: ["edit"] });
  await begin(figure, () => {});
  assert.equal(document.title, "T · SegScope");
  assert.deepEqual([...document.querySelectorAll("[data-given]")].map((each) => each.hidden), [false, false, true, false]);
  assert.equal(document.querySelector(".live").hidden, true);
  drawn[0][2]("pin", [1, 2]); // for the address, which a file has none of
  await settled();
  assert.equal(drawn.length, 1);
  drawn[0][2]("edit", 5);
  await new Promise((done) => setTimeout(done, 20));
  assert.deepEqual(drawn.map(([data]) => data), ['{"at":1}', '{"at":1}']);
  assert.equal(document.querySelector(".asked").hidden, false);
  const root = document.documentElement;
  document.querySelector(".theme").click();
  assert.equal(root.dataset.theme, "dark");
  document.querySelector(".theme").click();
  assert.equal(root.dataset.theme, "light");
  delete root.dataset.theme;
  delete root.dataset.ready;
});

test("maps of a file: only those that came are offered, and none is fetched", async () => {
  const { FeatureStage } = await half("channel_browser");
  const { pictures } = await import("./dom.mjs");
  pictures.set("one", { width: 1, height: 1, values: Uint8Array.of(255) });
  const stage = new FeatureStage({ name: "s", address: "maps/", width: 1, height: 1, channels: 2, low: [0, 0], high: [1, 4], figure: { channels: [1], columns: 1, width: 1, height: 1 }, channel: 1, images: { 1: "one" } });
  assert.equal(stage.channel, 1);
  assert.equal((await stage.sheet(1)).value(0, 0, 0), 4);
  await assert.rejects(stage.sheet(0), /came without/);
});
