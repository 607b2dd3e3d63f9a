// Tiny Recursive Models in WebAssembly: browsers, node, Deno and workers. One thread, no dependencies, no network but
// the module's own file. Types and documentation: trm.d.ts.

import { openModule, TrmError, usage } from "./module.js";

export { TrmError };

/** Reads a model file, as `trm convert` writes it. */
export async function load(bytes, options = {}) {
  const data = bytesOf(bytes);
  const module = await openModule(options);
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
  const [a, b, c, d] = bytesOf(bytes);
  return a === 0x47 && b === 0x47 && c === 0x55 && d === 0x46; // "GGUF"
}

function bytesOf(bytes) {
  if (ArrayBuffer.isView(bytes)) return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes instanceof ArrayBuffer) return new Uint8Array(bytes);
  throw usage("a model file's bytes are needed; give an ArrayBuffer or a Uint8Array");
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

  /** One supervision step after another, each as soon as it is computed; of one sample after another. */
  async *steps(tokens, options = {}) {
    const until = untilOf(options);
    const { samples, puzzleId, seed, trajectory: first, ...whole } =
      wholeNumbers(options, { samples: 1, steps: 0, puzzleId: 0, seed: 0, noiseKey: 0, trajectory: 0 });
    const key = options.noiseKey ?? ownKey;
    const steps = whole.steps || this.info.maxSteps;
    const noise = noiseOf(options);
    const choices = this.#module.ask("choice_begin", this.#needed(), samples, noise[0], placeOf(options, "best", bests));
    try {
      for (let trajectory = first; trajectory < first + samples; ++trajectory) {
        const walk = this.#withTokens(tokens, (pointer, count) => this.#module.ask(
          "begin", this.#needed(), pointer, count, puzzleId, seed, key, trajectory, ...noise));
        const judge = (step) => ({ trajectory, ...step, last: step.step === steps });
        const finish = (step) => {
          const { index, agreeing } = this.#module.ask("choice_add", choices, walk);
          step.choice = { trajectory: first + index, agreeing };
        };
        yield* this.#walk(walk, judge, until, finish);
      }
    } finally {
      this.#module.exports.choice_end(choices);
    }
  }

  /** The last step of steps(); of several samples that of the chosen one. */
  async run(tokens, options = {}) {
    const last = new Map();
    let choice;
    for await (const step of this.steps(tokens, options)) {
      if (!step.last) continue;
      last.set(step.trajectory, step);
      ({ choice } = step);
    }
    return { ...last.get(choice.trajectory), choice };
  }

  /** Solves a sudoku or a maze: the model proposes, the rules judge, and it is tried again in other views. */
  async *solve(question, options = {}) {
    const until = untilOf(options);
    const { seed, ...whole } = wholeNumbers(options, { seed: 0, tries: 0, steps: 0 });
    const noise = noiseOf(options);
    for (const name of ["samples", "best"]) {
      if (options[name] !== undefined) throw usage(`solve() has no ${name}: the rules choose; use run(), which has`);
    }
    const plan = this.#module.ask("solve_options", this.#needed(), whole.tries, whole.steps);
    if (this.#withTokens(question, (pointer, count) =>
      this.#module.ask("contradicts", this.#needed(), pointer, count))) return;
    for (let attempt = 1; attempt <= plan.tries; ++attempt) {
      const { handle, ...view } = this.#withTokens(question, (pointer, count) =>
        this.#module.ask("begin_try", this.#needed(), pointer, count, seed, attempt, ...noise));
      const judge = (step) => {
        const solved = step.faults === 0;
        const hopeless = step.step === Math.floor(plan.steps / 2) && step.faults > plan.hopeless;
        const last = solved || hopeless || step.step === plan.steps;
        return { attempt, ...step, solved, hopeless, last, view };
      };
      for await (const step of this.#walk(handle, judge, until)) {
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
    const until = untilOf(options);
    const { samples, seed, ...whole } = wholeNumbers(options, { samples: 0, steps: 0, seed: 0 });
    const steps = whole.steps || this.info.maxSteps;
    const text = typeof challenges === "string" ? challenges : JSON.stringify(challenges);
    const { handle, inputs } = this.#module.withText(text, (json, length) =>
      this.#module.withText(options.name ?? "challenges.json", (name) =>
        this.#module.ask("arc_begin", this.#needed(), json, length, name, samples)));
    try {
      yield { inputs, done: 0, all: inputs.reduce((sum, input) => sum + input.samples, 0) };
      yield* this.#samples(handle, inputs, { steps, seed, until });
    } finally {
      this.#module.exports.arc_end(handle);
    }
  }

  // Test inputs take turns, so that each has some votes before any has many.
  async *#samples(handle, inputs, { steps, seed, until }) {
    const all = inputs.reduce((sum, input) => sum + input.samples, 0);
    let done = 0;
    for (let view = 0; done < all; ++view) {
      for (let input = 0; input < inputs.length; ++input) {
        if (view >= inputs[input].samples) continue;
        const walk = this.#module.ask("arc_walk", handle, input, view, seed);
        let vote;
        const last = (step) => ({ last: step.step === steps, step: step.step });
        const finish = () => { vote = this.#module.ask("arc_vote", handle, input, view, walk); };
        for await (const _ of this.#walk(walk, last, until, finish));
        yield { inputs, input, view, ...vote, done: ++done, all };
      }
    }
  }

  // Steps of a walk until one is the last, then `finish`. Ends the walk in any case.
  async *#walk(walk, complete, { halt, signal }, finish) {
    try {
      for (let last = false; !last;) {
        await this.#module.breathe();
        signal?.throwIfAborted();
        const before = performance.now();
        const view = this.#module.ask("step", this.#alive(walk), ...halt);
        const milliseconds = performance.now() - before;
        const { ended, ...seen } = this.#module.readStep(view, this.info);
        const step = complete({ ...seen, milliseconds });
        last = step.last ||= ended;
        if (last) finish?.(step);
        yield step;
      }
    } finally {
      if (this.#handle) this.#module.exports.end(walk);
    }
  }

  #needed() {
    if (!this.#handle) throw usage("the model was freed");
    return this.#handle;
  }
  #alive(walk) {
    this.#needed();
    return walk;
  }
  #withTokens(tokens, body) {
    return this.#module.withTokens([tokens], (pointer) => body(pointer, tokens.length));
  }
}

// Whole numbers among the options, which the module takes as they are: JavaScript's are exact up to 2 ** 53. `usual` has
// their names and what they are unless given; no number is below that but 0.
function wholeNumbers(options, usual) {
  const numbers = {};
  for (const [name, least] of Object.entries(usual)) {
    numbers[name] = options[name] ?? least;
    if (!Number.isSafeInteger(numbers[name]) || numbers[name] < least) {
      throw usage(`${name} is ${numbers[name]}; give a whole number, ${least} or more`);
    }
  }
  return numbers;
}

// What the module takes for the key that a puzzle has of its own.
const ownKey = -1;

// Words that an option may have, in the order of the module's enums Best and NoiseLatent.
const bests = ["q", "vote", "residual", "confidence"];
const latents = [undefined, "low", "high", "both"];
function placeOf(options, name, words) {
  const place = words.indexOf(options[name] ?? words[0]);
  if (place < 0) {
    throw usage(`${name} is ${options[name]}; give ${words.filter(Boolean).map((word) => `"${word}"`).join(", ")}`);
  }
  return place;
}

// What ends a walk before its last step: the number of one of trm_halt and its margin, and a signal.
function untilOf({ halt = false, signal }) {
  if (typeof halt === "boolean") return { halt: [Number(halt), 0], signal };
  if (Number.isFinite(halt)) return { halt: [1, halt], signal };
  if (halt === "residual") return { halt: [2, 0], signal };
  const margin = Number(/^residual:(.+)$/.exec(halt)?.[1]);
  if (margin > 0 && margin < Infinity) return { halt: [2, margin], signal };
  throw usage(`halt is ${halt}; give true, a margin of the halting logit, "residual" or "residual:R" with R above 0`);
}

// The standard deviation of the noise and the place of its latent.
function noiseOf(options) {
  const { noise = 0 } = options;
  if (!Number.isFinite(noise) || noise < 0) throw usage(`noise is ${noise}; give a standard deviation, 0 or more`);
  return [noise, placeOf(options, "noiseLatent", latents)];
}

// Puzzles as text and as tokens, and their rules: those of a model or, where `model` is 0, sudokus (`side` 0) and mazes in
// TRM's tokens.
function readPuzzles(module, model, side, text, name = "text") {
  return module.withText(text, (pointer, length) =>
    module.withText(name, (source) => module.ask("read_puzzles", model, side, pointer, length, source)));
}
function writePuzzle(module, model, side, tokens) {
  return module.withTokens([tokens], (pointer) => module.ask("write_puzzle", model, side, pointer, tokens.length));
}
function checkPuzzle(module, model, side, question, answer) {
  if (question?.length !== answer?.length) {
    throw usage(`${question?.length} tokens ask, ${answer?.length} answer`);
  }
  return module.withTokens([question, answer], (a, b) =>
    module.ask("check_puzzle", model, side, a, b, question.length));
}

export const sudoku = {
  read: async (text, { name, ...options } = {}) => readPuzzles(await openModule(options), 0, 0, text, name),
  write: async (tokens, options) => writePuzzle(await openModule(options), 0, 0, tokens),
  check: async (question, answer, options) => checkPuzzle(await openModule(options), 0, 0, question, answer),
};

// A maze is a square of `side` cells a row.
function sideOf(tokens) {
  const side = Math.sqrt(tokens?.length);
  if (!Number.isInteger(side)) throw usage(`a maze is a square, ${tokens?.length} tokens are none`);
  return side;
}
export const maze = {
  read: async (text, side, { name, ...options } = {}) => {
    if (!Number.isSafeInteger(side) || side < 1) throw usage(`side is ${side}; give a maze's cells a row`);
    return readPuzzles(await openModule(options), 0, side, text, name);
  },
  write: async (tokens, options) => writePuzzle(await openModule(options), 0, sideOf(tokens), tokens),
  check: async (question, answer, options) =>
    checkPuzzle(await openModule(options), 0, sideOf(question), question, answer),
};
