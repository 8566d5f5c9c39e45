/* The module of src/web: pictures in, pixels, numbers and files out. Runs in a worker, and in node for the tests. */
"use strict";

/* The numbers that are asked for, in the order of src/web/asked.h. */
const ASK = ["space", "norm", "groups", "rgb", "mask", "below", "above", "style", "apply", "strength", "eps",
  "gammas", "gamma0", "gamma1", "gamma2", "betas", "beta0", "beta1", "beta2", "depth", "histograms"];

const NORMS = ["instance", "layer", "group", "batch"];
const TOLD_CHANNELS = 6;
const VIEW_BINS = 256;

/* What is asked for if nothing else is said: each picture by its own statistics, in rgb, to the customary target. */
const ASK_DEFAULT = { space: "rgb", norm: "instance", groups: 1, rgb: false, mask: -1, below: NaN, above: NaN, style: -1,
  apply: false, strength: 1, eps: NaN, gamma: [], beta: [], depth: 0, histograms: true };

/* What failed, in words: a module that traps lacks memory. */
function reasonOf(error) {
  return error instanceof WebAssembly.RuntimeError ? "out of memory" : error.message;
}

class Engine {
  /* bytes: of instnorm.wasm. */
  static async load(bytes) {
    const { instance } = await WebAssembly.instantiate(bytes, {});
    return new Engine(instance.exports);
  }

  constructor(exports) {
    this.exports = exports;
    this.spaces = [];
    for (let i = 0, at; (at = exports.web_space(i)) !== 0; i++) this.spaces.push(this.string(at));
  }

  /* Memory may have grown, so that each view of it is new. */
  bytes(at, n) {
    return new Uint8Array(this.exports.memory.buffer, at, n);
  }

  string(at) {
    const memory = new Uint8Array(this.exports.memory.buffer);
    return new TextDecoder().decode(memory.subarray(at, memory.indexOf(0, at)));
  }

  /* What the module says of its last call: throws if it failed. */
  answer(ok) {
    const text = this.string(this.exports.web_text());
    if (!ok) throw new Error(text);
    return text ? JSON.parse(text) : null;
  }

  put(bytes) {
    const at = this.exports.web_room(bytes.length);
    if (at === 0) throw new Error("out of memory");
    this.bytes(at, bytes.length).set(bytes);
  }

  /* A file, by the module's readers. Returns what the picture is. */
  open(place, file) {
    this.put(file);
    return this.answer(this.exports.web_open(place, file.length));
  }

  /* Pixels [height][width][4] of another decoder. */
  take(place, rgba, width, height) {
    this.put(rgba);
    return this.answer(this.exports.web_take(place, width, height));
  }

  close(place) {
    this.exports.web_close(place);
  }

  /* asked: as ASK_DEFAULT, but that gamma and beta are lists of numbers and "keep". */
  ask(asked) {
    const number = (list, i) => (i >= list.length || list[i] === "keep" ? NaN : list[i]);
    const flat = { ...asked, space: this.spaces.indexOf(asked.space), norm: NORMS.indexOf(asked.norm), rgb: +asked.rgb,
      apply: +asked.apply, histograms: +asked.histograms, gammas: asked.gamma.length, betas: asked.beta.length };
    for (let i = 0; i < 3; i++) {
      flat["gamma" + i] = number(asked.gamma, i);
      flat["beta" + i] = number(asked.beta, i);
    }
    new Float64Array(this.exports.memory.buffer, this.exports.web_ask(), ASK.length).set(ASK.map((name) => flat[name]));
  }

  measure(place) {
    return this.answer(this.exports.web_measure(place));
  }

  /* With the histograms of what was run or shown. */
  result() {
    const result = this.answer(true);
    const bins = new Float64Array(this.exports.memory.buffer, this.exports.web_bins(), 2 * TOLD_CHANNELS * VIEW_BINS);
    if (result.histograms)
      result.channel.forEach((channel, c) => {
        channel.bins = [0, 1].map((k) => Array.from(bins.subarray((k * TOLD_CHANNELS + c) * VIEW_BINS,
          (k * TOLD_CHANNELS + c + 1) * VIEW_BINS)));
      });
    return result;
  }

  /* The whole picture, as the tool does it. */
  run(place) {
    this.answer(this.exports.web_run(place));
    return this.result();
  }

  /* The samples of the output of that result, if floats were asked for. */
  samples({ pixels, colours }) {
    const at = this.exports.web_samples();
    if (at === 0) this.answer(false);
    return new Float32Array(this.bytes(at, 4 * pixels * colours).slice().buffer);
  }

  pixels(at, part) {
    if (at === 0) this.answer(false);
    const width = Math.ceil(part.width / part.step), height = Math.ceil(part.height / part.step);
    return { width, height, data: new Uint8ClampedArray(this.bytes(at, width * height * 4)) };
  }

  /* part: x, y, width, height of the picture, of which step x step pixels become one. */
  before(place, p) {
    return this.pixels(this.exports.web_before(place, p.x, p.y, p.width, p.height, p.step), p);
  }

  after(p) {
    return this.pixels(this.exports.web_after(p.x, p.y, p.width, p.height, p.step), p);
  }

  show(place, p) {
    const pixels = this.pixels(this.exports.web_show(place, p.x, p.y, p.width, p.height, p.step), p);
    return { pixels, result: this.result() };
  }

  weights(place, p) {
    return this.pixels(this.exports.web_weights(place, p.x, p.y, p.width, p.height, p.step), p);
  }

  made(at) {
    if (at === 0) this.answer(false);
    return this.bytes(at, this.exports.web_size()).slice();
  }

  png() {
    return this.made(this.exports.web_png());
  }

  cube() {
    return this.made(this.exports.web_cube());
  }
}
