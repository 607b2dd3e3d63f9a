"""Sudokus and mazes, and how they look in notebooks."""

import os
import random
import subprocess
import tempfile
import unittest
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import trm
from data import EASY, EASY_ANSWER, ROOT, arc_model, nano_model, sudokus

PROGRAM = os.environ.get("TRM_PROGRAM")
MAZES = (ROOT / "models/bundled/mazes.txt").read_text()


def obeys_the_rules(puzzle, answer):
    units = [answer[i] for i in range(9)] + [answer[:, i] for i in range(9)]
    units += [answer[i : i + 3, j : j + 3].ravel() for i in (0, 3, 6) for j in (0, 3, 6)]
    givens_kept = (answer[puzzle > 0] == puzzle[puzzle > 0]).all()
    return givens_kept and all(sorted(unit) == list(range(1, 10)) for unit in units)


class Sudokus(unittest.TestCase):
    def test_solves_a_sudoku(self):
        solution = trm.sudoku.solve(EASY)
        self.assertEqual((str(solution), solution.solved, solution.faults), (EASY_ANSWER, True, 0))
        self.assertIn(EASY_ANSWER, repr(solution))

    def test_every_way_to_name_a_sudoku(self):
        (grid,) = trm.sudoku.read(EASY)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "puzzle.txt")
            path.write_text(EASY)
            for puzzle in (grid, grid.ravel().astype(np.uint8), grid.tolist(), path, EASY.replace(".", "0"), [EASY]):
                self.assertEqual(trm.sudoku.solve(puzzle).text, EASY_ANSWER)
        self.assertEqual(trm.sudoku.write(grid), EASY)

    def test_solved_means_solved(self):
        solutions = trm.sudoku.solve_all("\n".join(sudokus(40)))
        self.assertEqual(len(solutions), 40)
        for solution in solutions:
            self.assertEqual(solution.solved, obeys_the_rules(solution.puzzle, solution.answer))
            self.assertEqual(solution.solved, trm.sudoku.check(solution.puzzle, solution.answer) == (0, ""))
        self.assertGreater(sum(solution.solved for solution in solutions), 30)

    def test_an_answer_depends_on_the_seed_alone(self):
        texts = sudokus(12)[1:]
        alone = [trm.sudoku.solve_all([text], seed=3, threads=1)[0].text for text in texts]
        self.assertEqual([each.text for each in trm.sudoku.solve_all(texts, seed=3)], alone)

    def test_a_wrong_cell_is_named(self):
        answer = trm.sudoku.solve(EASY).answer.copy()
        answer[0, 2] = 5
        faults, first = trm.sudoku.check(trm.sudoku.read(EASY)[0], answer)
        self.assertGreater(faults, 0)
        self.assertTrue(first)

    def test_what_is_no_sudoku_is_refused(self):
        for puzzle in ("12", "", "x" * 81 + "\n" + "y" * 80, np.full((9, 9), 10), np.full((9, 9), -1)):
            with self.subTest(puzzle), self.assertRaises(trm.InputError):
                trm.sudoku.solve(puzzle)
        for puzzle in (np.zeros((9, 8), int), np.zeros((9, 9)), f"{EASY}\n{EASY_ANSWER}\n{EASY}", 5):
            with self.subTest(puzzle), self.assertRaises(trm.UsageError):
                trm.sudoku.solve(puzzle)
        with self.assertRaises(trm.UsageError):
            trm.sudoku.solve(EASY, model=trm.bundled("maze"))
        with self.assertRaises(trm.FileError):
            trm.sudoku.solve(Path("no such file"))

    def test_givens_that_contradict_each_other(self):
        solution = trm.sudoku.solve("55" + EASY[2:])
        self.assertEqual((solution.solved, solution.attempt), (False, 0))
        self.assertIn("not solved", repr(solution))

    def test_models_with_the_boards_of_nano_trm(self):
        for side, width, text in ((9, 9, EASY), (9, 11, EASY), (4, 4, "1..43...2.4.4.2."), (4, 6, "1..43...2.4.4.2.")):
            with self.subTest(side=side, width=width):
                model = nano_model(side, width)
                self.assertEqual((model.task, model.cells, model.puzzle_side), ("sudoku", width * width, side))
                (grid,) = trm.sudoku.read(text, side=side)
                for puzzle in (text, grid, grid.ravel().astype(np.uint8)):
                    solution = trm.sudoku.solve(puzzle, model=model, tries=1)
                    np.testing.assert_array_equal(solution.puzzle, grid)
                    faults, first = trm.sudoku.check(solution.puzzle, solution.answer)
                    self.assertEqual((solution.faults, solution.fault), (faults, first))
                    self.assertEqual(len(solution.text), side * side)
                    question, _ = ET.fromstring(solution._repr_html_()).iter("svg")
                    self.assertEqual(question.get("aria-label"), text.replace(".", "0"))

    def test_the_program_answers_alike_on_the_boards_of_nano_trm(self):
        if not PROGRAM:
            self.skipTest("TRM_PROGRAM names no program")
        for width in (4, 6):
            model = nano_model(4, width)
            command = [PROGRAM, "sudoku", "-m", model.name, "1..43...2.4.4.2.", "--quiet"]
            answer = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            self.assertEqual(trm.sudoku.solve("1..43...2.4.4.2.", model=model).text, answer.strip())

    def test_a_sudoku_in_the_tokens_of_a_model(self):
        (grid,) = trm.sudoku.read(EASY)
        models = (trm.bundled("sudoku"), 1, 9), (nano_model(9, 9), 2, 9), (nano_model(9, 11), 2, 11)
        for model, offset, width in models:
            expected = np.zeros((width, width), np.int32)
            if width == 11:
                expected[9, 0] = 1  # the end marker
            expected[:9, :9] = grid + offset
            for puzzle in (EASY, grid):
                tokens = trm.sudoku.tokens(puzzle, model)
                np.testing.assert_array_equal(tokens, expected.reshape(1, -1))
            result = model.run(tokens, steps=1)
            np.testing.assert_array_equal(trm.sudoku.grids(tokens, model), [grid])
            answer = result.predictions.reshape(width, width)[:9, :9] - offset
            np.testing.assert_array_equal(trm.sudoku.grids(result.predictions, model)[0], np.maximum(answer, 0))
            question, _ = ET.fromstring(result._repr_html_()).iter("svg")
            self.assertEqual(question.get("aria-label"), EASY.replace(".", "0"))

    def test_a_time_limit(self):
        solutions = trm.sudoku.solve_all([EASY] * 3, time_limit=1e-9)
        self.assertEqual(len(solutions), 3)
        repr(solutions)


class Mazes(unittest.TestCase):
    def test_solves_mazes(self):
        solutions = trm.maze.solve_all(MAZES)
        self.assertEqual(len(solutions), 3)
        for solution in solutions:
            self.assertTrue(solution.solved)
            self.assertTrue(path_leads_from_start_to_goal(solution.answer))
            np.testing.assert_array_equal(solution.answer[solution.answer != 5], solution.puzzle[solution.answer != 5])

    def test_every_way_to_name_a_maze(self):
        first = trm.maze.read(MAZES)[0]
        text = trm.maze.write(first)
        answer = trm.maze.solve(text).text
        self.assertEqual([trm.maze.solve(each).text for each in (first, first.ravel(), first.tolist())], [answer] * 3)

    def test_a_maze_of_another_size_is_refused(self):
        with self.assertRaises(trm.Error):
            trm.maze.solve("###\n#SG\n###")
        with self.assertRaises(trm.UsageError):
            trm.maze.solve(np.ones((5, 5), int))


def path_leads_from_start_to_goal(maze):
    (start,), (goal,) = (list(zip(*np.where(maze == token))) for token in (3, 4))
    seen, edge = set(), [start]
    while edge:
        row, column = edge.pop()
        if (row, column) in seen or maze[row, column] not in (3, 4, 5):
            continue
        seen.add((row, column))
        edge += [(row + 1, column), (row - 1, column), (row, column + 1), (row, column - 1)]
    return goal in seen


class Pictures(unittest.TestCase):
    def test_every_picture_is_well_formed_and_shows_the_answer(self):
        sudoku = trm.sudoku.solve(EASY)
        tree = ET.fromstring(sudoku._repr_html_())
        question, answer = tree.iter("svg")
        self.assertEqual(len(list(question.iter("text"))), sum(c != "." for c in EASY))
        self.assertEqual(
            {(float(t.get("y")), float(t.get("x"))): t.text for t in answer.iter("text")},
            {(i // 9 + 0.75, i % 9 + 0.5): digit for i, digit in enumerate(EASY_ANSWER)},
        )
        maze = trm.maze.solve_all(MAZES)[0]
        _, drawn = ET.fromstring(maze._repr_html_()).iter("svg")
        self.assertEqual(len(list(drawn.iter("circle"))), (maze.answer == 5).sum())

    def test_results_of_every_kind_of_model(self):
        random_tokens = np.random.default_rng(1).integers
        for model in (trm.bundled("sudoku"), trm.bundled("maze"), arc_model()):
            tokens = random_tokens(0, model.vocabulary, (10, model.cells))
            result = model.run(tokens, puzzle_ids=1 if model.task == "arc" else None, steps=1)
            ET.fromstring(result._repr_html_())
            self.assertIn("10 samples", repr(result))
            step = next(model.steps(tokens, puzzle_ids=1 if model.task == "arc" else None))
            ET.fromstring(step._repr_html_())
            self.assertIn("step 1", repr(step))

    def test_a_grid_has_its_colours(self):
        grid = np.array([[0, 1], [9, 5], [3, 3]], np.uint8)
        candidate = trm.arc.Candidate(grid, 3, 0.5)
        (svg,) = ET.fromstring(candidate._repr_html_()).iter("svg")
        self.assertEqual(len(list(svg.iter("rect"))), 6)
        self.assertEqual(len({rect.get("fill") for rect in svg.iter("rect")}), 5)
        self.assertEqual(svg.get("viewBox"), "-.1 -.1 2.2 3.2")


class Models(unittest.TestCase):
    def test_a_model_says_what_it_is(self):
        model = trm.bundled("sudoku")
        self.assertEqual((model.task, model.cells, model.type, model.family), ("sudoku", 81, "int8", "trm"))
        self.assertEqual(model.hyperparameters["vocab_size"], "11")
        for part in ("sudoku", "int8", "81 cells", model.kernel_set):
            self.assertIn(part, repr(model))
        self.assertGreater(model.memory_needed(1), 0)

    def test_a_model_from_bytes_and_with_every_kernel_set(self):
        data = (ROOT / "models/bundled/sudoku_int8.gguf").read_bytes()
        tokens = np.array(trm.sudoku.read(EASY)).reshape(1, 81) + 1
        for name in trm.kernel_sets():
            model = trm.load(bytearray(data), kernel_set=name)
            self.assertEqual(model.kernel_set, name)
            digits = "".join(map(str, model.run(tokens).predictions[0] - 1))
            self.assertEqual(digits, EASY_ANSWER)

    def test_a_damaged_model_is_refused(self):
        data = bytearray((ROOT / "models/bundled/sudoku_int8.gguf").read_bytes())
        source = random.Random(1)
        for _ in range(20):
            damaged = bytearray(data)
            damaged[source.randrange(len(data) // 2, len(data))] ^= 1 << source.randrange(8)
            try:
                trm.load(damaged)  # padding between tensors may change
            except trm.InputError as error:
                self.assertTrue(error.what)
        for wrong in (b"", b"GGUF", bytes(data[:1000])):
            with self.assertRaises(trm.InputError):
                trm.load(wrong)
        with self.assertRaises(trm.FileError):
            trm.load("no/such/file.gguf")
        with self.assertRaises(trm.UsageError):
            trm.load(bytes(data), kernel_set="imaginary")

    def test_saving(self):
        with tempfile.TemporaryDirectory() as folder:
            for source in (ROOT / "models/bundled/sudoku_int8.gguf",):
                trm.load(source.read_bytes()).save(Path(folder, "copy.gguf"))
                self.assertEqual(Path(folder, "copy.gguf").read_bytes(), source.read_bytes())


if __name__ == "__main__":
    unittest.main()
