// Types of trm.js.

/** What went wrong. The message is one line: "FILE: PLACE: WHAT; REMEDY". */
export class TrmError extends Error {
  kind: "input" | "usage" | "work" | "io" | "memory";
  file?: string;
  place?: string;
  what?: string;
  remedy?: string;
}

export interface ModuleOptions {
  /** false: the module without relaxed SIMD, even where the browser has it. */
  relaxed?: boolean;
  /** The module itself, its bytes, or its address as fetch() takes it: where it does not lie beside trm.js. */
  wasm?: string | URL | BufferSource | WebAssembly.Module;
}

export interface LoadOptions extends ModuleOptions {
  /** Of the model, for messages. */
  name?: string;
  /** One of kernelSets(); without it the fastest. */
  kernelSet?: string;
}

/** Reads a model file, as `trm convert` writes it. Throws TrmError. */
export function load(bytes: ArrayBuffer | Uint8Array, options?: LoadOptions): Promise<Model>;
/** The kernel sets that this browser can run, the fastest first. */
export function kernelSets(options?: ModuleOptions): Promise<string[]>;
/** Does the file begin as a model file does? */
export function isModelFile(bytes: ArrayBuffer | Uint8Array): boolean;

export interface ModelInfo {
  readonly family: string;
  /** Of the weights: "f32", "f16", "int8" or "q4_0". */
  readonly type: string;
  readonly kernelSet: string;
  /** By its sizes: "sudoku", "maze", "arc" or "". */
  readonly task: string;
  /** S, the cells of a puzzle. */
  readonly cells: number;
  /** T = S + the tokens of the puzzle's embedding. */
  readonly tokens: number;
  /** V, the token ids. */
  readonly vocabulary: number;
  /** D. */
  readonly channels: number;
  readonly heads: number;
  readonly layers: number;
  readonly highCycles: number;
  readonly lowCycles: number;
  /** A token MLP in the place of attention. */
  readonly tokenMlp: boolean;
  /** Supervision steps of the reference evaluation: the default of a run. */
  readonly maxSteps: number;
  readonly puzzleIds: number;
  readonly puzzleRows: number;
  readonly weightBytes: number;
}

export interface Step {
  /** From 1. */
  step: number;
  /** [S] the most probable token of each cell. */
  answer: Int32Array;
  /** [S] its probability. */
  confidence: Float32Array;
  /** [S, V], row by row; of a try in another view, in that view's terms. */
  logits: Float32Array;
  qHalt: number;
  qContinue: number;
  /** Does the halting head say that the answer is done? */
  halts: boolean;
  /** No further step of this sample or try follows, also where the family's own stopping rule says so (FPRM). */
  last: boolean;
  milliseconds: number;
}

/** Latent noise (arXiv 2605.19943), which makes samples of a puzzle differ. */
export interface NoiseOptions {
  /** Standard deviation of Gaussian noise on the latents before every step; without it 0, none. */
  noise?: number;
  /** The latents that get it; without it z_low, or z_high where the family has no z_low. */
  noiseLatent?: "low" | "high" | "both";
}

/** When a sample or a try ends before its last step. */
export interface HaltOptions {
  /** true: after the first step at which the halting head says so (Step.halts); a number: at which its logit wins by more
   * than this. "residual": once the answer stands still, which is when the logits of a cell have moved by less than 10 on
   * the average of the last three steps; "residual:R": by less than R. */
  halt?: boolean | number | "residual" | `residual:${number}`;
  /** Ends the generator with an AbortError before its next step. */
  signal?: AbortSignal;
}

export interface StepOptions extends NoiseOptions, HaltOptions {
  puzzleId?: number;
  /** Of a sample, at most; without it, or 0, maxSteps. */
  steps?: number;
  /** Random numbers, of the noise and of families that start at random or add noise of their own (EqR, FPRM), depend on
   * the seed, the key of the draws and the trajectory. Seed and trajectory are 0 unless given, the key is the puzzle's
   * own, as in the program. */
  seed?: number;
  noiseKey?: number;
  /** Of the first sample; the others count on from it. */
  trajectory?: number;
  /** How often the puzzle is run; without it 1. More need noise, or a family that starts at random. */
  samples?: number;
  /** Which sample is chosen: "q", the one of the highest qHalt (without it); "vote", the most frequent answer; "residual",
   * the one whose logits moved least in the last three steps; "confidence", the one of the most probable tokens. */
  best?: "q" | "vote" | "residual" | "confidence";
}

/** The choice among the samples that are done. */
export interface Choice {
  /** Of the chosen one. */
  trajectory: number;
  /** How many have its answer, itself included. */
  agreeing: number;
}

export interface SampleStep extends Step {
  /** Of the sample that the step belongs to. */
  trajectory: number;
  /** Comes with the last step of every sample. */
  choice?: Choice;
}

export interface SolveStep extends Step {
  /** From 1, which is the puzzle as given; later ones are views of it, of a sudoku with one more digit guessed. */
  attempt: number;
  /** What keeps the answer from solving the puzzle, by its rules. */
  faults: number;
  solved: boolean;
  /** The try is given up: after half of its steps it has too many faults. */
  hopeless: boolean;
  /** What the try asks: cell i shows cell cells[i] of the puzzle, token t is shown as tokens[t]; `asked` is the puzzle
   * with the guess, `shown` the same in the view. */
  view: { cells: number[]; tokens: number[]; asked: number[]; shown: number[] };
}

/** Noise is for the tries after the first. */
export interface SolveOptions extends NoiseOptions, HaltOptions {
  /** At most; 0: what suits the kind of puzzle. */
  tries?: number;
  /** Of a try; 0: what suits the model and the tries. */
  steps?: number;
  /** Of the views, the guesses, the noise and what the family draws: 0 unless given. Each try draws anew, as in the
   * program. */
  seed?: number;
}

export type Grid = number[][];

export interface ArcInput {
  task: string;
  /** Test input of the task, from 0. */
  test: number;
  grid: Grid;
  samples: number;
  /** Why the task cannot be used; empty: it can. */
  fault: string;
}

export interface ArcVote {
  inputs: ArcInput[];
  done: number;
  all: number;
  /** Not there in the first one, which says what will be run. */
  input?: number;
  view?: number;
  prediction?: Grid;
  /** The best first. */
  candidates?: { grid: Grid; votes: number; confidence: number }[];
}

export interface ArcOptions extends HaltOptions {
  /** Of each test input, at most; 0: one for each view that the model was trained on. */
  samples?: number;
  steps?: number;
  /** Of the samples' starts in families that start at random; 0 unless given. */
  seed?: number;
  /** Of the challenges, for messages. */
  name?: string;
}

export class Model {
  private constructor();
  readonly info: ModelInfo;
  /** Of several samples one after another: all steps of the first, then those of the second. */
  steps(tokens: ArrayLike<number>, options?: StepOptions): AsyncGenerator<SampleStep, void>;
  /** The last step; of several samples that of the chosen one. */
  run(tokens: ArrayLike<number>, options?: StepOptions): Promise<SampleStep & { choice: Choice }>;
  /** Ends with the first step that solves the puzzle. No step at all: the givens contradict each other. */
  solve(question: ArrayLike<number>, options?: SolveOptions): AsyncGenerator<SolveStep, void>;
  arc(challenges: string | object, options?: ArcOptions): AsyncGenerator<ArcVote, void>;
  /** The sudokus or mazes of a text, each in the model's own tokens, whatever its board and its family: also boards of
   * 4x4 to 25x25 and nano-trm's, whose digits are 2 higher and whose boards may be padded. */
  read(text: string, options?: { name?: string }): number[][];
  /** Its puzzles and answers as text. */
  write(tokens: ArrayLike<number>): string;
  /** What keeps an answer from solving a question, in words; empty: solved. */
  check(question: ArrayLike<number>, answer: ArrayLike<number>): string[];
  /** Frees the module's memory. */
  free(): void;
}

/** Puzzles as text, in any layout of docs/puzzles.md, and in the tokens of TRM; what breaks the rules, in words. A model's
 * own read(), write() and check() are for every board and family. */
export const sudoku: {
  /** A list of puzzles of 81 tokens: digit + 1, a blank is 1. */
  read(text: string, options?: ModuleOptions & { name?: string }): Promise<number[][]>;
  write(tokens: ArrayLike<number>, options?: ModuleOptions): Promise<string>;
  /** Empty: solved. */
  check(question: ArrayLike<number>, answer: ArrayLike<number>, options?: ModuleOptions): Promise<string[]>;
};
export const maze: {
  /** Tokens of side x side cells: 1 to 5 are "# SGo". */
  read(text: string, side: number, options?: ModuleOptions & { name?: string }): Promise<number[][]>;
  write(tokens: ArrayLike<number>, options?: ModuleOptions): Promise<string>;
  check(question: ArrayLike<number>, answer: ArrayLike<number>, options?: ModuleOptions): Promise<string[]>;
};
