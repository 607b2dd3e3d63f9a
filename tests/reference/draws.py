"""Random starts and noise as runtime/noise.hpp defines them: Philox4x32-10 (Salmon et al., SC 2011) gives the bits of a
place, the Box-Muller transform and the inverse error function their distributions. All in double precision."""

import math

import numpy as np
import torch

WORD = np.uint64(0xFFFFFFFF)
START, FIRST_CALL = 0, 2  # what draws are for; the calls of a network within a step count on from the first


def philox(counter, key):
    """counter [4, n], key [2] -> 32 random bits [4, n], each in an unsigned 64-bit integer."""
    c = [np.asarray(word, np.uint64) for word in counter]
    key = [int(word) for word in key]
    for _ in range(10):
        a, b = np.uint64(0xD2511F53) * c[0], np.uint64(0xCD9E8D57) * c[2]
        c = [(b >> np.uint64(32)) ^ c[1] ^ np.uint64(key[0]), b & WORD,
             (a >> np.uint64(32)) ^ c[3] ^ np.uint64(key[1]), a & WORD]  # fmt: skip
        key = [(key[0] + 0x9E3779B9) % 2**32, (key[1] + 0xBB67AE85) % 2**32]
    return np.stack(c)


def uniforms(count, seed, sample, step, latent, use):
    """[count] numbers in (0, 1) of the sample with this key, on its first trajectory."""
    key = philox([[sample % 2**32], [sample >> 32], [0], [0]], (seed % 2**32, seed >> 32))[:2, 0]
    quads = np.arange(-(-count // 4), dtype=np.uint64)
    same = np.ones_like(quads)
    bits = philox([quads, np.uint64(latent) * same, np.uint64(step) * same, np.uint64(use) * same], key)
    return ((bits.T.astype(np.float64) + 0.5) / 2**32).reshape(-1)


def normal(shape, seed, sample, step, latent, use):
    """Standard normal numbers [shape]."""
    pairs = uniforms(math.prod(shape), seed, sample, step, latent, use).reshape(-1, 2)
    radius, angle = np.sqrt(-2 * np.log(pairs[:, 0])), 2 * np.pi * pairs[:, 1]
    values = np.stack((radius * np.cos(angle), radius * np.sin(angle)), 1).reshape(-1)
    return torch.from_numpy(values[: math.prod(shape)].reshape(shape))


def noise(like, seed, step, latent, call):
    """Standard normal numbers for a latent [B, T, D] in one call of a network."""
    return torch.stack([normal(row.shape, seed, b, step, latent, FIRST_CALL + call) for b, row in enumerate(like)]).to(like)


def key_of(tokens):
    """The key of a puzzle's draws where it depends on its tokens [S] alone: their FNV-1a."""
    key = 0xCBF29CE484222325
    for token in tokens:
        key = (key ^ int(token)) * 0x100000001B3 % 2**64
    return key


def start(shape, deviation, seed, latent, samples=None):
    """Truncated normal numbers [B, T, D] whose standard deviation after the cut at two of their own is `deviation`.
    `samples`: the keys of the draws [B]; None: the rows' numbers."""
    end = torch.erf(torch.tensor(2.0, dtype=torch.float64).sqrt())
    scale = deviation / torch.sqrt(1 - 4 * math.exp(-2) / math.sqrt(2 * math.pi) / end)
    keys = range(shape[0]) if samples is None else samples
    u = [uniforms(math.prod(shape[1:]), seed, key, 0, latent, START)[: math.prod(shape[1:])] for key in keys]
    u = torch.from_numpy(np.stack(u)).reshape(shape)
    return (math.sqrt(2) * scale * torch.erfinv(end * (2 * u - 1))).clamp(-2 * scale, 2 * scale)
