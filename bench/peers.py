"""One supervision step in float32: trm beside ONNX Runtime and PyTorch, on the same random full-size models.

The runtimes take turns, each in a process of its own and never two at a time; the rounds are interleaved so that a
machine that slows down slows all of them. A number is the median over the rounds of each round's median.

usage: peers.py TRM [--rounds N] [--seconds S] [--threads 1,2] [--batch 1,8] [--shape NAME] [--json FILE]
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import shapes

HERE = Path(__file__).resolve().parent


def output(*command) -> dict:
    return json.loads(subprocess.run([str(part) for part in command], check=True, capture_output=True, text=True).stdout)


def trm_median(trm, case, batch, threads, seconds):
    return output(trm, "bench", "step", case / "converted.gguf", "--batch", batch, "--threads", threads, "--seconds",
                  seconds, "--json")["median_s"]  # fmt: skip


def peer_median(runtime, path, batch, threads, seconds):
    return statistics.median(output(sys.executable, HERE / "peer.py", runtime, path, "--batch", batch, "--threads",
                                    threads, "--seconds", seconds)["times"])  # fmt: skip


def compare(options, case, shape, batch, threads) -> dict:
    step = shapes.export_step(case, batch)
    runners = {
        "trm": lambda: trm_median(options.trm, case, batch, threads, options.seconds),
        "onnxruntime": lambda: peer_median("onnxruntime", step, batch, threads, options.seconds),
        "torch": lambda: peer_median("torch", case, batch, threads, options.seconds),
    }
    medians = {name: [] for name in runners}
    for _ in range(options.rounds):
        for name, run in runners.items():
            medians[name].append(run())
    seconds = {name: statistics.median(values) for name, values in medians.items()}
    return {"shape": shape, "batch": batch, "threads": threads, "median_s": seconds, "rounds_s": medians,
            "speedup_over_onnxruntime": seconds["onnxruntime"] / seconds["trm"]}  # fmt: skip


def numbers(text):
    return [int(part) for part in text.split(",")]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("trm", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=3, help="that each runtime is measured in a round")
    parser.add_argument("--threads", type=numbers, default=[1, 2])
    parser.add_argument("--batch", type=numbers, default=[1, 8], help="(T = 916 is measured with batch 1 only)")
    parser.add_argument("--shape", choices=shapes.SHAPES, action="append")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    results = []
    print(f"{'shape':15} {'batch':>5} {'threads':>7} {'trm':>10} {'onnxruntime':>12} {'torch':>10}   trm is faster")
    with tempfile.TemporaryDirectory() as folder:
        for shape in options.shape or shapes.SHAPES:
            case = shapes.prepare_model(options.trm, Path(folder), shape)
            for batch in [1] if shape.endswith("916") else options.batch:
                for threads in options.threads:
                    result = compare(options, case, shape, batch, threads)
                    results.append(result)
                    ours, ort, torch = (1e3 * result["median_s"][name] for name in ("trm", "onnxruntime", "torch"))
                    print(f"{shape:15} {batch:5} {threads:7} {ours:7.1f} ms {ort:9.1f} ms {torch:7.1f} ms   "
                          f"{ort / ours:.2f} x ONNX Runtime, {torch / ours:.2f} x PyTorch", flush=True)  # fmt: skip
    if options.json:
        options.json.write_text(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
