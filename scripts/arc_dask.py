#!/usr/bin/env python3
"""trm arc on the workers of a Dask cluster, a shard each; the shards' journals are merged into one submission.

usage: arc_dask.py [--scheduler ADDRESS] [--shards N] -o submission.json TRM MODEL --challenges C.json [trm arc's options]

Workers and this program must see the same files. Without --scheduler two workers run on this machine. A shard whose
worker dies is run again from its journal by another.
"""

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

from distributed import Client, LocalCluster, as_completed


def run_shard(command, journal, submission, shard):
    """One `trm arc`; the worker's threads are all of its machine's, or those that --threads in the command says."""
    done = subprocess.run(
        [*command, "--shard", shard, "--journal", journal, "-o", submission, "--resume", "--quiet"],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"shard {shard}: {done.stderr.strip()}")
    return shard


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--scheduler")
    parser.add_argument("--shards", type=int)
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("trm")
    parser.add_argument("model")
    options, more = parser.parse_known_args()

    output = options.output.absolute()
    client = Client(options.scheduler or LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None))
    count = options.shards or max(2, len(client.scheduler_info(n_workers=-1)["workers"]))
    command = [str(Path(shutil.which(options.trm) or options.trm).absolute()), "arc", str(Path(options.model).absolute()), *more]
    journals = [f"{output}.{shard}-of-{count}.journal" for shard in range(1, count + 1)]
    shards = [client.submit(run_shard, command, journal, f"{journal}.json", f"{shard}/{count}", retries=2, pure=False)
              for shard, journal in enumerate(journals, 1)]
    for finished in as_completed(shards):
        print(f"shard {finished.result()} is done", file=sys.stderr)
    client.close()
    sys.exit(subprocess.run([command[0], "vote", *journals, "-o", str(output)]).returncode)


if __name__ == "__main__":
    main()
