"""A comparison as Markdown."""

from statistics import median

from machine import machine_text

STEPS = 16  # of a whole run, the models' halt_max_steps


DISTURBED = r"\*"  # behind what was measured beside other work


def grid(rows: list[list[str]]) -> str:
    """The first row is the head; all columns but the first are numbers."""
    head, *body = rows
    line = lambda cells: "| " + " | ".join(cells) + " |"
    return "\n".join([line(head), "|---" + "|---:" * (len(head) - 1) + "|", *map(line, body)]) + "\n"


def runtimes_of(rows: list) -> list[str]:
    return list(dict.fromkeys(row["runtime"] for row in rows))


def step_table(rows: list) -> str:
    """One shape and batch: a line a runtime, for each number of threads time, spread and throughput."""
    threads = sorted({row["threads"] for row in rows})
    head = ["runtime"]
    for t in threads:
        unit = f"{t} thread{'s' if t > 1 else ''}"
        head += [f"ms a step, {unit}", "min to max", f"samples/s, {unit}"]
    lines = [head]
    for runtime in runtimes_of(rows):
        line = [runtime]
        for t in threads:
            found = [row for row in rows if row["runtime"] == runtime and row["threads"] == t]
            if not found:
                line += ["", "", ""]
                continue
            rounds, batch = found[0]["rounds_s"], found[0]["batch"]
            mark = DISTURBED if any(found[0].get("disturbed", [])) else ""
            line += [f"{1e3 * median(rounds):.1f}{mark}", f"{1e3 * min(rounds):.1f} to {1e3 * max(rounds):.1f}",
                     f"{batch / (STEPS * median(rounds)):.3g}"]  # fmt: skip
        lines.append(line)
    return grid(lines)


def process_table(rows: list, installations: dict) -> str:
    lines = [["runtime", "peak memory, MB", "loading, s", "start to first step, s", "model, MB", "installation, MB"]]
    lines += [
        [row["runtime"] + (DISTURBED if row.get("disturbed") else ""), f"{row['peak_rss_bytes'] / 1e6:.0f}",
         f"{row['load_s']:.3g}", f"{row['start_s']:.3g}", f"{row['model_bytes'] / 1e6:.1f}", f"{installations[row['runtime']] / 1e6:.3g}"]
        for row in rows
    ]  # fmt: skip
    return grid(lines)


def disturbed(results: dict) -> list:
    """What was measured beside other work, in words."""
    said = [f"{row['shape']} batch {row['batch']} threads {row['threads']} {row['runtime']}: {why}"
            for row in results["steps"] for why in row.get("disturbed", []) if why]  # fmt: skip
    return said + [f"{row['shape']} {row['runtime']}, a fresh process: {row['disturbed']}"
                   for row in results["processes"] if row.get("disturbed")]  # fmt: skip


def markdown(results: dict) -> str:
    versions = ", ".join(f"{name} {version}" for name, version in results["versions"].items())
    parts = [f"{machine_text(results['machine'])}; {results['date']}; {versions}.\n"]
    for shape, difference in results["agreement"].items():
        batches = sorted({row["batch"] for row in results["steps"] if row["shape"] == shape})
        for batch in batches:
            rows = [row for row in results["steps"] if row["shape"] == shape and row["batch"] == batch]
            rounds = min(len(row["rounds_s"]) for row in rows)
            parts.append(f"**{shape}, batch {batch}** (rounds: {rounds}; float32 differs from PyTorch by at most "
                         f"{difference:.0e})\n\n{step_table(rows)}")  # fmt: skip
        processes = [row for row in results["processes"] if row["shape"] == shape]
        if processes:
            parts.append(f"**{shape}, one puzzle in a fresh process**\n\n"
                         + process_table(processes, results["installation_bytes"]))  # fmt: skip
    bad = disturbed(results)
    if bad:
        parts.append(f"{DISTURBED} **Disturbed by other work, so that these times say little:** {'; '.join(bad)}.\n")
    for row in results["left_out"]:
        where = ", ".join(str(value) for name, value in row.items() if name != "why")
        parts.append(f"Left out: {where}: {row['why']}\n")
    return "\n".join(parts)
