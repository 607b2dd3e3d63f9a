"""Configurations of URM, nano-trm, EqR and FPRM at random: what the fixed list of random_cases.py does not think of."""

import random


def shared_fields(pick: random.Random) -> dict:
    """Sizes, and where the cells are a board (S a square) its side."""
    heads, side = pick.choice([1, 2, 3, 5]), pick.randint(2, 9)
    fields = dict(hidden_size=heads * pick.choice([4, 8, 12, 20, 24]), num_heads=heads, vocab_size=pick.randint(3, 14),
                  expansion=pick.choice([1, 2, 3.3, 4]), rms_norm_eps=pick.choice([1e-5, 1e-6, 1e-3]),
                  rope_theta=pick.choice([10000.0, 300.0]), num_puzzle_identifiers=pick.randint(2, 9),
                  H_cycles=pick.randint(1, 3), L_cycles=pick.randint(1, 4), L_layers=pick.randint(1, 3))  # fmt: skip
    fields["seq_len"] = side**2 if pick.random() < 0.5 else pick.choice([side * (side + 1), 2, 113, 140])
    fields["puzzle_emb_ndim"] = pick.choice([0, pick.randint(1, 3 * fields["hidden_size"])])
    return fields


def prefix_length(pick: random.Random, fields: dict) -> int:
    """P tokens that hold the puzzle's row, and sometimes more."""
    needed = -(-fields["puzzle_emb_ndim"] // fields["hidden_size"])
    return needed + pick.randint(0, 2) if needed else 0


def is_board(fields: dict) -> bool:
    return round(fields["seq_len"] ** 0.5) ** 2 == fields["seq_len"]


def urm(pick: random.Random) -> dict:
    fields = shared_fields(pick)
    return fields | dict(name="urm.urm@URM", num_layers=fields["L_layers"], loops=pick.randint(1, 5))


def nano_trm(pick: random.Random) -> dict:
    fields = shared_fields(pick)
    board = is_board(fields)
    two_dimensional = ["2d"] if board and (fields["hidden_size"] // fields["num_heads"]) % 4 == 0 else []
    return fields | dict(
        name="nano_trm", num_layers=fields["L_layers"], N_supervision_val=pick.randint(1, 4),
        ffn_expansion=fields["expansion"], puzzle_emb_dim=fields["puzzle_emb_ndim"],
        puzzle_emb_len=prefix_length(pick, fields), num_puzzles=fields["num_puzzle_identifiers"],
        use_mlp_t=pick.random() < 0.3, use_conv_swiglu=pick.random() < 0.4, use_board_swiglu=board and pick.random() < 0.5,
        max_grid_size=round(fields["seq_len"] ** 0.5), pos_emb_type=pick.choice(["1d", "null", *two_dimensional]))  # fmt: skip


def eqr(pick: random.Random) -> dict:
    fields = shared_fields(pick) | dict(puzzle_emb_ndim=0)
    height, width = pick.randint(2, 9), pick.randint(2, 9)
    board = dict(pos_encodings="rope2d", board_height=height, board_width=width, seq_len=height * width)
    return fields | dict(name="eqr@EqRModel", halt_max_steps=pick.randint(1, 5), lambda_=pick.choice([0.95, 0.5, 1.0]),
                         noise_scale=pick.choice([0, 0.02]), H_init_std=pick.choice([1.0, 0.4]),
                         mlp_t=pick.random() < 0.4) | pick.choice([board, dict(pos_encodings="none"), {}])  # fmt: skip


def fprm(pick: random.Random) -> dict:
    fields = shared_fields(pick)
    convolution = pick.choice(["none", "conv1d", "conv2d"] if is_board(fields) else ["none", "conv1d"])
    scales = pick.choice([None, "fixed", "input-independent", "input-dependent"])
    mlp_t = pick.random() < 0.25
    return fields | dict(
        name="fixed_point_reasoning.fprm@X", max_iter_eval=pick.randint(1, 8), fp_thresh=pick.choice([1e-4, 0.05]),
        puzzle_emb_len=prefix_length(pick, fields), conv_type=convolution,
        conv_kernel_size=pick.choice([1, 3, 5]) if convolution == "conv2d" else pick.randint(1, 6),
        conv_bias=pick.random() < 0.4, norm_type=pick.choice(["pre-norm", "peri-norm", "post-norm"]),
        norm_placement=pick.choice([None, "none", "input", "output"]), residual_scale=scales,
        outer_only=str(scales).startswith("input") and pick.random() < 0.3, mlp_t=mlp_t,
        normalize_input_injection=pick.random() < 0.3, softmax_temp=pick.choice([1, 1.5]),
        causal=not mlp_t and pick.random() < 0.3, pos_encodings=pick.choice(["rope", "none", "learned"]),
        fixed_init=pick.random() < 0.4, decay_patience=pick.randint(0, 5), init_std=pick.choice([1.0, 6.0]),
        additive_noise_std=pick.choice([0, 0, 0.1]),
        **pick.choice([dict(stepsize_decay=0.9), dict(stepsize_decay_eval=0.3), dict(stepsize_decay_eval=0.99)]))  # fmt: skip


def configuration(seed: int) -> dict:
    """Fields of the configuration number `seed`; the four families take turns."""
    return [urm, nano_trm, eqr, fprm][seed % 4](random.Random(seed))
