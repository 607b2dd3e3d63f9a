"""Trains a recursive model: deep supervision with halting, as in arXiv 2510.04871.

usage: train.py CONFIG.yaml --out FOLDER [--smoke] [--begin CHECKPOINT_FOLDER] [--workers N] [--device cuda]
                [--time-limit S] [--pool FILE.npz] [--set key=value ...]

The model is the tests' reference model (tests/reference). FOLDER gets `log.jsonl`, `loss.svg`, `resume.pt` and the
checkpoint in the official layout (`checkpoint/step_N`, `all_config.yaml`, `dataset.json`), which `trm convert` takes.
A run that was killed goes on from `resume.pt` when the same command is given again; a CPU's ends with the same bits.

One update: every sample of the batch does one supervision step from its carry; the loss is taken; a sample that halted
is replaced by a fresh one. Shapes: B batch, S cells, T tokens, D hidden size, V vocabulary.
"""

import argparse
import contextlib
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.distributed as dist
import torch.nn.functional as F
from torch import Tensor, nn

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "reference"))

import checkpoint  # noqa: E402
import maze  # noqa: E402
import plot  # noqa: E402
import pools  # noqa: E402
import positions  # noqa: E402
import symmetry  # noqa: E402
from batch import Batch, PooledBatch  # noqa: E402
from files import cut_log, export, merge, read_config, replace  # noqa: E402
from layers import Network  # noqa: E402
from pools import TASKS  # noqa: E402
from supervision import exact_match, make_model, stablemax_loss, supervision_step  # noqa: E402

EVALUATED_STEPS = (1, 2, 4, 8, 16)
SUMS = ("updates", "samples", "loss", "halting", "norm", "halted", "solved", "steps")  # over the updates of a log line
STATE = ("update", "level", "solved", "seconds", "cpu")


class Trainer:
    def __init__(self, config: dict, out: Path, rank: int, workers: int, device: str, begin: Path | None = None,
                 pool: Path | None = None):  # fmt: skip
        self.config, self.settings, self.out = config, config["train"], out
        self.rank, self.workers, self.device = rank, workers, device
        torch.manual_seed(config["seed"])
        self.task = TASKS[config["data"]["task"]](**config["data"]["options"])
        self.model = make_model(config, self.task)
        self.give_structure()
        if begin is not None:
            self.model.load_state_dict(checkpoint.read(checkpoint.find(begin)))
        self.model.to(device)
        for structure in (*self.tied, *self.kept):
            structure.to(device)
        self.average = make_model(config, self.task).to(device)
        self.average.load_state_dict(self.model.state_dict())
        self.average.eval().requires_grad_(False)
        self.make_optimizer()
        self.make_batch(pool)
        s = self.settings
        self.cell_weights = torch.tensor(
            s.get("cell_weights", [0.0] + [1.0] * (self.task.vocabulary - 1)), device=device
        )
        self.update, self.level, self.solved, self.seconds, self.cpu = 0, 0, 0.0, 0.0, 0.0
        self.sums = torch.zeros(len(SUMS), dtype=torch.float64, device=device)

    def give_structure(self) -> None:
        """What the configuration gives the model instead of having it learned; compiled networks."""
        s, self.tied, self.kept = self.settings, [], []
        if tie := s.get("tie"):
            relation, slots = self.task.relation(**tie), self.model.h.puzzle_emb_len
            self.tied = symmetry.tie_token_mixing(self.model, self.task.cells, slots, relation)
            for matrix in self.tied:
                matrix.initialise()
        if s.get("compile"):
            for network in (module for module in self.model.children() if isinstance(module, Network)):
                network.compile(dynamic=False)
        if pointed := s.get("point_heads"):
            kept = positions.separate_positions(self.model, self.task.side, pointed["amplitude"])
            kept += positions.point_heads(self.model, self.task.side, pointed["gain"])
            self.kept = kept if pointed["kept"] else []
        if waves := s.get("wave_positions"):
            positions.wave_positions(self.model, self.task.side, **waves)
        if units := s.get("unit_positions"):
            positions.unit_positions(self.model, **units)

    def make_optimizer(self) -> None:
        """AdamW; with `puzzle_lr` the rows of the puzzle ids go by the sign of their gradient instead."""
        s = self.settings
        self.rows = self.model.puzzle_emb.weights if "puzzle_lr" in s else None
        self.parameters = [p for p in self.model.parameters() if p.requires_grad and p is not self.rows]
        self.optimizer = torch.optim.AdamW(
            self.parameters, lr=s["lr"], betas=(s["beta1"], s["beta2"]), weight_decay=s["weight_decay"], fused=True
        )

    def make_batch(self, pool: Path | None) -> None:
        data, size = self.config["data"], self.settings["batch"] // self.workers
        seed = f"{self.config['seed']}.{self.rank}"
        if "pool" not in data:
            self.batch = Batch(self.model, self.task, size, seed, self.device)
            return
        path = pool or self.out / "pool.npz"
        if not path.exists():
            arrays = pools.build(self.task, data["pool"], os.cpu_count() or 1)
            replace(path, lambda new: pools.write(new, arrays))
        drawn = pools.POOLS[type(self.task)](self.task, dict(np.load(path)), self.device)
        self.batch = PooledBatch(self.model, self.task, size, seed, self.device, drawn)

    def rate(self, min_ratio: float | None = None) -> float:
        """Of the learning rate: warm-up, a plateau, then down. The plateau may be cut short without another history."""
        s, n = self.settings, self.update + 1
        least = s["lr_min_ratio"] if min_ratio is None else min_ratio
        left = max(0.0, (s["updates"] - self.update) / s["decay_updates"])
        return min(1.0, n / s["warmup"]) * min(1.0, least + (1 - least) * left)

    def precision(self) -> contextlib.AbstractContextManager:
        return torch.autocast(self.device, torch.bfloat16, enabled=self.settings["bfloat16"])

    def one_update(self) -> None:
        """Nothing here waits for the device, but for a batch that Python fills."""
        s, batch, model = self.settings, self.batch, self.model
        batch.refill(model, self.level, s.get("rehearsed", 0.0), s.get("staying", 0.0))
        with self.precision():
            carry, logits, q_halt = supervision_step(model, batch.carry, model.embed(batch.inputs, batch.ids))
        exact = exact_match(logits, batch.labels)
        weights = self.cell_weights[batch.labels]
        cells = (stablemax_loss(logits, batch.labels) * weights).sum(-1) / weights.sum(-1)
        halting = F.binary_cross_entropy_with_logits(q_halt, exact.float())
        loss = cells.mean() + 0.5 * halting
        self.model.zero_grad(set_to_none=False)
        loss.backward()
        norm = self.change_weights()
        most = min(self.model.h.halt_max_steps, self.task.levels[self.level].max_steps)
        batch.advance(carry, q_halt.detach(), most, self.config["arch"]["halt_exploration_prob"])
        halted, size = batch.halted, len(exact)
        sums = (
            1, size, cells.detach().sum(), halting.detach() * size, norm, halted.sum(), (exact & halted).sum(),
            (batch.steps * halted).sum(),
        )  # fmt: skip
        for i, value in enumerate(sums):
            self.sums[i] += value

    def change_weights(self) -> Tensor:
        """Returns the norm of the gradient; one that is not finite changes nothing."""
        self.share_gradients()
        for matrix in self.tied:
            matrix.project_gradient()
        norm = nn.utils.clip_grad_norm_(self.parameters, self.settings["clip"])
        for group in self.optimizer.param_groups:
            group["lr"] = self.settings["lr"] * self.rate()
        self.optimizer.found_inf = (~torch.isfinite(norm)).float()  # read by the fused step, without a wait
        self.optimizer.step()
        if self.rows is not None:
            self.change_rows()
        for entries in self.kept:
            entries.restore()
        self.update += 1
        self.follow_average()
        return norm

    @torch.no_grad()
    def change_rows(self) -> None:
        """The rows that the batch used, by the signs of their gradients, as the official trainer does."""
        s, gradient = self.settings, self.rows.grad.nan_to_num_()
        lr = s["puzzle_lr"] * self.rate(s.get("puzzle_lr_min_ratio"))
        used = (gradient != 0).any(-1, keepdim=True)
        self.rows.mul_(1 - lr * s["puzzle_weight_decay"] * used).sub_(gradient.sign_(), alpha=lr)

    def share_gradients(self) -> None:
        """The mean over the workers, in one message."""
        if self.workers == 1:
            return
        gradients = [p.grad for p in self.model.parameters() if p.requires_grad]
        flat = torch.cat([gradient.reshape(-1) for gradient in gradients])
        dist.all_reduce(flat)
        flat /= self.workers
        for gradient, part in zip(gradients, flat.split([gradient.numel() for gradient in gradients])):
            gradient.copy_(part.view_as(gradient))

    @torch.no_grad()
    def follow_average(self) -> None:
        """The average forgets faster at the start."""
        keep = min(self.settings["ema"], (1 + self.update) / (10 + self.update))
        torch._foreach_lerp_(list(self.average.parameters()), list(self.model.parameters()), 1 - keep)

    def report(self) -> None:
        """A line of the log, and the next level where this one is solved. All workers decide alike."""
        sums = self.sums.clone().cpu()
        self.sums.zero_()
        if self.workers > 1:
            dist.all_reduce(sums)
        m = dict(zip(SUMS, sums.tolist()))
        share = m["solved"] / max(1.0, m["halted"])
        self.solved = share if self.solved == 0 else 0.5 * self.solved + 0.5 * share
        line = dict(
            update=self.update, level=self.level, loss=m["loss"] / m["samples"], halting=m["halting"] / m["samples"],
            exact=share, steps=m["steps"] / max(1.0, m["halted"]), norm=m["norm"] / m["updates"],
            lr=self.settings["lr"] * self.rate(), seconds=self.seconds, cpu=self.cpu,
        )  # fmt: skip
        self.log("train", line)
        if self.solved > self.settings["raise_level_at"] and self.level + 1 < len(self.task.levels):
            self.level, self.solved = self.level + 1, 0.0

    def evaluate(self) -> None:
        """Exact match of the averaged weights on the held-out sets after each of some steps."""
        for name, pairs in self.task.tests.items():
            mine = pairs[: self.settings["evaluated"]][self.rank :: self.workers]
            sums = torch.tensor(self.evaluate_set(mine), dtype=torch.float64)
            if self.workers > 1:
                dist.all_reduce(sums)
            examples, cells, *counts = sums.tolist()
            exact = {str(step): count / examples for step, count in zip(EVALUATED_STEPS, counts)}
            line = dict(update=self.update, set=name, examples=int(examples), exact=exact, cells=cells / examples)
            self.log("eval", line | dict(seconds=self.seconds, cpu=self.cpu))

    @torch.no_grad()
    def evaluate_set(self, pairs: list[tuple]) -> list[float]:
        """The number of examples, the sum of their shares of right cells after the last step, the exact by step."""
        counts, cells = dict.fromkeys(EVALUATED_STEPS, 0), 0.0
        inputs, labels = (torch.tensor([pair[i] for pair in pairs], device=self.device) for i in (0, 1))
        ids = torch.tensor([pair[2] if len(pair) > 2 else 0 for pair in pairs], device=self.device)
        size = 64 if self.device == "cpu" else 1024
        for some, answers, those in zip(inputs.split(size), labels.split(size), ids.split(size)):
            with self.precision():
                x, carry = self.average.embed(some, those), self.average.fresh_carry(len(some))
                for step in range(1, max(EVALUATED_STEPS) + 1):
                    carry, logits, _ = self.average(carry, x)
                    if step in EVALUATED_STEPS:
                        counts[step] += int(exact_match(logits, answers).sum())
            known = answers != 0
            right = (logits.argmax(-1) == answers) & known
            cells += float((right.sum(-1) / known.sum(-1)).sum())
        return [len(pairs), cells, *counts.values()]

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
        state |= {"optimizer": self.optimizer.state_dict()} | {name: getattr(self, name) for name in STATE}
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
        for name in STATE:
            setattr(self, name, state[name])
        if len(state["batches"]) == self.workers:
            self.batch.load(state["batches"][self.rank])
        if self.rank == 0:
            cut_log(self.out / "log.jsonl", self.update)

    def run(self, limit: "TimeLimit") -> None:
        self.resume()
        s = self.settings
        while self.update < s["updates"]:
            wall, cpu = time.monotonic(), time.process_time()
            self.one_update()
            self.seconds += time.monotonic() - wall
            self.cpu += time.process_time() - cpu
            if self.update % s["log_every"] == 0:
                self.report()
                limit.fit(s, self.update)
            last = self.update >= s["updates"]
            if self.update % s["evaluate_every"] == 0 or last:
                self.evaluate()
            if self.update % s["save_every"] == 0 or last:
                self.save()


class TimeLimit:
    """Ends a run in time.

    At three fifths of its seconds it sets the updates that are left, as many as will fit at the pace so far, and lets
    the learning rate go down over them. What it set is in all_config.yaml: with that, and without a limit, the run can
    be made again.
    """

    def __init__(self, seconds: float | None):
        self.seconds, self.began, self.paced, self.set = seconds, time.monotonic(), None, False

    def fit(self, settings: dict, update: int) -> None:
        """After every line of the log."""
        if self.seconds is None:
            return
        passed = time.monotonic() - self.began
        if self.paced is None:  # the first line holds the compiler's time
            self.paced = update, passed
        elif not self.set and passed > 0.6 * self.seconds:
            pace = (update - self.paced[0]) / (passed - self.paced[1])
            settings["decay_updates"] = max(1, int(pace * (self.seconds - passed)))
            settings["updates"] = update + settings["decay_updates"]
            self.set = True
        if passed > self.seconds:
            settings["updates"] = update


# ---- the command line


def work(args: argparse.Namespace, rank: int, config: dict, limit: TimeLimit) -> None:
    torch.set_num_threads(1)
    if args.workers > 1:
        # A worker that is stopped for hours (kill -STOP) is no error.
        import datetime

        store, size = dist.FileStore(str(args.out / "store"), args.workers), args.workers
        dist.init_process_group("gloo", store=store, rank=rank, world_size=size, timeout=datetime.timedelta(days=7))
    Trainer(config, args.out, rank, args.workers, args.device, args.begin, args.pool).run(limit)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("config", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--smoke", action="store_true", help="the configuration's smallest budget")
    parser.add_argument("--workers", type=int, default=1, help="processes that share the batch, one thread each")
    parser.add_argument("--begin", type=Path, metavar="CHECKPOINT_FOLDER", help="start from these weights")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--time-limit", type=float, metavar="S", help="end after about so many seconds")
    parser.add_argument("--pool", type=Path, metavar="FILE.npz", help="made by pools.py (default: made in FOLDER)")
    parser.add_argument("--set", nargs="*", default=[], metavar="KEY=VALUE", help="such as train.lr=0.001")
    args = parser.parse_args()
    limit = TimeLimit(args.time_limit)
    config = read_config(args.config, args.smoke, args.set)
    args.out.mkdir(parents=True, exist_ok=True)
    (args.out / "store").unlink(missing_ok=True)
    children = []
    for rank in range(1, args.workers):
        if (child := os.fork()) == 0:
            work(args, rank, config, limit)
            return
        children.append(child)
    work(args, 0, config, limit)
    for child in children:
        os.waitpid(child, 0)


if __name__ == "__main__":
    main()
