/*
 * equal.mjs BUILD BUILD_STB: the module of the page gives the samples of the tool, sample by sample, whatever is asked
 * for. The tool that reads the files with the same libraries is that of BUILD_STB; BUILD has other readers of PNG, and
 * decodes what both have written.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const [build, buildStb] = process.argv.slice(2);
const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const source = readFileSync(join(root, "samples/web/module.js"), "utf8");
const { Engine, ASK_DEFAULT } = new Function(`${source}; return { Engine, ASK_DEFAULT };`)();
const wasm = readFileSync(join(build, "web/instnorm.wasm"));
const engine = await Engine.load(wasm);
const work = mkdtempSync(join(tmpdir(), "equal-"));
const MASK = 100, STYLE = 101;

let cases = 0;
const failed = [];

/* The samples of a PNG, as the full tool decodes it. */
function samples(png) {
  const to = join(work, "samples.pnm");
  execFileSync(join(build, "instnorm-cli"), ["-Q", "--force", "-c", "none", png, to]);
  return readFileSync(to);
}

/* files: the picture is the last; all of them make a batch. */
function compare(cli, files, options, asked, { style, mask } = {}) {
  const name = `${cli === build ? "full" : "stb"} ${options.join(" ")} ${files.map((f) => basename(f)).join(" ")}`;
  const folder = join(work, "out");
  const ask = { ...ASK_DEFAULT, ...asked };
  cases++;
  try {
    rmSync(folder, { recursive: true, force: true });
    execFileSync(join(cli, "instnorm-cli"), ["-Q", "-f", "png", ...options, "-o", `${folder}/`, ...files], { stdio: "pipe" });
    for (let i = 0; i < 16; i++) engine.close(i);
    files.forEach((file, i) => engine.open(i, readFileSync(file)));
    if (style) engine.open(ask.style = STYLE, readFileSync(style));
    else engine.close(STYLE);
    if (mask) engine.open(ask.mask = MASK, readFileSync(mask));
    else engine.close(MASK);
    engine.ask(ask);
    files.forEach((file, i) => {
      engine.run(i);
      const page = join(work, "page.png");
      writeFileSync(page, engine.png());
      const tool = join(folder, basename(file).replace(/\.[a-z]+$/, ".png"));
      if (!samples(page).equals(samples(tool))) failed.push(`${name}: ${basename(file)} differs`);
    });
  } catch (error) {
    failed.push(`${name}: ${error.stderr || error}`);
  }
}

/* What all pictures of a batch are normalized with, and their maps, to the last bit. */
function compareNumbers(files, options, asked) {
  const name = `--json ${options.join(" ")} ${files.map((f) => basename(f)).join(" ")}`;
  const folder = join(work, "numbers");
  rmSync(folder, { recursive: true, force: true });
  const told = execFileSync(join(build, "instnorm-cli"), ["-Q", "--json", "-f", "png", ...options, "-o", `${folder}/`, ...files]);
  const lines = String(told).trim().split("\n").map((line) => JSON.parse(line));
  cases++;
  if (lines.length !== files.length) failed.push(`${name}: ${lines.length} lines`);
  for (let i = 0; i < 16; i++) engine.close(i);
  files.forEach((file, i) => engine.open(i, readFileSync(file)));
  engine.ask({ ...ASK_DEFAULT, ...asked });
  files.forEach((file, i) => engine.run(i).channel.forEach((page, c) => {
    const tool = lines[i].channels[c], pairs = [[page.used.mean, tool.used_mean], [page.used.variance, tool.used_variance]];
    for (const member of ["gamma", "beta", "scale", "shift"]) pairs.push([page[member], tool[member]]);
    if (!pairs.every(([a, b]) => Number.isFinite(a) && a === b)) failed.push(`${name}: ${basename(file)}: ${JSON.stringify(pairs)}`);
  }));
}

/* Tensors of six channels: the floats of a stack [N,C,H,W], to the last bit, and statistics of all channels. */
function compareTensors(n, options, asked) {
  const name = `${n} tensors ${options.join(" ")}`, size = 6 * 5 * 7, to = join(work, "stack.npy");
  const files = Array.from({ length: n }, (_, k) => {
    const values = Float32Array.from({ length: size }, (_, i) => Math.sin(i * (k + 1)) * (1 + (i % 5)) + k);
    const head = "{'descr': '<f4', 'fortran_order': False, 'shape': (6, 5, 7), }".padEnd(117);
    const file = join(work, `six${k}.npy`), magic = Buffer.from("\x93NUMPY\x01\x00\x76\x00", "latin1");
    writeFileSync(file, Buffer.concat([magic, Buffer.from(`${head}\n`), Buffer.from(values.buffer)]));
    return file;
  });
  cases++;
  execFileSync(join(build, "instnorm-cli"), ["-Q", "--force", ...options, "-o", to, ...files]);
  for (let i = 0; i < 16; i++) engine.close(i);
  files.forEach((file, i) => engine.open(i, readFileSync(file)));
  engine.ask({ ...ASK_DEFAULT, gamma: [1], beta: [0], depth: 32, histograms: false, ...asked });
  const outputs = files.map((_, i) => {
    const result = engine.run(i), told = result.channel.filter(({ used }) => used.std > 0).length;
    if (told !== 6) failed.push(`${name}: statistics of ${told} channels`);
    return Buffer.from(engine.samples(result).buffer);
  });
  if (!Buffer.concat(outputs).equals(readFileSync(to).subarray(128))) failed.push(`${name}: floats differ`);
}

/* Both refuse, with the same words. */
function refuse(file, options, asked) {
  let tool = "", page = "";
  cases++;
  try {
    execFileSync(join(build, "instnorm-cli"), [...options, "-f", "png", "-o", join(work, "no.png"), file], { stdio: "pipe" });
  } catch (error) {
    tool = String(error.stderr);
  }
  try {
    engine.open(0, readFileSync(file));
    engine.ask({ ...ASK_DEFAULT, ...asked });
    engine.run(0);
  } catch (error) {
    page = error.message;
  }
  if (!page || !tool.includes(page)) failed.push(`${options.join(" ")}: the tool says '${tool}', the page '${page}'`);
}

/* The text of the .cube is that of the tool. */
function compareCube(file, options, asked) {
  const to = join(work, "tool.cube");
  cases++;
  execFileSync(join(build, "instnorm-cli"), ["-Q", "--force", ...options, "--lut", to, "-o", join(work, "cube.png"), file]);
  engine.open(0, readFileSync(file));
  engine.ask({ ...ASK_DEFAULT, ...asked });
  engine.run(0);
  engine.ask({ ...ASK_DEFAULT, gamma: [0.1] });
  engine.show(0, { x: 0, y: 0, width: 8, height: 8, step: 1 }); /* which is not the output */
  if (!readFileSync(to).equals(Buffer.from(engine.cube()))) failed.push(`--lut ${options.join(" ")} differs`);
}

/* What is shown while a slider moves is the output, but for the rounding of statistics: a step of 8 bits at most. */
function compareShown(file, asked) {
  const info = engine.open(0, readFileSync(file));
  const all = { x: 0, y: 0, width: info.width, height: info.height, step: 1 };
  cases++;
  engine.ask({ ...ASK_DEFAULT, ...asked });
  const shown = engine.show(0, all).pixels.data;
  engine.run(0);
  const after = engine.after(all).data;
  const most = after.reduce((worst, value, i) => Math.max(worst, Math.abs(value - shown[i])), 0);
  if (most > 1) failed.push(`${basename(file)} ${JSON.stringify(asked)}: shown ${most} steps off`);
}

const pictures = join(root, "samples/pictures"), small = join(root, "tests/pictures");
const png = join(pictures, "tissue.png"), sky = join(pictures, "sky16.png"), jpeg = join(pictures, "fog.jpg");
const types = ["grey8", "grey16", "greya8", "rgb8", "rgb16", "rgba8", "palette", "interlaced", "transparent", "constant", "one"]
  .map((name) => join(small, `${name}.png`));

/* A floating-point picture, a tensor and a bitmap, by the tool itself. */
function converted(to, ...options) {
  const file = join(work, to);
  execFileSync(join(build, "instnorm-cli"), ["-Q", "--force", "-c", "none", ...options, png, file]);
  return file;
}
const others = [converted("float.pfm", "--depth", "float"), converted("tensor.npy"), converted("bitmap.bmp"), converted("any.ppm")];
const tensors = ["bool", "int8", "int16", "int32", "uint32", "float16", "float32", "float64"]
  .map((type) => converted(`${type}.npy`, "--depth", type));

/* A picture of weights, of the size of that file. */
function rampFor(file) {
  const { width, height } = engine.open(0, readFileSync(file));
  const to = join(work, "ramp.pgm");
  const weights = Uint8Array.from({ length: width * height }, (_, i) => (i * 7) % 256);
  writeFileSync(to, Buffer.concat([Buffer.from(`P5 ${width} ${height} 255\n`), weights]));
  return to;
}

const spaces = ["rgb", "linear", "lab", "oklab", "ruderman"];
const target = { ruderman: { options: ["-g", "0.3", "-b", "4"], asked: { gamma: [0.3], beta: [4] } } };
for (const space of spaces) {
  const { options, asked } = target[space] ?? { options: [], asked: {} };
  for (const file of [png, sky, jpeg, join(small, "rgba8.png"), join(small, "rgb16.png")])
    compare(file === jpeg ? buildStb : build, [file], ["-S", space, ...options], { space, ...asked });
  compare(build, [png, sky], ["-S", space, "-N", "batch", ...options], { space, norm: "batch", ...asked });
  compare(build, [png], ["-S", space, "-s", sky], { space }, { style: sky });
  compare(build, [png], ["-S", space, "--mask", "below:0.7", "--apply-mask", "same", ...options],
    { space, below: 0.7, apply: true, ...asked });
}
for (const space of ["rgb", "linear", "oklab"])
  compareNumbers([png, sky, join(small, "rgba8.png"), join(small, "rgb16.png")], ["-S", space, "-N", "batch"], { space, norm: "batch" });
for (const norm of ["instance", "layer", "group"]) {
  const groups = norm === "group" ? 3 : 1, N = norm === "group" ? "group:3" : norm;
  for (const file of [png, sky, join(small, "rgb16.png")]) {
    compare(build, [file], ["-N", N], { norm, groups });
    compare(build, [file], ["-S", "linear", "-N", N, "-g", "0.1", "-b", "0.3"], { space: "linear", norm, groups, gamma: [0.1], beta: [0.3] });
    compare(buildStb, [file], ["-N", N, "-s", jpeg], { norm, groups }, { style: jpeg });
  }
}
for (const file of types) compare(build, [file], [], {});
for (const file of others)
  compare(build, [file], /pfm|npy/.test(file) ? ["--depth", "16"] : [], {});
for (const space of ["rgb", "linear", "lab"])
  for (const file of tensors) compare(build, [file], ["-S", space, "--depth", "16"], { space });
compareNumbers([png, sky, ...tensors.slice(1)], ["-N", "batch", "--depth", "16"], { norm: "batch", depth: 16 });
compare(build, [png], ["-g", "0.1,0.2,0.3", "-b", "0.4,keep,0.6", "-e", "0.01", "--strength", "0.5"],
  { gamma: [0.1, 0.2, 0.3], beta: [0.4, "keep", 0.6], eps: 0.01, strength: 0.5 });
compare(build, [png], ["--depth", "16"], { depth: 16 });
for (const picture of ["rgb8", "rgb16", "rgba8"]) {
  const file = join(small, `${picture}.png`), mask = rampFor(file);
  compare(build, [file], ["--mask", mask], {}, { mask });
  compare(build, [file], ["--mask", mask, "--mask", "above:0.2", "--apply-mask", "same"], { above: 0.2, apply: true }, { mask });
  compare(build, [file], ["-S", "oklab", "-s", sky, "--mask", mask, "--mask", "below:0.8"], { space: "oklab", below: 0.8 },
    { mask, style: sky });
}
compare(build, [join(small, "grey8.png")], ["--rgb", "-S", "lab"], { rgb: true, space: "lab" });
for (const space of ["rgb", "linear", "lab", "oklab"])
  for (const file of [png, sky, join(small, "rgba8.png")])
    for (const asked of [{}, { above: 0.2, apply: true }]) compareShown(file, { space, ...asked });
for (const file of tensors) compareShown(file, {});
for (const [norm, groups, option] of [["instance", 1, "instance"], ["layer", 1, "layer"], ["group", 3, "group:3"], ["batch", 1, "batch"]])
  compareTensors(3, ["-N", option], { norm, groups });
refuse(png, ["-g", "-1"], { gamma: [-1] });
refuse(png, ["-b", "128"], { beta: [128] });
refuse(join(small, "grey8.png"), ["-S", "lab"], { space: "lab" });
refuse(png, ["--strength", "1.5"], { strength: 1.5 });
refuse(png, ["--eps=-0.5"], { eps: -0.5 });
for (const groups of [0, -1, 2.5]) refuse(png, ["-N", `group:${groups}`], { norm: "group", groups });
refuse(png, ["-S", "ruderman"], { space: "ruderman" });
for (const space of ["rgb", "lab"]) compareCube(png, ["-S", space], { space });

if (wasm.length > 256 << 10) failed.push(`instnorm.wasm has ${wasm.length} bytes, more than 256 KiB`);
if (WebAssembly.Module.imports(new WebAssembly.Module(wasm)).length > 0) failed.push("instnorm.wasm has imports");

rmSync(work, { recursive: true });
for (const line of failed) console.error(`equal: ${line}`);
console.log(`equal: ${cases} comparisons of the page's module with the tool, ${failed.length} failed`);
process.exit(failed.length ? 1 : 0);
