// What one writes with sharp: stats() for the mean and deviation of each channel, linear() for mean 0.5 and deviation 0.25.
//
//     node peer_sharp.js N FOLDER FILE...     prints the seconds, without those of starting
//
// N files at a time, each by one thread of vips. JPEG is written with quality 90, PNG with level 1. SHARP_DIR is the folder in
// which "npm install sharp" ran.
const path = require('path');
const sharp = require(require.resolve('sharp', {paths: [process.env.SHARP_DIR || '.']}));

const [atATime, folder, ...files] = process.argv.slice(2);

async function normalize(file) {
    const {channels} = await sharp(file).stats();
    const scale = channels.map(c => 63.75 / c.stdev);
    const shift = channels.map((c, i) => 127.5 - scale[i] * c.mean);
    const picture = sharp(file).linear(scale, shift);
    const written = file.endsWith('.png') ? picture.png({compressionLevel: 1}) : picture.jpeg({quality: 90});
    await written.toFile(path.join(folder, path.basename(file)));
}

async function takeFiles(queue) {
    for (const file of queue)
        await normalize(file);
}

async function main() {
    sharp.concurrency(1);
    sharp.cache(false);
    const start = process.hrtime.bigint();
    const queue = files.values();
    await Promise.all(Array.from({length: Number(atATime)}, () => takeFiles(queue)));
    console.log(Number(process.hrtime.bigint() - start) / 1e9);
}

main().catch(error => {
    console.error(error.message);
    process.exit(1);
});
