#!/usr/bin/env python3
"""Runs `trm arc` on many machines: a shard on each worker of a Dask cluster, then `trm vote` over their journals."""

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

from distributed import Client, LocalCluster, as_completed, get_worker


def run_shard(trm, options, shard, journal, cwd):
    """On a worker. A shard that a lost worker has begun goes on from its journal."""
    worker = get_worker()
    command = [trm, "arc", *options, "--shard", shard, "--journal", journal, "-o", f"{journal}.json", "--resume",
               "--threads", worker.state.nthreads, "--quiet"]
    done = subprocess.run(list(map(str, command)), cwd=cwd, capture_output=True, text=True)
    return shard, worker.address, done.returncode, done.stderr.strip()


def run_shards(client, trm, options, folder):
    """One on each worker, or where there is room when that worker is lost. Returns the journals."""
    workers = list(client.nthreads())
    journals = [folder / f"part_{i}_of_{len(workers)}.journal" for i in range(1, len(workers) + 1)]
    futures = [
        client.submit(run_shard, trm, options, f"{i}/{len(workers)}", journal, os.getcwd(), pure=False,
                      workers=[worker], allow_other_workers=True)
        for i, (worker, journal) in enumerate(zip(workers, journals), 1)
    ]
    for _, (shard, address, code, errors) in as_completed(futures, with_results=True):
        if code != 0:
            raise RuntimeError(f"shard {shard} on {address}: {errors or f'trm arc exited with {code}'}")
        print(f"shard {shard} is done, on {address}", *errors.splitlines(), sep="\n", file=sys.stderr)
    return journals


def parse():
    parser = argparse.ArgumentParser(
        description=__doc__,
        usage="%(prog)s [options] -o submission.json MODEL --challenges C.json [other options of trm arc]",
        epilog="Started again, it goes on. All machines must see the same files under the same names. "
               "A shard takes as many threads as its worker has.",
        allow_abbrev=False,
    )
    parser.add_argument("-o", "--output", required=True, help="where the submission goes")
    parser.add_argument("--solutions", help="the true answers, to count what is right")
    parser.add_argument("--folder", type=Path, help="where the journals go (default: OUTPUT.parts)")
    parser.add_argument("--scheduler",
                        help="address of a running Dask scheduler, such as tcp://node1:8786 (default: this machine)")
    parser.add_argument("--workers", type=int, default=1, help="without --scheduler: how many (default: 1)")
    parser.add_argument("--trm", default="trm", help="the program (default: the one on the path)")
    return parser.parse_known_args()


def main():
    arguments, options = parse()
    trm = str(Path(shutil.which(arguments.trm) or arguments.trm).resolve())
    folder = (arguments.folder or Path(arguments.output + ".parts")).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    cluster = arguments.scheduler or LocalCluster(n_workers=arguments.workers, dashboard_address=None)
    try:
        with Client(cluster) as client:
            journals = run_shards(client, trm, options, folder)
    except RuntimeError as error:
        sys.exit(f"arc_dask: {error}")
    finally:
        if not arguments.scheduler:
            cluster.close()
    solutions = ["--solutions", arguments.solutions] if arguments.solutions else []
    sys.exit(subprocess.run([trm, "vote", *journals, "-o", arguments.output, *solutions]).returncode)


if __name__ == "__main__":
    main()
