"""An ARC run of many samples: seconds and peak memory of the run, of resuming it when all is recorded, and of the vote.

The model is random and as small as a model can be; tasks are random. Every cell of an answer has a colour, so that nearly
all candidates of a test input differ, which is the dearest case for vote and report.

usage: large_arc_run.py TRM FOLDER [TASKS [SAMPLES [SIDE]]]      by default 400 tasks, 1000 samples each, grids of 10 x 10
"""

import json
import random
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "training"), str(ROOT / "tests" / "reference")]
import files  # noqa: E402
import torch  # noqa: E402
from supervision import make_model  # noqa: E402

ARCH = dict(
    name="recursive_reasoning.trm@TinyRecursiveReasoningModel_ACTV1", H_cycles=1, L_cycles=1, H_layers=0, L_layers=1,
    hidden_size=16, num_heads=1, expansion=2, mlp_t=False, pos_encodings="rope", puzzle_emb_ndim=16, puzzle_emb_len=1,
    halt_max_steps=1, halt_exploration_prob=0, forward_dtype="float32",
)  # fmt: skip


def write_tasks(path: Path, count: int, side: int) -> None:
    rng = random.Random(0)
    grid = lambda: [[rng.randrange(10) for _ in range(side)] for _ in range(side)]  # noqa: E731
    pair = lambda: {"input": grid(), "output": grid()}  # noqa: E731
    tasks = {f"{i:08x}": {"train": [pair()], "test": [{"input": grid()}]} for i in range(count)}
    path.write_text(json.dumps(tasks))


@torch.no_grad()
def write_checkpoint(folder: Path, identifiers: list[str], side: int) -> Path:
    torch.manual_seed(0)
    task = SimpleNamespace(vocabulary=12, cells=side * side, identifiers=identifiers)
    model = make_model({"arch": ARCH}, task)
    state = model.state_dict()
    rows = next(value for key, value in state.items() if "puzzle_emb" in key)
    rows.normal_(std=1.0)
    head = state["lm_head.weight"]
    head[:2] = 0  # tokens that are no colour lose, because a colour and its opposite are there
    head[3] = -head[2]
    files.export(model, {"arch": ARCH}, task, folder, 1)
    return folder / "step_1"


def measured(what: str, *command) -> None:
    peak = ROOT / "bench" / "peak.py"
    result = subprocess.run([sys.executable, "-I", "-S", peak, *map(str, command), "--quiet"], check=True, text=True,
                            stdout=subprocess.PIPE)  # fmt: skip
    numbers = json.loads(result.stdout)
    print(f"{what:8} {numbers['seconds']:8.2f} s {numbers['peak_rss_bytes'] / 2**20:8.0f} MiB", flush=True)


def main() -> None:
    if not 3 <= len(sys.argv) <= 6:
        sys.exit(__doc__)
    trm, folder = Path(sys.argv[1]).resolve(), Path(sys.argv[2])
    count, samples, side = (*map(int, sys.argv[3:]), *(400, 1000, 10)[len(sys.argv) - 3 :])
    folder.mkdir(parents=True, exist_ok=True)
    challenges, identifiers, model = (folder / name for name in ("large_challenges.json", "ids.json", "model.gguf"))
    write_tasks(challenges, count, side)
    subprocess.run([trm, "identifiers", "--challenges", challenges, "--num-aug", str(samples - 1), "-o", identifiers,
                    "--quiet", "--force"], check=True)  # fmt: skip
    checkpoint = write_checkpoint(folder / "checkpoint", json.loads(identifiers.read_text()), side)
    subprocess.run([trm, "convert", checkpoint, "-o", model, "--quiet", "--force"], check=True)
    (folder / "submission.json.journal").unlink(missing_ok=True)
    run = [trm, "arc", model, "--challenges", challenges, "-o", folder / "submission.json"]
    measured("run", *run)
    measured("resume", *run, "--resume")
    measured("report", *run, "--resume", "--html", folder / "report.html")
    measured("vote", trm, "vote", folder / "submission.json.journal", "-o", folder / "vote.json", "--force")
    for name in ("submission.json.journal", "report.html"):
        print(f"{name}: {(folder / name).stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
