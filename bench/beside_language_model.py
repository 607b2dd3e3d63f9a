"""An ARC sample by trm beside one by an 8-billion-parameter language model, on this CPU.

The language model has random weights (language_model.py): time and memory do not depend on their values. trm has random
weights too, in int8, at the size of an ARC model: 16 steps are one sample.

usage: beside_language_model.py TRM PYTHON_WITH_LLAMA_CPP [--out DIR] [--threads N] [--prompt N] [--answer N] [--report]
"""

import argparse
import json
import os
import subprocess
from pathlib import Path

from compare import save, say
from machine import describe_machine, machine_text
from measure import HERE, output, process, python, step_median
from runtimes import RUNTIMES
from table import STEPS, grid

SHAPE, OURS = "attention-916", RUNTIMES["trm-int8"]


def language_model(options) -> dict:
    model = options.out / "models" / "language-model.gguf"
    script = HERE / "language_model.py"
    if not model.exists():
        say(f"writing random weights to {model}")
        subprocess.run([options.python, script, "write", model], check=True)
    say(f"a prompt of {options.prompt} tokens and an answer of {options.answer}: minutes")
    return output(options.python, script, "run", model, "--threads", options.threads, "--prompt", options.prompt,
                  "--answer", options.answer)  # fmt: skip


def recursive_model(options) -> dict:
    models = options.out / "models"
    python("prepare.py", "check", options.trm, models, SHAPE)
    made = python("prepare.py", "model", options.trm, models, SHAPE, OURS.name, 1)
    path = Path(made["path"])
    seconds = STEPS * step_median(options.trm, OURS, path, 1, options.threads, 3)
    return {"seconds": seconds, "model_bytes": made["bytes"], **process(options.trm, OURS, path, options.threads)}


def markdown(results: dict) -> str:
    llm, ours = results["language_model"], results["recursive_model"]
    llm_s = llm["prompt_s"] + llm["answer_s"]
    lines = [
        ["one ARC sample", "seconds", "samples/s", "peak memory, MB", "model, MB"],
        [f"8 billion parameters, 4 bits, llama.cpp: {llm['prompt_tokens']} tokens read, {llm['answer_tokens']} written",
         f"{llm_s:.1f}", f"{1 / llm_s:.2g}", f"{llm['peak_rss_bytes'] / 1e6:.0f}", f"{llm['model_bytes'] / 1e6:.0f}"],
        [f"TRM, 7 million parameters, trm int8, {STEPS} steps", f"{ours['seconds']:.1f}", f"{1 / ours['seconds']:.2g}",
         f"{ours['peak_rss_bytes'] / 1e6:.0f}", f"{ours['model_bytes'] / 1e6:.1f}"],
        ["ratio", f"{llm_s / ours['seconds']:.1f}", "", f"{llm['peak_rss_bytes'] / ours['peak_rss_bytes']:.0f}",
         f"{llm['model_bytes'] / ours['model_bytes']:.0f}"],
    ]  # fmt: skip
    rates = (f"The language model reads {llm['prompt_tokens'] / llm['prompt_s']:.1f} tokens/s and writes "
             f"{llm['tokens_per_s']:.1f} tokens/s. Weights of both are random: time and memory do not depend on them.")  # fmt: skip
    where = f"{machine_text(results['machine'])}; {llm['threads']} threads; llama-cpp-python {llm['llama_cpp_python']}."
    return f"{where}\n\n{grid(lines)}\n{rates}\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("trm", type=Path)
    parser.add_argument("python", type=Path)
    parser.add_argument("--out", type=Path, default=Path("build/compare"))
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--prompt", type=int, default=2048, help="tokens (default 2048)")
    parser.add_argument("--answer", type=int, default=128, help="tokens (default 128)")
    parser.add_argument("--report", action="store_true", help="only print what is saved")
    options = parser.parse_args()
    path = options.out / "language-model.json"
    if not options.report:
        options.trm = options.trm.resolve()
        results = {"machine": describe_machine(), "recursive_model": recursive_model(options),
                   "language_model": language_model(options)}  # fmt: skip
        save(path, results)
    print(markdown(json.loads(path.read_text())))


if __name__ == "__main__":
    main()
