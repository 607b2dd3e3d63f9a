"""Feed-forwards, with or without a depthwise convolution among their hidden units. No linear layer has a bias."""

import torch
import torch.nn.functional as F
from torch import nn

from hyperparameters import Hyperparameters


def linear(inputs, outputs):
    return nn.Linear(inputs, outputs, bias=False)


def swiglu_width(expansion, n):
    return -(-round(expansion * n * 2 / 3) // 256) * 256


class SwiGLU(nn.Module):
    def __init__(self, n, expansion):
        super().__init__()
        width = swiglu_width(expansion, n)
        self.gate_up_proj = linear(n, 2 * width)
        self.down_proj = linear(width, n)

    def forward(self, x):
        gate, up = self.gate_up_proj(x).chunk(2, dim=-1)
        return self.down_proj(F.silu(gate) * up)


class ConvAfterGate(nn.Module):
    """URM: a causal convolution of two taps behind the gate, and a second silu."""

    def __init__(self, h: Hyperparameters):
        super().__init__()
        width = swiglu_width(h.expansion, h.hidden_size)
        self.gate_up_proj = linear(h.hidden_size, 2 * width)
        self.dwconv = nn.Conv1d(width, width, 2, groups=width)
        self.down_proj = linear(width, h.hidden_size)

    def forward(self, x):
        gate, up = self.gate_up_proj(x).chunk(2, dim=-1)
        units = (F.silu(gate) * up).transpose(1, 2)
        convolved = self.dwconv(F.pad(units, (1, 0)))
        return self.down_proj(F.silu(convolved.transpose(1, 2)))


class ConvBeforeGate(nn.Module):
    """nano-trm: three taps along all tokens, before the gate."""

    def __init__(self, h: Hyperparameters):
        super().__init__()
        width = swiglu_width(h.expansion, h.hidden_size)
        self.gate_up_proj = linear(h.hidden_size, 2 * width)
        self.dwconv = nn.Conv1d(2 * width, 2 * width, 3, padding=1, groups=2 * width)
        self.down_proj = linear(width, h.hidden_size)

    def forward(self, x):
        gate, up = self.dwconv(self.gate_up_proj(x).transpose(1, 2)).transpose(1, 2).chunk(2, dim=-1)
        return self.down_proj(F.silu(gate) * up)


class BoardConvBeforeGate(nn.Module):
    """nano-trm: three by three taps over the board; the prefix stays as it is. The width is truncated, not rounded."""

    def __init__(self, h: Hyperparameters):
        super().__init__()
        self.prefix, self.side = h.puzzle_emb_len, h.max_grid_size
        width = -(-int(h.expansion * h.hidden_size * 2 / 3) // 256) * 256
        self.gate_up_proj = linear(h.hidden_size, 2 * width)
        self.board_conv = nn.Conv2d(2 * width, 2 * width, 3, padding=1, groups=2 * width)
        self.down_proj = linear(width, h.hidden_size)

    def forward(self, x):
        units = self.gate_up_proj(x)
        prefix, cells = units[:, : self.prefix], units[:, self.prefix :]
        board = self.board_conv(cells.transpose(1, 2).unflatten(2, (self.side, self.side)))
        gate, up = torch.cat((prefix, board.flatten(2).transpose(1, 2)), dim=1).chunk(2, dim=-1)
        return self.down_proj(F.silu(gate) * up)


def mlp(h: Hyperparameters):
    """The SwiGLU over the channels in the family's form."""
    if h.family == "urm":
        return ConvAfterGate(h)
    if h.use_board_swiglu:
        return BoardConvBeforeGate(h)
    return ConvBeforeGate(h) if h.use_conv_swiglu else SwiGLU(h.hidden_size, h.expansion)
