"""What fixes a model's computation besides its weights.

Field names are those of the training configurations (all_config.yaml, `arch:`).
Sizes that the configuration lacks come from the data set's dataset.json.
"""

import dataclasses
import json
from pathlib import Path

import yaml

import checkpoint


@dataclasses.dataclass
class Hyperparameters:
    family: str
    vocab_size: int
    seq_len: int
    num_puzzle_identifiers: int
    hidden_size: int
    num_heads: int
    H_cycles: int
    L_cycles: int
    L_layers: int
    H_layers: int = 0
    expansion: float = 4
    halt_max_steps: int = 16
    puzzle_emb_ndim: int = 0
    puzzle_emb_len: int = 0  # as resolved: never "0 means ..."
    pos_encodings: str = "rope"
    rope_theta: float = 10000.0
    rms_norm_eps: float = 1e-5
    mlp_t: bool = False
    no_ACT_continue: bool = False
    mamba_layers: int = 0
    mamba_d_state: int = 128
    mamba_head_dim: int = 64
    mamba_expand: int = 2
    mamba_d_conv: int = 4
    mamba_n_groups: int = 1
    use_conv_swiglu: bool = False
    use_board_swiglu: bool = False
    max_grid_size: int = 0
    lambda_: float = 0.95
    noise_scale: float = 0.01
    H_init_std: float = 1.0
    L_init_std: float = 1.0
    init_std: float = 1.0
    board_height: int | None = None
    board_width: int | None = None
    conv_type: str = "none"
    conv_kernel_size: int = 4
    conv_bias: bool = False
    norm_type: str = "post-norm"
    norm_placement: str = "none"
    residual_scale: str = "none"
    outer_only: bool = False
    normalize_input_injection: bool = False
    softmax_temp: float = 1.0
    causal: bool = False
    fixed_init: bool = False
    fp_thresh: float = 0.1
    stepsize: float = 1.0
    stepsize_decay_eval: float = 0.99
    stepsize_decay: float = 0.0
    decay_patience: int = 5
    eps: float = 1e-8
    additive_noise_std: float = 0.0

    @property
    def tokens(self):
        return self.puzzle_emb_len + self.seq_len

    @property
    def head_dim(self):
        return self.hidden_size // self.num_heads


# The part of an architecture's name ("recursive_reasoning.<module>@<class>") that tells the family.
FAMILIES = {
    "trm": "trm",
    "trm_singlez": "trm_singlez",
    "trm_hier6": "trm_hier6",
    "trm_mamba2": "trm_mamba2",
    "hrm": "hrm",
    "hrm_act_v1": "hrm",
    "transformers_baseline": "transformers_baseline",
    "urm": "urm",
    "nano_trm": "nano_trm",
    "eqr": "eqr",
    "fprm": "fprm",
}

# Fields that a family's configurations call by another name: theirs, ours.
FIELD_NAMES = {
    "fprm": {"max_iter": "halt_max_steps", "max_iter_eval": "halt_max_steps"},  # the later one, unless it is null
    "urm": {"loops": "halt_max_steps", "num_layers": "L_layers"},
    "nano_trm": {
        "num_layers": "L_layers", "N_supervision_val": "halt_max_steps", "ffn_expansion": "expansion",
        "puzzle_emb_dim": "puzzle_emb_ndim", "num_puzzles": "num_puzzle_identifiers", "pos_emb_type": "pos_encodings",
        "use_mlp_t": "mlp_t",
    },
}  # fmt: skip
# What a family fixes, whatever its configurations say.
FIXED = {
    "urm": {"pos_encodings": "rope", "puzzle_emb_len": 0},
    "nano_trm": {"rms_norm_eps": 1e-5, "no_ACT_continue": True},
    "eqr": {"puzzle_emb_ndim": 0, "puzzle_emb_len": 0},
}


def from_configuration(arch: dict, dataset: dict) -> Hyperparameters:
    known = {field.name for field in dataclasses.fields(Hyperparameters)}
    family = FAMILIES[arch["name"].split("@")[0].split(".")[-1]]
    names = FIELD_NAMES.get(family, {})
    values = {key: value for key, value in arch.items() if key in known and key not in names.values() and value is not None}
    values |= {ours: arch[theirs] for theirs, ours in names.items() if arch.get(theirs) is not None}
    values |= {key: value for key, value in dataset.items() if key in known}
    values |= {"family": family} | FIXED.get(family, {})
    h = Hyperparameters(**values)
    h.puzzle_emb_len = resolved_puzzle_emb_len(h)
    return h


def resolved_puzzle_emb_len(h: Hyperparameters) -> int:
    if h.puzzle_emb_ndim == 0:
        return 0
    return h.puzzle_emb_len or -(-h.puzzle_emb_ndim // h.hidden_size)


def load(folder: Path) -> Hyperparameters:
    """From the configuration in a folder, or in its checkpoint (nano-trm's hyper_parameters), and its dataset.json."""
    if (folder / "model.ckpt").exists():
        arch = checkpoint.load(folder / "model.ckpt")["hyper_parameters"]
        return from_configuration({"name": "nano_trm", **arch}, {})
    if (folder / "eqr.pth").exists():
        arch = checkpoint.load(folder / "eqr.pth")["config"]["arch"]
        return from_configuration(arch, json.loads((folder / "dataset.json").read_text()))
    file = next(folder / name for name in ("all_config.yaml", "config.yaml") if (folder / name).exists())
    arch = yaml.safe_load(file.read_text())["arch"]
    return from_configuration(arch, json.loads((folder / "dataset.json").read_text()))
