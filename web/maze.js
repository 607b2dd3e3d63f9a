// The maze board. Tokens: 1 wall, 2 free, 3 start, 4 goal, 5 path.
import { say } from "./engine.js";
import { Grid } from "./grid.js";
import { Player } from "./player.js";

const side = 11;
const words = ["nothing", "wall", "free", "start", "goal", "path"];

/** A maze as the model learned them: rooms of a tree, a few openings, start and goal far apart. */
function randomMaze(openings) {
  const rooms = (side - 1) / 2;
  const cells = new Array(side * side).fill(1);
  const at = (r, c) => (2 * r + 1) * side + 2 * c + 1;
  const below = (n) => Math.floor(Math.random() * n);
  const near = (r, c) => [[r - 1, c], [r + 1, c], [r, c - 1], [r, c + 1]].filter(([a, b]) =>
    a >= 0 && b >= 0 && a < rooms && b < rooms);
  const between = (r, c, a, b) => (r + a + 1) * side + c + b + 1;
  const stack = [[below(rooms), below(rooms)]];
  cells[at(...stack[0])] = 2;
  while (stack.length) {
    const [r, c] = stack.at(-1);
    const free = near(r, c).filter(([a, b]) => cells[at(a, b)] === 1);
    if (!free.length) { stack.pop(); continue; }
    const [a, b] = free[below(free.length)];
    cells[at(a, b)] = cells[between(r, c, a, b)] = 2;
    stack.push([a, b]);
  }
  for (let left = openings, tries = 0; left > 0 && tries < 200; ++tries) {
    const r = below(rooms), c = below(rooms);
    const beside = near(r, c);
    const [a, b] = beside[below(beside.length)];
    if (cells[between(r, c, a, b)] === 1) { cells[between(r, c, a, b)] = 2; --left; }
  }
  const start = at(below(rooms), below(rooms));
  const distance = new Map([[start, 0]]);
  for (const cell of distance.keys()) {
    for (const next of [cell - 1, cell + 1, cell - side, cell + side]) {
      if (cells[next] !== 1 && !distance.has(next)) distance.set(next, distance.get(cell) + 1);
    }
  }
  const [goal] = [...distance].reduce((far, one) => (one[1] > far[1] ? one : far));
  cells[start] = 3;
  cells[goal] = 4;
  return cells;
}

export function startMaze(root) {
  let question;
  let tool = 1;

  function put(index, { token, sure = 1, changed = false }) {
    const given = question[index];
    const cell = grid.cells[index];
    cell.textContent = given === 3 ? "S" : given === 4 ? "G" : "";
    const odd = token !== given && !(given === 2 && token === 5);
    cell.className = [given === 1 && "wall", token === 5 && given !== 3 && given !== 4 && "path", changed && "changed",
      odd && "odd"].filter(Boolean).join(" ");
    cell.style.setProperty("--sure", sure);
    const said = token === given ? words[given] : `${words[given]}, the model says ${words[token]}, ${Math.round(100 * sure)} % sure`;
    cell.setAttribute("aria-label", `row ${Math.floor(index / side) + 1}, column ${(index % side) + 1}: ${said}`);
  }
  const draw = () => question.forEach((token, index) => put(index, { token }));

  function paint(index, token) {
    if (question[index] === token) return;
    if (token <= 2 && question[index] >= 3) return; // start and goal move, they do not vanish
    player.reset();
    if (token >= 3) question[question.indexOf(token)] = 2;
    question[index] = token;
    draw();
  }

  const board = root.querySelector(".board");
  let painting = null;
  const grid = new Grid(board, side, {
    key(index, { key }) {
      if (key === " ") paint(index, tool <= 2 && question[index] === tool ? 3 - tool : tool);
      else if (key === "Enter") player.solve();
      else return false;
      return true;
    },
    choose(index) {
      painting = tool <= 2 && question[index] === tool ? 3 - tool : tool;
      paint(index, painting);
    },
  });
  board.addEventListener("pointermove", ({ clientX, clientY, buttons }) => {
    if (painting === null || !buttons) return;
    const index = grid.index(document.elementFromPoint(clientX, clientY));
    if (index >= 0) paint(index, painting);
  });
  for (const end of ["pointerup", "pointercancel"]) addEventListener(end, () => { painting = null; });

  const player = new Player(root, "maze", {
    question: () => question,
    show({ answer, confidence }, before) {
      let changed = 0;
      answer.forEach((token, index) => {
        const differs = token !== (before ? before.answer : question)[index];
        changed += differs;
        put(index, { token, sure: confidence[index], changed: differs });
      });
      return changed;
    },
    describe: ({ attempt }) => (attempt === 1 ? "as drawn" : "turned or mirrored"),
  });

  const tools = [...root.querySelectorAll(".tools button")];
  function choose(button) {
    for (const one of tools) {
      one.setAttribute("aria-checked", one === button);
      one.tabIndex = one === button ? 0 : -1;
    }
    tool = Number(button.dataset.token);
  }
  tools.forEach((button, index) => {
    button.addEventListener("click", () => choose(button));
    button.addEventListener("keydown", ({ key }) => {
      const move = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[key];
      if (!move) return;
      const next = tools[(index + move + tools.length) % tools.length];
      choose(next);
      next.focus();
    });
  });
  choose(tools[0]);

  function renew() {
    player.reset();
    question = randomMaze(Number(root.querySelector(".openings").value));
    draw();
  }
  root.querySelector(".random").addEventListener("click", () => { renew(); say("A new maze."); });
  root.querySelector(".openings").addEventListener("change", renew);
  renew();
}
