"""A sudoku model of 4x4 that the pip package nano-trm trains here and now, against trm convert and trm run.

usage: nano_training.py TRM

The package needs an environment of its own, .venv-nano in the project's folder, which nothing here makes: with PyTorch and
Lightning it has 5 GB, and asks for Python 3.12.1 though 3.11 will do. Without it the test is skipped.

    python3 -m venv .venv-nano
    .venv-nano/bin/pip install --no-deps --ignore-requires-python nano-trm==0.1.0
    .venv-nano/bin/pip install torch lightning einops hydra-core hydra-colorlog rich omegaconf scikit-learn
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

PYTHON = Path(__file__).resolve().parents[2] / ".venv-nano" / "bin" / "python"
SKIPPED = 77
STEPS = 8


def train(folder: Path):
    """Runs in the package's environment: trains, and writes what the average of the weights computes."""
    os.environ["DISABLE_COMPILE"] = "1"
    import torch
    from lightning import Trainer, seed_everything
    from src.nn.callbacks.ema import EMACallback
    from src.nn.data.sudoku_datamodule import SudokuDataModule
    from src.nn.models.trm import TRMModule

    torch.set_num_threads(1)
    seed_everything(1)
    data = SudokuDataModule(batch_size=8, num_train_puzzles=32, num_val_puzzles=8, num_test_puzzles=8, grid_size=4,
                            max_grid_size=4)  # fmt: skip
    module = TRMModule(hidden_size=32, num_layers=2, num_heads=2, max_grid_size=4, H_cycles=2, L_cycles=2, N_supervision=4,
                       N_supervision_val=STEPS, ffn_expansion=2, puzzle_emb_dim=0, puzzle_emb_len=0, pos_emb_type="2d",
                       learning_rate=1e-3, warmup_steps=5, vocab_size=data.vocab_size, num_puzzles=1, batch_size=8,
                       pad_value=0, seq_len=data.seq_len, output_dir=str(folder))  # fmt: skip
    trainer = Trainer(max_epochs=2, accelerator="cpu", devices=1, logger=False, enable_checkpointing=False, limit_val_batches=0,
                      enable_progress_bar=False, callbacks=[EMACallback(decay=0.9)])  # fmt: skip
    trainer.fit(module, data)
    trainer.save_checkpoint(folder / "model.ckpt")

    module.load_state_dict(trainer.callbacks[0].shadow | dict(module.named_buffers()), strict=False)
    module.eval()
    inputs = next(iter(data.train_dataloader()))["input"]
    np.save(folder / "inputs.npy", inputs.int().numpy())
    for name, kind in (("logits32", torch.float32), ("logits", torch.float64)):
        np.save(folder / f"{name}.npy", outputs(module.to(kind), inputs, kind))


def outputs(module, inputs, kind):
    """Logits [steps, B, S, V] of the package's own inner_forward."""
    import torch

    module.forward_dtype = kind
    for part in module.modules():
        if hasattr(part, "cast_to"):
            part.cast_to = kind
    batch = {"input": inputs, "puzzle_identifiers": torch.zeros(len(inputs), dtype=torch.long)}
    logits = []
    with torch.no_grad():
        carry = module.initial_carry(batch).inner_carry
        carry = module.reset_carry(torch.ones(len(inputs), dtype=torch.bool), carry)
        for _ in range(STEPS):
            carry, step, _ = module.inner_forward(carry, batch)
            logits.append(step.numpy())
    return np.stack(logits)


def main(trm: str) -> int:
    if not PYTHON.exists():
        print("skipped: the package nano-trm has no environment here (.venv-nano): see the head of this file")
        return SKIPPED
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        subprocess.run([PYTHON, __file__, "--train", folder], check=True, timeout=240, cwd=folder)
        subprocess.run([trm, "convert", folder / "model.ckpt", "-o", folder / "model.gguf", "--quiet"], check=True)
        subprocess.run([trm, "run", folder / "model.gguf", "--inputs", folder / "inputs.npy", "--every-step", "--steps",
                        str(STEPS), "--out", folder / "out", "--quiet"], check=True)  # fmt: skip
        expected, rounded = (np.load(folder / f"{kind}.npy").astype(np.float64) for kind in ("logits", "logits32"))
        got = np.load(folder / "out" / "logits.npy").astype(np.float64)
        noise = np.abs(expected - rounded).reshape(STEPS, -1).max(1)
        found = np.abs(expected - got).reshape(STEPS, -1).max(1)
        share = (found / np.maximum(1e-5, 10 * noise)).max()
        print(f"{len(got[0])} puzzles, {STEPS} steps: largest difference {found.max():.1e}, {100 * share:.1f} % of what is allowed")
        assert share <= 1, (found, noise)
        answers = subprocess.run([trm, "sudoku", "-m", folder / "model.gguf", "1..43...2.4.4.2.", "--quiet"], check=True,
                                 capture_output=True, text=True).stdout  # fmt: skip
        assert len(answers.strip()) == 16, answers
    return 0


if __name__ == "__main__":
    if len(sys.argv) == 3 and sys.argv[1] == "--train":
        train(Path(sys.argv[2]))
    else:
        sys.exit(main(sys.argv[1]))
