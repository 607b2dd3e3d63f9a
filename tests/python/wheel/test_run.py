"""Runs: against the official implementations' outputs, over every kind of array, and as a good guest of a process."""

import gc
import json
import multiprocessing
import os
import pickle
import signal
import subprocess
import sys
import threading
import unittest
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import trm
from data import checkpoint_of, golden_cases, golden_model, inputs, sudoku_tokens
from trm import _library

INTEGERS = "bBhHiIlLqQ"


def predictions_in_child(model, tokens, results):
    results.put(model.run(tokens, threads=2).predictions)


def fixed_start(cases):
    """Those whose start is in the checkpoint: a run of the package cannot be given another one."""
    return [case for case in cases if not (case / "z_init.npy").exists()]


def last_steps(case, steps, samples):
    """[B]: the step at which each sample stops. The reference goes on with a batch until all of it has stopped."""
    file = case / "iterations.npy"
    return np.load(file) if file.exists() else np.full(samples, steps)


class Golden(unittest.TestCase):
    def test_outputs_are_those_of_the_official_implementation(self):
        for case in fixed_start(golden_cases()):
            with self.subTest(case.name):
                noise = json.loads((case / "case.json").read_text())["float32_noise_per_step"]
                expected = np.load(case / "logits.npy")
                q = np.load(case / "q.npy")
                model = golden_model(case)
                tokens, ids = inputs(case)
                stops = last_steps(case, *expected.shape[:2])
                seen = np.arange(1, len(expected) + 1)[:, None] > stops
                for step in model.steps(tokens, puzzle_ids=ids, steps=len(expected)):
                    bound = max(1e-5, 10 * noise[step.step - 1])
                    at = step.step - 1, step.sample
                    seen[at] = True
                    self.assertLess(np.abs(step.logits - expected[at]).max(), bound)
                    ours = [step.q_halt, step.q_continue][: q.shape[-1]]  # some families have the first alone
                    self.assertLess(np.abs(ours - q[at]).max(), bound)
                    self.assertEqual(step.last, step.step == stops[step.sample])
                self.assertTrue(seen.all())

    def test_latents_are_those_of_the_official_implementation(self):
        for case in fixed_start(golden_cases()):
            model = golden_model(case)
            tokens, ids = inputs(case)
            for name in ("z_high", "z_low"):
                file = case / f"{name}.npy"
                if not file.exists() or getattr(model, name.replace("z_", "") + "_latents") != 1:
                    continue
                with self.subTest(case.name, latent=name):
                    last = np.load(file)[-1]
                    result = model.run(tokens, puzzle_ids=ids, latents=True)
                    steps = len(np.load(case / "logits.npy"))
                    to_the_end = last_steps(case, steps, len(tokens)) == steps
                    self.assertLess(np.abs(getattr(result, name)[:, 0] - last)[to_the_end].max(), 1e-3)

    def test_a_run_gives_what_its_last_steps_show(self):
        case = golden_cases()[0]
        tokens, ids = inputs(case)
        model = golden_model(case)
        result = model.run(tokens, puzzle_ids=ids, steps=3, logits=True, latents=True)
        last = {step.sample: step for step in model.steps(tokens, puzzle_ids=ids, steps=3, latents=True) if step.last}
        for i in range(len(tokens)):
            np.testing.assert_array_equal(result.logits[i], last[i].logits)
            np.testing.assert_array_equal(result.predictions[i], last[i].prediction)
            self.assertEqual((result.q_halt[i], result.steps[i]), (last[i].q_halt, 3))
            for name in ("z_high", "z_low"):
                whole, one = getattr(result, name), getattr(last[i], name)
                np.testing.assert_array_equal(whole[i] if whole is not None else None, one)

    def test_the_checkpoints_are_all_found(self):
        self.assertGreaterEqual(len({checkpoint_of(case) for case in golden_cases()}), 11)


class Arrays(unittest.TestCase):
    model = trm.bundled("sudoku")
    tokens = sudoku_tokens(6)
    expected = model.run(tokens, steps=4).predictions

    def check(self, array):
        np.testing.assert_array_equal(self.model.run(array, steps=4).predictions, self.expected)

    def test_every_integer_type_and_byte_order(self):
        for kind in INTEGERS:
            for order in "<>":
                with self.subTest(kind + order):
                    self.check(self.tokens.astype(np.dtype(kind).newbyteorder(order)))

    def test_every_order_in_memory(self):
        wide = np.zeros((12, 243), np.uint8)
        wide[::2, ::3] = self.tokens
        self.check(np.asfortranarray(self.tokens))
        self.check(wide[::2, ::3])
        self.check(self.tokens[::-1, ::-1].copy()[::-1, ::-1])
        self.check(self.tokens.tolist())

    def test_arrays_are_read_where_they_lie(self):
        read_only = self.tokens.astype(np.uint16)
        read_only.setflags(write=False)
        self.check(read_only)
        self.assertTrue(np.shares_memory(self.model.run(read_only, steps=1).tokens, read_only))

    def test_one_number_for_all_cells(self):
        np.testing.assert_array_equal(
            self.model.run(np.broadcast_to(np.int32(1), (3, 81)), steps=2).predictions,
            self.model.run(np.ones((3, 81), np.int32), steps=2).predictions,
        )

    def test_one_puzzle_and_none(self):
        np.testing.assert_array_equal(self.model.run(self.tokens[0], steps=4).predictions, self.expected[:1])
        none = self.model.run(np.zeros((0, 81), np.int8), logits=True)
        self.assertEqual((none.predictions.shape, none.logits.shape), ((0, 81), (0, 81, 11)))
        self.assertEqual(list(self.model.steps(np.zeros((0, 81), np.int8))), [])

    def test_what_cannot_be_run_is_refused(self):
        refused = {
            trm.UsageError: [
                {"tokens": self.tokens[:, :80]},
                {"tokens": self.tokens[np.newaxis]},
                {"tokens": self.tokens / 2},
                {"tokens": "a text"},
                {"steps": 0},
                {"steps": -1},
                {"threads": -1},
                {"noise": -1.0},
                {"noise": float("nan")},
                {"noise_latent": "medium"},
                {"seed": -1},
                {"puzzle_ids": [0, 0]},
                {"puzzle_ids": 0.5},
            ],
            trm.InputError: [{"tokens": self.tokens + 20}, {"tokens": self.tokens - 5}, {"puzzle_ids": 7}],
        }
        for kind, cases in refused.items():
            for case in cases:
                with self.subTest(case), self.assertRaises(kind) as caught:
                    self.model.run(**{"tokens": self.tokens, **case})
                self.assertTrue(caught.exception.what)
                self.assertIn(caught.exception.what, str(caught.exception))

    def test_halting_ends_samples(self):
        result = self.model.run(self.tokens, halt=0.0)
        self.assertTrue((result.steps[result.halted] <= 16).all() and result.halted.any())
        never = self.model.run(self.tokens, halt=1e6)
        self.assertFalse(never.halted.any())

    def test_noise_depends_on_seed_and_key_alone(self):
        def run(**options):
            return self.model.run(self.tokens, steps=2, noise=0.3, logits=True, **options).logits

        same = run(seed=1)
        np.testing.assert_array_equal(run(seed=1, threads=1), same)
        np.testing.assert_array_equal(run(seed=1, noise_keys=range(6), trajectories=0), same)
        for other in ({"seed": 2}, {"seed": 1, "trajectories": 1}, {"seed": 1, "noise_latent": "high"}):
            self.assertFalse(np.array_equal(run(**other), same))


class Guest(unittest.TestCase):
    """A long run and what else happens in the process."""

    model = trm.bundled("sudoku")
    tokens = sudoku_tokens(6)
    many = np.tile(tokens, (10000, 1))  # minutes

    def interrupted(self, call):
        timer = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))
        timer.start()
        try:
            with self.assertRaises(KeyboardInterrupt):
                call()
        finally:
            timer.cancel()

    def test_ctrl_c_stops_a_run(self):
        self.interrupted(lambda: self.model.run(self.many))
        self.assertEqual(len(self.model.run(self.tokens, steps=1)), 6)  # the model is as good as before

    def test_ctrl_c_stops_steps_and_solving(self):
        self.interrupted(lambda: [None for _ in self.model.steps(self.many)])
        self.interrupted(lambda: trm.sudoku.solve_all(self.many.reshape(-1, 9, 9) - 1))

    def test_an_exception_of_any_signal_handler_gets_out(self):
        class Alarm(Exception):
            pass

        def ring(*_):
            raise Alarm

        before = signal.signal(signal.SIGALRM, ring)
        signal.setitimer(signal.ITIMER_REAL, 0.3)
        try:
            with self.assertRaises(Alarm):
                self.model.run(self.many)
        finally:
            signal.signal(signal.SIGALRM, before)

    def test_a_watcher_may_leave(self):
        threads = threading.active_count()
        steps = self.model.steps(self.many)
        self.assertEqual(next(steps).step, 1)
        del steps
        gc.collect()
        self.assertEqual(threading.active_count(), threads)
        with self.assertRaises(ZeroDivisionError):
            for step in self.model.steps(self.many):
                1 / 0 * step.step
        gc.collect()
        self.assertEqual(threading.active_count(), threads)

    def test_an_open_iterator_does_not_hold_up_the_end_of_python(self):
        code = "import trm; steps = trm.bundled('sudoku').steps([1] * 81); print(next(steps).step)"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300, check=False)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "1\n", ""))

    def test_python_runs_meanwhile(self):
        counted = 0
        worker = threading.Thread(target=self.model.run, args=(np.tile(self.tokens, (20, 1)),))
        worker.start()
        while worker.is_alive():
            counted += 1
        self.assertGreater(counted, 1000)

    def test_models_and_threads_at_once(self):
        maze = trm.bundled("maze")
        mazes = np.ones((4, maze.cells), np.int32)
        jobs = [(self.model, self.tokens), (maze, mazes)] * 8
        expected = {id(model): model.run(tokens, steps=3).predictions for model, tokens in jobs[:2]}
        with ThreadPoolExecutor(8) as pool:
            for (model, _), result in zip(jobs, pool.map(lambda job: job[0].run(job[1], steps=3), jobs)):
                np.testing.assert_array_equal(result.predictions, expected[id(model)])

    def test_children_go_on_with_the_model(self):
        expected = self.model.run(self.tokens, threads=2).predictions  # its threads do not come along
        for method in ("fork", "spawn"):
            with self.subTest(method):
                context = multiprocessing.get_context(method)
                results = context.Queue()
                children = [
                    context.Process(target=predictions_in_child, args=(self.model, self.tokens, results))
                    for _ in range(2)
                ]
                for child in children:
                    child.start()
                for child in children:
                    np.testing.assert_array_equal(results.get(timeout=300), expected)
                    child.join()

    def test_errors_cross_processes(self):
        error = trm.InputError("is wrong", file="a.gguf", place="line 3", remedy="correct it")
        again = pickle.loads(pickle.dumps(error))
        self.assertEqual((type(again), str(again), again.place), (trm.InputError, str(error), "line 3"))
        self.assertEqual(str(error), "a.gguf: line 3: is wrong; correct it")

    def test_beside_torch(self):
        try:
            import torch
        except ImportError:
            self.skipTest("no PyTorch")
        if b"libgomp" in _library.library_path().read_bytes():
            self.skipTest("this library was built with OpenMP; the one of scripts/wheel is not")
        matrix = torch.randn(600, 600)
        expected, product = self.model.run(self.tokens).predictions, matrix @ matrix
        for _ in range(3):
            self.assertTrue(torch.equal(matrix @ matrix, product))
            np.testing.assert_array_equal(self.model.run(torch.from_numpy(self.tokens)).predictions, expected)
        with open("/proc/self/maps") as maps:
            libraries = {line.split()[-1] for line in maps if "gomp" in line or "libomp" in line or "iomp" in line}
        ours = [library for library in libraries if "torch" not in library]
        self.assertEqual(ours, [], "two OpenMP runtimes in one process")


if __name__ == "__main__":
    unittest.main()
