// Seconds of ONNX Runtime's InstanceNormalization on the shapes of the arguments: median and minimum of several calls each.
//
//     node peer_ort.js FOLDER THREADS CALLS N,C,H,W...        FOLDER holds node_modules/onnxruntime-node
"use strict";
const [folder, threads, calls, ...shapes] = process.argv.slice(2);
const ort = require(require("path").resolve(folder, "node_modules/onnxruntime-node"));

// The little of protobuf that a model of one node needs: varints and length-delimited fields.
const varint = (n) => (n < 128 ? [n] : [(n & 127) | 128, ...varint(Math.floor(n / 128))]);
const number = (field, n) => [...varint(field * 8), ...varint(n)];
const bytes = (field, data) => [...varint(field * 8 + 2), ...varint(data.length), ...data];
const text = (field, s) => bytes(field, [...Buffer.from(s)]);
const value = (field, name) => bytes(field, [...text(1, name), ...bytes(2, bytes(1, number(1, 1)))]);
const epsilon = [...text(1, "epsilon"), ...varint(2 * 8 + 5), ...Buffer.from(new Float32Array([1e-5]).buffer), ...number(20, 1)];
const node = [...["x", "s", "b"].flatMap((n) => text(1, n)), ...text(2, "y"), ...text(4, "InstanceNormalization"), ...bytes(5, epsilon)];
const graph = [...bytes(1, node), ...text(2, "g"), ...["x", "s", "b"].flatMap((n) => value(11, n)), ...value(12, "y")];
const model = Uint8Array.from([...number(1, 8), ...bytes(7, graph), ...bytes(8, number(2, 7))]);

async function main() {
    const session = await ort.InferenceSession.create(model, { intraOpNumThreads: Number(threads), interOpNumThreads: 1 });
    for (const shape of shapes) {
        const dims = shape.split(",").map(Number);
        const size = dims.reduce((a, b) => a * b);
        const random = (n) => Float32Array.from({ length: n }, Math.random);
        const feeds = {
            x: new ort.Tensor("float32", random(size), dims),
            s: new ort.Tensor("float32", random(dims[1]), [dims[1]]),
            b: new ort.Tensor("float32", random(dims[1]), [dims[1]]),
        };
        // The result goes where it went before, so that no call pays for fresh memory.
        const fetches = { y: new ort.Tensor("float32", new Float32Array(size), dims) };
        const times = [];
        for (let i = 0; i <= Number(calls); i++) {
            const start = process.hrtime.bigint();
            await session.run(feeds, fetches);
            times.push(Number(process.hrtime.bigint() - start) / 1e9);
        }
        const sorted = times.slice(1).sort((a, b) => a - b);
        console.log(shape, sorted[sorted.length >> 1].toFixed(9), sorted[0].toFixed(9));
    }
}
module.exports = { ort, model };
if (require.main === module)
    main().catch((e) => {
        console.error(String(e));
        process.exit(1);
    });
