/*
 * library.mjs BUILD: the library that is part of the page gives the numbers of the tool's, to the bit: moments, forward and
 * backward, running statistics, colours and fits of fixed tensors have the same hash.
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const build = process.argv[2];
const module = await WebAssembly.compile(readFileSync(join(build, "web/library_bytes.wasm")));
let page = "";

/* What WASI gives a program that prints: every byte that it writes is kept. */
function fd_write(fd, parts, n, written) {
  const memory = new DataView(instance.exports.memory.buffer);
  let bytes = 0;
  for (let i = 0; i < n; i++) {
    const length = memory.getUint32(parts + 8 * i + 4, true);
    page += new TextDecoder().decode(new Uint8Array(memory.buffer, memory.getUint32(parts + 8 * i, true), length));
    bytes += length;
  }
  memory.setUint32(written, bytes, true);
  return 0;
}

const imports = Object.fromEntries(WebAssembly.Module.imports(module).map(({ name }) => [name, () => 0]));
const instance = await WebAssembly.instantiate(module, { wasi_snapshot_preview1: { ...imports, fd_write } });
instance.exports._start();

const tool = execFileSync(join(build, "library_bytes"), { encoding: "utf8" });
console.log(`library: wasm ${page.trim()}, native ${tool.trim()}`);
process.exit(/^[0-9a-f]{16}\n$/.test(page) && page === tool ? 0 : 1);
