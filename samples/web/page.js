/* The page: controls, one frame after another from the worker, and what is told of it. */
"use strict";

const PREVIEW = 2e6; /* pixels of a preview, at most; fewer while something moves */
const FRAME = 22; /* milliseconds that a moving frame may take */
const TOLD = 100; /* milliseconds between moving histograms and numbers */
const HISTOGRAM = 6e4; /* pixels that moving histograms are of */
const SHOWN = 4; /* channels that are told of, at most */
const STYLE = 254, MASK = 255; /* places in the module; pictures have those before */

const HINTS = {
  instance: "Each channel by its own mean and deviation. Removes colour casts; for photographs take layer, or the space lab.",
  layer: "All channels together: colours keep their balance.",
  group: "Neighbouring channels together.",
  batch: "Each channel over all the pictures above.",
};
const SPACE_HINTS = {
  rgb: "Samples as they are stored, from 0 to 1.",
  linear: "Light: sRGB decoded, from 0 to 1.",
  lab: "CIELAB: lightness from 0 to 100; by default colours keep their own.",
  oklab: "Oklab: lightness from 0 to 1; by default colours keep their own.",
  ruderman: "Logarithms of cone responses, for colour transfer.",
};

const by = (id) => document.getElementById(id);

/* ---- the worker ---- */

class Worked {
  constructor(source) {
    this.worker = new Worker(URL.createObjectURL(new Blob([source], { type: "text/javascript" })));
    this.waiting = new Map();
    this.next = 0;
    this.worker.onmessage = ({ data }) => {
      const { resolve, reject } = this.waiting.get(data.id);
      this.waiting.delete(data.id);
      if (data.error === undefined) resolve(data.answer);
      else reject(new Error(data.error));
    };
    this.worker.onerror = ({ message }) => {
      for (const { reject } of this.waiting.values()) reject(new Error(`the worker has ended: ${message || "it cannot be started"}`));
      this.waiting.clear();
    };
  }

  ask(what, message = {}, buffers = []) {
    return new Promise((resolve, reject) => {
      this.waiting.set(this.next, { resolve, reject });
      this.worker.postMessage({ ...message, what, id: this.next++ }, buffers);
    });
  }
}

function decode64(text) {
  return Uint8Array.from(atob(text.trim()), (c) => c.charCodeAt(0));
}

const embedded = (id) => by(id).textContent;
const worked = new Worked(embedded("worker"));
const samples = JSON.parse(embedded("sample-files"));

/* ---- state ---- */

const state = { pictures: [], at: -1, style: null, mask: null };
const current = () => state.pictures[state.at];

const stage = new Stage(by("view"), () => {
  by("zoom").textContent = `${Number((100 * stage.scale).toPrecision(3))} %`;
  want("move");
});

const moved = (moving) => want(moving ? "move" : "settle");
const gamma = new List(by("gamma-list"), "gamma", moved);
const beta = new List(by("beta-list"), "beta", moved);
const log = { from: (x) => (x > 0 ? Math.log10(x) : -10), to: (x) => (x <= -10 ? 0 : Number((10 ** x).toPrecision(2))) };
const strength = new Slider("strength", "strength", [0, 1], (value, moving) => moved(moving));
const eps = new Slider("eps", "ε", [-10, 0], (value, moving) => { by("eps-default").checked = false; moved(moving); }, log);
const [below, above] = ["below", "above"].map((id) => threshold(id));
for (const slider of [strength, eps, below, above]) by(`${slider.slider.id}-row`).append(slider.row);

/* A lightness, with a box that is ticked as soon as it is moved. */
function threshold(id) {
  const box = element("input", { type: "checkbox", id: `${id}-on` });
  const slider = new Slider(id, `${id} this lightness`, [0, 1], (value, moving) => { box.checked = true; moved(moving); });
  slider.number.setAttribute("aria-label", `${id} this lightness, as a number`);
  slider.label.replaceWith(element("label", {}, box, ` ${id}`));
  return slider;
}

const radio = (name) => document.querySelector(`input[name=${name}]:checked`).value;

function asked() {
  const picture = current(), space = radio("space"), planes = !["rgb", "linear"].includes(space);
  const has = state.mask || by("below-on").checked || by("above-on").checked;
  const channels = planes ? 3 : picture.info.colours, float = !["u8", "u16"].includes(picture.info.sample) && by("depth").value === "0";
  return {
    ...ASK_DEFAULT, space, norm: radio("norm"),
    groups: radio("norm") === "group" ? by("groups").valueAsNumber || 0 : 1,
    rgb: planes && picture.info.colours === 1,
    mask: state.mask ? MASK : -1,
    below: by("below-on").checked ? below.value : NaN,
    above: by("above-on").checked ? above.value : NaN,
    style: state.style ? STYLE : -1,
    apply: by("apply").checked && Boolean(has),
    strength: strength.value,
    eps: by("eps-default").checked ? NaN : eps.value,
    gamma: gamma.values(channels), beta: beta.values(channels),
    depth: float ? 16 : Number(by("depth").value),
  };
}

/* ---- frames: one at a time, and always the newest ---- */

let wanted = "", busy = false, timer = 0, budget = PREVIEW, beforeKey = "", partKey = "", told = 0;

/* what: "move" while something moves, "settle" for all of the picture. */
function want(what) {
  if (!current()) return;
  stage.root.dataset.state = "moving";
  clearTimeout(timer);
  timer = setTimeout(() => { timer = 0; wanted = "settle"; pump(); }, what === "move" ? 300 : 60);
  if (what === "move") wanted = "move";
  pump();
}

async function pump() {
  if (busy) return;
  busy = true;
  while (wanted && current()) {
    const what = wanted, picture = current();
    wanted = "";
    const reason = await (what === "move" ? preview() : whole()).then(() => "", (error) => error.message);
    if (picture === current()) fail(reason);
    if (what === "settle" && !wanted && !timer) stage.root.dataset.state = reason ? "failed" : "settled";
  }
  busy = false;
}

/* The part of a picture that stands for all of it. */
function overview({ width, height }, pixels) {
  return { x: 0, y: 0, width, height, step: Math.max(1, Math.ceil(Math.sqrt((width * height) / pixels))) };
}

/* moving: what covers the part will do. */
async function showBefore(picture, part, moving) {
  const key = JSON.stringify([picture.place, part]);
  if (key === beforeKey || (moving && stage.covers("before", part))) return;
  const pixels = await worked.ask("before", { place: picture.place, part });
  if (picture !== current()) return;
  stage.setImage("before", pixels, part);
  beforeKey = key;
}

async function showWeights(picture, part, ask) {
  const on = by("show-mask").checked && (ask.mask >= 0 || !Number.isNaN(ask.below) || !Number.isNaN(ask.above));
  const pixels = on ? await worked.ask("weights", { place: picture.place, asked: ask, part }) : null;
  if (picture === current()) stage.setImage("weights", pixels, part);
}

const size = (pixels) => (pixels >= 1e5 ? `${(pixels / 1e6).toFixed(1)} megapixels` : `${Math.round(pixels)} pixels`);

/*
 * Pixels that the next frame may have, by how long this one took. The first one of a part is reduced from the whole picture
 * and tells nothing of the others.
 */
function adapt(part, pixels, took) {
  const key = JSON.stringify(part), first = key !== partKey;
  partKey = key;
  if (first || (took < FRAME && took > 0.6 * FRAME)) return;
  budget = Math.min(PREVIEW, Math.max(3e4, pixels * Math.min(1.6, Math.max(0.4, (0.9 * FRAME) / took))));
}

/* Another picture may be selected while the worker is asked: then the answer is of no use, and the next frame is wanted. */
async function preview() {
  const picture = current(), ask = asked(), part = stage.part(budget), from = performance.now();
  const tells = from - told > TOLD;
  await showBefore(picture, part, true);
  const { after, result } = await worked.ask("frame",
    { place: picture.place, asked: ask, part, whole: tells && overview(picture.info, HISTOGRAM) });
  if (picture !== current()) return;
  stage.setImage("after", after, part);
  await showWeights(picture, part, ask);
  if (picture !== current()) return;
  const pixels = after.width * after.height;
  stage.root.dataset.frames = Number(stage.root.dataset.frames ?? 0) + 1;
  if (!tells) {
    adapt(part, pixels, performance.now() - from);
    return;
  }
  told = from;
  tell(result, ask);
  const shrunk = part.step > Math.max(1, Math.floor(1 / stage.scale));
  by("status").textContent = `Preview of ${size(pixels)}${shrunk ? `, for the ${size(part.width * part.height)} seen, while it moves` : ""}`;
}

async function whole() {
  const picture = current(), ask = asked(), part = stage.part(PREVIEW * 4), from = performance.now();
  command(ask);
  await showBefore(picture, part);
  const { after, result } = await worked.ask("settle", { place: picture.place, asked: ask, part });
  if (picture !== current()) return;
  stage.setImage("after", after, part);
  await showWeights(picture, part, ask);
  if (picture !== current()) return;
  tell(result, ask);
  told = 0;
  const took = performance.now() - from;
  by("status").textContent = `All ${size(picture.info.width * picture.info.height)}, as the tool writes them (${Math.round(took)} ms)`;
}

/* ---- what is told ---- */

const errors = { files: [], frame: "" };

function showErrors() {
  const all = [...new Set([...errors.files, errors.frame])].filter(Boolean);
  by("error").hidden = all.length === 0;
  by("error").textContent = all.join("\n");
}

/* One more file that cannot be read or written; it is told until others are. Empty: there is none. */
function refuse(reason) {
  errors.files = reason ? [...errors.files, reason] : [];
  showErrors();
}

/* What the last frame says; empty: it is there. */
function fail(reason) {
  errors.frame = reason;
  showErrors();
  if (!reason) return;
  stage.setImage("after", null);
  by("status").textContent = "";
  if (current()) command(asked());
}

function command(ask) {
  const picture = current();
  const read = [...(ask.norm === "batch" ? state.pictures : [picture]), state.style, state.mask];
  const turned = read.some((one) => one?.info.turned > 1);
  by("command").textContent = commandLine(ask, picture.name, state.pictures.map((p) => p.name),
    { style: state.style?.name, mask: state.mask?.name }, turned);
}

function tell({ channel, ...others }, ask) {
  const result = { ...others, channel: channel.slice(0, SHOWN) };
  command(ask);
  if (result.histograms) {
    drawHistogram(by("histogram-before"), result, 0);
    drawHistogram(by("histogram-after"), result, 1);
    fillTable(by("numbers"), result);
    by("clipping").textContent = clipping(result);
  }
  tellFormula(result);
  gamma.follow(result);
  beta.follow(result);
  const touched = result.channel.find((channel) => channel.touched);
  if (by("eps-default").checked && touched) eps.set(touched.eps);
  tellNotes(result);
}

function tellFormula(result) {
  by("formula").replaceChildren(...result.channel.flatMap((channel, c) => {
    const name = element("dt", { class: `c${c}` }, channel.name);
    if (!channel.touched) return [name, element("dd", {}, "stays as it is")];
    const { full, map } = formula(channel);
    return [name, element("dd", {}, element("span", {}, `y = ${full}`), element("span", { class: "map" }, `= ${map}`))];
  }));
}

function tellNotes(result) {
  const picture = current(), notes = [...result.notes];
  if (result.nothing) notes.push(`Nothing counts (${result.nothing}): the picture passes through unchanged.`);
  if (picture.info.browser)
    notes.push(`Read by the browser, because the tool's reader says: ${picture.info.browser}. The samples are of 8 bits, and may be other than the tool's.`);
  if (picture.info.format === "jpeg")
    notes.push("JPEG is decoded by stb_image here; a tool that is built with libjpeg-turbo may differ by a few steps.");
  if (picture.info.several) notes.push("Its file holds more pictures: this is the first one.");
  if (result.colours > SHOWN) notes.push(`Of its ${result.colours} channels the first ones are shown.`);
  by("notes").hidden = notes.length === 0;
  by("notes").replaceChildren(...notes.map((note) => element("li", {}, note)));
}

/* ---- files out ---- */

function save(bytes, name, type) {
  const link = element("a", { href: URL.createObjectURL(new Blob([bytes], { type })), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}

async function download(kind) {
  const picture = current();
  by("status").textContent = "Writing…";
  refuse("");
  try {
    const { bytes } = await worked.ask("make", { place: picture.place, asked: asked(), kind });
    save(bytes, `${stem(picture.name)}-normalized.${kind}`, kind === "png" ? "image/png" : "text/plain");
    by("status").textContent = `Wrote ${bytes.length.toLocaleString("en")} bytes`;
  } catch (error) {
    by("status").textContent = "";
    refuse(error.message);
  }
}

/* ---- events ---- */

function hints() {
  const norm = radio("norm"), space = radio("space");
  by("norm-hint").textContent = HINTS[norm];
  by("space-hint").textContent = SPACE_HINTS[space];
  by("groups-row").hidden = norm !== "group";
}

/* A space without a customary target gets what the picture has. */
async function changeSpace() {
  const space = radio("space");
  gamma.reset(space);
  beta.reset(space);
  if (space === "ruderman" && !state.style && current()) {
    const any = { ...asked(), gamma: [1], beta: [0] }; /* what is measured does not depend on these */
    const measured = await worked.ask("measure", { place: current().place, asked: any }).catch(() => null);
    const { std, mean } = measured?.channel[0].measured ?? {};
    if (Number.isFinite(std) && radio("space") === space) { /* null: nothing counts */
      gamma.set(std);
      beta.set(mean);
    }
  }
  hints();
  want("move");
}

/* Controls as they were at first. */
function reset() {
  for (const input of by("controls").querySelectorAll("input")) input.checked = input.defaultChecked;
  for (const select of by("controls").querySelectorAll("select")) select.selectedIndex = 0;
  by("groups").value = by("groups").defaultValue;
  strength.set(1);
  eps.set(1e-5);
  below.set(0.7);
  above.set(0.15);
  gamma.reset(radio("space"));
  beta.reset(radio("space"));
  hints();
}

function wire() {
  for (const input of document.querySelectorAll("input[name=space]")) input.addEventListener("change", changeSpace);
  for (const input of document.querySelectorAll("input[name=norm], #groups, #eps-default, #below-on, #above-on, #apply, #show-mask, #depth"))
    input.addEventListener("change", () => { hints(); want("move"); });
  by("reset").addEventListener("click", () => {
    reset();
    for (const kind of ["style", "mask"]) removeOther(kind);
  });
  by("zoom-in").addEventListener("click", () => stage.zoomBy(1));
  by("zoom-out").addEventListener("click", () => stage.zoomBy(-1));
  by("zoom-fit").addEventListener("click", () => stage.setZoom(0));
  by("zoom-one").addEventListener("click", () => stage.setZoom(1));
  by("download-png").addEventListener("click", () => download("png"));
  by("download-cube").addEventListener("click", () => download("cube"));
  by("copy").addEventListener("click", () => copy(by("command"), by("copy")));
  for (const [id, to] of [["open", "pictures"], ["style", "style"], ["mask", "mask"]])
    by(id).addEventListener("change", async (event) => { await take([...event.target.files], to); event.target.value = ""; });
  wireSamples();
  wireDrops();
}

async function copy(text, button) {
  let copied = true;
  try {
    await navigator.clipboard.writeText(text.textContent);
  } catch { /* a page from disk may not: then it is selected, to be copied by hand at worst */
    getSelection().selectAllChildren(text);
    copied = document.execCommand("copy");
  }
  button.textContent = copied ? "Copied" : "Selected";
  setTimeout(() => { button.textContent = "Copy"; }, 1500);
}

async function start() {
  reset();
  wire();
  await worked.ask("load", { wasm: decode64(embedded("wasm")) });
  await add(samples[0].name, decode64(samples[0].data));
}

start().catch((error) => fail(error.message));
