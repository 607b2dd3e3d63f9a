// ARC: the votes of a model on the tasks of a challenges file, as they come in.
import { ask, say } from "./engine.js";

const colours = ["#000000", "#0074d9", "#ff4136", "#2ecc40", "#ffdc00", "#aaaaaa", "#f012be", "#ff851b", "#7fdbff", "#870c25"];

function picture(grid, caption) {
  const figure = document.createElement("figure");
  const canvas = document.createElement("canvas");
  const rows = grid.length, columns = grid[0]?.length ?? 0;
  const size = Math.max(3, Math.floor(120 / Math.max(rows, columns, 1)));
  canvas.width = Math.max(1, columns * size);
  canvas.height = Math.max(1, rows * size);
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", `${caption}: ${rows} rows, ${columns} columns`);
  const paint = canvas.getContext("2d");
  grid.forEach((row, r) => row.forEach((colour, c) => {
    paint.fillStyle = colours[colour];
    paint.fillRect(c * size, r * size, size - (size > 5), size - (size > 5));
  }));
  const text = document.createElement("figcaption");
  text.textContent = caption;
  figure.append(canvas, text);
  return figure;
}

export function startArc(root) {
  let model = "", file = null, run = null;
  const button = root.querySelector(".run");
  const have = root.querySelector(".have");

  function ready() {
    const parts = [model && `model: ${model}`, file && `tasks: ${file.name}`].filter(Boolean);
    have.textContent = parts.length ? `Chosen ${parts.join(", ")}.` : "";
    button.disabled = !(model && file);
  }

  function show({ inputs, input, candidates, distinct, done, all }, places) {
    if (input === undefined) {
      root.querySelector(".votes").replaceChildren(...inputs.map((one, index) => {
        const place = document.createElement("div");
        place.className = "test";
        const title = document.createElement("h2");
        title.textContent = `${one.task}, test input ${one.test + 1}`;
        const grids = document.createElement("div");
        grids.className = "grids";
        if (one.fault) grids.textContent = one.fault;
        else if (!one.samples) grids.textContent = "the model was not trained on this task";
        else grids.append(picture(one.grid, "the question"));
        place.append(title, grids);
        places[index] = grids;
        return place;
      }));
      return;
    }
    const word = (votes) => `${votes} ${votes === 1 ? "vote" : "votes"}`;
    places[input].replaceChildren(picture(inputs[input].grid, "the question"),
      ...candidates.map(({ grid, votes }) => picture(grid, word(votes))));
    places[input].title = `${distinct} candidates`;
    have.textContent = `${done} of ${all} samples.`;
  }

  button.addEventListener("click", async () => {
    if (run) return run.stop();
    const samples = Number(root.querySelector(".samples").value) || 0;
    const places = [];
    button.textContent = "Stop";
    run = ask("arc", { ...file, samples }, (vote) => show(vote, places));
    try {
      await run;
      say("All samples have voted.");
    } catch (error) {
      say(error.message);
    }
    run = null;
    button.textContent = "Vote";
  });

  return {
    model(name) { model = name; ready(); },
    challenges(name, text) { file = { name, text }; ready(); },
  };
}
