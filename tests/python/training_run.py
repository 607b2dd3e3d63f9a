"""The trainer on a tiny budget: every family learns, a killed run ends with the same bits, the program takes the result.

usage: training_run.py TRM
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "training"))
import train  # noqa: E402  (puts tests/reference on the path)

import checkpoint  # noqa: E402
import hyperparameters  # noqa: E402
import positions  # noqa: E402
import symmetry  # noqa: E402
import torch  # noqa: E402
import verify_cases  # noqa: E402

TINY = {
    "arch": dict(hidden_size=32, puzzle_emb_ndim=32, num_heads=2, expansion=1, H_cycles=2, L_cycles=1, L_layers=1, halt_max_steps=3),
    "data": {
        "options": {
            "side": 7,
            "levels": [dict(rooms=[2, 2], openings=[0, 0], min_moves=2)],
            "held_out": {"tree": dict(seed=1, count=4, level=dict(rooms=[3, 3], openings=[0, 0], min_moves=2))},
        }
    },
    "train": dict(updates=6, decay_updates=2, warmup=1, batch=4, evaluate_every=4, save_every=2, log_every=1, compile=False, evaluated=4),
}  # fmt: skip
FAMILIES = {
    "trm_attention": dict(mlp_t=False, pos_encodings="rope"),
    "trm_learned": dict(mlp_t=False, pos_encodings="learned"),
    "trm_tokens": dict(mlp_t=True, pos_encodings="none"),
    "trm_singlez": dict(name="recursive_reasoning.trm_singlez@M", mlp_t=False, pos_encodings="rope"),
    "trm_hier6": dict(name="recursive_reasoning.trm_hier6@M", mlp_t=False, pos_encodings="rope", L_cycles=6),
    "hrm": dict(name="recursive_reasoning.hrm@M", mlp_t=False, pos_encodings="rope", H_layers=1),
    "transformers_baseline": dict(name="recursive_reasoning.transformers_baseline@M", mlp_t=False, pos_encodings="rope", H_layers=1),
    "trm_mamba2": dict(
        name="recursive_reasoning.trm_mamba2@M", mlp_t=False, pos_encodings="rope", mamba_layers=1, mamba_d_state=8, mamba_head_dim=16,
    ),
}  # fmt: skip


def tiny(changes: dict | None = None) -> dict:
    config = train.read_config(ROOT / "training" / "configs" / "maze.yaml", False, [])
    config["data"]["options"] = {}
    return train.merge(train.merge(config, TINY), changes or {})


def check_families():
    for name, arch in FAMILIES.items():
        changes: dict = {"arch": arch, "train": {"lr": 0.003, "warmup": 10, "updates": 1000, "bfloat16": False}}
        if name != "trm_tokens":
            changes["train"]["tie"] = None
        with tempfile.TemporaryDirectory() as folder:
            trainer = train.Trainer(tiny(changes), Path(folder), 0, 1, "cpu")
            model, batch = trainer.model, trainer.batch
            starts = {n: getattr(model, n).clone() for n in model.inits}

            # The step with part of the gradient computes the model's own step.
            batch.refill(model, 0, rehearsed=0.0, staying=0.0)
            x = model.embed(batch.inputs, batch.ids)
            _, logits, q_halt = train.supervision_step(model, batch.carry, x)
            with torch.no_grad():
                _, expected, q = model(batch.carry, x)
            assert torch.equal(logits, expected) and torch.equal(q_halt, q[:, 0]), name

            losses = []
            for _ in range(40):
                trainer.one_update()
                losses.append(float(trainer.sums[train.SUMS.index("loss")]))
            first, last = losses[4], losses[-1] - losses[-6]
            assert last < 0.8 * first, f"{name}: loss {first} of the first 5 updates, {last} of the last"
            for key, parameter in model.named_parameters():
                if parameter.requires_grad:
                    assert parameter.grad.abs().sum() > 0, f"{name}: no gradient reaches {key}"
            assert all(torch.equal(getattr(model, n), value) for n, value in starts.items()), name
            for matrix in trainer.tied:
                assert torch.allclose(matrix.average(matrix.weight), matrix.weight, atol=1e-6), "ties came apart"


def check_given_structure():
    """What symmetry.py and positions.py promise of the weights they make."""
    side = 5
    relation = train.maze.Mazes(side, [], {}).relation(radius=1, isotropic=True)
    classes = symmetry.token_classes(hidden=60, cells=side * side, slots=1, relation=relation)
    weight = torch.nn.Parameter(torch.empty(classes.shape))
    matrix = symmetry.TiedMatrix(weight, classes)
    matrix.initialise()
    kernel = weight[25 + 12, 1:].view(side, side)  # the second feature of the middle cell
    assert (kernel != 0).sum() == 9 and torch.equal(kernel, kernel.T) and torch.equal(kernel, kernel.flip(0))
    corner = weight[25, 1:].view(side, side)
    assert torch.equal(corner[:2, :2], kernel[2:4, 2:4]) and (corner != 0).sum() == 4
    assert weight[50, 1:].unique().numel() == 1, "a unit that is left over sees all cells alike"
    weight.grad = torch.randn_like(weight)
    matrix.project_gradient()
    assert torch.allclose(matrix.average(weight.grad), weight.grad, atol=1e-6)

    pointed = dict(amplitude=0.5, gain=4.0, kept=True)
    arch = dict(mlp_t=False, pos_encodings="learned", hidden_size=64, puzzle_emb_ndim=64, num_heads=4)
    with tempfile.TemporaryDirectory() as folder:
        config = tiny({"arch": arch, "train": dict(tie=None, point_heads=pointed, lr=0.01)})
        trainer = train.Trainer(config, Path(folder), 0, 1, "cpu")
        check_heads(trainer.model)
        for _ in range(3):
            trainer.one_update()
        check_heads(trainer.model)
        assert trainer.kept and all(torch.equal(k.weight[k.mask], k.values[k.mask]) for k in trainer.kept)


def check_heads(model: torch.nn.Module):
    """On the 7 x 7 board, every head's greatest score is that of its neighbour."""
    x = model.embed_pos.embedding_weight * 64**0.5
    q, k, _ = model.L_level.layers[0].self_attn.qkv_proj(x).view(-1, 3, 4, 16).permute(1, 2, 0, 3)
    nearest = (q @ k.transpose(-1, -2))[:, 1:, 1:].argmax(-1)  # [heads, S]
    inner = torch.tensor([7 * r + c for r in range(1, 6) for c in range(1, 6)])
    for head, (rows, columns) in enumerate(positions.DIRECTIONS):
        assert torch.equal(nearest[head, inner], inner + 7 * rows + columns), f"head {head}"


def check_pooled(folder: Path):
    """A run whose batch is filled from a pool: puzzle ids, rows that go by signs, a time limit that sets the end."""
    demonstrations = [{"input": [[i, 1], [0, 2]], "output": [[2, i], [1, 0]]} for i in range(3)]
    challenges = {f"task{k}": {"train": demonstrations, "test": [{"input": [[4, k]]}]} for k in range(2)}
    (folder / "challenges.json").write_text(json.dumps(challenges))
    (folder / "solutions.json").write_text(json.dumps({name: [[[k, 4]]] for k, name in enumerate(challenges)}))
    options = dict(
        side=3, challenges=str(folder / "challenges.json"), solutions=str(folder / "solutions.json"), views=4, seed=0,
        held_out={"views": dict(seed=1, views=2)},
    )  # fmt: skip
    config = tiny({"arch": dict(mlp_t=False, pos_encodings="rope", halt_max_steps=4)})
    config["data"] = dict(task="arc", options=options, pool={})
    del config["train"]["cell_weights"]
    config["train"] |= dict(tie=None, lr=0.003, puzzle_lr=0.01, puzzle_weight_decay=0.1, staying=0.5)
    config["train"] |= dict(updates=10**6, save_every=10**6, evaluate_every=10**6, log_every=5)
    trainer = train.Trainer(config, folder, 0, 1, "cpu")
    assert len(trainer.task.identifiers) == 9 and trainer.rows.shape[0] == 9
    trainer.run(train.TimeLimit(2.0))
    lines = [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]
    assert lines[-1]["kind"] == "eval" and lines[-1]["examples"] == 4
    assert trainer.update == config["train"]["updates"] < 10**6
    moved = (trainer.rows != 0).any(-1)
    assert not moved[0] and moved[1:].all(), "the blank id was trained, or another was not"


def command(config: Path, out: Path, *more: str) -> list[str]:
    return [sys.executable, str(ROOT / "training" / "train.py"), str(config), "--out", str(out), *more]


def results(out: Path) -> tuple[dict, list[dict]]:
    tensors = checkpoint.read(checkpoint.find(out / "checkpoint"))
    lines = [json.loads(line) for line in (out / "log.jsonl").read_text().splitlines()]
    return tensors, [{k: v for k, v in line.items() if k not in ("seconds", "cpu")} for line in lines]


def check_resume(folder: Path) -> Path:
    """A run killed in the middle, against one that was not; the same with two workers."""
    config = folder / "tiny.yaml"
    config.write_text(json.dumps(tiny({"train": {"updates": 12}})))
    for workers in ("1", "2"):
        straight, killed = folder / f"straight{workers}", folder / f"killed{workers}"
        subprocess.run(command(config, straight, "--workers", workers), check=True, stdout=subprocess.DEVNULL)
        run = subprocess.Popen(
            command(config, killed, "--workers", workers), stdout=subprocess.DEVNULL, start_new_session=True
        )
        while not (killed / "resume.pt").exists():
            assert run.poll() is None, "the run ended before its first save"
            time.sleep(0.01)
        os.killpg(run.pid, signal.SIGKILL)
        run.wait()
        subprocess.run(command(config, killed, "--workers", workers), check=True, stdout=subprocess.DEVNULL)
        (expected, expected_log), (tensors, log) = results(straight), results(killed)
        assert tensors.keys() == expected.keys()
        assert all(torch.equal(tensors[key], expected[key]) for key in expected), f"{workers} workers: other weights"
        assert log == expected_log, f"{workers} workers: another log"
        assert (killed / "loss.svg").read_text().startswith("<svg")
    return folder / "straight1"


def check_begin(out: Path):
    """A run can start from the weights of another."""
    trainer = train.Trainer(tiny(), out / "more", 0, 1, "cpu", out / "checkpoint")
    expected = checkpoint.read(checkpoint.find(out / "checkpoint"))
    for model in (trainer.model, trainer.average):
        assert all(torch.equal(value, expected[key]) for key, value in model.state_dict().items())


def check_smoke(folder: Path):
    """scripts/train with an even smaller budget than --smoke: unseen sudokus with 10 blanks after 80 updates."""
    easy = [
        "train.updates=80", "train.decay_updates=30", "train.evaluate_every=80", "train.evaluated=40",
        "data.options.bases=40", "data.options.levels=[{blanks: [4, 16], max_steps: 2}]",
        "data.options.held_out.thirty={seed: 203, count: 40, level: {blanks: [10, 10]}}",
    ]  # fmt: skip
    script = [str(ROOT / "scripts" / "train"), "sudoku", "--smoke", "--out", str(folder), "--set", *easy]
    environment = dict(os.environ, TRM_TRAIN_PYTHON=sys.executable)
    subprocess.run(script, check=True, stdout=subprocess.DEVNULL, env=environment)
    exact = results(folder)[1][-1]["exact"]["16"]
    assert exact >= 0.8, f"{exact} of unseen sudokus with 10 blanks"


def check_program(trm: str, out: Path):
    """The program takes the checkpoint folder and answers as the reference model does."""
    folder = out / "checkpoint"
    reference = verify_cases.load_model(folder)
    assert reference.h == hyperparameters.load(folder)
    task = train.TASKS["maze"](**tiny()["data"]["options"])
    table = out / "mazes.csv"
    rows = [
        "".join(task.symbols[t] for t in q) + "," + "".join(task.symbols[t] for t in a) for q, a in task.tests["tree"]
    ]
    table.write_text("question,answer\n" + "\n".join(rows) + "\n")
    gguf = out / "tiny.gguf"
    subprocess.run(
        [trm, "convert", str(checkpoint.find(folder)), "-o", str(gguf)], check=True, stdout=subprocess.DEVNULL
    )
    subprocess.run([trm, "eval", str(gguf), str(table)], check=True, stdout=subprocess.DEVNULL)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    torch.set_num_threads(1)
    check_given_structure()
    check_families()
    with tempfile.TemporaryDirectory() as folder:
        check_pooled(Path(folder))
        check_smoke(Path(folder) / "smoke")
        out = check_resume(Path(folder))
        check_begin(out)
        check_program(sys.argv[1], out)


if __name__ == "__main__":
    main()
