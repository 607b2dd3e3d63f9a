// The sudoku board. Tokens: 1 is a blank, digit + 1 a digit.
import { ask, say } from "./engine.js";
import { Grid } from "./grid.js";
import { Player } from "./player.js";

const examples = [
  ["Easy", ".3.8.6..1.6..147.594..5...3.76...139..9...27...49.765.1.....5.64...239..6..5.13.2"],
  ["Easy, fewer givens", "53..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28....419..5....8..79"],
  ["Hard: needs a guess", "....9...1.....4...9..6.7.24..3.714...9.......1.7.298..87....36....2.3...3.5......"],
  ["Harder", "8.....9....35...7..76.9.5.....3...9.......8.19...1.63....7.3.......2..15.49...76."],
  ["17 givens", "...8.1..........435............7.8........1...2..3....6......75..34........2..6.."],
  ["Called the hardest", "8..........36......7..9.2...5...7.......457.....1...3...1....68..85...1..9....4.."],
];
const fromLine = (line) => Array.from(line, (c) => (c === "." ? 1 : Number(c) + 1));
const blank = () => new Array(81).fill(1);

export function startSudoku(root) {
  let question = blank();

  const name = (index) => `row ${Math.floor(index / 9) + 1}, column ${(index % 9) + 1}`;
  function put(index, { token, given = false, sure = 0, changed = false, guess = false }) {
    const cell = grid.cells[index];
    const digit = token > 1 ? String(token - 1) : "";
    cell.textContent = digit;
    cell.className = [digit && !given && "model", changed && "changed", guess && "guess"].filter(Boolean).join(" ");
    cell.style.setProperty("--sure", sure);
    const who = given ? "given" : guess ? "guessed" : `the model, ${Math.round(100 * sure)} % sure`;
    cell.setAttribute("aria-label", `${name(index)}: ${digit ? `${digit}, ${who}` : "blank"}`);
  }
  const draw = () => question.forEach((token, index) => put(index, { token, given: token > 1 }));

  function change(index, token) {
    player.reset();
    question[index] = token;
    draw();
  }
  function take(tokens) {
    player.reset();
    question = tokens.slice();
    draw();
  }

  const grid = new Grid(root.querySelector(".board"), 9, {
    key(index, { key }) {
      if (/^[1-9]$/.test(key)) {
        change(index, Number(key) + 1);
        if (index < 80) grid.move(index + 1);
      } else if (key === " " || key === "0" || key === ".") {
        change(index, 1);
        if (index < 80) grid.move(index + 1);
      } else if (key === "Delete") {
        change(index, 1);
      } else if (key === "Backspace") {
        change(index, 1);
        if (index > 0) grid.move(index - 1);
      } else if (key === "Enter") {
        player.solve();
      } else {
        return false;
      }
      return true;
    },
  });

  const player = new Player(root, "sudoku", {
    question: () => question,
    show({ answer, confidence, view }, before) {
      let changed = 0;
      answer.forEach((token, index) => {
        const given = question[index] > 1;
        const differs = !given && token !== (before ? before.answer[index] : 1);
        changed += differs;
        put(index, { token: given ? question[index] : token, given, sure: confidence[index], changed: differs,
          guess: !given && view.asked[index] > 1 });
      });
      return changed;
    },
    describe({ attempt, view }) {
      if (attempt === 1) return "as given";
      const digits = [1, 2, 3].map((digit) => `${digit} as ${view.tokens[digit + 1] - 1}`).join(", ");
      const guess = view.asked.findIndex((token, index) => token > 1 && question[index] <= 1);
      const guessed = guess >= 0 ? `; a guess: ${view.asked[guess] - 1} in ${name(guess)}` : "";
      return `rows and columns exchanged, ${digits} and so on${guessed}`;
    },
  });

  // The digits as buttons, for hands without a keyboard; the last one is the blank.
  root.querySelectorAll(".pad button").forEach((button, index) => {
    button.addEventListener("click", () => change(grid.at, index < 9 ? index + 2 : 1));
  });

  const choice = root.querySelector(".examples");
  choice.append(...examples.map(([title], index) => new Option(title, index)));
  choice.addEventListener("change", () => take(fromLine(examples[choice.value][1])));
  root.querySelector(".clear").addEventListener("click", () => take(blank()));

  async function read(text) {
    try {
      const puzzles = await ask("readSudokus", { text });
      take(puzzles[0]);
      say(puzzles.length === 1 ? "One sudoku was read." : `${puzzles.length} sudokus were read; this is the first.`);
    } catch (error) {
      say(error.message);
    }
  }
  root.querySelector(".paste").addEventListener("click", () => read(root.querySelector("textarea").value));
  root.querySelector(".board").addEventListener("paste", (event) => read(event.clipboardData.getData("text")));
  addEventListener("paste", (event) => {
    if (!root.hidden && event.target === document.body) read(event.clipboardData.getData("text"));
  });

  choice.value = 2;
  take(fromLine(examples[2][1]));
}
