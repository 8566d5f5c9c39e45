/* The pictures of the page, its style and its mask: opened, listed, dropped, removed. state and worked are of page.js. */
"use strict";

/* ---- pictures ---- */

const places = new Set(); /* those of the pictures, and of files that are being read */

function takePlace() {
  for (let place = 0; place < STYLE; place++)
    if (!places.has(place)) {
      places.add(place);
      return place;
    }
  throw new Error(`at most ${STYLE} pictures are held at a time`);
}

async function read(place, name, bytes) {
  const info = await worked.ask("open", { place, bytes: bytes.buffer }, [bytes.buffer]);
  return { place, name, info };
}

async function thumbnail(picture) {
  const canvas = element("canvas", { width: 72, height: 54, "aria-hidden": "true" });
  const pixels = await worked.ask("before", { place: picture.place, part: overview(picture.info, 72 * 54) });
  const whole = element("canvas", { width: pixels.width, height: pixels.height });
  whole.getContext("2d").putImageData(new ImageData(pixels.data, pixels.width, pixels.height), 0, 0);
  const scale = Math.max(72 / pixels.width, 54 / pixels.height);
  canvas.getContext("2d").drawImage(whole, (72 - pixels.width * scale) / 2, (54 - pixels.height * scale) / 2, pixels.width * scale, pixels.height * scale);
  return canvas;
}

async function add(name, bytes) {
  const place = takePlace();
  try {
    const picture = await read(place, name, bytes);
    picture.thumbnail = await thumbnail(picture);
    state.pictures.push(picture);
    select(state.pictures.length - 1);
  } catch (error) {
    closePlace(place);
    throw error;
  }
}

/* Whoever takes the place next comes after this in the worker. */
function closePlace(place) {
  places.delete(place);
  return worked.ask("close", { place });
}

function select(i) {
  state.at = i;
  const picture = current();
  beforeKey = "";
  listPictures();
  stage.setPicture(picture.info);
}

/* What is looked at stays, unless it is what is removed. */
function remove(picture) {
  const i = state.pictures.indexOf(picture), seen = current();
  if (i < 0) return;
  state.pictures.splice(i, 1);
  closePlace(picture.place);
  if (seen === picture) {
    select(Math.min(i, state.pictures.length - 1));
    return;
  }
  state.at = state.pictures.indexOf(seen);
  listPictures();
  want("move");
}

function describe({ info }) {
  const kind = { 1: "grey", 2: "grey, alpha", 3: "RGB", 4: "RGBA" }[info.channels] ?? `${info.channels} channels`;
  const bits = info.sample.startsWith("f") ? "float" : `${info.depth || (info.sample === "u16" ? 16 : 8)} bit`;
  return `${info.width} × ${info.height}, ${kind}, ${bits}`;
}

/* The focus stays in the list. */
function listPictures() {
  const focused = by("pictures").contains(document.activeElement);
  by("pictures").replaceChildren(...state.pictures.map((picture, i) => {
    const show = element("button", { type: "button", class: "show", "aria-pressed": String(i === state.at), title: describe(picture) },
      picture.thumbnail, element("span", {}, picture.name), element("small", {}, describe(picture)));
    const close = element("button", { type: "button", class: "close", "aria-label": `Remove ${picture.name}` }, "×");
    show.addEventListener("click", () => select(i));
    close.addEventListener("click", () => remove(picture));
    return element("li", {}, show, ...(state.pictures.length > 1 ? [close] : []));
  }));
  if (focused) by("pictures").querySelector("[aria-pressed=true]").focus();
}

const newest = { style: 0, mask: 0 }; /* how often each was set: what was set before is overtaken */

function removeOther(kind) {
  newest[kind]++;
  state[kind] = null;
  worked.ask("close", { place: kind === "style" ? STYLE : MASK });
  by(`${kind}-name`).hidden = true;
  if (kind === "style") by("style-samples").value = "";
  want("move");
}

/* A style or a mask, instead of the one before: of a file that cannot be read there is none. */
async function setOther(kind, name, bytes) {
  const row = by(`${kind}-name`), number = ++newest[kind];
  const close = element("button", { type: "button", "aria-label": `Remove the ${kind}` }, "×");
  close.addEventListener("click", () => removeOther(kind));
  try {
    const other = await read(kind === "style" ? STYLE : MASK, name, bytes), small = await thumbnail(other);
    if (number !== newest[kind]) return;
    state[kind] = other;
    row.replaceChildren(small, element("span", {}, name), close);
    row.hidden = false;
    want("move");
  } catch (error) {
    if (number === newest[kind]) removeOther(kind);
    throw error;
  }
}

async function take(files, to) {
  refuse("");
  for (const file of files) {
    try {
      const bytes = new Uint8Array(await file.arrayBuffer());
      if (to === "pictures") await add(file.name, bytes);
      else await setOther(to, file.name, bytes);
      if (to === "style") by("style-samples").value = "";
    } catch (error) {
      refuse(`${file.name}: ${error.message}`);
    }
  }
}

/* ---- where they come from ---- */

function wireSamples() {
  for (const id of ["samples", "style-samples"])
    by(id).append(...samples.map((sample, i) => element("option", { value: String(i) }, sample.name)));
  by("samples").addEventListener("change", (event) => {
    const sample = samples[event.target.value];
    event.target.value = "";
    refuse("");
    if (sample) add(sample.name, decode64(sample.data)).catch((error) => refuse(error.message));
  });
  by("style-samples").addEventListener("change", (event) => {
    const sample = samples[event.target.value];
    refuse("");
    if (sample) setOther("style", sample.name, decode64(sample.data)).catch((error) => refuse(error.message));
    else removeOther("style");
  });
}

function wireDrops() {
  let depth = 0;
  const target = (event) => event.target.closest?.(".target")?.id.replace("-box", "") ?? "pictures";
  addEventListener("dragenter", () => document.body.classList.toggle("drops", ++depth > 0));
  addEventListener("dragleave", () => document.body.classList.toggle("drops", --depth > 0));
  const hasFiles = (event) => event.dataTransfer.types.includes("Files"); /* else it is text, for a field */
  addEventListener("dragover", (event) => hasFiles(event) && event.preventDefault());
  addEventListener("drop", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    depth = 0;
    document.body.classList.remove("drops");
    const files = [...event.dataTransfer.files];
    if (layers.isOpen) layers.take(files);
    else take(files, target(event));
  });
  addEventListener("paste", (event) => {
    const files = [...event.clipboardData.files];
    if (layers.isOpen) layers.take(files);
    else take(files, "pictures");
  });
}
