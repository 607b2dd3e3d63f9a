"""Times, memory and loading of one runtime, each measured in a process of its own."""

import json
import statistics
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
TIMEOUT_S = 1800


class Failure(Exception):
    """A program failed; the message is what it said last."""


def output(*command) -> dict:
    """The JSON that a program prints."""
    try:
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=TIMEOUT_S)
    except subprocess.TimeoutExpired:
        raise Failure(f"took more than {TIMEOUT_S} s") from None
    if done.returncode != 0:
        raise Failure((done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1][:300])
    return json.loads(done.stdout.strip().splitlines()[-1])


def python(script: str, *arguments) -> dict:
    return output(sys.executable, HERE / script, *arguments)


def step_median(trm, runtime, path, batch, threads, seconds, isa=None) -> float:
    """Seconds of one step of the whole batch; isa: a kernel set that trm is held to."""
    how = ("--batch", batch, "--threads", threads, "--seconds", seconds)
    if runtime.engine == "trm":
        held = ("--isa", isa) if isa else ()
        return output(trm, "bench", "step", path, *how, *held, "--json")["median_s"]
    return statistics.median(python("peer.py", runtime.engine, path, *how)["times"])


def timed_process(*command) -> dict:
    """Seconds and peak resident bytes of a program."""
    return output(sys.executable, "-I", "-S", HERE / "peak.py", *command)


def one_puzzle(trm, runtime, path, threads, steps):
    """The command that loads a model and takes one puzzle so many steps on."""
    if runtime.engine == "trm":
        return (trm, "run", path, "--inputs", path.parent / "inputs.npy", "--puzzle-identifiers",
                path.parent / "ids.npy", "--threads", threads, "--steps", steps, "--out", path.parent / "out",
                "--quiet")  # fmt: skip
    return (sys.executable, HERE / "peer.py", runtime.engine, path, "--threads", threads, "--steps", steps)


def process(trm, runtime, path, threads) -> dict:
    """Fresh processes: until the first step is done, importing included; the memory of two steps; loading alone."""
    command = one_puzzle(trm, runtime, path, threads, 1)
    timed_process(*command)  # fills the system's cache of files
    start_s = timed_process(*command)["seconds"]
    peak = timed_process(*one_puzzle(trm, runtime, path, threads, 2))["peak_rss_bytes"]
    if runtime.engine == "trm":
        load_s = output(trm, "bench", "load", path, "--threads", threads, "--seconds", 0.5, "--json")["median_s"]
    else:
        load_s = output(*command)["load_s"]
    return {"start_s": start_s, "peak_rss_bytes": peak, "load_s": load_s}
