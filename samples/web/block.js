/*
 * A block [N,C,H,W] of crops: where they are cut, what three filters answer, the file, and which planes are a pool. Nothing
 * here touches the page, and nothing is averaged here: statistics and outputs are the module's.
 */
"use strict";

const CROP = { width: 32, height: 24, count: 64 };
const PLANES = ["R", "G", "B", "across", "down", "detail"]; /* the colours, and what the filters answer */
const PLANE = CROP.width * CROP.height;
const SIZES = [1, 2, 4, 8, 16, 32]; /* of a batch */
const DRAWS = 24; /* random batches of each size */
const SEED = 20260;

/* Mulberry32, by Tommy Ettinger: numbers from 0 to below 1, the same ones for a seed. */
function randomFrom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/* ---- crops --------------------------------------------------------------------------------------------------------- */

/* Throws if no crop fits into the picture. */
function checkCropped({ width, height }) {
  if (width < CROP.width || height < CROP.height)
    throw new Error(`${width} x ${height} pixels: expected at least ${CROP.width} x ${CROP.height}`);
}

/*
 * A part of the picture: of each step x step pixels one is made, so that a crop shows something. Its side is from a third
 * to two thirds of the longest that fits.
 */
function randomPart({ width, height }, random) {
  const most = Math.floor(Math.min(width / CROP.width, height / CROP.height));
  const least = Math.max(1, Math.ceil(most / 3)), greatest = Math.max(least, Math.floor((2 * most) / 3));
  const step = least + Math.floor(random() * (greatest - least + 1));
  const part = { width: CROP.width * step, height: CROP.height * step, step };
  const x = Math.floor(random() * (width - part.width + 1)), y = Math.floor(random() * (height - part.height + 1));
  return { ...part, x, y };
}

/* The crops of pictures, which take turns: neighbours in a batch are of different ones. infos: what each picture is. */
function cropParts(infos) {
  const random = randomFrom(SEED);
  const turns = Array.from({ length: CROP.count }, (_, i) => i % infos.length);
  return turns.map((picture) => ({ picture, part: randomPart(infos[picture], random) }));
}

/* Weights [3][3] of a filter over the grey picture, which continues beyond its edges as it is there. */
const FILTERS = [
  [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]].map((row) => row.map((weight) => weight / 4)),
  [[-1, -2, -1], [0, 0, 0], [1, 2, 1]].map((row) => row.map((weight) => weight / 4)),
  [[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]].map((row) => row.map((weight) => weight / 8)),
];

function filtered(grey, weights, to) {
  const { width, height } = CROP, inside = (i, n) => Math.min(n - 1, Math.max(0, i));
  const at = (y, x) => grey[inside(y, height) * width + inside(x, width)];
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      let sum = 0;
      for (let dy = -1; dy <= 1; dy++)
        for (let dx = -1; dx <= 1; dx++) sum += weights[dy + 1][dx + 1] * at(y + dy, x + dx);
      to[y * width + x] = sum;
    }
}

/* A sample [C,H,W] of pixels [H][W][4]: colours from 0 to 1, answers of filters from -1 to 1. */
function sampleOf(pixels) {
  const sample = new Float32Array(PLANES.length * PLANE), plane = (c) => sample.subarray(c * PLANE, (c + 1) * PLANE);
  const grey = new Float64Array(PLANE);
  for (let c = 0; c < 3; c++)
    for (let i = 0; i < PLANE; i++) {
      plane(c)[i] = pixels[4 * i + c] / 255;
      grey[i] += pixels[4 * i + c] / (3 * 255);
    }
  FILTERS.forEach((weights, i) => filtered(grey, weights, plane(3 + i)));
  return sample;
}

/* ---- files --------------------------------------------------------------------------------------------------------- */

const DESCR = { Float32Array: "<f4", Float64Array: "<f8" };

/* An array of that shape as a file of NumPy. Low bytes first, as all browsers have them in memory. */
function npyFile(shape, values) {
  const descr = DESCR[values.constructor.name], dimensions = `${shape.join(", ")},`;
  const head = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${dimensions}), }`;
  const file = new Uint8Array(128 + values.byteLength);
  file.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, 118, 0]);
  file.set(new TextEncoder().encode(`${head.padEnd(117)}\n`), 10);
  file.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), 128);
  return file;
}

function blockFile(samples) {
  const values = new Float32Array(samples.length * PLANES.length * PLANE);
  samples.forEach((sample, n) => values.set(sample, n * sample.length));
  return npyFile([samples.length, PLANES.length, CROP.height, CROP.width], values);
}

/* ---- pools --------------------------------------------------------------------------------------------------------- */

/*
 * The pool of plane (n, c) in a batch of so many samples: its number in the order of instnorm_forward, and the planes that
 * it has, which are a rectangle of samples and channels.
 */
function poolOf({ kind, groups, size }, n, c) {
  const C = PLANES.length, each = kind === "layer" ? C : kind === "group" ? C / groups : 1, row = Math.floor(c / each);
  if (kind === "batch") return { number: c, n: 0, samples: size, c, channels: 1, row: c };
  return { number: n * (C / each) + row, n, samples: 1, c: row * each, channels: each, row };
}

/* All of them, in their order. */
function poolsOf(choice) {
  const pools = [];
  for (let n = 0; n < choice.size; n++)
    for (let c = 0; c < PLANES.length; c++) {
      const pool = poolOf(choice, n, c);
      pools[pool.number] ??= pool;
    }
  return pools;
}

/* Random batches of that size, as lists of crops. One crop may come twice, as if there were very many. */
function randomBatches(size) {
  const random = randomFrom(SEED + size);
  return Array.from({ length: DRAWS }, () => Array.from({ length: size }, () => Math.floor(random() * CROP.count)));
}

/* ---- the same elsewhere -------------------------------------------------------------------------------------------- */

const normOption = ({ kind, groups }) => (kind === "group" ? `group:${groups}` : kind);

function layerCommand(choice) {
  return `instnorm-cli -N ${normOption(choice)} block.npy out.npy`;
}

function layerCall({ kind, groups, size }) {
  const shape = `&(struct instnorm_shape){.n = ${size}, .c = ${PLANES.length}, .h = ${CROP.height}, .w = ${CROP.width}}`;
  return `instnorm_forward(INSTNORM_${kind.toUpperCase()}, ${kind === "group" ? groups : 0}, ${shape},\n` +
    `    x, NULL, NULL, 1e-5, y, mean, rstd)`;
}
