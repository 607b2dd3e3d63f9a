// Plays the steps of a run: the board is shown one step after another, and any of them again. The model is much faster
// than eyes are; what is played are recordings, a moment old.
import { ask, say } from "./engine.js";

const calm = matchMedia("(prefers-reduced-motion: reduce)");
const percent = (share) => `${(100 * share).toFixed(share > 0.995 || share < 0.1 ? 1 : 0)} %`;
const sigmoid = (x) => 1 / (1 + Math.exp(-x));

/** `board`: show(frame, before) draws a step, question() the puzzle's tokens, describe(view) a try in words. */
export class Player {
  #frames = [];
  #tries = [];
  #at = 0;
  #timer = 0;
  #run = null;

  constructor(root, task, board) {
    root.append(document.querySelector("#player").content.cloneNode(true));
    this.find = (selector) => root.querySelector(selector);
    this.task = task;
    this.board = board;
    this.slider = this.find(".slider input");
    this.slider.addEventListener("input", () => { this.#pause(); this.#show(Number(this.slider.value)); });
    this.find(".solve").addEventListener("click", () => this.solve());
    this.find(".play").addEventListener("click", () => (this.#timer ? this.#pause() : this.#play()));
    this.find(".speed").addEventListener("change", () => this.#timer && this.#play());
  }

  /** The puzzle was changed: what was recorded is no longer about it. */
  reset() {
    this.#run?.stop();
    this.#run = null;
    this.#pause();
    this.#frames = [];
    this.#tries = [];
    this.#at = 0;
    Object.assign(this.slider, { max: 0, value: 0, disabled: true });
    this.slider.removeAttribute("aria-valuetext");
    this.find(".solve").textContent = "Solve";
    this.find(".play").disabled = true;
    this.find(".tries").replaceChildren();
    this.find(".chart").replaceChildren();
    for (const field of ["try", "step", "done", "changed", "rules", "time"]) this.find(`dd.${field}`).textContent = "\u2013";
  }

  async solve() {
    if (this.#run) return this.#run.stop();
    this.reset();
    const question = this.board.question();
    this.find(".solve").textContent = "Stop";
    say("The model is at work.");
    const run = ask("solve", { task: this.task, question }, (frame) => run === this.#run && this.#record(frame));
    this.#run = run;
    try {
      await run;
      if (run === this.#run) this.#conclude();
    } catch (error) {
      if (run === this.#run) say(error.message === "stopped" ? "Stopped." : error.message);
    }
    if (run !== this.#run) return;
    this.#run = null;
    this.find(".solve").textContent = "Solve";
  }

  #record(frame) {
    this.#frames.push(frame);
    if (this.#tries.at(-1)?.attempt !== frame.attempt) {
      this.#tries.push({ attempt: frame.attempt, first: this.#frames.length - 1, text: this.board.describe(frame) });
    }
    this.#tries.at(-1).last = frame;
    this.slider.max = this.#frames.length - 1;
    this.slider.disabled = false;
    this.find(".play").disabled = false;
    if (this.#frames.length === 1) {
      this.#show(0);
      if (!calm.matches) this.#play();
    }
  }

  #conclude() {
    const last = this.#frames.at(-1);
    if (!last) return say("The givens contradict each other: no answer can obey them.");
    const tries = this.#tries.length;
    const steps = `${this.#frames.length} ${this.#frames.length === 1 ? "step" : "steps"}`;
    const where = tries === 1 ? "at the first try" : `in ${tries} tries`;
    const time = this.#frames.reduce((sum, frame) => sum + frame.milliseconds, 0);
    say(`${last.solved ? "Solved" : "Not solved"} ${where}, ${steps}, ${time.toFixed(time < 10 ? 1 : 0)} ms of computing.`);
    if (calm.matches) this.#show(this.#frames.length - 1);
    else this.#chart();
  }

  #stopTimer() {
    clearInterval(this.#timer);
    this.#timer = 0;
  }
  #pause() {
    this.#stopTimer();
    this.find(".play").textContent = "Play";
  }
  #play() {
    this.#stopTimer();
    if (this.#at === this.#frames.length - 1 && this.#frames.length > 1 && !this.#run) this.#show(0);
    this.find(".play").textContent = "Pause";
    this.#timer = setInterval(() => {
      if (this.#at + 1 < this.#frames.length) this.#show(this.#at + 1);
      else if (!this.#run) this.#pause();
    }, Number(this.find(".speed").value));
  }

  #show(at) {
    this.#at = at;
    const frame = this.#frames[at];
    const before = at > 0 ? this.#frames[at - 1] : null;
    const same = before?.attempt === frame.attempt ? before : null;
    const changed = this.board.show(frame, same);
    this.slider.value = at;
    const faults = frame.solved ? "solved" : `${frame.faults} ${frame.faults === 1 ? "fault" : "faults"}`;
    this.slider.setAttribute("aria-valuetext", `try ${frame.attempt}, step ${frame.step}: ${faults}`);
    const put = (field, text) => { this.find(`dd.${field}`).textContent = text; };
    put("try", `${frame.attempt} of ${this.#tries.length}`);
    put("step", `${frame.step}`);
    put("done", percent(sigmoid(frame.qHalt)));
    put("changed", `${changed}`);
    put("time", `${frame.milliseconds.toFixed(2)} ms`);
    put("rules", frame.solved ? "solved" : faults);
    if (!frame.solved) this.#explain(frame, faults);
    this.#chart();
    this.#list(frame);
  }

  // The first thing that breaks the rules, in words.
  async #explain(frame, faults) {
    const question = this.board.question();
    const [first] = await ask(this.task === "maze" ? "checkMaze" : "checkSudoku", { question, answer: frame.answer });
    if (first && this.#frames[this.#at] === frame) this.find("dd.rules").textContent = `${faults}: ${first}`;
  }

  // A bar a step: how sure the halting head is that the answer is done.
  #chart() {
    const bars = this.#frames.map((frame, index) => {
      const bar = document.createElementNS("http://www.w3.org/2000/svg", "rect");
      const height = Math.max(0.6, 30 * sigmoid(frame.qHalt));
      const width = 100 / Math.max(16, this.#frames.length);
      const shape = { x: index * width, y: 30 - height, width: width * (index + 1 < this.#frames.length &&
        this.#frames[index + 1].attempt !== frame.attempt ? 0.55 : 0.85), height };
      for (const [name, value] of Object.entries(shape)) bar.setAttribute(name, value);
      if (index === this.#at) bar.classList.add("now");
      return bar;
    });
    this.find(".chart").replaceChildren(...bars);
  }

  #list(now) {
    this.find(".tries").replaceChildren(...this.#tries.filter(({ first }) => first <= this.#at).map(({ attempt, text, last }) => {
      const item = document.createElement("li");
      const end = attempt === now.attempt && now !== last ? "" : last.solved ? "" : `; ${last.faults} faults`;
      item.textContent = `${attempt}. ${text}${end}`;
      if (last.solved && (attempt !== now.attempt || now === last)) {
        const word = document.createElement("b");
        word.textContent = " solved";
        item.append(word);
      }
      item.classList.toggle("now", attempt === now.attempt);
      return item;
    }));
    const list = this.find(".tries");
    list.scrollTop = list.scrollHeight;
  }
}
