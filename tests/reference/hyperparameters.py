"""What fixes a model's computation besides its weights.

Field names are those of the training configurations (all_config.yaml, `arch:`).
Sizes that the configuration lacks come from the data set's dataset.json.
"""

import dataclasses
import json
from pathlib import Path

import yaml


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
}


def from_configuration(arch: dict, dataset: dict) -> Hyperparameters:
    known = {field.name for field in dataclasses.fields(Hyperparameters)}
    values = {key: value for key, value in {**arch, **dataset}.items() if key in known}
    values["family"] = FAMILIES[arch["name"].split("@")[0].split(".")[-1]]
    h = Hyperparameters(**values)
    h.puzzle_emb_len = resolved_puzzle_emb_len(h)
    return h


def resolved_puzzle_emb_len(h: Hyperparameters) -> int:
    if h.puzzle_emb_ndim == 0:
        return 0
    return h.puzzle_emb_len or -(-h.puzzle_emb_ndim // h.hidden_size)


def load(folder: Path) -> Hyperparameters:
    """From the all_config.yaml and dataset.json in a folder."""
    arch = yaml.safe_load((folder / "all_config.yaml").read_text())["arch"]
    return from_configuration(arch, json.loads((folder / "dataset.json").read_text()))
