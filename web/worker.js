// The model's thread. Messages in: {id, act, ...}, and {cancel: id}. Messages out: {id, event} for each step, then
// {id, result} or {id, error}. Between two steps the thread reads its messages, so that a run can be stopped.
import { isModelFile, kernelSets, load, maze, sudoku } from "./trm/trm.js";

const models = new Map(); // task -> Model
const drawn = { sudoku: [81, 11], maze: [121, 6] }; // cells and tokens of the boards on the page
const running = new Map(); // id -> AbortController

function modelOf(task) {
  const model = models.get(task);
  if (!model) throw new Error("The model is not read yet.");
  return model;
}

const acts = {
  async load({ bytes, name }) {
    if (!isModelFile(bytes)) throw new Error(`${name} is no model file: trm convert makes them`);
    const model = await load(bytes, { name });
    const { task, cells, vocabulary } = model.info;
    const board = drawn[task] ?? [cells, vocabulary];
    const playable = task !== "" && board[0] === cells && board[1] === vocabulary;
    const place = playable ? task : "other";
    models.get(place)?.free();
    models.set(place, model);
    return { ...model.info, playable };
  },
  kernelSets: () => kernelSets(),
  readSudokus: ({ text }) => sudoku.read(text),
  checkSudoku: ({ question, answer }) => sudoku.check(question, answer),
  checkMaze: ({ question, answer }) => maze.check(question, answer),
  async solve({ task, question }, signal, tell) {
    for await (const { logits, ...step } of modelOf(task).solve(question, { signal })) tell(step);
  },
  async arc({ text, name, samples }, signal, tell) {
    for await (const vote of modelOf("arc").arc(text, { name, samples, signal })) {
      tell({ ...vote, candidates: vote.candidates?.slice(0, 3), distinct: vote.candidates?.length });
    }
  },
};

addEventListener("message", async ({ data }) => {
  if (data.cancel) return running.get(data.cancel)?.abort();
  const { id, act, ...values } = data;
  const control = new AbortController();
  running.set(id, control);
  try {
    const result = await acts[act](values, control.signal, (event) => postMessage({ id, event }));
    postMessage({ id, result });
  } catch (error) {
    postMessage({ id, error: control.signal.aborted ? "stopped" : error.message });
  } finally {
    running.delete(id);
  }
});
