"""What share of a bare loop of its instruction a step reaches: how fast it would be if nothing but the multiply-accumulates
of its products took time, and no memory were read.

The bare loop runs on as many threads as the step, in turn with it, so that a slower clock or a busy neighbour slows both
down. A number is the median of the rounds. The products of eight-bit attention with fourteen-bit probabilities (up to 512
tokens) are counted as the two that they are.

usage: share.py TRM BENCH_ROOFLINE MODEL.gguf [--isa NAME]... [--threads N]... [--batch N] [--rounds N]
"""

import argparse
from pathlib import Path
from statistics import median

from load import undisturbed
from machine import describe_machine, machine_text
from measure import output
from table import DISTURBED, grid


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("trm", type=Path)
    parser.add_argument("roofline", type=Path)
    parser.add_argument("model", type=Path)
    parser.add_argument("--isa", action="append", help="kernel set; default: the one that trm chooses")
    parser.add_argument("--threads", action="append", type=int, help="default: 1 and 2")
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=0.5, help="how long each is measured in a round")
    options = parser.parse_args()
    bench = lambda what, *more: output(options.trm, "bench", what, options.model, "--batch", options.batch, *more, "--json")
    rows = [["kernel set", "threads", "10^9 MACs", "ms a step", "bare loop, ms", "share"]]
    for isa in options.isa or [bench("step", "--seconds", 0)["isa"]]:
        phases = bench("phases", "--isa", isa, "--seconds", 0)
        for threads in options.threads or [1, 2]:
            how = ("--threads", threads, "--seconds", options.seconds)
            loop = ("--isa", isa, "--type", "int8" if phases["type"] in ("int8", "q4_0") else "f32", *how, "--json")
            round_of = lambda: (output(options.roofline, *loop)["roofs"][0]["median_gmacs"],
                                bench("step", "--isa", isa, *how)["median_s"])  # fmt: skip
            rounds, disturbed = zip(*(undisturbed(round_of) for _ in range(options.rounds)))
            step = median(step for _, step in rounds)
            bare = median(phases["macs"] / 1e9 / gmacs for gmacs, _ in rounds)
            share = median(phases["macs"] / 1e9 / gmacs / step for gmacs, step in rounds)
            mark = DISTURBED if any(disturbed) else ""
            rows.append([isa, str(threads), f"{phases['macs'] / 1e9:.2f}", f"{step * 1e3:.1f}{mark}", f"{bare * 1e3:.1f}",
                         f"{share:.1%}"])  # fmt: skip
    print(machine_text(describe_machine()))
    print(grid(rows))


if __name__ == "__main__":
    main()
