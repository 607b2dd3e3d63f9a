"""The layers of recursive models. B batch, T tokens, D hidden size; no layer has a bias unless it says so."""

import math

import torch
import torch.nn.functional as F
from torch import nn

from feed_forward import SwiGLU, linear, mlp
from hyperparameters import Hyperparameters


def rms_norm(x, eps):
    """No gain, over the last axis."""
    return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + eps)


def rotary_table(tokens, head_dim, theta):
    """cos and sin, each [T, head_dim / 2].

    In float32 whatever the model computes in: the angles are part of what a model was trained with.
    """
    frequency = 1.0 / theta ** (torch.arange(0, head_dim, 2, dtype=torch.float32) / head_dim)
    angle = torch.outer(torch.arange(tokens, dtype=torch.float32), frequency)
    return angle.cos(), angle.sin()


def exact_rotary_table(h: Hyperparameters):
    """The same with frequencies and angles in float64; "2d" is nano-trm's: rows, then columns, at the same frequencies."""
    frequency = h.rope_theta ** (-torch.arange(0, h.head_dim, 2, dtype=torch.float64) / h.head_dim)
    angle = torch.outer(torch.arange(h.tokens, dtype=torch.float64), frequency)
    if h.pos_encodings == "2d":
        quarter, side, cell = h.head_dim // 4, math.isqrt(h.seq_len), torch.arange(h.seq_len)
        by_row = torch.outer(cell.div(side, rounding_mode="floor").double(), frequency[:quarter])
        by_column = torch.outer((cell % side).double(), frequency[:quarter])
        angle = torch.cat((angle[: h.puzzle_emb_len], torch.cat((by_row, by_column), dim=1)))
    if h.pos_encodings == "rope2d":  # EqR's: half of a head by rows, half by columns
        width = h.board_width if h.board_height and h.board_width else math.isqrt(h.seq_len)
        half, cell = h.head_dim // 2, torch.arange(h.seq_len)
        frequency = h.rope_theta ** (-torch.arange(0, half, 2, dtype=torch.float64) / half)
        by_row = torch.outer(cell.div(width, rounding_mode="floor").double(), frequency)
        angle = torch.cat((by_row, torch.outer((cell % width).double(), frequency)), dim=1)
    return angle.cos().float(), angle.sin().float()


def rotate(x, cos, sin):
    """x [B, heads, T, head_dim]: the first half of head_dim is paired with the second."""
    first, second = x.chunk(2, dim=-1)
    return torch.cat((first * cos - second * sin, second * cos + first * sin), dim=-1)


class Attention(nn.Module):
    """Every token attends to every token, padding included."""

    def __init__(self, h: Hyperparameters):
        super().__init__()
        self.heads, self.head_dim = h.num_heads, h.head_dim
        self.qkv_proj = linear(h.hidden_size, 3 * self.heads * self.head_dim)
        self.o_proj = linear(self.heads * self.head_dim, h.hidden_size)
        self.causal, self.scale = h.causal, 1 / (math.sqrt(h.head_dim) * h.softmax_temp)
        self.rotary = h.pos_encodings in ("rope", "1d", "2d", "rope2d")
        self.parts = 2 if h.pos_encodings == "rope2d" else 1
        if self.rotary:
            exact = h.family in ("urm", "nano_trm", "eqr", "fprm")
            cos, sin = exact_rotary_table(h) if exact else rotary_table(h.tokens, self.head_dim, h.rope_theta)
            self.register_buffer("cos", cos, persistent=False)
            self.register_buffer("sin", sin, persistent=False)

    def forward(self, x):
        batch, tokens, _ = x.shape
        qkv = self.qkv_proj(x).view(batch, tokens, 3, self.heads, self.head_dim)
        q, k, v = qkv.permute(2, 0, 3, 1, 4).unbind(0)
        if self.rotary:
            q, k = self.rotate(q), self.rotate(k)
        out = F.scaled_dot_product_attention(q, k, v, is_causal=self.causal, scale=self.scale)
        return self.o_proj(out.transpose(1, 2).reshape(batch, tokens, -1))

    def rotate(self, x):
        parts = zip(x.chunk(self.parts, -1), self.cos.chunk(self.parts, -1), self.sin.chunk(self.parts, -1))
        return torch.cat([rotate(*part) for part in parts], dim=-1)


class Mamba2(nn.Module):
    """State-space layer (arXiv 2405.21060) as a plain loop over the tokens."""

    def __init__(self, h: Hyperparameters):
        super().__init__()
        self.state, self.head_dim, self.groups = h.mamba_d_state, h.mamba_head_dim, h.mamba_n_groups
        self.inner = h.mamba_expand * h.hidden_size
        self.heads = self.inner // self.head_dim
        self.eps = h.rms_norm_eps
        channels = self.inner + 2 * self.groups * self.state  # x, B and C go through the convolution
        self.in_proj = linear(h.hidden_size, self.inner + channels + self.heads)
        self.conv1d = nn.Conv1d(channels, channels, h.mamba_d_conv, groups=channels, padding=h.mamba_d_conv - 1)
        self.dt_bias = nn.Parameter(torch.zeros(self.heads))
        self.A_log = nn.Parameter(torch.zeros(self.heads))
        self.D = nn.Parameter(torch.ones(self.heads))
        self.norm = nn.RMSNorm(self.inner, eps=h.rms_norm_eps)
        self.out_proj = linear(self.inner, h.hidden_size)

    def forward(self, u):
        batch, tokens, _ = u.shape
        z, xbc, dt = self.in_proj(u).split([self.inner, self.conv1d.in_channels, self.heads], dim=-1)
        xbc = F.silu(self.conv1d(xbc.transpose(1, 2))[..., :tokens]).transpose(1, 2)  # causal
        x, b, c = xbc.split([self.inner, self.groups * self.state, self.groups * self.state], dim=-1)
        x = x.view(batch, tokens, self.heads, self.head_dim)
        b, c = (self.per_head(v.view(batch, tokens, self.groups, self.state)) for v in (b, c))
        dt = F.softplus(dt + self.dt_bias)  # [B, T, heads]
        decay = torch.exp(-dt * torch.exp(self.A_log))
        state = x.new_zeros(batch, self.heads, self.head_dim, self.state)
        y = []
        for t in range(tokens):
            update = (dt[:, t, :, None] * x[:, t])[..., None] * b[:, t, :, None, :]
            state = decay[:, t, :, None, None] * state + update
            y.append((state * c[:, t, :, None, :]).sum(-1) + self.D[:, None] * x[:, t])
        y = torch.stack(y, dim=1).reshape(batch, tokens, self.inner)
        return self.out_proj(self.norm(y * F.silu(z)))

    def per_head(self, v):
        return v.repeat_interleave(self.heads // self.groups, dim=2)


class Layer(nn.Module):
    """Sub-layers with residuals, each normalised after the sum: Mamba-2 ones if any, a mixer of tokens, a channel MLP."""

    def __init__(self, h: Hyperparameters):
        super().__init__()
        self.eps = h.rms_norm_eps
        if h.mamba_layers:
            self.mamba = nn.ModuleList(Mamba2(h) for _ in range(h.mamba_layers))
        self.mlp_t = SwiGLU(h.tokens, h.expansion) if h.mlp_t else None
        self.self_attn = None if h.mlp_t else Attention(h)
        self.mlp = mlp(h)

    def forward(self, x):
        for mamba in getattr(self, "mamba", ()):
            x = rms_norm(x + mamba(x), self.eps)
        if self.mlp_t is not None:
            x = x.transpose(1, 2)  # [B, D, T]: the norm is over the tokens here
            x = rms_norm(x + self.mlp_t(x), self.eps).transpose(1, 2)
        else:
            x = rms_norm(x + self.self_attn(x), self.eps)
        return rms_norm(x + self.mlp(x), self.eps)


class Network(nn.Module):
    """One pass: net(latent, injection)."""

    def __init__(self, h: Hyperparameters, layers):
        super().__init__()
        self.layers = nn.ModuleList(Layer(h) for _ in range(layers))

    def forward(self, latent, injection):
        x = latent + injection
        for layer in self.layers:
            x = layer(x)
        return x
