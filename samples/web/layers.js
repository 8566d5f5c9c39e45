/*
 * The tab "Layers": a block of crops, what each kind of normalization pools in it, and what comes of it. Its module is one
 * of its own, in a worker of its own.
 */
"use strict";

const KIND_HINTS = {
  instance: () => "Each plane alone: one channel of one sample.",
  layer: () => "All channels of a sample together, each sample alone.",
  group: (groups) => ({
    1: "All channels of a sample in one group: the same as layer.",
    2: "Neighbouring channels of a sample, in two groups: the colours, and the filters.",
    3: "Neighbouring channels of a sample, in three groups of two.",
    6: "Six groups of one channel: the same as instance.",
  })[groups],
  batch: (groups, size) => (size === 1 ? "One channel over all samples of the batch, which is one: the same as instance."
    : "One channel over all samples of the batch: what becomes of a sample depends on the others."),
};

const REASONS = 8; /* lines of what is refused */

class LayersTab {
  constructor() {
    this.isOpen = false;
    this.crops = []; /* samples [C,H,W] */
    this.spread = null; /* of random batches */
    this.names = []; /* of the pictures that they are of */
    this.reasons = {}; /* of what is refused */
    this.plane = [0, 0]; /* the one whose pool is marked */
    const mark = (n, c) => this.mark(n, c);
    this.before = new PlaneGrid(by("block-before"), mark);
    this.after = new PlaneGrid(by("block-after"), mark);
    this.pair = ["alone-picture", "inside-picture"].map((id) => new Crop(by(id)));
    this.wire();
  }

  /* Once, when it is seen for the first time: until then it costs nothing. */
  open() {
    if (this.worked) return;
    this.worked = new Worked(embedded("worker"));
    this.loaded = this.worked.ask("load", { wasm: decode64(embedded("wasm")) });
    this.takeSamples();
  }

  /* ---- the controls ---- */

  get choice() {
    const checked = (name) => document.querySelector(`input[name=${name}]:checked`).value;
    const size = SIZES[by("batch-size").valueAsNumber];
    return { kind: checked("kind"), groups: Number(checked("layer-groups")), size };
  }

  wire() {
    for (const input of document.querySelectorAll("input[name=kind], input[name=layer-groups]"))
      input.addEventListener("change", () => this.want());
    by("batch-size").addEventListener("input", () => this.want());
    by("scatter-channel").append(...PLANES.map((name, c) => element("option", { value: c }, name)));
    by("scatter-channel").addEventListener("change", () => this.showSpread());
    by("open-crops").addEventListener("change", async ({ target }) => {
      await this.take([...target.files]);
      target.value = "";
    });
    by("sample-crops").addEventListener("click", () => { by("open-crops").focus(); this.takeSamples(); });
    by("download-block").addEventListener("click", () => {
      save(blockFile(this.crops.slice(0, this.choice.size)), "block.npy", "application/octet-stream");
    });
    for (const what of ["command", "call"])
      by(`copy-${what}`).addEventListener("click", () => copy(by(`layer-${what}`), by(`copy-${what}`)));
    by("pool-table").addEventListener("pointerover", ({ target }) => {
      const cell = target.closest("td");
      if (cell) this.mark(Number(cell.dataset.n), Number(cell.dataset.c));
    });
  }

  showChoice({ kind, groups, size }) {
    by("layer-groups-box").hidden = kind !== "group";
    by("kind-hint").textContent = KIND_HINTS[kind](groups, size);
    by("batch-size-now").textContent = String(size);
    by("batch-size").setAttribute("aria-valuetext", size === 1 ? "1 sample" : `${size} samples`);
  }

  /* ---- pictures ---- */

  async takeSamples() {
    await this.cut(samples.map(({ name, data }) => ({ name, bytes: decode64(data).buffer })), []);
    by("sample-crops").hidden = true;
  }

  async take(files) {
    const read = [], refused = [];
    for (const file of files) {
      try {
        read.push({ name: file.name, bytes: await file.arrayBuffer() });
      } catch (error) {
        refused.push(`${file.name}: ${error.message}`);
      }
    }
    if (files.length > 0 && await this.cut(read, refused)) by("sample-crops").hidden = false;
  }

  /* refused: files that could not be read. False: the crops are those that were there before, for none was taken. */
  async cut(files, refused) {
    by("layers-panel").dataset.state = "moving";
    by("crops-of").textContent = "Cutting…";
    try {
      await this.loaded;
      const answer = await this.worked.ask("cut", { files }, files.map(({ bytes }) => bytes));
      this.tell("files", [...refused, ...answer.refused].join("\n"));
      if (answer.samples.length === 0) return false;
      this.crops = answer.samples;
      this.names = answer.names;
      this.spread = null;
      return true;
    } catch (error) {
      this.tell("files", error.message);
      return false;
    } finally {
      const names = this.names.length > 8 ? `${this.names.length} pictures` : this.names.join(", ");
      by("crops-of").textContent = names && `${CROP.count} crops of ${names}`;
      this.want();
    }
  }

  /* what: "files" that cannot be cut, or "work" that cannot be done. */
  tell(what, reason) {
    this.reasons = { ...this.reasons, [what]: reason };
    const all = Object.values(this.reasons).filter(Boolean).join("\n").split("\n").filter(Boolean);
    const more = all.length > REASONS ? [`and ${all.length - REASONS} more`] : [];
    by("layers-error").hidden = all.length === 0;
    by("layers-error").textContent = [...all.slice(0, REASONS), ...more].join("\n");
  }

  /* ---- one answer after another, and always the newest ---- */

  want() {
    this.wanted = true;
    this.showChoice(this.choice);
    by("layers-panel").dataset.state = "moving";
    this.pump();
  }

  async pump() {
    if (this.busy) return;
    this.busy = true;
    while (this.wanted && this.crops.length > 0) {
      this.wanted = false;
      const work = async () => { await this.normalize(); if (!this.wanted) await this.measureSpread(); };
      this.tell("work", await work().then(() => "", (error) => error.message));
    }
    this.busy = false;
    by("layers-panel").dataset.state = this.reasons.work ? "failed" : "settled";
  }

  async normalize() {
    const choice = this.choice, crops = this.crops, from = performance.now();
    const list = Array.from({ length: choice.size }, (_, i) => i);
    const answer = await this.worked.ask("normalize", { list, norm: choice.kind, groups: choice.groups });
    if (crops !== this.crops) return;
    const pools = poolsOf(choice).map((pool) => ({ ...pool, ...answer.pooled[pool.n][pool.c] }));
    this.shown = { choice, pools, ...answer };
    this.showBlock();
    this.showAlone();
    this.showElsewhere();
    this.showSpread();
    by("layers-panel").dataset.took = performance.now() - from;
  }

  /* Random batches of all sizes: once for the crops, and not while something moves. */
  async measureSpread() {
    if (this.spread) return;
    const crops = this.crops, points = [];
    const [all] = await this.worked.ask("spread", { batches: [crops.map((_, i) => i)] });
    for (const size of SIZES) {
      points.push(await this.worked.ask("spread", { batches: randomBatches(size) }));
      if (this.wanted || crops !== this.crops) return;
    }
    const spread = { all, points, mean: [], std: [] };
    for (const what of ["mean", "std"])
      for (const batches of points) {
        const values = Float64Array.from(PLANES.flatMap((_, c) => batches.map((batch) => batch[c][what])));
        const file = npyFile([PLANES.length, 1, DRAWS], values);
        spread[what].push(await this.worked.ask("moments", { file }));
      }
    if (crops !== this.crops) return;
    this.spread = spread;
    this.showSpread();
  }

  /* ---- what is seen ---- */

  showBlock() {
    const { choice, pools, y } = this.shown, each = PLANES.length * PLANE;
    const outputs = Array.from({ length: choice.size }, (_, n) => y.subarray(n * each, (n + 1) * each));
    by("blocks").style.setProperty("--n", choice.size);
    by("blocks").classList.toggle("few", choice.size <= 8);
    if (this.drawn !== this.crops || this.before.size !== choice.size) {
      this.before.draw(this.crops.slice(0, choice.size), (c) => (c < 3 ? INPUT : ANSWER));
      this.drawn = this.crops;
    }
    this.after.draw(outputs, () => OUTPUT);
    for (const grid of [this.before, this.after]) grid.showPools(choice, pools);
    fillPools(by("pool-table"), choice, pools);
    by("block-shape").textContent = `[${choice.size}, ${PLANES.length}, ${CROP.height}, ${CROP.width}]`;
    by("pools-are").textContent = poolsWords(pools);
    this.mark(Math.min(this.plane[0], choice.size - 1), this.plane[1]);
  }

  /* The pool of a plane, wherever it is seen, and in words. */
  mark(n, c) {
    const { choice, pools } = this.shown, pool = pools[poolOf(choice, n, c).number];
    this.plane = [n, c];
    for (const grid of [this.before, this.after]) grid.mark(n, c, pool.number);
    markPool(by("pool-table"), pool.number);
    const words = poolWords(pool, pool);
    by("pool-name").textContent = `Pool ${pool.number + 1} of ${pools.length}: ${words.planes}`;
    by("pool").className = `pool ${tintOf(pool)}`;
    for (const name of ["count", "mean", "variance", "rstd", "formula"]) by(`pool-${name}`).textContent = words[name];
  }

  /* How far the first sample is from what it would be without the others. */
  showAlone() {
    const { choice, y, alone } = this.shown, sample = y.subarray(0, alone.length);
    let most = 0, at = 0;
    for (let i = 0; i < alone.length; i++) {
      const apart = Math.abs(sample[i] - alone[i]);
      if (apart > most) [most, at] = [apart, i];
    }
    const bits = (values) => new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    const one = bits(sample), other = bits(alone), same = one.every((byte, i) => byte === other[i]);
    const lone = choice.size === 1 ? "It is the whole batch." : "The others have its mean and deviation.";
    const why = choice.kind === "batch" ? lone : "Nothing of other samples comes in.";
    const where = `in ${PLANES[Math.floor(at / PLANE)]} (the deviation of a pool is 1)`;
    by("alone").textContent = `Sample 1 alone and inside ${choice.size === 1 ? "a" : "this"} batch of ${choice.size}: ` +
      (same ? `the same bytes. ${why}` : `values differ by up to ${figure(most)}, ${where}.`);
    by("alone").dataset.most = most;
    this.pair[0].draw(alone, COLOURS, OUTPUT);
    this.pair[1].draw(sample, COLOURS, OUTPUT);
  }

  showElsewhere() {
    by("layer-command").textContent = layerCommand(this.shown.choice);
    by("layer-call").textContent = layerCall(this.shown.choice);
  }

  showSpread() {
    by("scatter").hidden = !this.spread;
    if (!this.spread || !this.shown) return;
    const { choice: { kind, size } } = this.shown, c = Number(by("scatter-channel").value), spread = this.spread;
    const words = (what, i) => withSpread(spread[what][i][c]);
    for (const [what, name] of [["mean", "mean"], ["std", "deviation"]]) {
      const texts = SIZES.map((n, i) => `batches of ${n}: ${words(what, i)}`).join("; ");
      const points = spread.points.map((batches) => batches.map((batch) => batch[c][what]));
      drawScatter(by(`scatter-${what}`), points, spread.all[c][what], size,
        `The ${name} of ${PLANES[c]} in random batches. ${texts}; all crops: ${figure(spread.all[c][what])}`);
    }
    const sizes = [...new Set([2, size, 32])].sort((a, b) => a - b);
    const both = (mean, std) => `mean ${mean}, deviation ${std}`, all = spread.all[c];
    const parts = sizes.map((n) => `of ${n}: ${both(...["mean", "std"].map((what) => words(what, SIZES.indexOf(n))))}`);
    by("scatter-words").textContent = `Batches ${parts.join("; ")}. ` +
      `All ${CROP.count} crops: ${both(figure(all.mean), figure(all.std))}.`;
    by("scatter-use").textContent = kind === "batch"
      ? "A batch is normalized with its own dot: the smaller it is, the more its samples depend on which others came along."
      : `Normalization by ${kind} does not use these statistics: those of a sample are the same, whatever the batch.`;
  }
}

const layers = new LayersTab();
new Tabs(by("tabs"), (name) => {
  layers.isOpen = name === "layers";
  if (layers.isOpen) layers.open();
});
