"""Trains a recursive model: deep supervision with halting, as in arXiv 2510.04871.

usage: train.py CONFIG.yaml --out FOLDER [--smoke] [--begin CHECKPOINT_FOLDER] [--workers N] [--device cuda] [--set key=value ...]

The model is the tests' reference model (tests/reference). FOLDER gets `log.jsonl`, `loss.svg`, `resume.pt` and the
checkpoint in the official layout (`checkpoint/step_N`, `all_config.yaml`, `dataset.json`), which `trm convert` takes.
A run that was killed goes on from `resume.pt` when the same command is given again, and ends with the same bits.

One update: every sample of the batch does one supervision step from its carry; the loss is taken; a sample that halted
is replaced by a fresh one. Shapes: B batch, S cells, T tokens, D hidden size, V vocabulary.
"""

import argparse
import contextlib
import json
import os
import random
import sys
import time
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist
import torch.nn.functional as F
import yaml
from torch import Tensor, nn

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "reference"))

import checkpoint  # noqa: E402
import hyperparameters  # noqa: E402
import maze  # noqa: E402
import plot  # noqa: E402
import positions  # noqa: E402
import sudoku  # noqa: E402
import symmetry  # noqa: E402
from layers import Network  # noqa: E402
from model import FAMILIES, RecursiveModel, Table, TransformersBaseline  # noqa: E402

TASKS = {"maze": maze.Mazes, "sudoku": sudoku.Sudokus}
EVALUATED_STEPS = (1, 2, 4, 8, 16)
KEY_PREFIX = "model.inner."  # what the official trainer's checkpoints put before every name


# ---- the model


def make_model(config: dict, task: Any) -> RecursiveModel:
    h = hyperparameters.from_configuration(config["arch"], data_set(task))
    model = FAMILIES[h.family](h)
    initialise(model)
    return model


@torch.no_grad()
def initialise(model: RecursiveModel) -> None:
    """As the official models: outputs keep their inputs' variance; nothing halts at first; latents start at random."""
    for module in model.modules():
        if isinstance(module, nn.Linear):
            truncated_normal(module.weight, module.in_features**-0.5)
        elif isinstance(module, Table) and module.name == "embedding_weight":
            truncated_normal(module.embedding_weight, model.h.hidden_size**-0.5)
    model.q_head.weight.zero_()
    model.q_head.bias.fill_(-5)
    for name in model.inits:
        getattr(model, name).requires_grad_(False)
        truncated_normal(getattr(model, name), 1.0)


def truncated_normal(tensor: Tensor, std: float) -> None:
    nn.init.trunc_normal_(tensor, std=std, a=-2 * std, b=2 * std)


def supervision_step(model: RecursiveModel, carry: tuple, x: Tensor) -> tuple[tuple, Tensor, Tensor]:
    """carry of [B, T, D], x [B, T, D] -> new carry, logits [B, S, V], q_halt [B]. Gradient of the last H cycle only."""
    cycles = model.h.H_cycles
    try:
        if cycles > 1 and not isinstance(model, TransformersBaseline):  # whose step is one pass
            with torch.no_grad():
                model.h.H_cycles = cycles - 1
                carry = model.step(carry, x)
        model.h.H_cycles = 1
        carry = model.step(carry, x)
    finally:
        model.h.H_cycles = cycles
    logits, q = model.heads(carry[0])
    return tuple(z.detach().float() for z in carry), logits.float(), q[:, 0].float()


# ---- the loss


def stablemax_loss(logits: Tensor, labels: Tensor) -> Tensor:
    """Cross entropy [B, S] of probabilities in proportion to 1 + x above zero and 1 / (1 - x) below."""
    s = torch.where(logits < 0, 1 / (1 - logits.clamp(max=0)), logits + 1)
    return s.sum(-1).log() - s.gather(-1, labels[..., None]).squeeze(-1).log()


# ---- the batch


class Batch:
    """Samples at their own supervision steps, with their carries."""

    def __init__(self, model: RecursiveModel, task: Any, size: int, seed: str, device: str):
        self.task, self.rng, self.device = task, random.Random(seed), device
        self.exploring = torch.Generator().manual_seed(self.rng.getrandbits(60))
        self.inputs = torch.zeros(size, task.cells, dtype=torch.long, device=device)
        self.labels = torch.zeros_like(self.inputs)
        self.carry = tuple(z.clone() for z in model.fresh_carry(size))
        self.steps = torch.zeros(size, dtype=torch.long)
        self.halted = torch.ones(size, dtype=torch.bool)

    def refill(self, model: RecursiveModel, level: int, rehearsed: float = 0.0) -> None:
        """Fresh samples in the places of those that halted; a share of them of any level so far."""
        rows = self.halted.nonzero().flatten().tolist()
        for row in rows:
            earlier = rehearsed > 0 and self.rng.random() < rehearsed
            question, answer = self.task.sample(self.rng, self.rng.randint(0, level) if earlier else level)
            self.inputs[row] = torch.tensor(question)
            self.labels[row] = torch.tensor(answer)
        for z, fresh in zip(self.carry, model.fresh_carry(len(rows))):
            z[rows] = fresh.detach().float()
        self.steps[self.halted] = 0

    def advance(self, carry: tuple, q_halt: Tensor, max_steps: int, exploration: float) -> None:
        """Halts where q_halt > 0, but a share of the samples not before a step drawn at random."""
        self.carry, self.steps = carry, self.steps + 1
        size = len(self.steps)
        explore = torch.rand(size, generator=self.exploring) < exploration
        least = torch.randint(2, max_steps + 1, (size,), generator=self.exploring) * explore
        self.halted = ((q_halt.cpu() > 0) & (self.steps >= least)) | (self.steps >= max_steps)

    def state(self) -> dict:
        names = ("inputs", "labels", "carry", "steps", "halted")
        return {n: getattr(self, n) for n in names} | {
            "rng": self.rng.getstate(),
            "exploring": self.exploring.get_state(),
        }

    def load(self, state: dict) -> None:
        for name in ("inputs", "labels", "steps", "halted"):
            getattr(self, name).copy_(state[name])
        for z, saved in zip(self.carry, state["carry"]):
            z.copy_(saved)
        self.rng.setstate(state["rng"])
        self.exploring.set_state(state["exploring"])


# ---- the run


class Trainer:
    def __init__(self, config: dict, out: Path, rank: int, workers: int, device: str, begin: Path | None = None):
        self.config, self.settings, self.out = config, config["train"], out
        self.rank, self.workers, self.device = rank, workers, device
        torch.manual_seed(config["seed"])
        self.task = TASKS[config["data"]["task"]](**config["data"]["options"])
        self.model = make_model(config, self.task)
        self.tied = []
        if tie := self.settings.get("tie"):
            relation, slots = self.task.relation(**tie), self.model.h.puzzle_emb_len
            self.tied = symmetry.tie_token_mixing(self.model, self.task.cells, slots, relation)
            for matrix in self.tied:
                matrix.initialise()
        if self.settings.get("compile"):
            for network in (module for module in self.model.children() if isinstance(module, Network)):
                network.compile(dynamic=False)
        self.kept: list[positions.Kept] = []
        if pointed := self.settings.get("point_heads"):
            kept = positions.separate_positions(self.model, self.task.side, pointed["amplitude"])
            kept += positions.point_heads(self.model, self.task.side, pointed["gain"])
            self.kept = kept if pointed["kept"] else []
        if begin is not None:
            self.model.load_state_dict(checkpoint.read(checkpoint.find(begin)))
        self.model.to(device)
        for structure in (*self.tied, *self.kept):
            structure.to(device)
        self.parameters = [p for p in self.model.parameters() if p.requires_grad]
        self.average = make_model(config, self.task).to(device)
        self.average.load_state_dict(self.model.state_dict())
        self.average.eval().requires_grad_(False)
        s = self.settings
        self.optimizer = torch.optim.AdamW(
            self.parameters, lr=s["lr"], betas=(s["beta1"], s["beta2"]), weight_decay=s["weight_decay"], fused=True
        )
        self.batch = Batch(self.model, self.task, s["batch"] // workers, f"{config['seed']}.{rank}", device)
        self.cell_weights = torch.tensor(s.get("cell_weights", [1.0] * self.task.vocabulary), device=device)
        self.update, self.level, self.solved, self.seconds, self.cpu = 0, 0, 0.0, 0.0, 0.0
        self.sums: dict[str, float] = {}

    def rate(self) -> float:
        """Warm-up, a plateau, then down to a share: the plateau may be cut short without another history."""
        s, n = self.settings, self.update + 1
        left = max(0.0, (s["updates"] - self.update) / s["decay_updates"])
        return s["lr"] * min(1.0, n / s["warmup"]) * min(1.0, s["lr_min_ratio"] + (1 - s["lr_min_ratio"]) * left)

    def embed(self, model: RecursiveModel, inputs: Tensor) -> Tensor:
        return model.embed(inputs, torch.zeros(len(inputs), dtype=torch.long, device=self.device))

    def precision(self) -> contextlib.AbstractContextManager:
        return torch.autocast(self.device, torch.bfloat16, enabled=self.settings["bfloat16"])

    def one_update(self) -> None:
        s, batch, model = self.settings, self.batch, self.model
        batch.refill(model, self.level, s.get("rehearsed", 0.0))
        with self.precision():
            carry, logits, q_halt = supervision_step(model, batch.carry, self.embed(model, batch.inputs))
        exact = (logits.argmax(-1) == batch.labels).all(-1)
        weights = self.cell_weights[batch.labels]
        cells = (stablemax_loss(logits, batch.labels) * weights).sum(-1) / weights.sum(-1)
        halting = F.binary_cross_entropy_with_logits(q_halt, exact.float())
        loss = cells.mean() + 0.5 * halting
        self.optimizer.zero_grad(set_to_none=False)
        loss.backward()
        self.share_gradients()
        for matrix in self.tied:
            matrix.project_gradient()
        norm = nn.utils.clip_grad_norm_(self.parameters, s["clip"])
        for group in self.optimizer.param_groups:
            group["lr"] = self.rate()
        if torch.isfinite(norm):
            self.optimizer.step()
        for entries in self.kept:
            entries.restore()
        self.update += 1
        self.follow_average()
        most = min(self.model.h.halt_max_steps, self.task.levels[self.level].max_steps)
        batch.advance(carry, q_halt.detach(), most, self.config["arch"]["halt_exploration_prob"])
        halted = batch.halted.to(exact.device)
        self.add(
            samples=len(exact),
            loss=float(cells.detach().sum()),
            halting=float(halting.detach()) * len(exact),
            norm=float(norm),
        )
        self.add(updates=1, halted=int(halted.sum()), solved=int((exact & halted).sum()))
        self.add(steps=int(batch.steps[batch.halted].sum()))

    def share_gradients(self) -> None:
        """The mean over the workers, in one message."""
        if self.workers == 1:
            return
        flat = torch.cat([p.grad.reshape(-1) for p in self.parameters])
        dist.all_reduce(flat)
        flat /= self.workers
        for p, part in zip(self.parameters, flat.split([p.numel() for p in self.parameters])):
            p.grad.copy_(part.view_as(p))

    @torch.no_grad()
    def follow_average(self) -> None:
        """The average forgets faster at the start."""
        keep = min(self.settings["ema"], (1 + self.update) / (10 + self.update))
        for mean, p in zip(self.average.parameters(), self.model.parameters()):
            mean.lerp_(p, 1 - keep)

    def add(self, **values: float) -> None:
        for name, value in values.items():
            self.sums[name] = self.sums.get(name, 0.0) + value

    def all_sums(self) -> dict[str, float]:
        names = sorted(self.sums)
        values = torch.tensor([self.sums[n] for n in names], dtype=torch.float64)
        if self.workers > 1:
            dist.all_reduce(values)
        self.sums = {}
        return dict(zip(names, values.tolist()))

    def report(self) -> None:
        """A line of the log, and the next level where this one is solved. All workers decide alike."""
        m = self.all_sums()
        share = m["solved"] / max(1.0, m["halted"])
        self.solved = share if self.solved == 0 else 0.5 * self.solved + 0.5 * share
        line = dict(
            update=self.update, level=self.level, loss=m["loss"] / m["samples"], halting=m["halting"] / m["samples"],
            exact=share, steps=m["steps"] / max(1.0, m["halted"]), norm=m["norm"] / m["updates"], lr=self.rate(),
            seconds=self.seconds, cpu=self.cpu,
        )  # fmt: skip
        self.log("train", line)
        if self.solved > self.settings["raise_level_at"] and self.level + 1 < len(self.task.levels):
            self.level, self.solved = self.level + 1, 0.0

    @torch.no_grad()
    def evaluate(self) -> None:
        """Exact match of the averaged weights on the held-out sets after each of some steps."""
        for name, pairs in self.task.tests.items():
            mine = pairs[: self.settings["evaluated"]][self.rank :: self.workers]
            inputs, labels = (torch.tensor([p[i] for p in mine], device=self.device) for i in (0, 1))
            for some, answers in zip(inputs.split(64), labels.split(64)):
                with self.precision():
                    x, carry = self.embed(self.average, some), self.average.fresh_carry(len(some))
                    for step in range(1, max(EVALUATED_STEPS) + 1):
                        carry, logits, _ = self.average(carry, x)
                        if step in EVALUATED_STEPS:
                            right = logits.argmax(-1) == answers
                            self.add(
                                **{
                                    f"exact{step}": int(right.all(-1).sum()),
                                    f"cell{step}": float(right.float().mean(-1).sum()),
                                }
                            )
                self.add(examples=len(some))
            m = self.all_sums()
            exact = {str(step): m[f"exact{step}"] / m["examples"] for step in EVALUATED_STEPS}
            cells = m[f"cell{EVALUATED_STEPS[-1]}"] / m["examples"]
            line = dict(update=self.update, set=name, examples=int(m["examples"]), exact=exact, cells=cells)
            self.log("eval", line | dict(seconds=self.seconds, cpu=self.cpu))

    def log(self, kind: str, values: dict) -> None:
        if self.rank != 0:
            return
        rounded = {k: float(f"{v:.4g}") if isinstance(v, float) else v for k, v in values.items()}
        text = json.dumps({"kind": kind} | rounded)
        print(text, flush=True)
        with (self.out / "log.jsonl").open("a") as file:
            file.write(text + "\n")

    def save(self) -> None:
        """Everything that the rest of the run depends on, in one file that replaces the last one at once."""
        states: list = [self.batch.state()]
        if self.workers > 1:
            states = [None] * self.workers
            dist.all_gather_object(states, self.batch.state())
        if self.rank != 0:
            return
        state = {"model": self.model.state_dict(), "average": self.average.state_dict(), "batches": states}
        state |= {"optimizer": self.optimizer.state_dict()}
        state |= {n: getattr(self, n) for n in ("update", "level", "solved", "seconds", "cpu")}
        replace(self.out / "resume.pt", lambda path: torch.save(state, path))
        export(self.average, self.config, self.task, self.out / "checkpoint", self.update)
        plot.draw(self.out / "log.jsonl", self.out / "loss.svg")

    def resume(self) -> None:
        path = self.out / "resume.pt"
        if not path.exists():
            return
        state = torch.load(path, map_location="cpu", weights_only=False)
        self.model.load_state_dict(state["model"])
        self.average.load_state_dict(state["average"])
        self.optimizer.load_state_dict(state["optimizer"])
        for name in ("update", "level", "solved", "seconds", "cpu"):
            setattr(self, name, state[name])
        if len(state["batches"]) == self.workers:
            self.batch.load(state["batches"][self.rank])
        if self.rank == 0:
            cut_log(self.out / "log.jsonl", self.update)

    def run(self) -> None:
        self.resume()
        s = self.settings
        while self.update < s["updates"]:
            wall, cpu = time.monotonic(), time.process_time()
            self.one_update()
            self.seconds += time.monotonic() - wall
            self.cpu += time.process_time() - cpu
            last = self.update == s["updates"]
            if self.update % s["log_every"] == 0 or last:
                self.report()
            if self.update % s["evaluate_every"] == 0 or last:
                self.evaluate()
            if self.update % s["save_every"] == 0 or last:
                self.save()


# ---- files


def replace(path: Path, write: Any) -> None:
    """A reader, or a run that is killed here, finds the old file or the new one whole."""
    new = path.with_name(path.name + ".new")
    write(new)
    os.replace(new, path)


def cut_log(path: Path, update: int) -> None:
    """Drops the lines after the saved update: the run writes them again."""
    if path.exists():
        lines = [line for line in path.read_text().splitlines() if json.loads(line)["update"] <= update]
        replace(path, lambda new: new.write_text("".join(line + "\n" for line in lines)))


def data_set(task: Any) -> dict:
    return dict(
        pad_id=0, ignore_label_id=0, blank_identifier_id=0, vocab_size=task.vocabulary, seq_len=task.cells,
        num_puzzle_identifiers=1, total_groups=0, mean_puzzle_examples=1, total_puzzles=0, sets=["all"],
    )  # fmt: skip


def export(model: RecursiveModel, config: dict, task: Any, folder: Path, update: int) -> None:
    """The official layout."""
    folder.mkdir(exist_ok=True)
    tensors = {KEY_PREFIX + key: value.cpu() for key, value in model.state_dict().items()}
    replace(folder / f"step_{update}", lambda path: torch.save(tensors, path))
    for old in folder.glob("step_*"):
        if old.name != f"step_{update}":
            old.unlink()
    (folder / "all_config.yaml").write_text(yaml.safe_dump(config, sort_keys=False))
    (folder / "dataset.json").write_text(json.dumps(data_set(task)) + "\n")
    (folder / "identifiers.json").write_text('["<blank>"]\n')


# ---- the command line


def merge(base: dict, changes: dict) -> dict:
    both = dict(base)
    for key, value in changes.items():
        both[key] = merge(base[key], value) if isinstance(value, dict) and isinstance(base.get(key), dict) else value
    return both


def read_config(path: Path, smoke: bool, assignments: list[str]) -> dict:
    """The file; its `smoke` section over it, if asked for; then train.lr=0.001 and the like."""
    config = yaml.safe_load(path.read_text())
    small = config.pop("smoke", {})
    config = merge(config, small) if smoke else config
    for assignment in assignments:
        keys, value = assignment.split("=", 1)
        change: Any = yaml.safe_load(value)
        for key in reversed(keys.split(".")):
            change = {key: change}
        config = merge(config, change)
    return config


def work(rank: int, config: dict, out: Path, workers: int, device: str, begin: Path | None) -> None:
    torch.set_num_threads(1)
    if workers > 1:
        # A worker that is stopped for hours (kill -STOP) is no error.
        import datetime

        store = dist.FileStore(str(out / "store"), workers)
        dist.init_process_group("gloo", store=store, rank=rank, world_size=workers, timeout=datetime.timedelta(days=7))
    Trainer(config, out, rank, workers, device, begin).run()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("config", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--smoke", action="store_true", help="the configuration's smallest budget")
    parser.add_argument("--workers", type=int, default=1, help="processes that share the batch, one thread each")
    parser.add_argument("--begin", type=Path, metavar="CHECKPOINT_FOLDER", help="start from these weights")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--set", nargs="*", default=[], metavar="KEY=VALUE", help="such as train.lr=0.001")
    args = parser.parse_args()
    config = read_config(args.config, args.smoke, args.set)
    args.out.mkdir(parents=True, exist_ok=True)
    (args.out / "store").unlink(missing_ok=True)
    children = []
    for rank in range(1, args.workers):
        if (child := os.fork()) == 0:
            work(rank, config, args.out, args.workers, args.device, args.begin)
            return
        children.append(child)
    work(0, config, args.out, args.workers, args.device, args.begin)
    for child in children:
        os.waitpid(child, 0)


if __name__ == "__main__":
    main()
