"""New cases of odd shapes: trm convert and trm run against the reference model, on every kernel set of this CPU.

Random starts and noise are drawn by the program and by draws.py, each on its own.

usage: random_cases.py TRM [CASE...]
       random_cases.py TRM --random FIRST COUNT
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import torch

import checkpoint
from make_case import make_case
from random_configuration import configuration

# Every size that a kernel could round up is here below, at and above its multiples: heads of 6, 24, 40 and 160
# channels; one token, fewer than a tile, and past a block of 128; sizes that no vector length divides.
CASES = {
    "head_dim_6": dict(hidden_size=36, num_heads=6, seq_len=31, vocab_size=3, puzzle_emb_ndim=36, L_layers=1),
    "head_dim_24": dict(hidden_size=72, num_heads=3, seq_len=130, puzzle_emb_ndim=0, vocab_size=20),
    "head_dim_40": dict(hidden_size=160, num_heads=4, seq_len=28, puzzle_emb_ndim=500, puzzle_emb_len=5, L_layers=3),
    "head_dim_160": dict(hidden_size=160, num_heads=1, seq_len=32, puzzle_emb_ndim=160, puzzle_emb_len=1),
    "head_dim_odd_learned": dict(hidden_size=35, num_heads=5, seq_len=17, puzzle_emb_ndim=3, pos_encodings="learned"),
    "one_token": dict(hidden_size=32, num_heads=2, seq_len=1, puzzle_emb_ndim=0, vocab_size=5),
    "one_cell": dict(hidden_size=48, num_heads=2, seq_len=1, puzzle_emb_ndim=64, puzzle_emb_len=0, vocab_size=4),
    "seven_tokens": dict(hidden_size=64, num_heads=4, seq_len=7, puzzle_emb_ndim=0, pos_encodings="none"),
    "past_a_block": dict(hidden_size=64, num_heads=2, seq_len=257, puzzle_emb_ndim=10, puzzle_emb_len=4, L_layers=1),
    "token_mlp_1": dict(hidden_size=32, mlp_t=True, pos_encodings="none", seq_len=1, puzzle_emb_ndim=0),
    "token_mlp_33": dict(hidden_size=96, mlp_t=True, pos_encodings="none", seq_len=29, puzzle_emb_len=4, L_layers=3),
    "token_mlp_130": dict(hidden_size=50, mlp_t=True, pos_encodings="none", seq_len=130, puzzle_emb_ndim=0),
    "token_mlp_learned": dict(hidden_size=33, mlp_t=True, num_heads=3, pos_encodings="learned", seq_len=23),
    "cycles": dict(H_cycles=1, L_cycles=1, halt_max_steps=7, num_heads=2, seq_len=40, expansion=2.5, rope_theta=500.0),
    "singlez": dict(name="trm_singlez", hidden_size=48, num_heads=2, seq_len=21, puzzle_emb_len=3),
    "hier6_learned": dict(name="trm_hier6", hidden_size=40, num_heads=4, seq_len=33, pos_encodings="learned", L_cycles=8),
    "hrm_mlp_t": dict(name="hrm", hidden_size=32, mlp_t=True, pos_encodings="none", H_layers=1, L_layers=3, seq_len=20,
                      puzzle_emb_ndim=40),
    "hrm_v1": dict(name="hrm.hrm_act_v1@X", hidden_size=36, num_heads=3, H_layers=3, L_layers=1, H_cycles=2, L_cycles=2),
    "baseline": dict(name="transformers_baseline", hidden_size=50, num_heads=6, H_layers=3, puzzle_emb_ndim=60),
    "mamba2": dict(name="trm_mamba2", hidden_size=48, num_heads=3, L_layers=1, mamba_layers=2, mamba_d_state=20,
                   mamba_head_dim=12, mamba_expand=2, mamba_n_groups=2, mamba_d_conv=4, seq_len=70),
    "mamba2_deep": dict(name="trm_mamba2", hidden_size=32, num_heads=2, L_layers=2, mamba_layers=1, mamba_d_state=5,
                        mamba_head_dim=32, mamba_expand=3, mamba_n_groups=1, mamba_d_conv=2, seq_len=3),
    "urm": dict(name="urm.urm@URM", hidden_size=48, num_heads=3, num_layers=2, loops=4, seq_len=61, puzzle_emb_ndim=100),
    "urm_no_prefix": dict(name="urm.urm@URM", hidden_size=40, num_heads=2, num_layers=1, loops=3, seq_len=113,
                          puzzle_emb_ndim=0, expansion=2),
    "nano_no_positions": dict(name="nano_trm", hidden_size=40, num_heads=4, num_layers=2, N_supervision_val=4,
                              ffn_expansion=4, puzzle_emb_dim=40, puzzle_emb_len=3, num_puzzles=5,
                              pos_emb_type="sinusoidal", seq_len=30),
    "nano_mlp_prefix": dict(name="nano_trm", hidden_size=32, num_layers=2, N_supervision_val=4, ffn_expansion=2,
                            puzzle_emb_dim=32, puzzle_emb_len=2, num_puzzles=5, pos_emb_type="null", use_mlp_t=True,
                            use_conv_swiglu=True, seq_len=25),
    "nano_both_convolutions": dict(name="nano_trm", hidden_size=96, num_heads=2, num_layers=1, N_supervision_val=3,
                                   ffn_expansion=4.0105, puzzle_emb_dim=0, puzzle_emb_len=0, num_puzzles=1,
                                   pos_emb_type="2d", use_conv_swiglu=True, use_board_swiglu=True, max_grid_size=8,
                                   seq_len=64),
    "eqr_no_positions": dict(name="eqr@EqRModel", hidden_size=40, num_heads=2, L_layers=1, noise_scale=0, lambda_=0.8,
                             pos_encodings="none", seq_len=33),
    "eqr_rope2d": dict(name="eqr@EqRModel", hidden_size=72, num_heads=3, noise_scale=0, pos_encodings="rope2d",
                       seq_len=49),
    "eqr_noise": dict(name="eqr@EqRModel", hidden_size=36, num_heads=3, noise_scale=0.05, H_init_std=0.7, L_init_std=2.0,
                      pos_encodings="rope", seq_len=29),
    "fprm_noise": dict(name="fprm", hidden_size=40, num_heads=2, L_layers=1, max_iter_eval=5, fp_thresh=1e-4, init_std=6,
                       conv_type="none", norm_type="pre-norm", residual_scale="input-independent", seq_len=45,
                       additive_noise_std=0.3, puzzle_emb_len=2),
    "fprm_fixed": dict(name="fixed_point_reasoning.fprm@X", hidden_size=40, num_heads=2, L_layers=1, max_iter_eval=7,
                       conv_type="conv1d", conv_kernel_size=3, conv_bias=True, norm_type="peri-norm", fp_thresh=1e-4,
                       norm_placement="input", residual_scale="fixed", pos_encodings="learned", softmax_temp=1.4,
                       fixed_init=True, puzzle_emb_len=2),
    "fprm_by_token": dict(name="fprm", hidden_size=48, num_heads=3, max_iter_eval=None, max_iter=6, fp_thresh=1e-4,
                          conv_type="none", norm_type="pre-norm", residual_scale="input-dependent", mlp_t=True,
                          pos_encodings="none", normalize_input_injection=True, seq_len=61, puzzle_emb_len=3),
    "fprm_outer": dict(name="fprm", hidden_size=72, num_heads=3, max_iter_eval=5, fp_thresh=1e-4, conv_type="conv2d",
                       conv_kernel_size=5, norm_type="pre-norm", residual_scale="input-dependent", outer_only=True,
                       causal=True, seq_len=49, puzzle_emb_ndim=0),
    "fprm_none": dict(name="fprm", hidden_size=36, num_heads=2, max_iter_eval=6, fp_thresh=1e-4, conv_type="conv1d",
                      norm_type="post-norm", residual_scale=None, norm_placement=None, stepsize_decay=0.9,
                      decay_patience=1, seq_len=33),
    "fprm_mlp_t": dict(name="fprm", hidden_size=33, num_heads=3, max_iter_eval=6, fp_thresh=1e-4, conv_type="conv2d",
                       conv_kernel_size=3, norm_type="post-norm", residual_scale="input-independent", mlp_t=True,
                       pos_encodings="none", seq_len=25, puzzle_emb_ndim=30, puzzle_emb_len=1),
    "fprm_small_steps": dict(name="fprm", hidden_size=32, num_heads=2, max_iter_eval=9, fp_thresh=1e-6,
                             conv_type="none", norm_type="pre-norm", norm_placement="output",
                             residual_scale="input-independent", outer_only=True, decay_patience=0,
                             stepsize_decay_eval=0.2, seq_len=21),
    "no_continue": dict(H_cycles=2, L_cycles=2, no_ACT_continue=False, rms_norm_eps=0.001, hidden_size=40, seq_len=19),
    "fprm_by_token_long": dict(name="fprm", hidden_size=33, num_heads=3, max_iter_eval=4, fp_thresh=1e-4, expansion=1,
                               conv_type="conv1d", conv_kernel_size=2, norm_type="peri-norm", mlp_t=True, L_layers=1,
                               residual_scale="input-dependent", pos_encodings="none", seq_len=277),
}
STORED_AS = [("torch", "f32"), ("safetensors", "f32"), ("npz", "f16"), ("trainer", "bf16"), ("safetensors", "bf16")]


def call(*command) -> str:
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, command))} exited with {done.returncode}: {done.stderr.strip()}")
    return done.stdout


def worst(case: Path, results: Path) -> float:
    """Largest difference of logits and q over all steps, as a part of what is allowed."""
    noise = np.array(json.loads((case / "case.json").read_text())["float32_noise_per_step"])
    allowed = np.maximum(1e-5, 10 * noise)
    parts = [0.0]
    for name in ("logits.npy", "q.npy"):
        expected, got = np.load(case / name), np.load(results / name)
        if expected.shape != got.shape or not np.isfinite(got).all():
            return float("inf")
        parts.append((np.abs(expected - got).reshape(len(noise), -1).max(1) / allowed).max())
    return max(parts)


def check(trm: Path, kernel_sets, name: str, fields: dict, seed: int, folder: Path) -> bool:
    container, dtype = STORED_AS[seed % len(STORED_AS)]
    case, model = folder / name, folder / f"{name}.gguf"
    make_case(case, fields, seed=seed, batch=3, container=container, dtype=dtype)
    call(trm, "convert", checkpoint.find(case), "-o", model, "--quiet")
    ok = True
    for kernel_set in kernel_sets:
        out = folder / f"{name}.{kernel_set}"
        call(trm, "run", model, "--inputs", case / "inputs.npy", "--puzzle-identifiers",
             case / "puzzle_identifiers.npy", "--every-step", "--out", out, "--isa", kernel_set, "--quiet")  # fmt: skip
        part = worst(case, out)
        ok = ok and part <= 1
        print(f"{name:22} {container:11} {dtype:4} {kernel_set:12} {100 * part:6.1f} % of the tolerance")
    return ok


def main() -> int:
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    torch.set_num_threads(1)  # small models
    trm = Path(sys.argv[1])
    kernel_sets = json.loads(call(trm, "info", "--cpu", "--json"))["kernel_sets"]
    if sys.argv[2:3] == ["--random"]:
        first, count = map(int, sys.argv[3:])
        cases = {f"random_{seed}": (configuration(seed), seed) for seed in range(first, first + count)}
    else:
        cases = {name: (CASES[name], list(CASES).index(name)) for name in sys.argv[2:] or CASES}
    with tempfile.TemporaryDirectory() as folder:
        results = [check(trm, kernel_sets, name, *case, Path(folder)) for name, case in cases.items()]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
