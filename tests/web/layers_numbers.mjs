/* The numbers of the tab "Layers": of all kinds, of crops, of the call that is shown, and of random batches. */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { check, equal } from "./browser.mjs";
import {
  build, C, CHANNELS, choose, compare, download, EPS, floats, H, moments, near, PLANE, root, settled, start, toFloats, tool, W,
  work,
} from "./layers_tab.mjs";

/* A cell for each pool; it covers its planes, and says their mean and deviation. */
async function checkTable(page, choice, pools) {
  const all = await page.locator("#pool-table tbody td").evaluateAll((list) => list.map((cell) =>
    ({ spans: [cell.colSpan, cell.rowSpan], text: [...cell.children].map((part) => part.textContent.replace("−", "-")) })));
  const { kind, groups, size } = choice;
  const spans = { instance: [1, 1], layer: [1, C], group: [1, C / groups], batch: [size, 1] }[kind].join(), what = `${choice.kind} of ${choice.size}: `;
  equal(all.length, pools.length, `${what}cells of the table`);
  check(all.every((cell) => cell.spans.join() === spans), `${what}each cell spans ${spans}: ${all[0].spans}`);
  const texts = pools.map(({ mean, variance }) => `${mean.toFixed(3)} ${Math.sqrt(variance).toFixed(3)}`.replace(/^-0\.000/, "0.000"));
  const sorted = (list) => [...list].sort().join();
  equal(sorted(all.map(({ text }) => text.join(" "))), sorted(texts), `${what}numbers of the table`);
  equal(await page.locator("#pool-table tbody tr").count(), C, `${what}rows of the table`);
}

export async function testKinds(browser) {
  const page = await start(browser);
  for (const size of [1, 2, 4, 8, 32]) {
    await choose(page, { kind: "instance", groups: 1, size });
    const block = await download(page);
    for (const [kind, groups] of [["instance", 1], ["layer", 1], ["batch", 1], ["group", 2], ["group", 3], ["group", 1], ["group", 6]]) {
      if (kind === "group" && groups !== 2 && size !== 4) continue;
      const choice = { kind, groups, size };
      await choose(page, choice);
      const { x, y, pools } = await compare(page, choice, block);
      await checkTable(page, choice, pools);
      await checkAlone(page, choice, x, y);
    }
  }
  await choose(page, { kind: "group", groups: 2, size: 4 });
  check((await download(page)).data.length === 4 * 4 * C * PLANE, "the block has the batch and no more");
  await page.context().close();
}

/* What is drawn: planes as grey, and a sample in its colours. */
export async function testPixels(browser) {
  const page = await start(browser);
  await choose(page, { kind: "layer", groups: 1, size: 2 });
  const x = toFloats((await download(page)).data), y = toFloats(await floats(page, "layers.shown.y"));
  const pixels = (canvas) => floats(page, `layers.${canvas}.context.getImageData(0, 0, ${W}, ${H}).data`);
  const grey = (value) => Math.min(255, Math.max(0, Math.round(255 * value)));
  const greys = {
    before: (n, c, i) => grey(x[(n * C + c) * PLANE + i] + (c < 3 ? 0 : 0.5)),
    after: (n, c, i) => grey(0.5 + y[(n * C + c) * PLANE + i] / 6),
  };
  for (const [grid, of] of Object.entries(greys))
    for (let n = 0; n < 2; n++) {
      const colours = await pixels(`${grid}.heads[${n}].crop`);
      for (let c = 0; c < C; c++) {
        const plane = await pixels(`${grid}.cells[${c}][${n}].crop`);
        let wrong = 0;
        for (let i = 0; i < PLANE; i++) {
          const seen = [plane[4 * i], plane[4 * i + 1], plane[4 * i + 2], ...(c < 3 ? [colours[4 * i + c]] : [])];
          wrong += seen.some((value) => Math.abs(value - of(n, c, i)) > 1) || plane[4 * i + 3] !== 255;
        }
        equal(wrong, 0, `${grid}, sample ${n + 1}, ${CHANNELS[c]}: pixels that are not its values`);
      }
    }
  const drawn = await page.evaluate(() => layers.after.cells[3][1].firstChild === layers.after.cells[3][1].crop.canvas);
  check(drawn, "the canvas of a plane is the one that is seen");
  await page.context().close();
}

/* What the page says of sample 1 alone. Of a batch: by the outputs, and those of plain loops over the sample. */
async function checkAlone(page, { kind, size }, x, y) {
  const words = await page.textContent("#alone"), what = `${kind} of ${size}, alone`;
  const most = Number(await page.getAttribute("#alone", "data-most"));
  if (kind !== "batch" || size === 1) {
    check(words.includes(": the same bytes."), `${what}: ${words}`);
    equal(most, 0, what);
    return;
  }
  let want = 0;
  for (let c = 0; c < C; c++) {
    const plane = Array.from(x.subarray(c * PLANE, (c + 1) * PLANE)), { mean, variance } = moments(plane);
    const alone = plane.map((value) => (value - mean) / Math.sqrt(variance + EPS));
    want = Math.max(want, ...alone.map((value, i) => Math.abs(value - y[c * PLANE + i])));
  }
  check(most > 0.1 && near(most, want, 1e-6), `${what}: ${most}, not ${want}`);
  check(words.includes(` differ by up to ${Number(most.toPrecision(4))}, `), `${what}: ${words}`);
}

/* The call that is shown, compiled as it stands. */
export async function testCall(browser) {
  const page = await start(browser);
  for (const [kind, groups] of [["instance", 1], ["layer", 1], ["group", 3], ["batch", 1]]) {
    await choose(page, { kind, groups, size: 4 });
    await download(page);
    const call = await page.textContent("#layer-call");
    writeFileSync(join(work, "call.c"), `#include "instnorm.h"\n#include <stdio.h>\n
static float x[4 * ${C * PLANE}], y[4 * ${C * PLANE}];\nstatic double mean[64], rstd[64];\n
int main(void)\n{\n    FILE *in = fopen("block.npy", "rb");
    if (!in || fseek(in, 128, SEEK_SET) || fread(x, sizeof x, 1, in) != 1)\n        return 1;
    if (${call} != INSTNORM_OK)\n        return 2;
    return fwrite(y, sizeof y, 1, stdout) != 1 || fwrite(mean, sizeof mean, 1, stdout) != 1;\n}\n`);
    const words = ["-o", "call", `-I${join(root, "include")}`, "call.c", join(build, "libinstnorm.a"), "-lm"];
    execFileSync("cc", words, { cwd: work, stdio: "pipe" });
    const told = execFileSync(join(work, "call"), { cwd: work }), n = 4 * C * PLANE;
    const got = toFloats(told.subarray(0, 4 * n)), want = toFloats(await floats(page, "layers.shown.y"));
    const wrong = got.filter((value, i) => !near(value, want[i], 2e-7));
    equal(wrong.length, 0, `${kind}: outputs of the call that are not those of the page`);
    const pools = await page.evaluate(() => layers.shown.pools);
    check(pools.every(({ mean }, i) => near(told.readDoubleLE(4 * n + 8 * i), mean, 1e-14)), `${kind}: the means of the call`);
  }
  await page.context().close();
}

/* A picture as the tool reads it: [H][W][3] bytes. */
function pixels(name) {
  tool("-Q", "--force", "-c", "none", name, "pixels.ppm");
  const bytes = readFileSync(join(work, "pixels.ppm"));
  const head = bytes.toString("latin1", 0, 40).match(/^P6\s(\d+)\s(\d+)\s255\s/);
  return { width: Number(head[1]), height: Number(head[2]), data: bytes.subarray(head[0].length) };
}

/* Colours are the means of squares of the picture; answers of filters, their definition. */
export async function testCrops(browser) {
  const page = await start(browser);
  await page.setInputFiles("#open-crops", ["tissue.png", "portrait.png"].map((name) => join(work, name)));
  await page.waitForSelector("#crops-of:has-text('64 crops of tissue.png, portrait.png')");
  await settled(page);
  const pictures = [pixels("tissue.png"), pixels("portrait.png")];
  const parts = await page.evaluate((infos) => cropParts(infos), pictures.map(({ width, height }) => ({ width, height })));
  equal(new Set(parts.map(({ part }) => JSON.stringify(part))).size, 64, "crops that differ");
  const within = (i, n) => Math.min(n - 1, Math.max(0, i));
  const grey = (crop, y, x) => [0, 1, 2].reduce((sum, c) => sum + crop[c * PLANE + within(y, H) * W + within(x, W)] / 3, 0);
  let colours = 0, answers = 0;
  for (const k of [0, 1, 30, 63]) {
    const crop = toFloats(await floats(page, `layers.crops[${k}]`));
    const { picture, part: { step, ...part } } = parts[k], { width, data } = pictures[picture];
    for (let y = 0; y < H; y++)
      for (let x = 0; x < W; x++) {
        for (let c = 0; c < 3; c++) {
          let sum = 0;
          for (let i = 0; i < step ** 2; i++) {
            const down = part.y + y * step + Math.floor(i / step), across = part.x + x * step + (i % step);
            sum += data[(down * width + across) * 3 + c];
          }
          colours += crop[c * PLANE + y * W + x] !== Math.fround(Math.floor(sum / step ** 2 + 0.5) / 255);
        }
        const at = (dy, dx) => grey(crop, y + dy, x + dx);
        const want = [(at(-1, 1) + 2 * at(0, 1) + at(1, 1) - at(-1, -1) - 2 * at(0, -1) - at(1, -1)) / 4,
          (at(1, -1) + 2 * at(1, 0) + at(1, 1) - at(-1, -1) - 2 * at(-1, 0) - at(-1, 1)) / 4,
          at(0, 0) - (at(-1, -1) + at(-1, 0) + at(-1, 1) + at(0, -1) + at(0, 1) + at(1, -1) + at(1, 0) + at(1, 1)) / 8];
        want.forEach((value, i) => { answers += !near(crop[(3 + i) * PLANE + y * W + x], value, 2e-7); });
      }
  }
  equal(colours, 0, "colours of crops that are not those of the picture");
  equal(answers, 0, "answers of filters that are not by their definition");
  await page.context().close();
}

/* Statistics of random batches, and their spread, beside plain loops over all crops. */
export async function testSpread(browser) {
  const page = await start(browser);
  const crops = toFloats(await floats(page, "Float32Array.from(layers.crops.flatMap((crop) => [...crop]))"));
  const batches = await page.evaluate(() => SIZES.map(randomBatches));
  const { points, all, mean, std } = await page.evaluate(() => layers.spread);
  equal(batches.map((of) => of.length).join(), "24,24,24,24,24,24", "random batches of each size");
  for (const c of [0, 4]) {
    const plane = (k) => Array.from(crops.subarray((k * C + c) * PLANE, (k * C + c + 1) * PLANE));
    const of = (list) => moments(list.flatMap(plane)), root = (m) => Math.sqrt(m.variance);
    const same = (got, want) => near(got.mean, want.mean, 1e-12) && near(got.std, root(want), 1e-12);
    check(same(all[c], of(Array.from({ length: 64 }, (_, k) => k))), `${CHANNELS[c]}: over all crops`);
    const wants = batches.map((lists) => lists.map(of));
    const wrong = wants.flat().filter((want, i) => !same(points.flat()[i][c], want));
    equal(wrong.length, 0, `${CHANNELS[c]}: batches that are not those of plain loops`);
    const spreads = wants.map((list) => [moments(list.map((m) => m.mean)), moments(list.map(root))]);
    check(spreads.every((pair, i) => pair.every((want, k) => same([mean, std][k][i][c], want))), `${CHANNELS[c]}: the spread`);
    const ratio = Math.sqrt(spreads[0][0].variance / spreads[5][0].variance);
    check(ratio > 3 && ratio < 10, `${CHANNELS[c]}: means of 1 spread ${ratio} times as far as those of 32; sqrt(32) is 5.7`);
  }
  const words = async () => (await page.textContent("#scatter-words")).replaceAll("−", "-");
  const digits = (s) => Math.min(6, Math.max(2, 1 - Math.floor(Math.log10(s))));
  for (const c of [0, 4]) {
    await page.selectOption("#scatter-channel", String(c));
    const text = await words();
    for (const i of [1, 5]) {
      const { mean: m, std: s } = mean[i][c];
      const want = `of ${2 ** i}: mean ${m.toFixed(digits(s))} ± ${s.toFixed(digits(s))}, deviation `;
      check(text.includes(want), `${CHANNELS[c]}: ${text}`);
    }
    for (const what of ["mean", "std"]) {
      const dots = await page.locator(`#scatter-${what} .dot`).evaluateAll((list) =>
        list.map((dot) => ["cx", "cy"].map((name) => Number(dot.getAttribute(name)))));
      equal(dots.length, 144, `${CHANNELS[c]}: dots`);
      const values = points.flat().map((batch) => batch[c][what]);
      const low = values.indexOf(Math.min(...values)), high = values.indexOf(Math.max(...values));
      const scale = (dots[low][1] - dots[high][1]) / (values[high] - values[low]);
      const apart = dots.map(([, y], i) => Math.abs(dots[low][1] - (values[i] - values[low]) * scale - y));
      check(scale > 100 && Math.max(...apart) < 0.05, `${CHANNELS[c]}: dots of ${what} are where their values are`);
      check(dots.every(([x], i) => i < 24 || x > dots[i - 24][0]), `${CHANNELS[c]}: a column for each size`);
    }
  }
  await choose(page, { kind: "batch", groups: 1, size: 16 });
  equal(await page.textContent("#scatter-mean .size.now"), "16", "the size that is marked");
  equal(await page.locator("#scatter-mean .dot.now").count(), 24, "its dots are marked");
  check((await page.textContent("#scatter-use")).startsWith("A batch is normalized with its own dot"), "batch uses them");
  await choose(page, { kind: "layer", groups: 1, size: 16 });
  check((await page.textContent("#scatter-use")).includes("does not use these statistics"), "layer does not");
  await page.context().close();
}
