// The page: tabs, files that are dropped, and the models that come with it.
import { startArc } from "./arc.js";
import { ask, say } from "./engine.js";
import { startMaze } from "./maze.js";
import { startSudoku } from "./sudoku.js";

const find = (selector) => document.querySelector(selector);
const tabs = [...document.querySelectorAll("[role=tab]")];

function open(tab) {
  for (const one of tabs) {
    one.setAttribute("aria-selected", one === tab);
    one.tabIndex = one === tab ? 0 : -1;
    find(`#${one.getAttribute("aria-controls")}`).hidden = one !== tab;
  }
  history.replaceState(null, "", `#${tab.getAttribute("aria-controls")}`);
}
tabs.forEach((tab, index) => {
  tab.addEventListener("click", () => open(tab));
  tab.addEventListener("keydown", ({ key }) => {
    const move = { ArrowRight: 1, ArrowLeft: -1 }[key];
    if (!move) return;
    const next = tabs[(index + move + tabs.length) % tabs.length];
    open(next);
    next.focus();
  });
});

startSudoku(find("#sudoku"));
startMaze(find("#maze"));
const arc = startArc(find("#arc"));
const asked = tabs.find((tab) => `#${tab.getAttribute("aria-controls")}` === location.hash);
if (asked) open(asked);

// Files: a model goes to the worker, a challenges file to the ARC tab.
const number = (n) => Math.round(n).toLocaleString("en");
function describe(name, size, info) {
  const task = { sudoku: "sudokus", maze: "mazes", arc: "ARC tasks" }[info.task];
  const facts = {
    File: `${name}, ${number(size)} bytes`,
    Family: info.family,
    "Made for": info.playable ? task : task ? `${task} on boards that this page does not draw` : "puzzles that this page does not know",
    "Mixes cells by": info.tokenMlp ? "a token MLP" : `attention, ${info.heads} heads`,
    Sizes: `${info.cells} cells, ${info.vocabulary} symbols, ${info.channels} channels, ${info.layers} layers`,
    "One step": `${info.highCycles} cycles of ${info.lowCycles} and 1 passes; trained for ${info.maxSteps} steps`,
    "Puzzle ids": info.puzzleIds ? `${number(info.puzzleRows)} of ${number(info.puzzleIds)} are in the file` : "none",
    Weights: `${info.type}, ${number(info.weightBytes)} bytes in memory, packed for ${info.kernelSet}`,
  };
  find("#file .facts").replaceChildren(...Object.entries(facts).map(([term, text]) => {
    const line = document.createElement("div");
    const dt = document.createElement("dt"), dd = document.createElement("dd");
    dt.textContent = term;
    dd.textContent = text;
    line.append(dt, dd);
    return line;
  }));
  const use = find("#file .use");
  const tab = tabs.find((one) => info.playable && one.getAttribute("aria-controls") === info.task);
  use.hidden = !tab;
  use.textContent = `Try it: ${tab?.textContent ?? ""}`;
  use.onclick = () => open(tab);
}

async function take(files) {
  for (const file of files) {
    try {
      if (/\.json$/i.test(file.name)) {
        arc.challenges(file.name, await file.text());
        open(tabs[2]);
        continue;
      }
      say(`Reading ${file.name}.`);
      const bytes = await file.arrayBuffer();
      const size = bytes.byteLength;
      const info = await ask("load", { bytes, name: file.name }, null, [bytes]);
      describe(file.name, size, info);
      const arcs = info.playable && info.task === "arc";
      if (arcs) arc.model(file.name);
      open(tabs[arcs ? 2 : 3]);
      say(`${file.name} is read.`);
    } catch (error) {
      say(error.message);
    }
  }
}
for (const input of document.querySelectorAll("input[type=file]")) {
  input.addEventListener("change", () => take(input.files));
}
addEventListener("dragover", (event) => { event.preventDefault(); document.body.classList.add("dropping"); });
addEventListener("dragleave", (event) => { if (!event.relatedTarget) document.body.classList.remove("dropping"); });
addEventListener("drop", (event) => {
  event.preventDefault();
  document.body.classList.remove("dropping");
  take(event.dataTransfer.files);
});

// The models that come with the page.
async function loadBundled(task) {
  const response = await fetch(`models/${task}.gguf`);
  if (!response.ok) throw new Error(`models/${task}.gguf: ${response.status} ${response.statusText}`);
  const bytes = await response.arrayBuffer();
  const size = bytes.byteLength;
  const info = await ask("load", { bytes, name: `${task}.gguf` }, null, [bytes]);
  if (task === "sudoku") {
    find(".kernels").textContent = `Here it runs with the kernels ${info.kernelSet}; the file of its weights has ${number(size / 1024)} KB.`;
    describe(`${task}.gguf`, size, info);
  }
}
say("Reading the models.");
Promise.all(["sudoku", "maze"].map(loadBundled)).then(
  () => {
    say("Ready. Press Solve, or type a puzzle of your own.");
    document.body.dataset.ready = "yes";
  },
  (error) => say(`The models could not be read: ${error.message}`));

navigator.serviceWorker?.register("sw.js").catch(() => {});  // without it the page needs the network again
