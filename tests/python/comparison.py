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
import table  # noqa: E402
from machine import describe_machine  # noqa: E402
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


def main():
    check_table()
    check_ratios()
    with tempfile.TemporaryDirectory() as folder:
        check_going_on(Path(folder))
    print("the table, the ratios and going on are as recorded numbers have them")


main()
