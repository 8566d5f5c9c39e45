/*
 * In the worker: the samples of a block in places of the module. A batch is what fills them, so that the engine pools it
 * as it pools the pictures of a set.
 */
"use strict";

const ALONE = 255; /* a place for what is no sample */
const CUT = CROP.count; /* the first place of pictures that are cut; samples have those before */

class Batch {
  /* open({ place, bytes }): a picture to that place, by the module or by the browser; gives what it is. */
  constructor(engine, open) {
    this.engine = engine;
    this.open = open;
    this.files = []; /* of the samples */
    this.filled = []; /* the file that each place has */
    this.alone = {}; /* the output of the first sample without others, by kind and groups */
  }

  /*
   * Samples [C,H,W] of pictures, which are in places only meanwhile. files: name and bytes of each. Those that are refused
   * are told, and left out; samples stay as they were if no file is left.
   */
  async cut(files) {
    const used = [], refused = [];
    this.fill([]);
    const taken = files.slice(0, CROP.count);
    if (taken.length < files.length)
      refused.push(`${files.length} pictures, expected at most ${CROP.count}: the first ones are taken`);
    for (const [i, { name, bytes }] of taken.entries()) {
      try {
        const info = await this.open({ place: CUT + i, bytes });
        checkCropped(info);
        used.push({ name, info, place: CUT + i });
      } catch (error) {
        refused.push(`${name}: ${reasonOf(error)}`);
      }
    }
    const parts = used.length > 0 ? cropParts(used.map(({ info }) => info)) : [];
    const samples = parts.map(({ picture, part }) => sampleOf(this.engine.before(used[picture].place, part).data));
    taken.forEach((_, i) => this.engine.close(CUT + i));
    if (samples.length > 0) {
      this.alone = {};
      this.files = samples.map((sample) => npyFile([PLANES.length, CROP.height, CROP.width], sample));
    }
    return { samples, names: used.map(({ name }) => name), refused };
  }

  /* list: a file for each place from 0 on. */
  fill(list) {
    for (let place = 0; place < Math.max(list.length, this.filled.length); place++) {
      if (place >= list.length) this.engine.close(place);
      else if (this.filled[place] !== list[place]) this.engine.open(place, this.files[list[place]]);
    }
    this.filled = [...list];
  }

  /* As of a layer: gamma 1, beta 0, and floats come out. */
  ask(norm, groups) {
    this.engine.ask({ ...ASK_DEFAULT, norm, groups, gamma: [1], beta: [0], eps: 1e-5, depth: 32, histograms: false });
  }

  /* What the sample in that place is normalized with, channel by channel, and its output. */
  run(place) {
    const result = this.engine.run(place);
    const pooled = result.channel.map(({ used: { weight, mean, variance, std }, eps }) => {
      const rstd = 1 / Math.sqrt(variance + eps); /* the scale is that too, but 0 where all values are equal */
      return { weight, mean, variance, std, rstd };
    });
    return { pooled, y: this.engine.samples(result) };
  }

  /* The samples of the list in one batch: y [N][C,H,W] and pooled [N][C]; and the first of them without the others. */
  normalize(list, norm, groups) {
    const key = `${list[0]} ${norm} ${groups}`;
    this.alone[key] ??= this.outputs(list.slice(0, 1), norm, groups).y;
    return { ...this.outputs(list, norm, groups), alone: this.alone[key] };
  }

  outputs(list, norm, groups) {
    this.fill(list);
    this.ask(norm, groups);
    const runs = list.map((_, place) => this.run(place)), each = runs[0].y.length;
    const y = new Float32Array(list.length * each);
    runs.forEach((run, n) => y.set(run.y, n * each));
    return { y, pooled: runs.map((run) => run.pooled) };
  }

  /* The statistics [C] of each batch. */
  spread(batches) {
    return batches.map((list) => {
      this.fill(list);
      this.ask("batch", 1);
      return this.run(0).pooled;
    });
  }

  /* Those of each channel of a file by itself. */
  moments(file) {
    this.engine.open(ALONE, file);
    this.ask("instance", 1);
    const { channel } = this.engine.measure(ALONE);
    this.engine.close(ALONE);
    return channel.map(({ measured }) => ({ mean: measured.mean, std: measured.std }));
  }
}
