/*
 * lessons.mjs BUILD: the charts of samples/LAYERS.md in a browser, of tables that are made here: text that overlaps or sticks
 * out, colours of light and dark, what a screen reader says. Screenshots are left in BUILD/screenshots.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { check, checkAccess, equal, finish, open, screenshot, withBrowser } from "./browser.mjs";

const build = process.argv[2];
const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const shots = join(root, build, "screenshots");
const work = mkdtempSync(join(tmpdir(), "lessons-"));

const kinds = ["none", "instance", "layer", "group:4", "batch"];
const figures = ["losses", "even", "rates", "spread", "pools"];
const paper = { light: "255,255,255", dark: "20,23,27" };

/* The same numbers each time, from 0 to 1. */
let state = 1;
function random() {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state / 2 ** 32;
}

function losses() {
  const rows = [];
  for (const batch of [2, 32])
    kinds.forEach((kind, k) => {
      for (let seed = 1; seed <= 3; seed++)
        for (let step = 0; step <= 200; step++) {
          const loss = 1.4 * Math.exp((-step * (k + 1)) / 80) + 0.02 * (1 + 0.3 * random());
          rows.push([kind, batch, seed, step, loss, step % 10 ? "" : loss]);
        }
    });
  return ["norm,batch,seed,step,loss,held_out", ...rows];
}

/* The first kinds diverge, each from a rate of its own on, and one of the seeds sooner than the others. */
function rates() {
  const rows = [];
  for (const batch of [2, 32])
    kinds.forEach((kind, k) => {
      for (const rate of [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3])
        for (let seed = 1; seed <= 3; seed++) {
          const loss = 0.05 * (k + 1) + 0.1 * Math.abs(Math.log(rate / 0.1)) + 0.02 * random();
          rows.push([kind, batch, rate, seed, rate * seed > 0.5 * 4 ** k ? "nan" : loss]);
        }
    });
  return ["norm,batch,rate,seed,held_out", ...rows];
}

function spread() {
  const rows = [];
  for (let batch = 1; batch <= 128; batch *= 2)
    for (let draw = 0; draw < 60; draw++) {
      const values = Array.from({ length: batch }, random);
      const mean = values.reduce((a, b) => a + b) / batch;
      rows.push([batch, draw, mean, Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2 + 0.01, 0) / batch)]);
    }
  return ["batch,draw,mean,std", ...rows];
}

function draw() {
  mkdirSync(join(work, "in"));
  for (const [name, rows] of Object.entries({ losses: losses(), even: losses(), rates: rates(), spread: spread() }))
    writeFileSync(join(work, "in", `${name}.csv`), `${rows.join("\n")}\n`);
  const result = spawnSync(join(root, build, "lessons-draw"), [join(work, "in"), work], { encoding: "utf8" });
  equal(result.status, 0, `lessons-draw: ${result.stderr}`);
}

/* The file as a document of its own, by the browser's parser of XML. */
async function checkDocument(browser, name) {
  const page = await open(browser, join(work, `${name}.svg`));
  const found = await page.evaluate(() => ({
    root: document.documentElement.namespaceURI + document.documentElement.localName,
    broken: document.querySelectorAll("parsererror").length,
    title: document.querySelector("title")?.textContent.length,
    description: document.querySelector("desc")?.textContent.length,
    paths: [...document.querySelectorAll("path")].filter((path) => /NaN|inf/i.test(path.getAttribute("d"))).length,
  }));
  equal(found.root, "http://www.w3.org/2000/svgsvg", `${name}: the root`);
  equal(found.broken, 0, `${name}: errors of the parser`);
  equal(found.paths, 0, `${name}: paths to nowhere`);
  check(found.title > 20 && found.description > 100, `${name}: a title and a description`);
  await page.close();
}

/* What overlaps, and what sticks out, of the texts of an SVG in the page. */
function badTexts() {
  const box = (element) => element.getBoundingClientRect();
  const svg = document.querySelector("svg"), outer = box(svg), texts = [...svg.querySelectorAll("text")];
  const bad = [];
  texts.forEach((text, i) => {
    const a = box(text);
    if (a.left < outer.left || a.right > outer.right || a.top < outer.top || a.bottom > outer.bottom)
      bad.push(`${text.textContent} sticks out`);
    for (const other of texts.slice(i + 1)) {
      const b = box(other), wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      if (wide > 0 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 0.3 * a.height)
        bad.push(`${text.textContent} overlaps ${other.textContent}`);
    }
  });
  const smallest = Math.min(...texts.map((text) => parseFloat(getComputedStyle(text).fontSize))) * outer.width;
  return { texts: texts.length, bad, smallest: smallest / svg.viewBox.baseVal.width };
}

/* The contrast of two colours, by WCAG 2. */
function contrast(a, b) {
  const light = (colour) => {
    const [red, green, blue] = colour.map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05;
  };
  return Math.max(light(a), light(b)) / Math.min(light(a), light(b));
}

/* "rgb(92, 102, 114)", or "color(srgb 0.1 0.2 0.3)" of what is mixed. */
function parse(colour) {
  const numbers = colour.match(/[\d.e-]+(?![\w(])/g).map(Number);
  return colour.startsWith("color(srgb ") ? numbers.slice(-3) : numbers.map((v) => v / 255);
}

async function checkContrast(page, name, scheme) {
  const behind = paper[scheme].split(",").map((v) => v / 255);
  const fills = await page.evaluate(() => [...new Set([...document.querySelectorAll("text")].map((text) => getComputedStyle(text).fill))]);
  check(fills.length > 1, `${name}: colours of text`);
  for (const fill of fills) {
    const ratio = contrast(parse(fill), behind);
    check(ratio >= 4.5, `${name}, ${scheme}: a text of ${fill} has a contrast of ${ratio}`);
  }
}

async function checkTexts(browser, name, width, scheme) {
  const path = join(work, `${name}.html`);
  const svg = readFileSync(join(work, `${name}.svg`), "utf8").replace("<svg ", '<svg style="width:100%;height:auto" ');
  writeFileSync(path, `<!DOCTYPE html><html lang="en"><title>${name}</title><body style="margin:0"><main><h1 hidden>x</h1>${svg}</main></body></html>`);
  const page = await open(browser, path, { width, dark: scheme === "dark" });
  const { texts, bad, smallest } = await page.evaluate(badTexts);
  check(texts > 20, `${name}: ${texts} texts`);
  equal(bad.join("; "), "", `${name} at ${width}`);
  check(smallest >= 11.5, `${name} at ${width}: text of ${smallest} pixels`);
  await checkContrast(page, name, scheme);
  await checkAccess(page, `${name} at ${width}`);
  await page.close();
}

/* As a page shows a picture, which has no style of its own to give. */
async function checkColours(browser, name, width, scheme) {
  const path = join(work, `${name}-picture.html`);
  const address = `data:image/svg+xml;base64,${readFileSync(join(work, `${name}.svg`)).toString("base64")}`;
  writeFileSync(path, `<!DOCTYPE html><html lang="en"><title>${name}</title><meta name="color-scheme" content="light dark">
    <body style="margin:10px"><img alt="" style="max-width:100%" src="${address}"></body></html>`);
  const page = await open(browser, path, { width: width + 20, height: 700, dark: scheme === "dark" });
  const corner = await page.evaluate(async () => {
    const picture = document.querySelector("img");
    await picture.decode();
    const canvas = new OffscreenCanvas(picture.width, picture.height).getContext("2d");
    canvas.drawImage(picture, 0, 0);
    return [picture.width, picture.naturalWidth, [...canvas.getImageData(2, 2, 1, 1).data.slice(0, 3)].join()];
  });
  equal(corner.join(" "), `${width} 800 ${paper[scheme]}`, `${name} as a picture, ${scheme}: width, its own, colour of the corner`);
  await screenshot(page, shots, `lessons-${name}-${width}-${scheme}`);
  await page.close();
}

try {
  draw();
  await withBrowser(async (browser) => {
    for (const name of figures) {
      await checkDocument(browser, name);
      await checkTexts(browser, name, 800, "light");
      await checkTexts(browser, name, 390, "dark");
      for (const width of [800, 390])
        for (const scheme of ["light", "dark"]) await checkColours(browser, name, width, scheme);
    }
  });
} finally {
  rmSync(work, { recursive: true });
}
finish("web/lessons");
