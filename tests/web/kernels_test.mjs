// The kernels' tests, compiled to WebAssembly, with the relaxed instructions and without.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { WASI } from "node:wasi";

const build = new URL("../../build/wasm/", import.meta.url);

async function run(program, sets) {
  const wasi = new WASI({ version: "preview1", args: [program], env: { TRM_EXPECTED_KERNEL_SETS: sets }, returnOnExit: true });
  const module = await WebAssembly.compile(await readFile(new URL(`${program}.wasm`, build)));
  return wasi.start(await WebAssembly.instantiate(module, wasi.getImportObject()));
}

test("kernels with relaxed SIMD", async () => {
  assert.equal(await run("kernels_test", "portable wasm_simd wasm_relaxed"), 0);
});
test("kernels without relaxed SIMD", async () => {
  assert.equal(await run("kernels_without_relaxed_test", "portable wasm_simd"), 0);
});
