"""FPRM's network and its stopping rule (arXiv 2606.18206), from the equations."""

import math

import torch
import torch.nn.functional as F
from torch import nn

from feed_forward import SwiGLU, mlp
from hyperparameters import Hyperparameters
from layers import Attention, rms_norm


class ScaledLayer(nn.Module):
    """Two sub-layers h <- a1 h + b1 branch(h), normalised before, before and after, or after."""

    def __init__(self, h: Hyperparameters):
        super().__init__()
        self.eps, self.norm_type = h.rms_norm_eps, h.norm_type
        self.mlp_t = SwiGLU(h.tokens, h.expansion) if h.mlp_t else None
        self.self_attn = None if h.mlp_t else Attention(h)
        self.mlp = mlp(h)

    def sublayer(self, h, branch, a1, b1):
        if self.norm_type == "post-norm":
            return rms_norm(a1 * h + b1 * branch(h), self.eps)
        change = branch(rms_norm(h, self.eps))
        return a1 * h + b1 * (rms_norm(change, self.eps) if self.norm_type == "peri-norm" else change)

    def forward(self, h, a1, b1):
        if self.mlp_t is not None:
            transposed = [v.transpose(-1, -2) if v.dim() > 1 else v for v in (h, a1, b1)]
            transposed = [v[:, None] if v.dim() == 1 else v for v in transposed]  # one factor a channel: rows of h^T
            h = self.sublayer(transposed[0], self.mlp_t, *transposed[1:]).transpose(-1, -2)
        else:
            h = self.sublayer(h, self.self_attn, a1, b1)
        return self.sublayer(h, self.mlp, a1, b1)


class FixedPointNetwork(nn.Module):
    """One pass f(y), given the input embedding x."""

    def __init__(self, h: Hyperparameters):
        super().__init__()
        self.h = h
        d, k = h.hidden_size, h.conv_kernel_size
        if h.conv_type == "conv1d":
            self.conv = nn.Conv1d(d, d, k, groups=d, bias=h.conv_bias)
        if h.conv_type == "conv2d":
            self.conv = nn.Conv2d(d, d, k, padding=(k - 1) // 2, groups=d, bias=h.conv_bias)
        for name in ("alpha_2",) if h.outer_only else ("alpha_1", "alpha_2"):
            if h.residual_scale in ("fixed", "input-independent"):
                shape = () if h.residual_scale == "fixed" else (d,)
                self.register_parameter(f"{name}_param", nn.Parameter(torch.zeros(shape)))
            if h.residual_scale == "input-dependent":
                self.add_module(f"{name}_layer", nn.Linear(d, d))
        self.layers = nn.ModuleList(ScaledLayer(h) for _ in range(h.L_layers))

    def convolve(self, y):
        prefix, cells = y.split([self.h.puzzle_emb_len, self.h.seq_len], dim=1)
        cells = cells.transpose(1, 2)  # [B, D, S]
        if self.h.conv_type == "conv1d":
            cells = self.conv(F.pad(cells, (self.h.conv_kernel_size - 1, 0)))
        if self.h.conv_type == "conv2d":
            side = math.isqrt(self.h.seq_len)
            cells = self.conv(cells.unflatten(2, (side, side))).flatten(2)
        return torch.cat((prefix, cells.transpose(1, 2)), dim=1)

    def scale(self, name, h):
        if self.h.residual_scale == "none" or (name == "alpha_1" and self.h.outer_only):
            return torch.ones(1, dtype=h.dtype)
        if self.h.residual_scale == "input-dependent":
            return torch.sigmoid(getattr(self, f"{name}_layer")(h))
        parameter = getattr(self, f"{name}_param")
        return torch.sigmoid(parameter) if parameter.dim() else parameter.expand(1)

    def forward(self, y, x):
        h = self.convolve(y)
        a1, a2 = self.scale("alpha_1", h), self.scale("alpha_2", h)
        through = a1 ** (2 * len(self.layers))
        b2 = 1 - a2 * through
        b1 = b2 * (1 - a1) / (1 - through + 1e-5)
        if self.h.outer_only:
            b1, b2 = torch.ones_like(a1), 1 - a2
        if self.h.residual_scale == "none":
            b1 = b2 = torch.ones_like(a1)
        if self.h.norm_placement == "input":
            h = rms_norm(h, self.h.rms_norm_eps)
        if self.h.normalize_input_injection:
            x = rms_norm(x, self.h.rms_norm_eps)
        h = a2 * h + b2 * x
        for layer in self.layers:
            h = layer(h, a1, b1)
        return rms_norm(h, self.h.rms_norm_eps) if self.h.norm_placement == "output" else h


class Progress:
    """Step size, smallest change and patience of every sample of a batch [B], and which samples have stopped."""

    def __init__(self, h: Hyperparameters, batch, dtype):
        self.h = h
        self.stepsize = torch.full((batch,), h.stepsize, dtype=dtype)
        self.best = torch.full((batch,), math.inf, dtype=dtype)
        self.patience = torch.full((batch,), h.decay_patience)
        self.stopped = torch.zeros(batch, dtype=torch.bool)

    def follow(self, y, new):
        """The change of each sample decides on the next step size."""
        h = self.h
        change = ((y - new).abs().amax(-1) / (new.abs().amax(-1) + h.eps)).amax(-1)  # [B]
        better = change < self.best - (0.01 if h.stepsize_decay else 0)
        self.best = torch.where(better, change, self.best)
        self.patience = torch.where(better, h.decay_patience, self.patience - 1)
        decays = (self.patience <= 0) & (change >= h.fp_thresh)
        self.patience = torch.where(decays, h.decay_patience, self.patience)
        self.stepsize = torch.where(decays, self.stepsize * (h.stepsize_decay or h.stepsize_decay_eval), self.stepsize)
        self.stopped = self.stopped | (change < h.fp_thresh) | (self.stepsize < 1e-3)
