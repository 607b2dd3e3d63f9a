"""trm beside what else runs such models on a CPU, on the same random full-size models.

Before anything is timed, trm in float32 and PyTorch must agree to 1e-4 on each shape. The runtimes take turns, each in
a process of its own and never two at a time; the rounds are interleaved so that a machine that slows down slows all of
them. A number is the median over the rounds of each round's median step. Every measurement is saved when it is made: an
interrupted comparison goes on where it was, and more rounds or shapes are added to what is there.

What other processes, the host of a virtual machine or heat disturbed is measured again (load.py); what stays disturbed is
marked, is measured again by the next call, and makes no baseline.

With --isa trm is held to a kernel set, as on a CPU that has no more, and nobody else is measured, because no peer can be
held so: a baseline of its own (docs/benchmarks.md, "Side by side").

Writes compare.json, compare.md and the plots to --out.
"""

import argparse
import hashlib
import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import against
import load
import table
from machine import describe_machine
from measure import Failure, process, python, step_median
from runtimes import RUNTIMES, installation_bytes, versions

AGREEMENT = 1e-4
SHAPES = ["mlp-97", "attention-97", "attention-916", "hrm-97", "hrm-916", "mamba2-97", "mamba2-916", "urm-916"]
QUICK = {"shape": ["mlp-97", "attention-97"], "batch": [1], "threads": [os.cpu_count()], "rounds": 1, "seconds": 1}
FULL = {"shape": SHAPES, "batch": [1, 8], "threads": sorted({1, os.cpu_count()}), "rounds": 3, "seconds": 3}


def say(text: str):
    print(text, file=sys.stderr, flush=True)


def save(path: Path, results: dict):
    unfinished = path.with_suffix(".part")
    unfinished.write_text(json.dumps(results, indent=1) + "\n")
    os.replace(unfinished, path)


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def open_results(path: Path, trm: Path, isa: str | None = None) -> dict:
    """What was measured before; trm's own part only if it is still the same program."""
    new = {"machine": describe_machine(isa), "date": str(date.today()), "versions": versions(), "trm": sha256(trm),
           "agreement": {}, "models": [], "steps": [], "processes": [], "installation_bytes": {}, "left_out": []}  # fmt: skip
    if not path.exists():
        return new
    old = json.loads(path.read_text())
    if old["machine"] != new["machine"] or old["versions"] != new["versions"]:
        sys.exit(f"compare: {path} was measured on another machine or with other versions; name another --out")
    if old["trm"] != new["trm"]:
        say("trm is not the program that was measured before: its measurements begin anew")
        for key in ("models", "steps", "processes"):
            old[key] = [row for row in old[key] if not row["runtime"].startswith("trm-")]
        old["installation_bytes"] = {k: v for k, v in old["installation_bytes"].items() if not k.startswith("trm-")}
        old["agreement"] = {}
    forget_disturbed(old)
    return {**old, "date": new["date"], "trm": new["trm"], "left_out": []}


def forget_disturbed(results: dict):
    """Leaves undisturbed rounds and processes only: the others are measured again."""
    for row in results["steps"]:
        if "disturbed" in row:
            row["rounds_s"] = [seconds for seconds, said in zip(row["rounds_s"], row["disturbed"]) if not said]
            row["disturbed"] = [""] * len(row["rounds_s"])
    results["steps"] = [row for row in results["steps"] if row["rounds_s"]]
    results["processes"] = [row for row in results["processes"] if not row.get("disturbed")]


def find(rows: list, **key):
    """The row with that key, or None."""
    return next((row for row in rows if all(row[name] == value for name, value in key.items())), None)


class Comparison:
    def __init__(self, options):
        self.options = options
        self.models = options.folder or options.out / "models"
        self.path = options.out / "compare.json"
        self.results = open_results(self.path, options.trm, options.isa)
        self.runtimes = [r for r in RUNTIMES.values()
                         if (r.engine == "trm" or (not options.isa and (not options.peer or r.name in options.peer)))
                         and (not options.type or r.type in options.type)]  # fmt: skip

    def leave_out(self, why: Failure, **key):
        say(f"left out: {' '.join(map(str, key.values()))}: {why}")
        self.results["left_out"].append({**key, "why": str(why)})
        save(self.path, self.results)

    def check(self, shape):
        if shape not in self.results["agreement"]:
            difference = python("prepare.py", "check", self.options.trm, self.models, shape)["difference"]
            say(f"{shape}: trm in float32 and PyTorch differ by at most {difference:.1e}")
            if not difference <= AGREEMENT:
                sys.exit(f"compare: {shape}: that is more than {AGREEMENT}; speeds of different results mean nothing")
            self.results["agreement"][shape] = difference
            save(self.path, self.results)

    def prepared(self, shape, batch) -> list:
        """(runtime, path, bytes) of each whose model could be made."""
        models = []
        for runtime in self.runtimes:
            key = {"shape": shape, "batch": batch, "runtime": runtime.name}
            made = find(self.results["models"], **key)
            try:
                if not made or not Path(made["path"]).exists():
                    say(f"preparing {shape} batch {batch} for {runtime.name}")
                    made = python("prepare.py", "model", self.options.trm, self.models, shape, runtime.name, batch)
                    self.results["models"].append({**key, **made})
                    save(self.path, self.results)
                models.append((runtime, Path(made["path"]), made["bytes"]))
            except Failure as why:
                self.leave_out(why, **key)
        return models

    def measure_steps(self, shape, batch, threads, models):
        """Rounds that are missing, the runtimes in turn."""
        failed = set()
        for done in range(self.options.rounds):
            for runtime, path, _ in models:
                key = {"shape": shape, "batch": batch, "threads": threads, "runtime": runtime.name}
                row = find(self.results["steps"], **key)
                if runtime in failed or (row and len(row["rounds_s"]) > done):
                    continue
                try:
                    seconds, disturbed = load.undisturbed(
                        lambda: step_median(self.options.trm, runtime, path, batch, threads, self.options.seconds,
                                            self.options.isa))
                except Failure as why:
                    failed.add(runtime)
                    self.leave_out(why, **key)
                    continue
                if not row:
                    row = {**key, "rounds_s": [], "disturbed": []}
                    self.results["steps"].append(row)
                row["rounds_s"].append(seconds)
                row.setdefault("disturbed", [""] * (len(row["rounds_s"]) - 1)).append(disturbed)
                save(self.path, self.results)
                say(f"{shape} batch {batch} threads {threads} round {done + 1} {runtime.name}: {1e3 * seconds:.1f} ms"
                    + (f" DISTURBED: {disturbed}" if disturbed else ""))  # fmt: skip

    def measure_processes(self, shape, models):
        threads = os.cpu_count()
        for runtime, path, size in models:
            key = {"shape": shape, "runtime": runtime.name}
            if find(self.results["processes"], **key):
                continue
            try:
                measured, disturbed = load.undisturbed(lambda: process(self.options.trm, runtime, path, threads))
                self.results["processes"].append({**key, "threads": threads, "model_bytes": size, **measured,
                                                  "disturbed": disturbed})  # fmt: skip
                self.results["installation_bytes"][runtime.name] = installation_bytes(runtime, self.options.trm)
            except Failure as why:
                self.leave_out(why, **key)
            save(self.path, self.results)

    def run(self):
        for shape in self.options.shape:
            self.check(shape)
            for batch in [1] if shape.endswith("916") else self.options.batch:
                models = self.prepared(shape, batch)
                if self.options.prepare:
                    continue
                for threads in self.options.threads:
                    self.measure_steps(shape, batch, threads, models)
                if batch == 1 and not self.options.isa:
                    self.measure_processes(shape, models)
        return self.results


def numbers(text):
    return [int(part) for part in text.split(",")]


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("trm", type=Path, help="the program")
    parser.add_argument("--quick", action="store_true", help="a few minutes: two shapes, one round, all cores")
    parser.add_argument("--shape", choices=SHAPES, action="append")
    parser.add_argument("--peer", choices=[name for name, r in RUNTIMES.items() if r.engine != "trm"], action="append",
                        help="only these beside trm")  # fmt: skip
    parser.add_argument("--type", choices=["f32", "f16", "int8"], action="append", help="only runtimes of these types")
    parser.add_argument("--isa", help="hold trm to this kernel set; its steps alone are measured")
    parser.add_argument("--batch", type=numbers, help="default 1,8 (T = 916: 1 only)")
    parser.add_argument("--threads", type=numbers, help="default: one and all cores")
    parser.add_argument("--rounds", type=int, help="default 3")
    parser.add_argument("--seconds", type=float, help="that each runtime is measured in a round, default 3")
    parser.add_argument("--prepare", action="store_true", help="only make and check the models")
    parser.add_argument("--folder", type=Path, help="keep the models there (default: OUT/models)")
    parser.add_argument("--out", type=Path, help="default build/compare, with --isa build/compare-ISA")
    parser.add_argument("--against", nargs="?", const="", metavar="BASELINE.json",
                        help="print ratios to a baseline (default: this CPU's of bench/baselines)")  # fmt: skip
    parser.add_argument("--write-baseline", action="store_true",
                        help="keep the results as this CPU's in bench/baselines, if nothing disturbed them")  # fmt: skip
    options = parser.parse_args()
    for name, value in (QUICK if options.quick else FULL).items():
        if getattr(options, name) is None:
            setattr(options, name, value)
    options.out = options.out or Path(f"build/compare-{options.isa}" if options.isa else "build/compare")
    return options


def main():
    options = parse()
    options.trm = options.trm.resolve()
    options.out.mkdir(parents=True, exist_ok=True)
    baseline = against.load(options.against, describe_machine(options.isa)) if options.against is not None else None
    results = Comparison(options).run()
    if options.prepare:
        return
    text = table.markdown(results)
    (options.out / "compare.md").write_text(text)
    print(text)
    if baseline:
        print(against.ratios(results, baseline))
    here = Path(__file__).resolve().parent
    subprocess.run([sys.executable, here / "plots.py", options.out / "compare.json", options.out], check=True)
    say(f"written: {options.out}/compare.json, compare.md and plots")
    if options.write_baseline:
        say(f"written: {against.write_baseline(results)}")


if __name__ == "__main__":
    main()
