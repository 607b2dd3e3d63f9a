// bench.mjs TRM MODEL.gguf [ROUNDS]: the time of a step, one thread, in WebAssembly and by the native program TRM, each
// kernel set in turn, ROUNDS times (5), so that other load on the machine meets all. Prints the least time of each.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { load, kernelSets } from "../js/trm.js";

const [, , program, file, rounds = "5"] = process.argv;
const bytes = readFileSync(file);
const best = new Map();
const note = (name, milliseconds) => best.set(name, Math.min(milliseconds, best.get(name) ?? Infinity));

const models = [];
for (const module of [{ relaxed: true }, { relaxed: false }]) {
  for (const kernelSet of await kernelSets(module)) {
    if (module.relaxed && kernelSet !== "wasm_relaxed") continue; // the plain module has the others
    models.push(await load(bytes, { ...module, kernelSet }));
  }
}
const native = ["portable", "avx2", "avx512_vnni", "neon", "neon_dotprod"];

for (let round = 0; round < Number(rounds); ++round) {
  for (const model of models) {
    const tokens = new Int32Array(model.info.cells).fill(1);
    for (let run = 0; run < 3; ++run) {
      for await (const step of model.steps(tokens)) note(model.info.kernelSet, step.milliseconds);
    }
  }
  for (const isa of native) {
    try {
      const text = execFileSync(program, ["bench", "step", file, "--threads", "1", "--seconds", "1", "--isa", isa, "--json"],
        { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
      note(`native ${isa}`, 1000 * JSON.parse(text).min_s);
    } catch {
      // this CPU has no such kernels
    }
  }
}

const scalar = best.get("portable");
console.log(`${file}, node ${process.version}, ${rounds} rounds, least milliseconds a step`);
for (const [name, milliseconds] of best) {
  console.log(`${name.padEnd(20)} ${milliseconds.toFixed(3).padStart(9)}   ${(scalar / milliseconds).toFixed(1).padStart(5)} times scalar WebAssembly`);
}
