/*
 * A block as a grid of planes, a column for each sample and a row for each channel, and the statistics of its pools as a
 * table of the same shape. Planes of a pool touch, in the colour of the pool; between pools there is a gap.
 */
"use strict";

const TINTS = 6; /* colours of pools in layers.css */

/* Neighbours of a pool have other colours. */
const tintOf = (pool) => `t${(pool.row + 2 * pool.n) % TINTS}`;

/* "0.412": the same width for all. */
const short = (x) => x.toFixed(3).replace(/^-(?!0\.000)/, "−").replace("-", "");

/* ---- pixels -------------------------------------------------------------------------------------------------------- */

/* A canvas of the size of a crop, that is drawn again and again. */
class Crop {
  constructor(canvas = element("canvas", { "aria-hidden": "true" })) {
    this.canvas = canvas;
    canvas.width = CROP.width;
    canvas.height = CROP.height;
    this.context = canvas.getContext("2d", { willReadFrequently: true }); /* in memory: there are hundreds */
    this.image = new ImageData(CROP.width, CROP.height);
    this.image.data.fill(255);
  }

  /* Three planes of a sample as red, green and blue; middle is half of white, and a value more is scale of white more. */
  draw(sample, planes, { scale, middle }) {
    const { data } = this.image, most = 255 * scale, shift = 127.5 - most * middle;
    for (let k = 0; k < 3; k++)
      for (let i = 0, at = planes[k] * PLANE; i < PLANE; i++)
        data[4 * i + k] = sample[at + i] * most + shift; /* which rounds and cuts off */
    this.context.putImageData(this.image, 0, 0);
  }
}

const COLOURS = [0, 1, 2];
const INPUT = { scale: 1, middle: 0.5 }, ANSWER = { scale: 1, middle: 0 }, OUTPUT = { scale: 1 / 6, middle: 0 };

/* ---- the grid ------------------------------------------------------------------------------------------------------ */

class PlaneGrid {
  /* marked(n, c): called when a plane is pointed at, or has the focus. */
  constructor(root, marked) {
    this.root = root;
    this.marked = marked;
    this.heads = [];
    this.cells = PLANES.map(() => []);
    this.at = [0, 0];
    this.head = element("div", { role: "row" });
    this.rows = PLANES.map(() => element("div", { role: "row" }));
    root.append(this.head, ...this.rows);
    root.addEventListener("pointerover", (event) => this.point(event));
    root.addEventListener("focusin", (event) => this.point(event));
    root.addEventListener("keydown", (event) => this.key(event));
  }

  point(event) {
    const cell = event.target.closest("[role=gridcell]");
    if (cell) this.marked(Number(cell.dataset.n), Number(cell.dataset.c));
  }

  key(event) {
    const [n, c] = this.at, last = this.size - 1;
    const to = { ArrowRight: [n + 1, c], ArrowLeft: [n - 1, c], ArrowDown: [n, c + 1], ArrowUp: [n, c - 1],
      Home: [0, c], End: [last, c] }[event.key];
    if (!to || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    if (to[0] >= 0 && to[0] <= last) this.cells[to[1]]?.[to[0]].focus();
  }

  /* Cells are made once, for they are many. */
  reserve(size) {
    for (let n = this.heads.length; n < size; n++) {
      const colours = new Crop(), number = element("span", {}, String(n + 1));
      const head = element("div", { role: "columnheader" }, colours.canvas, number);
      this.heads.push(Object.assign(head, { crop: colours }));
      PLANES.forEach((_, c) => {
        const crop = new Crop(), place = { "data-n": n, "data-c": c };
        const cell = element("div", { role: "gridcell", tabindex: "-1", ...place }, crop.canvas);
        this.cells[c].push(Object.assign(cell, { crop }));
      });
    }
    if (size === this.size) return;
    this.size = size;
    this.head.replaceChildren(element("div", { role: "columnheader" }, "sample"), ...this.heads.slice(0, size));
    this.rows.forEach((row, c) => {
      row.replaceChildren(element("div", { role: "rowheader" }, PLANES[c]), ...this.cells[c].slice(0, size));
    });
  }

  /* Samples [C,H,W]; how(c): what is black and white in a plane. */
  draw(samples, how) {
    this.reserve(samples.length);
    samples.forEach((sample, n) => {
      this.heads[n].crop.draw(sample, COLOURS, how(0));
      PLANES.forEach((_, c) => this.cells[c][n].crop.draw(sample, [c, c, c], how(c)));
    });
  }

  /* Which planes are a pool. pools: with their statistics, by number. */
  showPools(choice, pools) {
    for (let n = 0; n < choice.size; n++)
      PLANES.forEach((name, c) => {
        const cell = this.cells[c][n], pool = pools[poolOf(choice, n, c).number];
        cell.className = `plane ${tintOf(pool)} ${edgesOf(pool, n, c)}`;
        cell.dataset.pool = pool.number;
        cell.setAttribute("aria-label", `sample ${n + 1}, ${name}: ` +
          `pool ${pool.number + 1}, mean ${short(pool.mean)}, deviation ${short(pool.std)}`);
      });
  }

  /* Plane (n, c) is the one that Tab comes to. */
  mark(n, c, number) {
    this.cells[this.at[1]][this.at[0]].setAttribute("tabindex", "-1");
    this.at = [n, c];
    this.cells[c][n].setAttribute("tabindex", "0");
    markPool(this.root, number);
  }
}

/* The sides on which a plane ends its pool. */
function edgesOf(pool, n, c) {
  const right = pool.n + pool.samples - 1, bottom = pool.c + pool.channels - 1;
  const sides = { l: n === pool.n, r: n === right, t: c === pool.c, b: c === bottom };
  return Object.keys(sides).filter((side) => sides[side]).map((side) => `edge-${side}`).join(" ");
}

function markPool(root, number) {
  for (const cell of root.querySelectorAll("[data-pool]"))
    cell.classList.toggle("marked", Number(cell.dataset.pool) === number);
}

/* ---- the table ----------------------------------------------------------------------------------------------------- */

/* A row for each channel, a column for each sample; a pool is one cell over all of its planes. */
function fillPools(table, choice, pools) {
  const heads = Array.from({ length: choice.size }, (_, n) => element("th", { scope: "col" }, String(n + 1)));
  const rows = PLANES.map((name, c) => {
    const row = element("tr", {}, element("th", { scope: "row" }, name));
    for (let n = 0; n < choice.size; n++) {
      const pool = poolOf(choice, n, c);
      if (pool.n !== n || pool.c !== c) continue;
      const { mean, std } = pools[pool.number], place = { "data-pool": pool.number, "data-n": n, "data-c": c };
      row.append(element("td", { class: tintOf(pool), ...place, colspan: pool.samples, rowspan: pool.channels },
        element("span", {}, short(mean)), element("small", {}, short(std))));
    }
    return row;
  });
  const head = element("tr", {}, element("th", { scope: "col" }, "sample"), ...heads);
  table.replaceChildren(element("thead", {}, head), element("tbody", {}, ...rows));
}

/* ---- in words ------------------------------------------------------------------------------------------------------ */

function poolsWords(pools) {
  const each = `${pools[0].weight.toLocaleString("en")} values`;
  return `${pools.length === 1 ? `1 pool of ${each}` : `${pools.length} pools of ${each} each`}: mean, and deviation below`;
}

/* "samples 1 to 4, R" and the like. */
function planesOf(pool) {
  const samples = pool.samples > 1 ? `samples 1 to ${pool.samples}` : `sample ${pool.n + 1}`;
  const names = PLANES.slice(pool.c, pool.c + pool.channels).join(", ");
  const channels = pool.channels === PLANES.length ? "all channels" : names;
  return `${samples}, ${channels}`;
}

/* How its number of samples comes about, and the formula with its numbers. */
function poolWords(pool, { weight, mean, variance, rstd }) {
  const counts = [pool.samples, pool.channels].filter((n) => n > 1);
  return {
    planes: planesOf(pool),
    count: `M = ${[...counts, CROP.height, CROP.width].join(" × ")} = ${weight.toLocaleString("en")}`,
    mean: `mean = ${figure(mean)}`,
    variance: `variance = ${figure(variance)}`,
    rstd: `rstd = 1 / √(${figure(variance)} + 0.00001) = ${figure(rstd)}`,
    formula: `y = (x ${signed(-mean)}) × ${figure(rstd)}`,
  };
}
