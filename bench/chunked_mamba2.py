"""Mamba-2 in matrix form within chunks of tokens (arXiv 2405.21060, section 6): what a library runs fast.

The reference's loop over tokens is the oracle; unrolled into a graph of 916 tokens no library could compile it.
"""

import torch
import torch.nn.functional as F

import layers


def chunked_scan(x, log_decay, b, c, chunk):
    """y_t = c_t S_t with S_t = exp(log_decay_t) S_{t-1} + b_t x_t^T; x [B, T, H, P], log_decay [B, T, H], b, c [B, T, N].

    T is padded to whole chunks. Returns [B, T, H, P].
    """
    tokens = x.shape[1]
    pad = -tokens % chunk
    x, b, c = (F.pad(v, [0, 0] * (v.ndim - 2) + [0, pad]) for v in (x, b, c))
    log_decay = F.pad(log_decay, [0, 0, 0, pad])
    batch, padded, heads, _ = x.shape
    count = padded // chunk
    x = x.view(batch, count, chunk, heads, -1).permute(0, 1, 3, 2, 4)  # [B, C, H, Q, P]
    b, c = (v.view(batch, count, 1, chunk, -1) for v in (b, c))  # [B, C, 1, Q, N]
    total = log_decay.view(batch, count, chunk, heads).permute(0, 1, 3, 2).cumsum(-1)  # [B, C, H, Q]
    causal = torch.ones(chunk, chunk, dtype=torch.bool).tril()
    within = (total[..., :, None] - total[..., None, :]).masked_fill(~causal, float("-inf")).exp()
    y = (within * (c @ b.transpose(-1, -2))) @ x
    added = (b * (total[..., -1:] - total).exp()[..., None]).transpose(-1, -2) @ x  # [B, C, H, N, P], by each chunk
    state = torch.zeros_like(added[:, 0])
    before = []
    for i in range(count):
        before.append(state)
        state = total[:, i, :, -1, None, None].exp() * state + added[:, i]
    y = y + total.exp()[..., None] * (c @ torch.stack(before, dim=1))
    return y.permute(0, 1, 3, 2, 4).reshape(batch, padded, heads, -1)[:, :tokens]


class ChunkedMamba2(layers.Mamba2):
    chunk = 32

    def forward(self, u):
        batch, tokens, _ = u.shape
        z, xbc, dt = self.in_proj(u).split([self.inner, self.conv1d.in_channels, self.heads], dim=-1)
        xbc = F.silu(self.conv1d(xbc.transpose(1, 2))[..., :tokens]).transpose(1, 2)
        x, b, c = xbc.split([self.inner, self.state, self.state], dim=-1)
        x = x.view(batch, tokens, self.heads, self.head_dim)
        dt = F.softplus(dt + self.dt_bias)
        y = chunked_scan(dt[..., None] * x, -dt * torch.exp(self.A_log), b, c, min(self.chunk, tokens))
        y = (y + self.D[:, None] * x).reshape(batch, tokens, self.inner)
        gated = layers.rms_norm(y * F.silu(z), self.eps) * self.norm.weight  # nn.RMSNorm has no ONNX form at opset 17
        return self.out_proj(gated)


def use_chunks(model: torch.nn.Module):
    """Gives every Mamba-2 layer of one group the matrix form."""
    for module in model.modules():
        if type(module) is layers.Mamba2:
            assert module.groups == 1
            module.__class__ = ChunkedMamba2
