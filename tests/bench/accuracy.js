// What ONNX Runtime's InstanceNormalization makes of the cases that accuracy.c wrote: CASES/K.x -> CASES/K.ort.
//
//     node accuracy.js FOLDER CASES N,C,H,W        FOLDER holds node_modules/onnxruntime-node
"use strict";
const fs = require("fs");
const path = require("path");
const { ort, model } = require("./peer_ort.js");
const [folder, cases, shape] = process.argv.slice(2);

const read = (file) => {
    const bytes = fs.readFileSync(path.join(cases, file));
    return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
};

async function main() {
    const session = await ort.InferenceSession.create(model);
    const dims = shape.split(",").map(Number);
    for (const file of fs.readdirSync(cases).filter((name) => name.endsWith(".x"))) {
        const name = file.slice(0, -2);
        const row = (kind) => new ort.Tensor("float32", read(`${name}.${kind}`), [dims[1]]);
        const feeds = { x: new ort.Tensor("float32", read(file), dims), s: row("gamma"), b: row("beta") };
        const { y } = await session.run(feeds);
        fs.writeFileSync(path.join(cases, `${name}.ort`), Buffer.from(y.data.buffer, y.data.byteOffset, y.data.byteLength));
    }
    const { version } = require(path.resolve(folder, "node_modules/onnxruntime-node/package.json"));
    console.log(`ONNX Runtime ${version}`);
}
main().catch((e) => {
    console.error(String(e));
    process.exit(1);
});
