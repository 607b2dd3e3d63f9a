"""Follows docs/install.md: runs the commands of its Linux parts, as they stand there, in a folder that holds the packages.

usage: install_page.py PACKAGES

PACKAGES is the folder that scripts/package has filled for x86-64. What needs another place is put into one: folders of
Kaggle lie in the scratch folder, SLURM's tasks run one after the other, apt only says what it would do, and where
bubblewrap is missing no container is tried.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "tests/data"
PAGE = (ROOT / "docs/install.md").read_text()


def run(command, folder, **environment):
    shell = ["bash", "-euo", "pipefail", "-c", command]
    variables = {**os.environ, **environment}
    result = subprocess.run(shell, cwd=folder, capture_output=True, text=True, timeout=600, env=variables, check=False)
    if result.returncode != 0:
        sys.exit(f"docs/install.md: this command ended with {result.returncode}:\n{command}\n{result.stderr}")
    return result.stdout


def row(system):
    """The command in the table's row of a system."""
    return re.search(rf"^\| {re.escape(system)} \| `(.*?)`", PAGE, re.MULTILINE).group(1)


def blocks(heading, language):
    section = re.search(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", PAGE, re.DOTALL | re.MULTILINE).group(1)
    return re.findall(rf"^```{language}\n(.*?)^```$", section, re.DOTALL | re.MULTILINE)


def follow_table(folder):
    run(re.search(r"`(sha256sum .*?)`", PAGE).group(1), folder)
    assert len(run(row("Linux, x86-64"), folder).split()) == 5
    if shutil.which("apt-get"):
        install = row("Debian, Ubuntu").replace("sudo apt install", "apt-get install --simulate")
        assert "Inst trm" in run(install, folder)


def follow_container(folder):
    """The container file's one file as /trm, with the arguments that the page gives it."""
    (file,) = blocks("A container", "dockerfile")
    (commands,) = blocks("A container", "bash")
    source, target = re.search(r"^COPY (\S+) (\S+)$", file, re.MULTILINE).groups()
    assert f'ENTRYPOINT ["{target}"]' in file
    volume, arguments = re.search(r'-v "\$PWD/(\S+):/data:ro" trm (.*)$', commands, re.MULTILINE).groups()
    place = f"--unshare-all --ro-bind {source} {target} --ro-bind {volume} /data --remount-ro /"
    if not shutil.which("bwrap") or subprocess.run(["bwrap", "--ro-bind", "/", "/", "true"], check=False).returncode != 0:
        return
    assert len(run(f"bwrap {place} {target} {arguments}", folder).split()) == 5


def make_arc_files(trm, model, challenges):
    for path in (model, challenges):
        path.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(DATA / "dataset_arc/mini_evaluation_challenges.json", challenges)
    identifiers = DATA / "dataset_arc/identifiers.json"
    run(f"'{trm}' convert '{DATA}/arc_model/step_1' -o '{model}' --identifiers '{identifiers}' --quiet", model.parent)


def follow_kaggle(folder, trm):
    data = folder / "kaggle/input"
    make_arc_files(trm, data / "my-model/model.gguf", data / "arc-prize-2025/arc-agi_test_challenges.json")
    (data / "trm").mkdir()
    run(f"tar -xzf '{folder}'/trm-*-linux-x86_64.tar.gz", data / "trm")
    (commands,) = blocks("A Kaggle notebook without network", "bash")
    assert all(line.startswith(("!", "  ")) for line in commands.splitlines())
    commands = re.sub("^!", "", commands, flags=re.MULTILINE)
    run(commands.replace("/tmp/", f"{folder}/").replace("/kaggle/", f"{folder}/kaggle/"), folder)
    assert (folder / "submission.json").stat().st_size > 0


def follow_slurm(folder, trm):
    place = folder / "slurm"
    make_arc_files(trm, place / "model.gguf", place / "challenges.json")
    shutil.copy(trm, place / "trm")
    job, vote = blocks("SLURM", "bash")
    tasks = int(re.search(r"--array=1-(\d+)", job).group(1))
    (place / "job.sh").write_text(job)
    for task in range(1, tasks + 1):
        run("bash -eu job.sh", place, SLURM_ARRAY_TASK_ID=str(task), SLURM_CPUS_PER_TASK="2")
    run(vote, place)
    run(f"'{trm}' arc model.gguf --challenges challenges.json -o alone.json --quiet", place)
    if (place / "submission.json").read_bytes() != (place / "alone.json").read_bytes():
        sys.exit("docs/install.md: the shards' votes are not those of one run")


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file in Path(sys.argv[1]).iterdir():
            shutil.copy(file, folder)
        follow_table(folder)
        (trm,) = folder.glob("trm-*/bin/trm")
        follow_container(folder)
        follow_kaggle(folder, trm)
        follow_slurm(folder, trm)
    print("docs/install.md was followed")


main()
