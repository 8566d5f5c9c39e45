/* report.mjs BUILD: the page of --report in a browser. Screenshots are left in BUILD/screenshots. */
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { HtmlValidate } from "html-validate";
import { check, checkAccess, checkWidth, equal, finish, open, screenshot, withBrowser } from "./browser.mjs";

const build = process.argv[2];
const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const cli = join(root, build, "instnorm-cli");
const shots = join(root, build, "screenshots");
const work = mkdtempSync(join(tmpdir(), "report-"));
const validator = new HtmlValidate({ extends: ["html-validate:recommended"], rules: { "no-inline-style": "off", "long-title": "off" } });

const hostile = ["a 'quote' \"q\".png", "<b>tag<script>alert(1).png", "new\nline & amp;.png", "\u202egnp.txt.png"];

function run(args, status = 0) {
  const result = spawnSync(cli, args, { cwd: work, encoding: "utf8" });
  equal(result.status, status, `instnorm-cli ${args.join(" ")}: ${result.stderr}`);
  return result.stdout;
}

async function validate(name) {
  const report = await validator.validateFile(join(work, name));
  for (const { messages } of report.results)
    for (const m of messages.slice(0, 5)) console.log(`  ${name}:${m.line}:${m.column}: ${m.ruleId}: ${m.message}`);
  check(report.valid, `${name} is valid HTML`);
  const text = readFileSync(join(work, name), "utf8");
  equal((text.match(/(?:src|href)="(?!data:|#)/g) ?? []).length, 0, `${name}: references to other files`);
}

function makePictures() {
  const pictures = join(root, "samples/pictures");
  mkdirSync(join(work, "in"));
  for (const name of readdirSync(pictures)) copyFileSync(join(pictures, name), join(work, "in", name));
  hostile.forEach((name) => copyFileSync(join(root, "tests/pictures/rgb8.png"), join(work, "in", name)));
  writeFileSync(join(work, "in", "broken <i>.png"), "no picture");
}

/* The beginning of a name as the page shows it: what ends a line or turns the direction of a text is escaped. */
const shownAs = (name) => name.split("\n")[0].replace("\u202e", "\\342\\200\\256");

/* The mark of a mean: where its line stands on an axis of 256, which is 0 to 1. */
const markOf = (path) => Number(/^M\s*([\d.]+)/.exec(path)[1]) / 256;

async function checkMarks(page, json) {
  for (const picture of json.filter((p) => p.channels && p.format === "png" && !p.input.includes("broken"))) {
    const card = page.locator("article").filter({ has: page.getByText(shownAs(picture.input.replace("in/", ""))) }).first();
    const marks = await card.locator("path.was-at").evaluateAll((all) => all.map((path) => path.getAttribute("d")));
    equal(marks.length, picture.channels.length, `${picture.input}: marks`);
    picture.channels.forEach(({ mean }, c) =>
      check(Math.abs(markOf(marks[c]) - mean) < 0.005, `${picture.input}, channel ${c}: the mean ${mean} is marked at ${markOf(marks[c])}`));
  }
}

async function checkModes(page) {
  const mode = () => page.evaluate(() => document.documentElement.dataset.mode);
  for (const [key, want] of [["o", "onion"], ["d", "difference"], ["s", "divider"]]) {
    await page.keyboard.press(key);
    equal(await mode(), want, `key ${key}`);
  }
  const slider = page.locator("article input[type=range]").first();
  const at = () => slider.evaluate((s) => getComputedStyle(s.parentElement).getPropertyValue("--at").trim());
  await slider.focus();
  for (let i = 0; i < 5; i++) await page.keyboard.press("ArrowRight");
  equal(await at(), "0.55", "the divider after five arrows to the right");
  await slider.dblclick();
  equal(await at(), "0.5", "the divider after a double click");
}

async function checkSorting(page) {
  const heading = page.locator(".numbers th", { hasText: /^Mean$/ });
  const column = await heading.evaluate((th) => th.cellIndex);
  const values = () => page.locator(".numbers tbody tr").evaluateAll((rows, c) => rows.map((r) => parseFloat(r.cells[c].textContent)), column);
  await heading.getByRole("button").focus();
  await page.keyboard.press("Enter");
  equal(await heading.getAttribute("aria-sort"), "ascending", "sorted once");
  const up = await values();
  check(up.every((v, i) => i === 0 || up[i - 1] <= v), `ascending: ${up}`);
  await page.keyboard.press("Enter");
  const down = await values();
  check(down.every((v, i) => i === 0 || down[i - 1] >= v), `descending: ${down}`);
}

/* By Tab alone: everything that can be used is reached, and is seen to be. */
async function checkKeyboard(page) {
  const wanted = await page.locator("button:visible, input:visible, a[href]:visible").count();
  const seen = new Set();
  await page.evaluate(() => document.activeElement.blur());
  for (let i = 0; i < wanted + 20; i++) {
    await page.keyboard.press("Tab");
    const at = await page.evaluate(() => {
      const e = document.activeElement;
      const all = [...document.querySelectorAll("*")];
      const outlines = (of) => getComputedStyle(of).outlineStyle !== "none";
      return { index: all.indexOf(e), usable: e.matches("button, input, a[href]"), outline: outlines(e) || outlines(e.parentElement) };
    });
    if (!at.usable || seen.has(at.index)) continue;
    seen.add(at.index);
    check(at.outline, `element ${at.index} shows that it has the focus`);
  }
  equal(seen.size, wanted, "elements that Tab reaches");
}

async function checkNames(page) {
  const text = await page.locator("main").innerText();
  for (const name of hostile) check(text.includes(shownAs(name).slice(0, 16)), `${JSON.stringify(name)} is shown`);
  equal(await page.locator("main script, main b:has-text('tag')").count(), 0, "elements that a name made");
  equal(await page.locator("#failures tbody tr").count(), 1, "failures");
  check((await page.locator("#failures").innerText()).includes("broken <i>.png"), "the failure is named");
}

async function checkReport(browser) {
  const json = run(["--json", "-o", "out/", ...readdirSync(join(work, "in")).sort().map((n) => `in/${n}`), "--report", "run.html"], 1)
    .trim().split("\n").map((line) => JSON.parse(line));
  await validate("run.html");
  const page = await open(browser, join(work, "run.html"));
  const pictures = readdirSync(join(work, "in")).length - 1;
  equal(await page.locator("article").count(), pictures, "cards");
  await checkNames(page);
  await checkMarks(page, json);
  await checkModes(page);
  await checkSorting(page);
  await checkKeyboard(page);
  await checkAccess(page, "report");
  await page.context().close();
  for (const width of [1280, 390])
    for (const dark of [false, true]) {
      const shown = await open(browser, join(work, "run.html"), { width, dark });
      await checkWidth(shown, `report, ${width} pixels`);
      await checkAccess(shown, `report, ${width} pixels, ${dark ? "dark" : "light"}`);
      await screenshot(shown, shots, `report-${width}-${dark ? "dark" : "light"}`);
      await shown.context().close();
    }
}

/* Read without a script, and printed. */
async function checkPlain(browser) {
  const page = await open(browser, join(work, "run.html"), { javaScriptEnabled: false });
  const shown = await page.locator("article img").evaluateAll((all) => all.filter((i) => i.getBoundingClientRect().width > 0).length);
  equal(shown, 2 * (await page.locator("article").count()), "pictures that are seen without a script");
  check(await page.locator(".numbers tbody tr").last().isVisible(), "numbers are seen without a script");
  equal(await page.locator("button:visible").count(), 0, "buttons without a script");
  const pdf = await page.pdf({ format: "A4", printBackground: true });
  check(pdf.length > 10000, "the page is printed");
  writeFileSync(join(shots, "report.pdf"), pdf);
  await page.context().close();
}

/* Other kinds of runs. */
async function checkKinds(browser) {
  const frames = readdirSync(join(root, "samples/pictures")).filter((n) => n.endsWith(".jpg")).map((n) => `in/${n}`);
  run(["--stats", ...frames, "--report", "stats.html"]);
  run(["-N", "batch", "-o", "batch/", ...frames, "--report", "batch.html"]);
  run(["--deflicker", "3", "-o", "flicker/", ...frames, "--report", "flicker.html"]);
  for (const name of ["stats.html", "batch.html", "flicker.html"]) {
    await validate(name);
    const page = await open(browser, join(work, name));
    equal(await page.locator("article").count(), frames.length, `${name}: cards`);
    await checkAccess(page, name);
    if (name === "flicker.html") check((await page.locator("svg").first().isVisible()), "the series is drawn");
    await screenshot(page, shots, name.replace(".html", ""));
    await page.context().close();
  }
}

makePictures();
await withBrowser(async (browser) => {
  await checkReport(browser);
  await checkPlain(browser);
  await checkKinds(browser);
});
rmSync(work, { recursive: true });
finish("web/report");
