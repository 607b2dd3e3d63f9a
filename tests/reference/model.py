"""Reference implementation of recursive models, the oracle of this project's tests.

One class a family, which differ in their latents and in what a step does with
them. Parameters carry the names of the public checkpoints' state dicts.
Shapes: B batch, S puzzle cells, P puzzle-embedding slots, T = P + S tokens,
D hidden size, V vocabulary.
"""

import math

import torch
import torch.nn.functional as F
from torch import nn

import draws
from fixed_point import FixedPointNetwork, Progress
from hyperparameters import Hyperparameters
from layers import Network, linear


class Table(nn.Module):
    """Rows to look up, under the two names that checkpoints use."""

    def __init__(self, name, rows, columns):
        super().__init__()
        self.name = name
        self.register_parameter(name, nn.Parameter(torch.zeros(rows, columns)))

    def forward(self, ids):
        return F.embedding(ids, getattr(self, self.name))


class RecursiveModel(nn.Module):
    """Embeddings, heads and the fresh carry. A family adds `inits` and `step`."""

    token_embedding = "embed_tokens"  # names of the state dict
    q_outputs = 2
    inits: tuple[str, ...]  # parameter that each latent starts from, in the order of the carry
    current_step = 0  # from 1; `run` counts

    def __init__(self, h: Hyperparameters):
        super().__init__()
        self.h = h
        setattr(self, self.token_embedding, Table("embedding_weight", h.vocab_size, h.hidden_size))
        self.lm_head = linear(h.hidden_size, h.vocab_size)
        self.q_head = nn.Linear(h.hidden_size, self.q_outputs)
        if h.puzzle_emb_ndim:
            self.puzzle_emb = Table("weights", h.num_puzzle_identifiers, h.puzzle_emb_ndim)
        if h.pos_encodings == "learned":
            self.embed_pos = Table("embedding_weight", h.tokens, h.hidden_size)
        for name in self.inits:
            self.register_parameter(name, nn.Parameter(torch.zeros(h.hidden_size)))

    def noise(self, z, deviation, latent, call):
        """What a call of the network adds to latent [B, T, D] number `latent`: noise of seed 0."""
        return deviation * draws.noise(z, 0, self.current_step, latent, call) if deviation else 0

    def embed(self, inputs, puzzle_identifiers):
        """inputs [B, S], puzzle_identifiers [B] -> input embedding [B, T, D]."""
        h = self.h
        x = getattr(self, self.token_embedding)(inputs)
        if h.puzzle_emb_ndim:
            row = self.puzzle_emb(puzzle_identifiers)
            row = F.pad(row, (0, h.puzzle_emb_len * h.hidden_size - h.puzzle_emb_ndim))
            x = torch.cat((row.view(-1, h.puzzle_emb_len, h.hidden_size), x), dim=1)
        if h.pos_encodings == "learned":
            x = 0.707106781 * (x + self.embed_pos.embedding_weight)
        return math.sqrt(h.hidden_size) * x

    def fresh_carry(self, batch):
        """The latents of samples that begin, each [B, T, D]."""
        return tuple(getattr(self, name).expand(batch, self.h.tokens, -1) for name in self.inits)

    def heads(self, latent):
        """The latent that answers [B, T, D] -> logits [B, S, V], (q_halt, q_continue) [B, 2] or q_halt [B, 1]."""
        return self.lm_head(latent)[:, self.h.puzzle_emb_len :], self.q_head(latent[:, 0])

    def step(self, carry, x):
        """One supervision step. The first latent of a carry is the one that answers."""
        raise NotImplementedError

    def forward(self, carry, x):
        carry = self.step(carry, x)
        return carry, *self.heads(carry[0])


class Trm(RecursiveModel):
    """arXiv 2510.04871; with mamba_layers, arXiv 2602.12078."""

    inits = ("H_init", "L_init")

    def __init__(self, h):
        super().__init__(h)
        self.L_level = Network(h, h.L_layers)

    def step(self, carry, x):
        z_high, z_low = carry
        for _ in range(self.h.H_cycles):
            for _ in range(self.h.L_cycles):
                z_low = self.L_level(z_low, z_high + x)
            z_high = self.L_level(z_high, z_low)
        return z_high, z_low


class TrmSingleZ(RecursiveModel):
    inits = ("L_init",)

    def __init__(self, h):
        super().__init__(h)
        self.L_level = Network(h, h.L_layers)

    def step(self, carry, x):
        (z_low,) = carry
        for _ in range(self.h.H_cycles):
            for _ in range(self.h.L_cycles):
                z_low = self.L_level(z_low, x)
            z_low = self.L_level(z_low, torch.zeros_like(x))
        return (z_low,)


class TrmHier6(RecursiveModel):
    inits = ("H_init", *(f"L{i}_init" for i in range(1, 7)))

    def __init__(self, h):
        super().__init__(h)
        self.L_level = Network(h, h.L_layers)

    def step(self, carry, x):
        z_high, *z = carry
        for _ in range(self.h.H_cycles):
            for cycle in range(self.h.L_cycles):
                z[cycle % 6] = self.L_level(sum(z), z_high + x)
            z_high = self.L_level(z_high, sum(z))
        return z_high, *z


class Hrm(RecursiveModel):
    """arXiv 2506.21734."""

    inits = ("H_init", "L_init")

    def __init__(self, h):
        super().__init__(h)
        self.H_level = Network(h, h.H_layers)
        self.L_level = Network(h, h.L_layers)

    def step(self, carry, x):
        z_high, z_low = carry
        for _ in range(self.h.H_cycles):
            for _ in range(self.h.L_cycles):
                z_low = self.L_level(z_low, z_high + x)
            z_high = self.H_level(z_high, z_low)
        return z_high, z_low


class TransformersBaseline(RecursiveModel):
    inits = ("H_init",)

    def __init__(self, h):
        super().__init__(h)
        self.H_level = Network(h, h.H_layers)

    def step(self, carry, x):
        return (self.H_level(carry[0], x),)


class Urm(RecursiveModel):
    """arXiv 2512.14693."""

    inits = ("init_hidden",)

    def __init__(self, h):
        super().__init__(h)
        self.layers = Network(h, h.L_layers).layers

    def step(self, carry, x):
        (latent,) = carry
        for _ in range(self.h.H_cycles * self.h.L_cycles):
            latent = latent + x
            for layer in self.layers:
                latent = layer(latent)
        return (latent,)


class NanoTrm(Trm):
    """PyPI nano-trm: TRM under other names."""

    token_embedding = "input_embedding"
    q_outputs = 1
    inits = ("z_H_init", "z_L_init")

    def __init__(self, h):
        RecursiveModel.__init__(self, h)
        self.lenet = Network(h, h.L_layers)

    @property
    def L_level(self):
        return self.lenet


class Eqr(Trm):
    """arXiv 2605.21488. The start is drawn at random: it is given to the carry."""

    inits = ()
    latents = ("z_high", "z_low")
    deviations = ("H_init_std", "L_init_std")

    def step(self, carry, x):
        z_high, z_low = carry
        for cycle in range(self.h.H_cycles):
            first = cycle * (self.h.L_cycles + 1)
            for call in range(first, first + self.h.L_cycles):
                z_low = self.damped(z_low, z_high + x, 1, call)
            z_high = self.damped(z_high, z_low, 0, first + self.h.L_cycles)
        return z_high, z_low

    def damped(self, z, injection, latent, call):
        moved = (1 - self.h.lambda_) * z + self.h.lambda_ * self.L_level(z, injection)
        return moved + self.noise(z, self.h.noise_scale, latent, call)


class Fprm(RecursiveModel):
    """arXiv 2606.18206. A step is one iteration. A sample that has stopped keeps its state, unless `goes_on`."""

    latents = ("z_low",)
    deviations = ("init_std",)
    goes_on = False

    def __init__(self, h):
        self.inits = ()
        super().__init__(h)
        self.L_level = FixedPointNetwork(h)
        if h.fixed_init:
            self.L_optimizer = nn.ParameterDict({"init_vec": nn.Parameter(torch.zeros(h.hidden_size))})

    def fresh_carry(self, batch):
        assert self.h.fixed_init, "a random start is given to the carry"
        return (self.L_optimizer["init_vec"].expand(batch, self.h.tokens, -1),)

    def step(self, carry, x):
        y, progress = carry if len(carry) == 2 else (carry[0], Progress(self.h, len(x), x.dtype))
        new = self.L_level(y, x)
        s = progress.stepsize[:, None, None]
        stays = torch.zeros_like(progress.stopped) if self.goes_on else progress.stopped
        moved = s * new + (1 - s) * y + self.noise(y, self.h.additive_noise_std, 0, 0)
        updated = torch.where(stays[:, None, None], y, moved)
        progress.follow(y, new)
        return updated, progress


FAMILIES = {
    "trm": Trm,
    "trm_singlez": TrmSingleZ,
    "trm_hier6": TrmHier6,
    "trm_mamba2": Trm,
    "hrm": Hrm,
    "transformers_baseline": TransformersBaseline,
    "urm": Urm,
    "nano_trm": NanoTrm,
    "eqr": Eqr,
    "fprm": Fprm,
}


def make_model(h: Hyperparameters) -> RecursiveModel:
    return FAMILIES[h.family](h).eval().requires_grad_(False)


@torch.no_grad()
def run(model: RecursiveModel, inputs, puzzle_identifiers, steps, start=None):
    """Yields (carry, logits, q) after each step from a fresh carry, or from `start` [latents, B, T, D] or [B, T, D]."""
    x = model.embed(inputs, puzzle_identifiers)
    if start is not None and start.dim() == 3:
        start = start[None]
    carry = model.fresh_carry(len(inputs)) if start is None else tuple(start)
    for model.current_step in range(1, steps + 1):
        carry, logits, q = model(carry, x)
        yield carry, logits, q
