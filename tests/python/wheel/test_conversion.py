"""Checkpoints from files and from memory become the same models."""

import json
import tempfile
import unittest
import warnings
from pathlib import Path

import numpy as np
import trm
from data import FOLDER, checkpoint_of, golden_cases, golden_model, inputs

CASES = {case.name: case for case in golden_cases()}
NPZ = CASES["trm_no_puzzle"]


def configuration(case):
    """The text of all_config.yaml as a dictionary: what a trainer has in memory."""
    nested, current = {}, None
    for line in (case / "all_config.yaml").read_text().splitlines():
        key, _, value = line.strip().partition(":")
        if not line.startswith(" "):
            current = nested.setdefault(key, {}) if not value else nested
            if value:
                nested[key] = plain(value.strip())
                current = None
        elif current is not None and value and line.startswith("  ") and not line.startswith("   "):
            current[key] = plain(value.strip())
    return {"arch": nested["arch"]}


def plain(text):
    try:
        return json.loads(text)
    except ValueError:
        return text


def data_set(case):
    return json.loads((case / "dataset.json").read_text())


class FromMemory(unittest.TestCase):
    def test_numpy_arrays(self):
        state = dict(np.load(checkpoint_of(NPZ)))
        self.same_as_from_the_file(NPZ, state)

    def test_torch_tensors_of_every_case(self):
        try:
            import torch
        except ImportError:
            self.skipTest("no PyTorch")
        for name in ("trm_att", "trm_mlp", "hier6", "singlez", "hrm"):
            case = CASES[name]
            state = torch.load(checkpoint_of(case), map_location="cpu")
            self.same_as_from_the_file(case, state)
            parameters = {key: torch.nn.Parameter(tensor) for key, tensor in state.items()}
            self.same_as_from_the_file(case, parameters)

    def test_torch_bfloat16(self):
        try:
            import torch
        except ImportError:
            self.skipTest("no PyTorch")
        case = CASES["trm_att"]
        state = {key: tensor.bfloat16() for key, tensor in torch.load(checkpoint_of(case), map_location="cpu").items()}
        widened = {key: tensor.float() for key, tensor in state.items()}
        tokens, ids = inputs(case)
        np.testing.assert_array_equal(
            *(self.made(case, each).run(tokens, puzzle_ids=ids, logits=True).logits for each in (state, widened))
        )

    def made(self, case, state, **options):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", trm.ConversionWarning)
            return trm.from_state_dict(state, configuration(case), cells=data_set(case)["seq_len"], **options)

    def same_as_from_the_file(self, case, state):
        tokens, ids = inputs(case)
        for kind in ("f32", "int8"):
            with self.subTest(case.name, type=kind):
                model = self.made(case, state, type=kind)
                self.assertEqual(model.type, kind)
                np.testing.assert_array_equal(
                    model.run(tokens, puzzle_ids=ids, logits=True).logits,
                    golden_model(case, kind).run(tokens, puzzle_ids=ids, logits=True).logits,
                )

    def test_a_model_from_memory_can_be_saved(self):
        state = dict(np.load(checkpoint_of(NPZ)))
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "saved.gguf")
            self.made(NPZ, state).save(path)
            self.assertEqual(trm.load(path).hyperparameters, golden_model(NPZ).hyperparameters)

    def test_what_does_not_fit_is_refused(self):
        state = dict(np.load(checkpoint_of(NPZ)))
        name, tensor = next(iter(state.items()))
        with self.assertRaises(trm.Error):
            self.made(NPZ, {**state, name: tensor[:-1]})
        with self.assertRaises(trm.Error):
            self.made(NPZ, {key: value for key, value in state.items() if key != name})
        with self.assertRaises(trm.UsageError) as caught:
            self.made(NPZ, {**state, name: tensor.astype(np.complex64)})
        self.assertEqual(caught.exception.place, name)
        with self.assertRaises(trm.Error):
            self.made(NPZ, {})
        with self.assertRaises(trm.UsageError):
            trm.from_state_dict(state, 5, cells=81)
        with self.assertRaises(trm.FileError):
            trm.from_state_dict(state, "no such file.yaml", cells=81)


class FromFiles(unittest.TestCase):
    def test_options_reach_the_converter(self):
        case = CASES["trm_att"]
        output = FOLDER / "options.gguf"
        shares = []
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", trm.ConversionWarning)
            converted = trm.convert(
                checkpoint_of(case),
                output,
                type="f16",
                ids=[1, 3],
                config=case / "all_config.yaml",
                dataset=case / "dataset.json",
                overrides={"halt_max_steps": 7},
                progress=shares.append,
            )
        model = trm.load(converted)
        self.assertEqual((model.type, model.max_steps, model.puzzle_rows), ("f16", 7, 2))
        self.assertEqual([model.has_puzzle(i) for i in (1, 2, 3)], [True, False, True])
        self.assertEqual(shares, sorted(shares))

    def test_remarks_are_warnings(self):
        with self.assertWarns(trm.ConversionWarning):
            trm.convert(checkpoint_of(CASES["trm_att"]), FOLDER / "warned.gguf")

    def test_puzzles_have_their_names(self):
        from data import DATA, arc_model

        names = json.loads((DATA / "dataset_arc/identifiers.json").read_text())
        self.assertEqual(arc_model().find_puzzle(names[5]), 5)
        self.assertIsNone(arc_model().find_puzzle("no such puzzle"))

    def test_errors_name_file_and_remedy(self):
        with self.assertRaises(trm.FileError) as caught:
            trm.convert("no such checkpoint", FOLDER / "none.gguf")
        self.assertEqual(caught.exception.file, "no such checkpoint")
        for options in ({"type": "int3"}, {"ids": "some"}, {"weights": "best"}, {"overrides": {"no_such_key": 1}}):
            with self.subTest(options), self.assertRaises(trm.Error):
                trm.convert(checkpoint_of(CASES["trm_att"]), FOLDER / "none.gguf", **options)
        self.assertFalse((FOLDER / "none.gguf").exists())

    def test_progress_may_stop_the_conversion(self):
        with self.assertRaises(trm.Cancelled):
            trm.convert(checkpoint_of(CASES["trm_att"]), FOLDER / "stopped.gguf", progress=lambda share: False)
        self.assertFalse((FOLDER / "stopped.gguf").exists())


if __name__ == "__main__":
    unittest.main()
