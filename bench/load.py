"""What else used the processors while something was measured: other processes, the host of a virtual machine, heat, a
quota.

    value, disturbed = undisturbed(lambda: output("trm", "bench", ...))

measures again what was disturbed, a few times; `disturbed` says what the least disturbed measurement still suffered, or
is empty.
"""

import os
import resource
import time
from dataclasses import dataclass
from pathlib import Path

TRIES = 3
# In processors. Both counters move in steps of 10 ms for each processor.
MOST_OTHERS = 0.1
MOST_STEAL = 0.05


@dataclass
class Reading:
    """Counters that only grow, in seconds of one processor; `at` is the clock on the wall."""

    at: float
    busy: float  # all processes
    steal: float  # a virtual machine's processors, taken by its host
    own: float  # this process and the programs that it waited for
    throttled: int  # times that a processor was slowed down by its heat, or this group of processes by its quota


def first_number(path: Path, name: str = "") -> int:
    """The number in a file of one number, or behind a name in a file of lines; 0 where there is none."""
    try:
        for line in path.read_text().splitlines():
            words = line.split()
            if words and (not name or words[0] == name):
                return int(words[-1])
    except (OSError, ValueError):
        pass
    return 0


def processor_seconds(stat: str, ticks: int) -> tuple:
    """(busy, steal) of the first line of /proc/stat: user nice system idle iowait irq softirq steal ..."""
    user, nice, system, _idle, _iowait, irq, softirq, steal = (int(word) for word in stat.split()[1:9])
    return (user + nice + system + irq + softirq) / ticks, steal / ticks


def read() -> Reading:
    """The counters now; where a system has none (no /proc), nothing is ever disturbed."""
    usage = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    own = sum(u.ru_utime + u.ru_stime for u in usage)
    stat = Path("/proc/stat")
    busy, steal = processor_seconds(stat.read_text(), os.sysconf("SC_CLK_TCK")) if stat.exists() else (own, 0.0)
    cpus = Path("/sys/devices/system/cpu")
    throttled = sum(first_number(path) for path in cpus.glob("cpu*/thermal_throttle/core_throttle_count"))
    throttled += first_number(Path("/sys/fs/cgroup/cpu.stat"), "nr_throttled")
    return Reading(time.monotonic(), busy, steal, own, throttled)


def disturbance(before: Reading, after: Reading) -> tuple:
    """(how much, in processors; in words, or "" if it is too little to count)."""
    seconds = max(after.at - before.at, 1e-9)
    others = ((after.busy - before.busy) - (after.own - before.own)) / seconds
    steal = (after.steal - before.steal) / seconds
    throttled = after.throttled - before.throttled
    said = []
    if others > MOST_OTHERS:
        said.append(f"other processes used {others:.2f} processors")
    if steal > MOST_STEAL:
        said.append(f"the host took {steal:.2f} processors")
    if throttled > 0:
        said.append(f"throttled {throttled} times")
    return max(others, 0) + max(steal, 0) + max(throttled, 0), ", ".join(said)


def undisturbed(measure, tries: int = TRIES, reading=read) -> tuple:
    """(value of the least disturbed call of `measure`, its disturbance in words). `measure` is called once if nothing
    disturbs it, and at most `tries` times."""
    best = None
    for _ in range(tries):
        before = reading()
        value = measure()
        much, said = disturbance(before, reading())
        if best is None or much < best[0]:
            best = (much, value, said)
        if not said:
            return value, ""
    return best[1], best[2]
