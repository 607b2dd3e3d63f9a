"""What a run reads and writes: its configuration, its log, the checkpoint in the official layout."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import data_set
import torch
import yaml
from model import RecursiveModel

KEY_PREFIX = "model.inner."  # what the official trainer's checkpoints put before every name


def replace(path: Path, write: Callable[[Path], Any]) -> None:
    """A reader, or a run that is killed here, finds the old file or the new one whole."""
    new = path.with_name(path.name + ".new")
    write(new)
    os.replace(new, path)


def cut_log(path: Path, update: int) -> None:
    """Drops the lines after the saved update: the run writes them again."""
    if path.exists():
        lines = [line for line in path.read_text().splitlines() if json.loads(line)["update"] <= update]
        replace(path, lambda new: new.write_text("".join(line + "\n" for line in lines)))


def export(model: RecursiveModel, config: dict, task: Any, folder: Path, update: int) -> None:
    """The official layout."""
    folder.mkdir(exist_ok=True)
    tensors = {KEY_PREFIX + key: value.cpu() for key, value in model.state_dict().items()}
    replace(folder / f"step_{update}", lambda path: torch.save(tensors, path))
    for old in folder.glob("step_*"):
        if old.name != f"step_{update}":
            old.unlink()
    (folder / "all_config.yaml").write_text(yaml.safe_dump(config, sort_keys=False))
    data_set.write_description(folder, task)
    data_set.write_identifiers(folder, task)


def merge(base: dict, changes: dict) -> dict:
    both = dict(base)
    for key, value in changes.items():
        both[key] = merge(base[key], value) if isinstance(value, dict) and isinstance(base.get(key), dict) else value
    return both


def read_config(path: Path, smoke: bool, assignments: list[str]) -> dict:
    """The file; its `smoke` section over it, if asked for; then train.lr=0.001 and the like."""
    config = yaml.safe_load(path.read_text())
    small = config.pop("smoke", {})
    config = merge(config, small) if smoke else config
    for assignment in assignments:
        keys, value = assignment.split("=", 1)
        change: Any = yaml.safe_load(value)
        for key in reversed(keys.split(".")):
            change = {key: change}
        config = merge(config, change)
    return config
