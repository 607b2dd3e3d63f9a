"""ARC: the same votes as the program's, byte for byte."""

import json
import os
import subprocess
import tempfile
import unittest
from pathlib import Path

import numpy as np
import trm
from data import DATA, arc_model

CHALLENGES = DATA / "dataset_arc/mini_evaluation_challenges.json"
PROGRAM = os.environ.get("TRM_PROGRAM")


class Arc(unittest.TestCase):
    ranking = trm.arc.solve(CHALLENGES, arc_model())

    @unittest.skipUnless(PROGRAM, "TRM_PROGRAM names no program")
    def test_the_submission_is_the_programs_byte_for_byte(self):
        with tempfile.TemporaryDirectory() as folder:
            command = [PROGRAM, "arc", arc_model().name, "--challenges", CHALLENGES, "-o", "submission.json", "--quiet"]
            subprocess.run(command, cwd=folder, check=True, capture_output=True)
            expected = Path(folder, "submission.json").read_bytes()
            self.ranking.save(Path(folder, "ours.json"))
            self.assertEqual(Path(folder, "ours.json").read_bytes(), expected)
            merge = [PROGRAM, "vote", "submission.json.journal", "-o", "merged.json", "--ranking", "all.json", "--quiet"]
            subprocess.run([*merge, "--challenges", CHALLENGES], cwd=folder, check=True, capture_output=True)
            self.assertEqual(Path(folder, "all.json").read_text(), self.ranking.json)

    def test_candidates_are_those_of_the_submission(self):
        submission = json.loads(self.ranking.submission)
        self.assertEqual(list(submission), list(self.ranking))
        for task, tests in self.ranking.items():
            self.assertEqual(len(tests), len(submission[task]))
            for candidates, answer in zip(tests, submission[task]):
                for candidate, attempt in zip(candidates, ("attempt_1", "attempt_2")):
                    self.assertEqual(candidate.grid.tolist(), answer[attempt])
                votes = [candidate.votes for candidate in candidates]
                self.assertEqual(votes, sorted(votes, reverse=True))
                self.assertTrue(all(0 <= candidate.confidence <= 1 for candidate in candidates))
        self.assertTrue(self.ranking.complete)
        self.assertIn(f"{len(submission)} tasks", repr(self.ranking))
        self.assertEqual(self.ranking._repr_html_().count("<figcaption"), self.ranking._repr_html_().count("</svg>"))

    def test_every_way_to_name_the_challenges(self):
        content = json.loads(CHALLENGES.read_text())
        name, task = next(iter(content.items()))
        expected = self.ranking[name]
        with tempfile.TemporaryDirectory() as folder:
            alone = Path(folder, f"{name}.json")
            alone.write_text(json.dumps(task))
            arrays = {name: {"train": task["train"], "test": [{"input": np.array(t["input"])} for t in task["test"]]}}
            for challenges in ({name: task}, json.dumps({name: task}), alone, str(alone), arrays):
                (tests,) = trm.arc.solve(challenges, arc_model()).values()
                for got, wanted in zip(tests, expected):
                    self.assertEqual([(c.votes, c.confidence) for c in got], [(c.votes, c.confidence) for c in wanted])

    def test_threads_change_nothing(self):
        self.assertEqual(trm.arc.solve(CHALLENGES, arc_model(), threads=1).json, self.ranking.json)

    def test_progress(self):
        seen = []
        trm.arc.solve(CHALLENGES, arc_model(), samples=2, progress=lambda done, all_of: seen.append((done, all_of)))
        self.assertEqual([done for done, _ in seen], list(range(1, seen[0][1] + 1)))

    def test_progress_may_stop_the_run(self):
        ranking = trm.arc.solve(CHALLENGES, arc_model(), progress=lambda done, _: done < 5)
        self.assertFalse(ranking.complete)
        self.assertEqual(list(ranking), list(self.ranking))
        votes = sum(candidate.votes for tests in ranking.values() for test in tests for candidate in test)
        self.assertLess(votes, sum(c.votes for tests in self.ranking.values() for test in tests for c in test))

    def test_an_exception_in_progress_gets_out(self):
        with self.assertRaises(ZeroDivisionError):
            trm.arc.solve(CHALLENGES, arc_model(), progress=lambda done, _: 1 / 0)

    def test_what_cannot_be_solved_is_refused(self):
        cases = {
            trm.FileError: ["no such file.json"],
            trm.InputError: ["{", "{}", DATA / "arc_model/dataset.json", {"a": 1}, {"b": {"train": [], "test": []}}],
        }
        for kind, challenges in cases.items():
            for case in challenges:
                with self.subTest(case), self.assertRaises(kind):
                    trm.arc.solve(case, arc_model())
        for options in ({"until_decided": "soon"}, {"samples": -1}, {"time_limit": -1.0}, {"steps": 0}):
            with self.subTest(options), self.assertRaises(trm.UsageError):
                trm.arc.solve(CHALLENGES, arc_model(), **options)
        with self.assertRaises(trm.Error):
            trm.arc.solve(CHALLENGES, trm.bundled("sudoku"))


if __name__ == "__main__":
    unittest.main()
