/* The worker: it has the module, and does one message after another. The page sends no more than one frame at a time. */
"use strict";

let engine;
let batch; /* of the tab "Layers", in a worker of its own */
let ran = ""; /* what the output in the module is of */

/* Formats that the module reads: what is wrong with such a file is no matter of another decoder. */
const OWN = [[0x89, 0x50, 0x4e, 0x47], [0x42, 0x4d], [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]];

function isOwn(bytes, reason) {
  const netpbm = bytes[0] === 0x50 && "1234567Ff".includes(String.fromCharCode(bytes[1]));
  const damaged = /truncated|corrupt|checksum/.test(reason);
  return netpbm || damaged || OWN.some((magic) => magic.every((byte, i) => bytes[i] === byte));
}

/* What the module cannot read, by the browser: 8 bits a sample, and colours under low alpha lose precision. */
async function decode(place, bytes, reason) {
  const options = { colorSpaceConversion: "none", imageOrientation: "none", premultiplyAlpha: "none" };
  let bitmap;
  try {
    bitmap = await createImageBitmap(new Blob([bytes]), options);
  } catch {
    throw new Error(reason);
  }
  const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
  context.drawImage(bitmap, 0, 0);
  const { data, width, height } = context.getImageData(0, 0, bitmap.width, bitmap.height);
  return { ...engine.take(place, data, width, height), browser: reason };
}

async function open({ place, bytes }) {
  const file = new Uint8Array(bytes);
  ran = "";
  try {
    return engine.open(place, file);
  } catch (error) {
    if (isOwn(file, error.message)) throw error;
    return decode(place, file, error.message);
  }
}

/* A frame while something moves: a part, by the statistics of the whole. */
function frame({ place, asked, part, whole }) {
  const answer = {};
  engine.ask({ ...asked, histograms: false });
  const shown = engine.show(place, part);
  answer.after = shown.pixels;
  answer.result = shown.result;
  if (whole) {
    engine.ask({ ...asked, histograms: true });
    answer.result = engine.show(place, whole).result;
  }
  return answer;
}

function run(place, asked) {
  const key = JSON.stringify([place, asked]);
  engine.ask({ ...asked, histograms: true });
  if (ran === key) return;
  ran = "";
  answers.result = engine.run(place);
  ran = key;
}

const answers = {}; /* the result of the last run */

/* All of the picture, as the tool does it; of which a part is seen. */
function settle({ place, asked, part }) {
  run(place, asked);
  return { after: engine.after(part), result: answers.result };
}

function make({ place, asked, kind }) {
  run(place, asked);
  return { bytes: kind === "png" ? engine.png() : engine.cube() };
}

const DO = {
  load: async ({ wasm }) => {
    engine = await Engine.load(wasm);
    batch = new Batch(engine, open);
    return { spaces: engine.spaces };
  },
  open,
  close: ({ place }) => {
    ran = "";
    engine.close(place);
  },
  before: ({ place, part }) => engine.before(place, part),
  measure: ({ place, asked }) => {
    engine.ask(asked);
    return engine.measure(place);
  },
  weights: ({ place, asked, part }) => {
    engine.ask(asked);
    return engine.weights(place, part);
  },
  frame,
  settle,
  make,
  cut: ({ files }) => batch.cut(files),
  normalize: ({ list, norm, groups }) => batch.normalize(list, norm, groups),
  spread: ({ batches }) => batch.spread(batches),
  moments: ({ file }) => batch.moments(file),
};

let last = Promise.resolve();

/* In their order, although some of them wait. */
onmessage = ({ data }) => {
  last = last.then(async () => {
    try {
      const answer = await DO[data.what](data);
      const arrays = [answer?.data, answer?.after?.data, answer?.bytes, answer?.y].filter(Boolean);
      const buffers = arrays.map((array) => array.buffer);
      postMessage({ id: data.id, answer }, buffers);
    } catch (error) {
      postMessage({ id: data.id, error: reasonOf(error) });
    }
  });
};
