"""What scripts/compare makes of recorded numbers: the table, the ratios, and going on where it was.

usage: comparison.py
"""

import json
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent / "bench"))
import against  # noqa: E402
import compare  # noqa: E402
import load  # noqa: E402
import side_by_side  # noqa: E402
import table  # noqa: E402
from machine import describe_machine, slug  # noqa: E402
from runtimes import versions  # noqa: E402


def recorded(seconds: dict) -> dict:
    steps = [{"shape": "mlp-97", "batch": 8, "threads": 2, "runtime": name, "rounds_s": rounds}
             for name, rounds in seconds.items()]  # fmt: skip
    return {"machine": describe_machine(), "date": "2026-01-01", "versions": versions(), "trm": "of another program",
            "agreement": {"mlp-97": 2e-6}, "models": [], "steps": steps, "processes": [], "installation_bytes": {},
            "left_out": [{"shape": "mlp-97", "runtime": "openvino", "why": "not installed"}]}  # fmt: skip


def check_table():
    text = table.markdown(recorded({"trm-int8": [0.25, 0.05, 0.1], "torch": [1.0]}))
    assert "| trm-int8 | 100.0 | 50.0 to 250.0 | 5 |" in text, text  # 8 / (16 * 0.1) samples a second
    assert "rounds: 1;" in text and "Left out: mlp-97, openvino: not installed" in text, text


def check_ratios():
    text = against.ratios(recorded({"trm-int8": [0.2], "torch": [1.0]}), recorded({"trm-int8": [0.1]}))
    assert text.count("\n") == 3 and "trm-int8 | 100.0 | 200.0 | 2.00 |" in text, text


def check_side_by_side():
    """A column a baseline; the best peer of the same type beside trm; a set that trm is held to in the column's name."""
    whole = recorded({"trm-int8": [0.1, 0.3, 0.2], "onnxruntime-int8": [0.3], "openvino-int8": [0.5], "torch": [0.01]})
    held = {**recorded({"trm-int8": [0.4]}), "machine": describe_machine("avx_vnni")}
    assert describe_machine("avx_vnni")["cpu"] == describe_machine()["cpu"] + ", held to avx_vnni"
    slugs = [slug(describe_machine()), slug(describe_machine("avx_vnni"))]
    assert slugs[1] == slugs[0] + "-held-to-avx-vnni", slugs
    for results in (whole, held):
        results["steps"] += recorded({"trm-f32": [1.0]})["steps"]
        for row in results["steps"]:
            row["threads"] = side_by_side.THREADS
    text = side_by_side.side_by_side([whole, held])
    head, _, line = text.splitlines()[:3]
    assert ", avx_vnni, 2026-01-01 |" in head, head
    assert line == "| mlp-97, batch 8 | 200.0 (1.50) | 400.0 |", line
    assert "| mlp-97, batch 8 | 1000.0 (0.01) | 1000.0 |" in text, text


def check_going_on(folder: Path):
    file, trm = folder / "compare.json", folder / "trm"
    trm.write_text("another program")
    compare.save(file, recorded({"trm-int8": [0.1], "torch": [1.0]}))
    assert list(folder.glob("*.part")) == []
    assert [row["runtime"] for row in compare.open_results(file, trm)["steps"]] == ["torch"]
    compare.save(file, {**recorded({"trm-int8": [0.1], "torch": [1.0]}), "trm": compare.sha256(trm)})
    assert len(compare.open_results(file, trm)["steps"]) == 2
    compare.save(file, {**json.loads(file.read_text()), "machine": {"cpu": "another"}})
    try:
        compare.open_results(file, trm)
    except SystemExit as refusal:
        assert "another machine" in str(refusal)
    else:
        raise AssertionError("results of another machine were taken")


def readings(*seconds_of_others, own=1.0, steal=0.0, throttled=0):
    """Counters before and after measurements of one second, each beside so many seconds of other processes."""
    now, all_readings = load.Reading(0, 50, 5, 10, 3), []
    for others in seconds_of_others:
        after = load.Reading(now.at + 1, now.busy + own + others, now.steal + steal, now.own + own,
                             now.throttled + throttled)  # fmt: skip
        all_readings += [now, after]
        now = after
    return iter(all_readings).__next__


def check_load():
    def measured(reading, tries=3):
        calls = iter("abc")
        return load.undisturbed(calls.__next__, tries, reading)

    assert measured(readings(0.0)) == ("a", "")
    assert measured(readings(0.05)) == ("a", ""), "the counters' steps count as a disturbance"
    assert measured(readings(1.0, 0.0)) == ("b", ""), "a busy loop beside the first call: the second counts"
    assert measured(readings(1.0, 0.5, 2.0)) == ("b", "other processes used 0.50 processors")
    assert measured(readings(0.0, steal=0.2), tries=1) == ("a", "the host took 0.20 processors")
    assert measured(readings(0.0, throttled=4), tries=1) == ("a", "throttled 4 times")
    assert load.processor_seconds("cpu  100 20 30 4000 50 6 4 70 0 0\ncpu0 1", 100) == (1.6, 0.7)
    first, second = load.read(), load.read()
    assert second.at >= first.at and second.busy >= first.busy and second.own >= first.own


def check_baseline(folder: Path):
    """A disturbed round is marked, makes no baseline, and is measured again."""
    results = recorded({"trm-int8": [0.1, 0.2], "torch": [1.0]})
    results["steps"][0]["disturbed"] = ["", "other processes used 0.50 processors"]
    results["processes"] = [{"shape": "mlp-97", "runtime": "torch", "disturbed": "throttled 1 times", "load_s": 1.0,
                             "start_s": 1.0, "peak_rss_bytes": 1e6, "model_bytes": 1e6}]  # fmt: skip
    results["installation_bytes"] = {"torch": 1e6}
    text = table.markdown(results)
    assert r"| trm-int8 | 150.0\* |" in text and r"| torch\* |" in text and "| torch | 1000.0 |" in text, text
    assert "Disturbed by other work" in text and "mlp-97 batch 8 threads 2 trm-int8: other processes" in text, text
    try:
        against.write_baseline(results, folder)
    except SystemExit as refusal:
        assert "no baseline" in str(refusal) and "0.50 processors" in str(refusal) and "throttled" in str(refusal)
    else:
        raise AssertionError("a baseline was written from disturbed measurements")
    assert list(folder.glob("*.json")) == []
    compare.forget_disturbed(results)
    assert [row["rounds_s"] for row in results["steps"]] == [[0.1], [1.0]] and results["processes"] == []
    path = against.write_baseline(results, folder)
    assert against.times(json.loads(path.read_text())) == against.times(results)
    results["steps"][0]["disturbed"] = ["throttled 1 times"]
    compare.forget_disturbed(results)
    assert [row["runtime"] for row in results["steps"]] == ["torch"]


def main():
    check_table()
    check_ratios()
    check_side_by_side()
    check_load()
    with tempfile.TemporaryDirectory() as folder:
        check_going_on(Path(folder))
    with tempfile.TemporaryDirectory() as folder:
        check_baseline(Path(folder))
    print("the tables, the ratios, the load and going on are as recorded numbers have them")


main()
