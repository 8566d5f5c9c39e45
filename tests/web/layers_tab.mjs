/*
 * What the tests of the tab "Layers" share: files to open, what is asked of the page, and its statistics and outputs beside
 * those of the tool and of plain loops.
 */
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { check, equal, open } from "./browser.mjs";

export const build = resolve(process.argv[2]);
export const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
export const work = mkdtempSync(join(tmpdir(), "layers-"));
export const address = join(build, "web/index.html");
export const [C, H, W] = [6, 24, 32], PLANE = H * W, EPS = 1e-5;
export const CHANNELS = ["R", "G", "B", "across", "down", "detail"];

export const tool = (...words) => execFileSync(join(build, "instnorm-cli"), words, { cwd: work, stdio: "pipe" });

export function prepare() {
  for (const folder of ["samples/pictures", "tests/pictures"])
    for (const name of readdirSync(join(root, folder))) copyFileSync(join(root, folder, name), join(work, name));
  writeFileSync(join(work, "cut.png"), readFileSync(join(work, "tissue.png")).subarray(0, 5000));
  writeFileSync(join(work, "text.png"), "no picture");
  writeFileSync(join(work, "flat.pgm"), Buffer.concat([Buffer.from("P5 64 48 255\n"), Buffer.alloc(64 * 48, 77)]));
  const grey = Uint8Array.from({ length: 40 * 30 }, (_, i) => (i * 31 + (i % 40) * 5) % 256);
  writeFileSync(join(work, "grey.pgm"), Buffer.concat([Buffer.from("P5 40 30 255\n"), grey]));
  if (/WebP/.test(String(tool("--version")))) tool("-Q", "-c", "none", "-z", "9", "tissue.png", "tissue.webp");
}

/* ---- the page ---- */

export async function settled(page) {
  const done = () => ["settled", "failed"].includes(document.getElementById("layers-panel").dataset.state);
  await page.waitForFunction(done, null, { timeout: 60000 });
}

export async function start(browser, how) {
  const page = await open(browser, `${address}`, how);
  await page.click("#layers-tab");
  await settled(page);
  return page;
}

export async function choose(page, { kind, groups, size }) {
  await page.locator(`input[name=kind][value=${kind}]`).check({ force: true });
  if (kind === "group") await page.locator(`input[name=layer-groups][value="${groups}"]`).check({ force: true });
  await page.locator("#batch-size").fill(String(Math.log2(size)));
  await settled(page);
}

/* Arrays of floats as they are in the page. */
export async function floats(page, expression) {
  const text = await page.evaluate(`(() => {
    const array = ${expression}, bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
    let text = "";
    for (let i = 0; i < bytes.length; i += 32768) text += String.fromCharCode(...bytes.subarray(i, i + 32768));
    return btoa(text);
  })()`);
  return Buffer.from(text, "base64");
}

export const toFloats = (bytes) => new Float32Array(Uint8Array.from(bytes).buffer);

/* A file of NumPy: its shape, and the bytes of its samples. */
export function npy(name) {
  const bytes = readFileSync(join(work, name)), end = 10 + bytes.readUInt16LE(8);
  const head = bytes.subarray(10, end).toString();
  check(/'descr': '<f4', 'fortran_order': False/.test(head), `${name}: ${head}`);
  return { shape: head.match(/\((.*)\)/)[1].split(",").filter((n) => n.trim()).map(Number), data: bytes.subarray(end) };
}

export async function download(page) {
  const [file] = await Promise.all([page.waitForEvent("download"), page.click("#download-block")]);
  equal(file.suggestedFilename(), "block.npy", "the name of the download");
  await file.saveAs(join(work, "block.npy"));
  return npy("block.npy");
}

/* ---- plain loops ---- */

export function moments(values) {
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
  return { mean, variance: values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length };
}

/* The planes that are pooled with (n, c), by the definition. */
export function pooledWith({ kind, groups, size }, n, c) {
  const group = (d) => Math.floor(d / (C / groups)), all = [];
  const together = {
    instance: (m, d) => m === n && d === c,
    layer: (m) => m === n,
    group: (m, d) => m === n && group(d) === group(c),
    batch: (m, d) => d === c,
  }[kind];
  for (let m = 0; m < size; m++)
    for (let d = 0; d < C; d++) if (together(m, d)) all.push([m, d]);
  return all;
}

export const near = (a, b, tolerance) => Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(b));

/* Statistics and outputs of one choice, beside the tool and plain loops. */
export async function compare(page, choice, block) {
  const what = `${choice.kind}${choice.kind === "group" ? `:${choice.groups}` : ""} of ${choice.size}`;
  const x = toFloats(block.data), y = await floats(page, "layers.shown.y");
  equal(block.shape.join(), [choice.size, C, H, W].join(), `${what}: the shape of the block`);
  const command = await page.textContent("#layer-command");
  rmSync(join(work, "out.npy"), { force: true });
  execFileSync("sh", ["-c", `PATH='${build}':$PATH; ${command}`], { cwd: work, stdio: "pipe" });
  const out = npy("out.npy");
  equal(out.shape.join(), block.shape.join(), `${what}: the shape of the output`);
  check(out.data.equals(y), `${what}: outputs are those of ${command}, bit by bit`);
  const pools = await page.evaluate(() => layers.shown.pools), number = {};
  let wrong = 0;
  for (let n = 0; n < choice.size; n++)
    for (let c = 0; c < C; c++) {
      const planes = pooledWith(choice, n, c), key = planes[0].join();
      const plane = ([m, d]) => Array.from(x.subarray((m * C + d) * PLANE, (m * C + d + 1) * PLANE));
      number[key] ??= { at: Object.keys(number).length, ...moments(planes.flatMap(plane)) };
      const { at, mean, variance } = number[key], pool = pools[at];
      const good = pool.weight === planes.length * PLANE && near(pool.mean, mean, 1e-13) &&
        near(pool.variance, variance, 1e-13) && near(pool.rstd, 1 / Math.sqrt(variance + EPS), 1e-10);
      if (!good && wrong++ === 0) console.log(`  (${n}, ${c}): ${JSON.stringify(pool)}, not ${mean}, ${variance}`);
    }
  equal(wrong, 0, `${what}: statistics that are not those of plain loops`);
  equal(pools.length, Object.keys(number).length, `${what}: pools`);
  return { x, y: toFloats(y), pools };
}
