"""One supervision step: trm beside the other runtimes, on the same random full-size models.

The runtimes take turns, each in a process of its own and never two at a time; the rounds are interleaved so that a
machine that slows down slows all of them. A number is the median over the rounds of each round's median.

With --type int8 each peer runs the best that it has: ONNX Runtime's dynamic quantization, OpenVINO with nncf's
post-training quantization, PyTorch's dynamic quantization, and torch.compile in float32.

usage: peers.py TRM [--type f32|f16|int8] [--peer NAME] [--folder DIR] [--rounds N] [--seconds S] [--threads 1,2]
                    [--batch 1,8] [--shape NAME] [--json FILE]
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import int8
import shapes

HERE = Path(__file__).resolve().parent


def checkpoint(case: Path, _batch: int) -> Path:
    return case


PEERS = {  # name: (runtime of peer.py, what makes the model that it reads)
    "onnxruntime": ("onnxruntime", shapes.export_step),
    "torch": ("torch", checkpoint),
    "onnxruntime-int8": ("onnxruntime", int8.onnxruntime_int8),
    "openvino-int8": ("openvino", int8.openvino_int8),
    "torch-int8": ("torch-int8", checkpoint),
    "torch-compile": ("torch-compile", checkpoint),
}
PEERS_OF_TYPE = {
    "f32": ["onnxruntime", "torch"],
    "f16": ["onnxruntime", "torch"],
    "int8": ["onnxruntime-int8", "openvino-int8", "torch-int8", "torch-compile"],
}


def output(*command) -> dict:
    return json.loads(subprocess.run([str(part) for part in command], check=True, capture_output=True, text=True).stdout)


def trm_median(trm, model, batch, threads, seconds):
    return output(trm, "bench", "step", model, "--batch", batch, "--threads", threads, "--seconds",
                  seconds, "--json")["median_s"]  # fmt: skip


def peer_median(runtime, path, batch, threads, seconds):
    return statistics.median(output(sys.executable, HERE / "peer.py", runtime, path, "--batch", batch, "--threads",
                                    threads, "--seconds", seconds)["times"])  # fmt: skip


def compare(options, case, shape, batch, threads) -> dict:
    model = shapes.model_of_type(options.trm, case, options.type)
    medians = {name: [] for name in ["trm", *(options.peer or PEERS_OF_TYPE[options.type])]}
    paths = {name: PEERS[name][1](case, batch) for name in medians if name != "trm"}
    for _ in range(options.rounds):
        medians["trm"].append(trm_median(options.trm, model, batch, threads, options.seconds))
        for name, path in paths.items():
            medians[name].append(peer_median(PEERS[name][0], path, batch, threads, options.seconds))
    seconds = {name: statistics.median(values) for name, values in medians.items()}
    return {"shape": shape, "type": options.type, "batch": batch, "threads": threads, "median_s": seconds,
            "rounds_s": medians, "speedup_over": {name: seconds[name] / seconds["trm"] for name in paths}}  # fmt: skip


def print_row(result):
    ours = result["median_s"]["trm"]
    peers = ", ".join(f"{name} {1e3 * result['median_s'][name]:.1f} ms ({ratio:.2f} x)"
                      for name, ratio in result["speedup_over"].items())  # fmt: skip
    print(f"{result['shape']:13}  batch {result['batch']}  threads {result['threads']}  trm {result['type']} "
          f"{1e3 * ours:.1f} ms; {peers}; {min(result['speedup_over'].values()):.2f} x the best", flush=True)  # fmt: skip


def numbers(text):
    return [int(part) for part in text.split(",")]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("trm", type=Path)
    parser.add_argument("--type", choices=PEERS_OF_TYPE, default="f32")
    parser.add_argument("--peer", choices=PEERS, action="append", help="only these (default: all of the type)")
    parser.add_argument("--folder", type=Path, help="keep the models here for the next time")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=3, help="that each runtime is measured in a round")
    parser.add_argument("--threads", type=numbers, default=[1, 2])
    parser.add_argument("--batch", type=numbers, default=[1, 8], help="(T = 916 is measured with batch 1 only)")
    parser.add_argument("--shape", choices=shapes.SHAPES, action="append")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    results = []
    with tempfile.TemporaryDirectory() as temporary:
        for shape in options.shape or shapes.SHAPES:
            case = shapes.prepare_model(options.trm, options.folder or Path(temporary), shape)
            for batch in [1] if shape.endswith("916") else options.batch:
                for threads in options.threads:
                    results.append(compare(options, case, shape, batch, threads))
                    print_row(results[-1])
    if options.json:
        options.json.write_text(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
