/*
 * layers.mjs BUILD: the tab "Layers" of the page in Chromium. The command that it shows makes of the block that it
 * downloads its outputs, to the bit, and the call that it shows the same but for rounding. Its statistics, crops and answers
 * of filters are those of plain loops here. Screenshots are left in BUILD/web/shots.
 */
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { join } from "node:path";
import { check, checkAccess, checkWidth, equal, finish, open, withBrowser } from "./browser.mjs";
import { testCall, testCrops, testKinds, testPixels, testSpread } from "./layers_numbers.mjs";
import {
  address, build, choose, compare, download, floats, PLANE, prepare, settled, start, toFloats, tool, work,
} from "./layers_tab.mjs";

const shots = join(build, "web/shots");

async function testTabs(browser) {
  const page = await open(browser, address);
  const seen = () => page.evaluate(() => {
    const panels = [...document.querySelectorAll("[role=tabpanel]")].filter((panel) => panel.checkVisibility());
    const tabs = [...document.querySelectorAll("[role=tab][aria-selected=true]")];
    return [...new Set([...panels, ...tabs].map(({ id }) => id.replace(/-.*/, "")))].join();
  });
  const focused = () => page.evaluate(() => document.activeElement.id);
  equal(await seen(), "pictures", "the first tab");
  await page.click("#layers-tab");
  equal(await seen(), "layers", "a tab by the pointer");
  equal(await page.evaluate(() => location.hash), "#layers", "the address");
  const keys = [["ArrowRight", "pictures"], ["ArrowLeft", "layers"], ["Home", "pictures"], ["End", "layers"], ["ArrowLeft", "pictures"]];
  for (const [key, name] of keys) {
    await page.keyboard.press(key);
    equal(`${await seen()} ${await focused()}`, `${name} ${name}-tab`, `the tab by ${key}`);
  }
  await page.keyboard.press("Tab");
  check(await page.evaluate(() => document.activeElement.closest("#pictures-panel") !== null), "Tab leaves the tabs for the panel");
  await page.evaluate(() => { location.hash = "#layers"; });
  await page.waitForFunction(() => !document.getElementById("layers-panel").hidden);
  equal(await seen(), "layers", "a tab by the address");
  await page.reload();
  await settled(page);
  equal(await seen(), "layers", "the tab that the address names at first");
  await page.click("#pictures-tab");
  await page.waitForFunction(() => document.getElementById("view").dataset.state === "settled");
  const has = await page.evaluate(() => stage.width > 300 && stage.image.after?.part.width === 480);
  check(has, "the tab that was hidden at first has its picture");
  await page.context().close();
}

/* Which planes, and which cells of the table, are marked. */
async function marked(page) {
  const counts = ["block-before", "block-after", "pool-table"].map((id) => page.locator(`#${id} .marked`).count());
  return (await Promise.all(counts)).join();
}

async function testMarks(browser) {
  const page = await start(browser);
  await choose(page, { kind: "layer", groups: 1, size: 4 });
  await page.hover("#block-before [data-n='2'][data-c='1']");
  equal(await marked(page), "6,6,1", "layer, by the pointer");
  const { mean, variance, rstd } = await page.evaluate(() => layers.shown.pools[2]), four = (x) => String(Number(x.toPrecision(4)));
  equal(await page.textContent("#pool-name"), "Pool 3 of 4: sample 3, all channels", "its name");
  equal(await page.textContent("#pool-count"), "M = 6 × 24 × 32 = 4,608", "its samples");
  equal(await page.textContent("#pool-mean"), `mean = ${four(mean)}`, "its mean");
  equal(await page.textContent("#pool-variance"), `variance = ${four(variance)}`, "its variance");
  equal(await page.textContent("#pool-rstd"), `rstd = 1 / √(${four(variance)} + 0.00001) = ${four(rstd)}`, "its rstd");
  equal(await page.textContent("#pool-formula"), `y = (x − ${four(mean)}) × ${four(rstd)}`, "the formula");
  await choose(page, { kind: "batch", groups: 1, size: 4 });
  await page.hover("#block-after [data-n='0'][data-c='4']");
  equal(await marked(page), "4,4,1", "batch, in the result");
  check(/samples 1 to 4, down$/.test(await page.textContent("#pool-name")), "its name in batch");
  await choose(page, { kind: "group", groups: 2, size: 4 });
  await page.hover("#pool-table tr:nth-child(4) td:nth-child(3)");
  equal(await marked(page), "3,3,1", "group, in the table");
  equal(await page.textContent("#pool-name"), "Pool 4 of 8: sample 2, across, down, detail", "its name in group");
  await choose(page, { kind: "instance", groups: 1, size: 4 });
  await page.locator("#block-before [data-n='3'][data-c='5']").click();
  equal(await marked(page), "1,1,1", "instance, by a tap");
  await choose(page, { kind: "instance", groups: 1, size: 1 });
  equal(await page.textContent("#pool-name"), "Pool 6 of 6: sample 1, detail", "the mark stays within a smaller batch");
  /* Neighbouring pools have other colours. */
  for (const [kind, groups] of [["instance", 1], ["layer", 1], ["group", 2], ["group", 3], ["batch", 1]]) {
    await choose(page, { kind, groups, size: 8 });
    const alike = await page.evaluate(() => layers.before.cells.flatMap((row, c) => row.slice(0, 8).filter((cell, n) => {
      const beside = [row[n + 1], layers.before.cells[c + 1]?.[n]].filter((other) => other?.dataset.n < 8);
      const colour = (of) => getComputedStyle(of).getPropertyValue("--tint");
      return beside.some((other) => other.dataset.pool !== cell.dataset.pool && colour(other) === colour(cell));
    })).length);
    equal(alike, 0, `${kind}: pools beside one of the same colour`);
  }
  await page.context().close();
}

async function testKeyboard(browser) {
  const page = await start(browser);
  const name = "(e) => e.id || e.getAttribute('aria-label') || `${e.name}=${e.value}` || e.textContent";
  await choose(page, { kind: "group", groups: 2, size: 4 });
  await page.evaluate(() => document.activeElement.blur());
  const wanted = await page.evaluate(`[...document.querySelectorAll("a, button, input, select, [tabindex='0']")]
    .filter((e) => e.checkVisibility() && e.tabIndex >= 0 && !(e.type === "radio" && !e.checked)).map(${name})`);
  const seen = new Set();
  for (let i = 0; i < wanted.length + 5; i++) {
    await page.keyboard.press("Tab");
    seen.add(await page.evaluate(`(${name})(document.activeElement)`));
  }
  check(wanted.length >= 13, `${wanted.length} controls`);
  equal(wanted.filter((id) => !seen.has(id)).join(), "", "controls that Tab does not reach");
  await page.focus("#block-before [tabindex='0']");
  const at = () => page.evaluate(() => [document.activeElement.dataset.n, document.activeElement.dataset.c].join());
  const keys = ["ArrowRight 1,0", "ArrowDown 1,1", "End 3,1", "ArrowRight 3,1", "ArrowUp 3,0", "ArrowUp 3,0", "Home 0,0"];
  for (const [key, want] of keys.map((pair) => pair.split(" "))) {
    await page.keyboard.press(key);
    equal(await at(), want, `planes by ${key}`);
  }
  equal(await page.textContent("#pool-name"), "Pool 1 of 8: sample 1, R, G, B", "the pool of the plane that has the focus");
  equal(await page.locator("#block-before [tabindex='0']").count(), 1, "Tab stops once in the block");
  const label = await page.evaluate(() => document.activeElement.getAttribute("aria-label"));
  check(/^sample 1, R: pool 1, mean 0\.\d{3}, deviation 0\.\d{3}$/.test(label), `a plane says its pool: ${label}`);
  await page.focus("input[name=kind]:checked");
  await page.keyboard.press("ArrowRight");
  await settled(page);
  equal(await page.textContent("#layer-command"), "instnorm-cli -N batch block.npy out.npy", "a kind by an arrow key");
  await page.focus("#batch-size");
  await page.keyboard.press("ArrowRight");
  await settled(page);
  equal(await page.textContent("#batch-size-now"), "8", "the size by an arrow key");
  equal(await page.getAttribute("#batch-size", "aria-valuetext"), "8 samples", "the size in words");
  await page.context().close();
}

/* Whatever is a pool, so that kinds can be compared. */
async function testPlaces(browser) {
  for (const [width, size] of [[1280, 4], [1280, 32], [390, 4]]) {
    const page = await start(browser, { width, height: 900 });
    const places = () => page.evaluate(() => [...document.querySelectorAll("#block-before canvas, #block-after canvas")].map((e) => {
      const { x, y } = e.getBoundingClientRect(), box = e.closest(".planes").getBoundingClientRect();
      return `${Math.round(x - box.x)},${Math.round(y - box.y)}`;
    }).join(" "));
    await choose(page, { kind: "instance", groups: 1, size });
    const first = await places();
    check(first.split(" ").length === 2 * 7 * size, `${width}, ${size}: all planes have places`);
    for (const [kind, groups] of [["layer", 1], ["group", 2], ["batch", 1]]) {
      await choose(page, { kind, groups, size });
      equal(await places(), first, `${width}, ${size}: places of planes by ${kind}`);
    }
    await page.context().close();
  }
}

async function testFiles(browser) {
  const page = await start(browser);
  const load = async (...names) => {
    await page.setInputFiles("#open-crops", names.map((name) => join(work, name)));
    await page.waitForFunction(() => document.getElementById("open-crops").files.length === 0);
    await settled(page);
  };
  const error = () => page.textContent("#layers-error"), of = () => page.textContent("#crops-of");
  await choose(page, { kind: "batch", groups: 1, size: 4 });
  await load("cut.png", "text.png");
  check(/^cut\.png: .*\ntext\.png: /.test(await error()), `files that cannot be read: ${await error()}`);
  check((await of()).startsWith("64 crops of room.jpg, fog.jpg"), "the crops stay as they were");
  await load(...Array(11).fill("text.png"));
  const lines = (await error()).split("\n");
  check(lines.length === 9 && lines[8] === "and 3 more", `many files that cannot be read: ${lines.length} lines`);
  await load("grey8.png", "sky16.png");
  equal(await error(), "grey8.png: 13 x 11 pixels: expected at least 32 x 24", "a picture that is too small");
  equal(await of(), "64 crops of sky16.png", "one that is large enough beside it");
  await compare(page, { kind: "batch", groups: 1, size: 4 }, await download(page));
  await load("grey.pgm");
  equal(await error(), "", "no error once others are there");
  const planes = toFloats(await floats(page, "layers.crops[0]")), [red, green, blue] = [0, 1, 2].map((c) => planes.subarray(c * PLANE, (c + 1) * PLANE));
  check(red.every((value, i) => value === green[i] && value === blue[i]), "grey has three planes that are equal");
  await compare(page, { kind: "batch", groups: 1, size: 4 }, await download(page));
  await load("flat.pgm");
  for (const kind of ["instance", "batch"]) {
    await choose(page, { kind, groups: 1, size: 4 });
    await compare(page, { kind, groups: 1, size: 4 }, await download(page));
    check(toFloats(await floats(page, "layers.shown.y")).every((value) => value === 0), `${kind}: a picture of one value becomes 0`);
  }
  check(!/NaN|Infinity|undefined|null/.test(await page.innerText("#layers-panel")), "it has numbers");
  check(!(await page.innerHTML("#scatter")).includes("NaN"), "and its dots have places");
  await load(...Array(65).fill("tissue.png"));
  equal(await error(), "65 pictures, expected at most 64: the first ones are taken", "too many pictures");
  equal(await of(), "64 crops of 64 pictures", "as many as there are crops");
  if (/WebP/.test(String(tool("--version")))) {
    await load("tissue.webp");
    equal(await of(), "64 crops of tissue.webp", "a WebP, read by the browser");
  }
  await page.evaluate((bytes) => {
    const data = new DataTransfer();
    data.items.add(new File([Uint8Array.from(atob(bytes), (c) => c.charCodeAt(0))], "dropped.png"));
    document.body.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
  }, readFileSync(join(work, "tissue.png")).toString("base64"));
  await page.waitForSelector("#crops-of:has-text('64 crops of dropped.png')");
  equal(await page.evaluate(() => state.pictures.length), 1, "a drop here is none on the other tab");
  await page.click("#sample-crops");
  await page.waitForSelector("#crops-of:has-text('64 crops of room.jpg, fog.jpg')");
  await settled(page);
  check(await page.locator("#sample-crops").isHidden(), "the samples are there again");
  await page.evaluate(() => { layers.takeSamples(); layers.takeSamples(); layers.want(); });
  await page.waitForTimeout(50);
  await settled(page);
  await compare(page, { kind: "batch", groups: 1, size: 4 }, await download(page));
  await page.context().close();
}

async function testLooks(browser) {
  for (const [width, height] of [[1280, 900], [390, 844]])
    for (const dark of [false, true])
      for (const choice of [{ kind: "group", groups: 2, size: 4 }, { kind: "batch", groups: 1, size: 32 }]) {
        const page = await start(browser, { width, height, dark });
        const name = `layers-${width}-${dark ? "dark" : "light"}-${choice.size}`;
        await choose(page, choice);
        await page.evaluate(() => scrollTo(0, 0));
        mkdirSync(shots, { recursive: true });
        await page.screenshot({ path: join(shots, `${name}.png`), fullPage: true });
        await checkAccess(page, name);
        await checkWidth(page, name);
        await page.context().close();
      }
}

/* From a move of the slider until its numbers and planes are there. */
async function testSpeed(browser) {
  const page = await start(browser);
  await choose(page, { kind: "batch", groups: 1, size: 32 });
  const times = await page.evaluate(async () => {
    const slider = document.getElementById("batch-size"), panel = document.getElementById("layers-panel"), took = [];
    for (const at of [4, 5, 3, 5, 4, 5, 2, 5, 4]) {
      const from = performance.now();
      slider.value = at;
      slider.dispatchEvent(new Event("input", { bubbles: true }));
      while (panel.dataset.state === "moving") await new Promise((resolve) => setTimeout(resolve));
      took.push(performance.now() - from);
    }
    return took.sort((a, b) => a - b);
  });
  const others = loadavg()[0] > 1.5 * cpus().length;
  console.log(`  a move of the batch size is seen after ${times[4].toFixed(0)} ms, at worst ${times[8].toFixed(0)} ms`);
  check(times[4] < 100 || others, `half of the moves are seen after ${times[4]} ms`);
  await page.context().close();
}

prepare();
await withBrowser(async (browser) => {
  for (const test of [testTabs, testKinds, testPixels, testCall, testCrops, testSpread]) await test(browser);
  for (const test of [testMarks, testPlaces, testKeyboard, testFiles, testLooks, testSpeed]) await test(browser);
});
rmSync(work, { recursive: true });
finish("layers");
