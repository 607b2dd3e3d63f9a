// The npm package as it would be published: what is in it, its README's example, and the numbers that the native program
// gives with `--isa portable --json` (expected.json: tests/web/expected.py writes it).
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { gzipSync } from "node:zlib";

const root = new URL("../../", import.meta.url).pathname;
const npm = new URL("../lib/node_modules/npm/bin/npm-cli.js", `file://${process.execPath}`).pathname;
const folder = mkdtempSync(join(tmpdir(), "trm-package-"));
after(() => rmSync(folder, { recursive: true }));

const run = (...words) => execFileSync(process.execPath, words, { cwd: folder, encoding: "utf8" });
const bundled = (name) => readFileSync(`${root}models/bundled/${name}`);
const expected = JSON.parse(readFileSync(new URL("expected.json", import.meta.url)));

const [packed] = JSON.parse(run(npm, "pack", "--json", "--pack-destination", folder, `${root}js`));
writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, type: "module" }));
run(npm, "install", "--silent", "--no-audit", "--no-fund", "--offline", join(folder, packed.filename));
const { kernelSets, load, maze, sudoku, TrmError } = await import(join(folder, "node_modules/trm.cpp/trm.js"));

test("the package has the module, its types and nothing else", () => {
  assert.deepEqual(packed.files.map(({ path }) => path).sort(),
    ["README.md", "module.js", "package.json", "trm-relaxed.wasm", "trm.d.ts", "trm.js", "trm.wasm"]);
});

test("a module has at most 400 KB when compressed", () => {
  for (const name of ["trm.wasm", "trm-relaxed.wasm"]) {
    assert.ok(gzipSync(readFileSync(`${root}js/${name}`), { level: 9 }).length <= 400_000);
  }
});

// The JavaScript of a page of the documentation, as one program.
const examples = (page) =>
  [...readFileSync(`${root}${page}`, "utf8").matchAll(/```js\n([\s\S]*?)```/g)].map(([, code]) => code).join("");

test("the documentation's examples solve their sudokus, in node and in Deno", () => {
  writeFileSync(join(folder, "sudoku.gguf"), bundled("sudoku_int8.gguf"));
  writeFileSync(join(folder, "example.js"), examples("docs/browser.md"));
  assert.match(run("example.js"), /^854137926293546178176298543617385294432679851985412637521763489768924315349851762.* faults: 0$/m);
  writeFileSync(join(folder, "example.js"), examples("js/README.md"));
  assert.match(run("example.js"), /^8 of 8 samples give this answer$/m);
  const solution = /534678912672195348198342567859761423426853791713924856961537284287419635345286179/;
  assert.match(run("example.js"), solution);
  const deno = [`${root}build/web-tools/bin/deno`, ["run", "--no-remote", "--allow-read=.", "example.js"]];
  assert.match(execFileSync(...deno, { cwd: folder, encoding: "utf8" }), solution);
});

// wasm_simd rounds as the portable set does, also the native one: its halting logits are the same to the last bit. With
// relaxed SIMD the CPU chooses how a product and a sum are rounded, so that a step may differ.
test("every kernel set solves, and those that round alike give the native program's numbers", async () => {
  for (const module of [{ relaxed: true }, { relaxed: false }]) {
    for (const kernelSet of await kernelSets(module)) {
      for (const [task, name, tools] of [["sudoku", "sudoku_int8.gguf", sudoku], ["maze", "maze_int8.gguf", maze]]) {
        const model = await load(bundled(name), { ...module, kernelSet });
        assert.equal(model.info.kernelSet, kernelSet);
        for (const one of expected[task]) {
          if (kernelSet === "portable" && one.steps > 10) continue; // scalar: slow
          const [question] = await tools.read(one.question, 11);
          let last, steps = 0;
          for await (last of model.solve(question)) steps += 1;
          assert.deepEqual(await tools.check(question, last.answer), []);
          if (kernelSet === "wasm_relaxed") continue;
          const answer = (await tools.write(last.answer)).replaceAll("\n", "");
          assert.deepEqual({ answer, try: last.attempt, steps, q_halt: last.qHalt },
            { answer: one.answer, try: one.try, steps: one.steps, q_halt: Math.fround(one.q_halt) });
        }
        model.free();
      }
    }
  }
});

// The models that tests/web/expected.py converts: padded boards, a random start, a stopping rule of the family's own.
const small = (name, options) => load(readFileSync(new URL(name, import.meta.url)), options);

test("ARC's votes are those of the native program", async () => {
  const challenges = readFileSync(`${root}tests/data/dataset_arc/mini_evaluation_challenges.json`, "utf8");
  for (const { model: name, seed, submission, confidence } of expected.arc) {
    const model = await small(name, { relaxed: false });
    assert.equal(model.info.task, "arc");
    const ranked = new Map();
    let last;
    for await (last of model.arc(challenges, { seed })) if (last.candidates) ranked.set(last.input, last.candidates);
    assert.equal(last.done, last.all);
    const found = {};
    last.inputs.forEach(({ task, test }, index) => {
      const [first, second = first] = ranked.get(index);
      (found[task] ??= [])[test] = { attempt_1: first.grid, attempt_2: second.grid };
      assert.ok(Math.abs(first.confidence - confidence[index]) < 1e-12);
    });
    assert.deepEqual(found, submission);
    model.free();
  }
});

test("every step of every family is that of the native program, with its seed, its noise and on its boards", async () => {
  for (const { model: name, puzzle, options, steps } of expected.walks) {
    for (const kernelSet of ["portable", "wasm_simd"]) {
      const model = await small(`${name}.gguf`, { relaxed: false, kernelSet });
      const [question, ...others] = model.read(puzzle);
      assert.equal(others.length, 0);
      assert.equal(question.length, model.info.cells);
      assert.equal(model.write(question).trim(), puzzle.trim());
      const found = [];
      for await (const { attempt, step, answer, qHalt, faults } of model.solve(question, { tries: 2, ...options })) {
        found.push({ try: attempt, step, answer: model.write(answer).replaceAll("\n", ""), q_halt: qHalt });
        assert.equal(model.check(question, answer).length, faults);
      }
      assert.deepEqual(found, steps.map((step) => ({ ...step, q_halt: Math.fround(step.q_halt) })));
      model.free();
      assert.throws(() => model.read(puzzle), { kind: "usage" });
    }
  }
});

test("of several samples the program's is chosen, by each of its rules", async () => {
  for (const { model: name, puzzles, options, chosen } of expected.sampled) {
    const bytes = name === "sudoku" ? bundled("sudoku_int8.gguf") : readFileSync(new URL(`${name}.gguf`, import.meta.url));
    const model = await load(bytes, { relaxed: false });
    const found = [];
    for (const question of model.read(puzzles.join("\n"))) {
      const { step, answer, qHalt, trajectory, choice } = await model.run(question, options);
      assert.equal(choice.trajectory, trajectory);
      const text = model.write(answer).replaceAll("\n", "");
      found.push({ answer: text, steps: step, q_halt: qHalt, trajectory, agreeing: choice.agreeing });
    }
    assert.deepEqual(found, chosen.map((one) => ({ ...one, q_halt: Math.fround(one.q_halt) })), JSON.stringify(options));
    model.free();
  }
});

test("samples come one after another, each with the choice among those that are done", async () => {
  const model = await small("nano.gguf");
  const { puzzles, options } = expected.sampled.find(({ model: name }) => name === "nano");
  const [question] = model.read(puzzles[0]);
  const alone = async (trajectory) => (await model.run(question, { ...options, samples: 1, trajectory })).qHalt;
  const last = [];
  for await (const step of model.steps(question, { ...options, samples: 3, trajectory: 4 })) {
    assert.equal(step.trajectory, 4 + last.length);
    if (step.last) last.push(step);
    else assert.equal(step.choice, undefined);
  }
  assert.deepEqual(last.map(({ qHalt }) => qHalt), await Promise.all([4, 5, 6].map(alone)));
  last.forEach(({ choice }, index) => {
    const best = last.slice(0, index + 1).reduce((a, b) => (b.qHalt > a.qHalt ? b : a));
    assert.equal(choice.trajectory, best.trajectory);
  });
  model.free();
});

test("a random start depends on seed, key and trajectory, and is the native program's", async () => {
  const model = await small("eqr.gguf", { relaxed: false });
  const { seed, q_halt } = expected.halting;
  const { buffer } = Uint8Array.from(readFileSync(`${root}tests/data/golden/eqr_att/inputs.npy`));
  const { cells } = model.info;
  const samples = new Int32Array(buffer.slice(-4 * q_halt.length * cells));
  const qHalt = async (sample, options) =>
    (await model.run(samples.subarray(sample * cells, (sample + 1) * cells), { steps: 2, ...options })).qHalt;
  for (let sample = 0; sample < q_halt.length; ++sample) {
    assert.equal(await qHalt(sample, { seed, noiseKey: sample }), Math.fround(q_halt[sample]));
  }
  const usual = await qHalt(0);
  assert.equal(await qHalt(0, { seed: 0, trajectory: 0 }), usual);
  for (const other of [{ seed: 1 }, { noiseKey: 0 }, { noiseKey: 1 }, { trajectory: 1 }]) assert.notEqual(await qHalt(0, other), usual);
  assert.equal(await qHalt(0, { noise: 0, noiseLatent: "high" }), usual);
  assert.notEqual(await qHalt(0, { noise: 0.1 }), usual);
  model.free();
});

test("steps can be left early, stopped by a signal, and are the same again", async () => {
  const model = await load(bundled("sudoku_int8.gguf"));
  const [question] = await sudoku.read(expected.sudoku[0].question);
  const first = await model.run(question, { steps: 3 });
  for await (const step of model.steps(question)) if (step.step === 2) break;
  assert.deepEqual((await model.run(question, { steps: 3 })).logits, first.logits);
  assert.equal(first.last, true);
  assert.equal((await model.run(question)).step, model.info.maxSteps);
  const control = new AbortController();
  await assert.rejects(async () => {
    for await (const step of model.steps(question, { signal: control.signal })) if (step.step === 2) control.abort();
  }, { name: "AbortError" });
  model.free();
  await assert.rejects(model.run(question), { name: "TrmError", kind: "usage" });
});

test("confidence is the softmax of the logits at the answer", async () => {
  const model = await load(bundled("sudoku_int8.gguf"));
  const [question] = await sudoku.read(expected.sudoku[0].question);
  const { answer, confidence, logits } = await model.run(question, { steps: 2 });
  const { vocabulary } = model.info;
  for (let cell = 0; cell < 81; ++cell) {
    const row = Array.from(logits.subarray(cell * vocabulary, (cell + 1) * vocabulary), Math.exp);
    const sum = row.reduce((a, b) => a + b);
    assert.equal(row.indexOf(Math.max(...row)), answer[cell]);
    assert.ok(Math.abs(row[answer[cell]] / sum - confidence[cell]) < 1e-5);
  }
  model.free();
});

test("an option that no run can have is refused by its name", async () => {
  const model = await load(bundled("sudoku_int8.gguf"));
  const [question] = await sudoku.read(expected.sudoku[0].question);
  const wrong = {
    samples: [0, 1.5], steps: [-1, 0.5, "8"], puzzleId: [-1], seed: [-1, 0.5, 2 ** 53], noiseKey: [-1], trajectory: [NaN],
    noise: [-1, NaN, Infinity, "0.3"], noiseLatent: ["z_low"], best: ["surest"], halt: ["head", NaN, "residual:0", "residual:x"],
  };
  for (const [name, values] of Object.entries(wrong)) {
    for (const value of values) {
      const refusal = { name: "TrmError", kind: "usage", message: new RegExp(`^${name} is ${value}; give `) };
      await assert.rejects(model.run(question, { [name]: value }), refusal);
      if (!["steps", "seed", "noise", "noiseLatent", "halt"].includes(name)) continue;
      await assert.rejects(model.solve(question, { [name]: value }).next(), refusal);
    }
  }
  await assert.rejects(model.solve(question, { tries: -1 }).next(), /^TrmError: tries is -1; give a whole number, 0 or more/);
  await assert.rejects(model.solve(question, { samples: 2, noise: 1 }).next(), /solve\(\) has no samples/);
  await assert.rejects(model.run(question, { samples: 2 }), /samples 2: without noise .*; give noise/);
  assert.equal((await model.run(question, { steps: 0 })).step, model.info.maxSteps);
  model.free();
  const fprm = await small("fprm.gguf");
  const high = fprm.run(new Int32Array(fprm.info.cells).fill(1), { noise: 0.1, noiseLatent: "high" });
  await assert.rejects(high, { kind: "usage", message: /^noiseLatent z_high: the family fprm has no such latent/ });
  fprm.free();
});

test("what is wrong is said", async () => {
  await assert.rejects(load(new Uint8Array(100)), (error) => error instanceof TrmError && error.kind === "input");
  const damaged = Uint8Array.from(bundled("sudoku_int8.gguf"));
  damaged[damaged.length - 1000] ^= 1;
  await assert.rejects(load(damaged, { name: "damaged.gguf" }), /damaged\.gguf/);
  await assert.rejects(load(bundled("sudoku_int8.gguf"), { kernelSet: "avx2" }), /available: portable/);
  await assert.rejects(load("sudoku.gguf"), { kind: "usage", message: /bytes are needed; give an ArrayBuffer/ });
  await assert.rejects(sudoku.read("no sudoku"), { kind: "input" });
  await assert.rejects(sudoku.read(), /^TrmError: the text is undefined; give a string/);
  await assert.rejects(maze.read("S G"), /^TrmError: side is undefined; give a maze's cells a row/);
  await assert.rejects(maze.write([1, 2, 3]), /^TrmError: a maze is a square, 3 tokens are none/);
  const model = await load(bundled("sudoku_int8.gguf"));
  await assert.rejects(model.run(new Int32Array(80)), /80 cells/);
  await assert.rejects(model.run(new Int32Array(81).fill(11)), /token 11/);
  const { question } = expected.sudoku[0];
  await assert.rejects(model.run(question), /^TrmError: the tokens are a text, "53\.\.7.*; give the tokens of one puzzle/);
  await assert.rejects(model.run(model.read(question)), /^TrmError: cell 0 is an array; give the tokens of one puzzle/);
  await assert.rejects(model.solve().next(), /^TrmError: the tokens are undefined; /);
  await assert.rejects(model.run(new Array(81).fill(0.5)), /^TrmError: cell 0 is 0\.5; /);
  await assert.rejects(model.arc("{}").next(), { name: "TrmError" });
  await assert.rejects(sudoku.write(new Int32Array(80)), /80 tokens; give 81/);
  await assert.rejects(sudoku.check(new Int32Array(81), new Int32Array(80)), { kind: "usage" });
  const twoFives = new Int32Array(81).fill(1).fill(6, 0, 2);
  for await (const _ of model.solve(twoFives)) assert.fail("a puzzle that contradicts itself was tried");
  model.free();
});
