// The WebAssembly module: which of the two, how it is opened, and how values go in and out. A module is opened once for
// each kind of kernels and shared by all models.

/** What went wrong: `kind` is "input", "usage", "work", "io" or "memory"; the parts of the message are fields. */
export class TrmError extends Error {
  constructor(parts) {
    super(parts.message);
    this.name = "TrmError";
    Object.assign(this, parts);
  }
}

/** The caller asked for something that does not exist. */
export const usage = (message) => new TrmError({ kind: "usage", message });

// The token ids of one puzzle. A text's characters, and a list of puzzles, would otherwise count as numbers.
function tokensOf(tokens) {
  const remedy = "give the tokens of one puzzle, an array of whole numbers, as read() makes them of a text";
  if (typeof tokens !== "object" || !(tokens?.length >= 0)) throw usage(`the tokens are ${shown(tokens)}; ${remedy}`);
  for (let cell = 0; cell < tokens.length; ++cell) {
    if (!Number.isInteger(tokens[cell])) throw usage(`cell ${cell} is ${shown(tokens[cell])}; ${remedy}`);
  }
  return Int32Array.from(tokens);
}
const shown = (value) => {
  if (typeof value === "string") return `a text, "${value.slice(0, 12)}"`;
  return Array.isArray(value) || ArrayBuffer.isView(value) ? "an array" : String(value);
};

// A module of one function that uses i32x4.relaxed_dot_i8x16_i7x16_add_s: valid only where the browser has it.
const relaxedProbe = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 8, 1, 96, 3, 123, 123, 123, 1, 123, 3, 2, 1, 0, 10, 13, 1, 11, 0, 32, 0, 32, 1, 32,
  2, 253, 147, 2, 11,
]);

const opened = new Map();

// Bundlers find the modules by these two expressions.
const usual = () => new URL("./trm.wasm", import.meta.url);
const usualRelaxed = () => new URL("./trm-relaxed.wasm", import.meta.url);

/** `relaxed` false: the module without relaxed instructions, even where the browser has them. */
export function openModule({ relaxed = WebAssembly.validate(relaxedProbe), wasm } = {}) {
  const key = wasm ?? Boolean(relaxed);
  if (!opened.has(key)) {
    const opening = compile(wasm ?? (relaxed ? usualRelaxed() : usual())).then((module) => new Module(module));
    opening.catch(() => opened.delete(key));
    opened.set(key, opening);
  }
  return opened.get(key);
}

async function compile(source) {
  if (source instanceof WebAssembly.Module) return source;
  if (!(source instanceof URL) && typeof source !== "string") return WebAssembly.compile(source);
  const url = new URL(source, globalThis.location?.href ?? import.meta.url);
  if (url.protocol === "file:" && typeof process !== "undefined" && process.versions?.node) {
    const name = ["node", "fs/promises"].join(":"); // bundlers for browsers would refuse to include it
    const { readFile } = await import(/* webpackIgnore: true */ /* @vite-ignore */ name);
    return WebAssembly.compile(await readFile(url));
  }
  const response = await fetch(url);
  if (!response.ok) throw new TrmError({ kind: "io", message: `${url}: ${response.status} ${response.statusText}` });
  return WebAssembly.compile(await response.arrayBuffer());
}

class Module {
  #lastBreath = performance.now();

  constructor(module) {
    const imports = { wasi_snapshot_preview1: {} };
    for (const { module: room, name } of WebAssembly.Module.imports(module)) {
      (imports[room] ??= {})[name] = (...values) => this.#system(name, values);
    }
    this.exports = new WebAssembly.Instance(module, imports).exports;
    this.exports._initialize();
  }

  // The module's system has a clock and chance, and neither files nor arguments: everything else is refused (ENOSYS).
  #system(name, values) {
    const data = new DataView(this.exports.memory.buffer);
    if (name === "clock_time_get") {
      data.setBigUint64(values[2], BigInt(Math.round(performance.now() * 1e6)), true);
      return 0;
    }
    if (name === "random_get") {
      crypto.getRandomValues(new Uint8Array(this.exports.memory.buffer, values[0], values[1]));
      return 0;
    }
    if (name === "environ_sizes_get" || name === "args_sizes_get") {
      data.setUint32(values[0], 0, true);
      data.setUint32(values[1], 0, true);
      return 0;
    }
    if (name === "proc_exit") throw new Error("the module ended itself");
    return name === "fd_prestat_get" ? 8 : 52; // EBADF, ENOSYS
  }

  /** Calls a function that answers with a reply (wasm/reply.hpp); throws its error. */
  ask(name, ...values) {
    const pointer = this.exports[name](...values) >>> 0;
    if (pointer === 0) throw new TrmError({ kind: "memory", message: "there is not enough memory" });
    const bytes = new Uint8Array(this.exports.memory.buffer, pointer);
    const text = new TextDecoder().decode(bytes.subarray(0, bytes.indexOf(0)));
    this.release(pointer);
    const reply = JSON.parse(text);
    if (reply.error) throw new TrmError(reply.error);
    return reply.value;
  }

  /** A copy of a typed array in the module's memory, for release(). */
  copy(array) {
    const pointer = this.exports.allocate(array.byteLength) >>> 0;
    if (pointer === 0) throw new TrmError({ kind: "memory", message: "there is not enough memory" });
    const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
    new Uint8Array(this.exports.memory.buffer).set(bytes, pointer);
    return pointer;
  }
  /** The same of a text, with a NUL behind it. */
  text(text) {
    return this.copy(new TextEncoder().encode(`${text}\0`));
  }
  release(pointer) {
    this.exports.release(pointer);
  }

  withText(text, body) {
    if (typeof text !== "string") throw usage(`the text is ${shown(text)}; give a string`);
    const bytes = new TextEncoder().encode(`${text}\0`);
    const pointer = this.copy(bytes);
    try {
      return body(pointer, bytes.length - 1);
    } finally {
      this.release(pointer);
    }
  }
  /** Copies of the tokens of some puzzles. */
  withTokens(puzzles, body) {
    const pointers = puzzles.map(tokensOf).map((tokens) => this.copy(tokens));
    try {
      return body(...pointers);
    } finally {
      for (const pointer of pointers) this.release(pointer);
    }
  }

  /** A copy of StepView (wasm/walk.hpp) and of what it points to. */
  readStep(pointer, { cells, vocabulary }) {
    const { buffer } = this.exports.memory;
    const words = new DataView(buffer, pointer);
    const word = (index) => words.getUint32(4 * index, true);
    return {
      step: words.getInt32(12, true),
      answer: new Int32Array(buffer, word(0), cells).slice(),
      confidence: new Float32Array(buffer, word(1), cells).slice(),
      logits: new Float32Array(buffer, word(2), cells * vocabulary).slice(),
      qHalt: words.getFloat32(16, true),
      qContinue: words.getFloat32(20, true),
      halts: words.getInt32(24, true) !== 0,
      faults: words.getInt32(28, true),
      ended: words.getInt32(32, true) !== 0,
    };
  }

  /** Lets the thread's other work run every few milliseconds: messages, a page's clicks. */
  async breathe() {
    if (performance.now() - this.#lastBreath < 8) return;
    await new Promise((resolve) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => {
        port1.close();
        resolve();
      };
      port2.postMessage(0);
    });
    this.#lastBreath = performance.now();
  }
}
