"""The samples of a batch, each at its own supervision step, with their carries."""

import random
from typing import Any

import torch
from model import RecursiveModel
from torch import Tensor


class Batch:
    """Fresh samples come from a Python generator. All the rest stays on the device and never waits for it."""

    def __init__(self, model: RecursiveModel, task: Any, size: int, seed: str, device: str):
        self.task, self.rng, self.device, self.size = task, random.Random(seed), device, size
        self.generator = torch.Generator(device).manual_seed(self.rng.getrandbits(60))
        self.inputs = torch.zeros(size, task.cells, dtype=torch.long, device=device)
        self.labels = torch.zeros_like(self.inputs)
        self.ids = torch.zeros(size, dtype=torch.long, device=device)
        self.carry = tuple(z.clone() for z in model.fresh_carry(size))
        self.steps = torch.zeros(size, dtype=torch.long, device=device)
        self.halted = torch.ones(size, dtype=torch.bool, device=device)
        self.staying = torch.zeros(size, dtype=torch.bool, device=device)  # samples that never halt early

    def uniform(self, *shape: int) -> Tensor:
        return torch.rand(shape, generator=self.generator, device=self.device)

    def refill(self, model: RecursiveModel, level: int, rehearsed: float, staying: float) -> None:
        """Fresh samples in the places of those that halted; a share of them of any level so far."""
        self.replace_puzzles(level, rehearsed)
        for z, fresh in zip(self.carry, model.fresh_carry(self.size)):
            z.copy_(torch.where(self.halted[:, None, None], fresh.detach(), z))
        self.steps.masked_fill_(self.halted, 0)
        self.staying.copy_(torch.where(self.halted, self.uniform(self.size) < staying, self.staying))

    def replace_puzzles(self, level: int, rehearsed: float) -> None:
        for row in self.halted.nonzero().flatten().tolist():
            earlier = rehearsed > 0 and self.rng.random() < rehearsed
            question, answer = self.task.sample(self.rng, self.rng.randint(0, level) if earlier else level)
            self.inputs[row] = torch.tensor(question)
            self.labels[row] = torch.tensor(answer)

    def advance(self, carry: tuple, q_halt: Tensor, max_steps: int, exploration: float) -> None:
        """Halts where q_halt > 0, but a share of the samples not before a step drawn at random."""
        for z, new in zip(self.carry, carry):
            z.copy_(new)
        self.steps += 1
        explore = self.uniform(self.size) < exploration
        least = (2 + (self.uniform(self.size) * (max_steps - 1)).long()) * explore
        done = (q_halt > 0) & (self.steps >= least) & ~self.staying
        self.halted.copy_(done | (self.steps >= max_steps))

    def state(self) -> dict:
        names = ("inputs", "labels", "ids", "carry", "steps", "halted", "staying")
        return {n: getattr(self, n) for n in names} | {
            "rng": self.rng.getstate(),
            "generator": self.generator.get_state(),
        }

    def load(self, state: dict) -> None:
        for name in ("inputs", "labels", "ids", "steps", "halted", "staying"):
            getattr(self, name).copy_(state[name])
        for z, saved in zip(self.carry, state["carry"]):
            z.copy_(saved)
        self.rng.setstate(state["rng"])
        self.generator.set_state(state["generator"].cpu())


class PooledBatch(Batch):
    """Fresh samples come from a pool on the device: as many as the batch holds are drawn, and few of them used, because
    that costs less than to ask the device how many there are."""

    def __init__(self, model: RecursiveModel, task: Any, size: int, seed: str, device: str, pool: Any):
        super().__init__(model, task, size, seed, device)
        self.pool = pool

    def replace_puzzles(self, level: int, rehearsed: float) -> None:
        earlier = (self.uniform(self.size) * (level + 1)).long()
        levels = torch.where(self.uniform(self.size) < rehearsed, earlier, level)
        for kept, drawn in zip((self.inputs, self.labels, self.ids), self.pool.draw(levels, self.uniform)):
            fresh = self.halted.view(-1, *(1,) * (kept.dim() - 1))
            kept.copy_(torch.where(fresh, drawn, kept))
