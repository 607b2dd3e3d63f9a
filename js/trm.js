// Tiny Recursive Models in WebAssembly: browsers, node, Deno and workers. One thread, no dependencies, no network but
// the module's own file. Types and documentation: trm.d.ts.

import { openModule, TrmError } from "./module.js";

export { TrmError };

/** Reads a model file, as `trm convert` writes it. */
export async function load(bytes, options = {}) {
  const module = await openModule(options);
  const data = bytes instanceof ArrayBuffer ? new Uint8Array(bytes) : bytes;
  const file = module.copy(data);
  const name = module.text(options.name ?? "model");
  const kernels = module.text(options.kernelSet ?? "");
  try {
    return new Model(module, file, module.ask("load", file, data.length, name, kernels));
  } catch (error) {
    module.release(file);
    throw error;
  } finally {
    module.release(name);
    module.release(kernels);
  }
}

/** The kernel sets that this browser can run, the fastest first. */
export async function kernelSets(options = {}) {
  return (await openModule(options)).ask("kernel_sets");
}

/** Is the file's beginning that of a model file? */
export function isModelFile(bytes) {
  const [a, b, c, d] = new Uint8Array(bytes instanceof ArrayBuffer ? bytes : bytes.buffer, bytes.byteOffset ?? 0, 4);
  return a === 0x47 && b === 0x47 && c === 0x55 && d === 0x46; // "GGUF"
}

export class Model {
  #module;
  #file;
  #handle;

  constructor(module, file, info) {
    const { handle, ...rest } = info;
    this.#module = module;
    this.#file = file;
    this.#handle = handle;
    this.info = Object.freeze(rest);
  }

  /** Frees the module's memory. The model cannot be used afterwards. */
  free() {
    if (this.#handle) {
      this.#module.exports.unload(this.#handle);
      this.#module.release(this.#file);
    }
    this.#handle = 0;
  }

  /** One supervision step after another, each as soon as it is computed. */
  async *steps(tokens, options = {}) {
    const { puzzleId = 0, steps = this.info.maxSteps, halt = false, signal } = options;
    const { seed = 0, noiseKey = 0, trajectory = 0 } = wholeNumbers(options, "seed", "noiseKey", "trajectory");
    const walk = this.#withTokens(tokens, (pointer, count) =>
      this.#module.ask("begin", this.#needed(), pointer, count, puzzleId, seed, noiseKey, trajectory));
    yield* this.#walk(walk, (step) => ({ ...step, last: step.step === steps || (halt && step.halts) }), signal);
  }

  /** The last step of steps(). */
  async run(tokens, options = {}) {
    let last;
    for await (const step of this.steps(tokens, options)) last = step;
    return last;
  }

  /** Solves a sudoku or a maze: the model proposes, the rules judge, and it is tried again in other views. */
  async *solve(question, options = {}) {
    const { seed = 0, signal } = wholeNumbers(options, "seed");
    const plan = this.#module.ask("solve_options", this.#needed(), options.tries ?? 0, options.steps ?? 0);
    if (this.#withTokens(question, (pointer, count) =>
      this.#module.ask("contradicts", this.#needed(), pointer, count))) return;
    for (let attempt = 1; attempt <= plan.tries; ++attempt) {
      const { handle, ...view } = this.#withTokens(question, (pointer, count) =>
        this.#module.ask("begin_try", this.#needed(), pointer, count, seed, attempt));
      const judge = (step) => {
        const solved = step.faults === 0;
        const hopeless = step.step === Math.floor(plan.steps / 2) && step.faults > plan.hopeless;
        const last = solved || hopeless || step.step === plan.steps;
        return { attempt, ...step, solved, hopeless, last, view };
      };
      for await (const step of this.#walk(handle, judge, signal)) {
        yield step;
        if (step.solved) return;
      }
    }
  }

  /** Its sudokus or mazes as text, in its own tokens, and what breaks their rules. */
  read(text, { name } = {}) {
    return readPuzzles(this.#module, this.#needed(), 0, text, name);
  }
  write(tokens) {
    return writePuzzle(this.#module, this.#needed(), 0, tokens);
  }
  check(question, answer) {
    return checkPuzzle(this.#module, this.#needed(), 0, question, answer);
  }

  /** Votes on ARC tasks: yields after every sample what it predicted and how the candidates stand. */
  async *arc(challenges, options = {}) {
    const { samples = 0, steps = this.info.maxSteps, halt = false, signal } = options;
    const text = typeof challenges === "string" ? challenges : JSON.stringify(challenges);
    const { handle, inputs } = this.#module.withText(text, (json, length) =>
      this.#module.withText(options.name ?? "challenges.json", (name) =>
        this.#module.ask("arc_begin", this.#needed(), json, length, name, samples)));
    try {
      yield { inputs, done: 0, all: inputs.reduce((sum, input) => sum + input.samples, 0) };
      yield* this.#samples(handle, inputs, { steps, halt, signal });
    } finally {
      this.#module.exports.arc_end(handle);
    }
  }

  // Test inputs take turns, so that each has some votes before any has many.
  async *#samples(handle, inputs, { steps, halt, signal }) {
    const all = inputs.reduce((sum, input) => sum + input.samples, 0);
    let done = 0;
    for (let view = 0; done < all; ++view) {
      for (let input = 0; input < inputs.length; ++input) {
        if (view >= inputs[input].samples) continue;
        const walk = this.#module.ask("arc_walk", handle, input, view);
        let vote;
        const last = (step) => ({ last: step.step === steps || (halt && step.halts), step: step.step });
        const finish = () => { vote = this.#module.ask("arc_vote", handle, input, view, walk); };
        for await (const _ of this.#walk(walk, last, signal, finish));
        yield { inputs, input, view, ...vote, done: ++done, all };
      }
    }
  }

  // Steps of a walk until one is the last, then `finish`. Ends the walk in any case.
  async *#walk(walk, complete, signal, finish) {
    try {
      for (let last = false; !last;) {
        await this.#module.breathe();
        signal?.throwIfAborted();
        const before = performance.now();
        const view = this.#module.ask("step", this.#alive(walk));
        const milliseconds = performance.now() - before;
        const { ended, ...seen } = this.#module.readStep(view, this.info);
        const step = complete({ ...seen, milliseconds });
        last = step.last ||= ended;
        if (last) finish?.();
        yield step;
      }
    } finally {
      if (this.#handle) this.#module.exports.end(walk);
    }
  }

  #needed() {
    if (!this.#handle) throw new TrmError({ kind: "usage", message: "the model was freed" });
    return this.#handle;
  }
  #alive(walk) {
    this.#needed();
    return walk;
  }
  #withTokens(tokens, body) {
    const pointer = this.#module.copy(Int32Array.from(tokens));
    try {
      return body(pointer, tokens.length);
    } finally {
      this.#module.release(pointer);
    }
  }
}

// Numbers that the module takes as they are: JavaScript's are exact up to 2 ** 53.
function wholeNumbers(options, ...names) {
  for (const name of names) {
    const value = options[name] ?? 0;
    if (!Number.isSafeInteger(value) || value < 0) {
      throw new TrmError({ kind: "usage", message: `${name} is ${value}; give a whole number, 0 or more` });
    }
  }
  return options;
}

// Puzzles as text and as tokens, and their rules: those of a model or, where `model` is 0, sudokus (`side` 0) and mazes in
// TRM's tokens.
function readPuzzles(module, model, side, text, name = "text") {
  return module.withText(text, (pointer, length) =>
    module.withText(name, (source) => module.ask("read_puzzles", model, side, pointer, length, source)));
}
function writePuzzle(module, model, side, tokens) {
  return module.withArrays([tokens], (pointer) => module.ask("write_puzzle", model, side, pointer, tokens.length));
}
function checkPuzzle(module, model, side, question, answer) {
  if (question.length !== answer.length) {
    throw new TrmError({ kind: "usage", message: `${question.length} tokens ask, ${answer.length} answer` });
  }
  return module.withArrays([question, answer], (a, b) =>
    module.ask("check_puzzle", model, side, a, b, question.length));
}

export const sudoku = {
  read: async (text, { name, ...options } = {}) => readPuzzles(await openModule(options), 0, 0, text, name),
  write: async (tokens, options) => writePuzzle(await openModule(options), 0, 0, tokens),
  check: async (question, answer, options) => checkPuzzle(await openModule(options), 0, 0, question, answer),
};
const sideOf = (tokens) => Math.sqrt(tokens.length);
export const maze = {
  read: async (text, side, { name, ...options } = {}) => readPuzzles(await openModule(options), 0, side, text, name),
  write: async (tokens, options) => writePuzzle(await openModule(options), 0, sideOf(tokens), tokens),
  check: async (question, answer, options) =>
    checkPuzzle(await openModule(options), 0, sideOf(question), question, answer),
};
