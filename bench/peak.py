"""Runs a command; prints its seconds and its peak resident memory as JSON.

A program's peak, as Linux counts it, begins at what its parent has: so this imports nothing and is started with -I -S.

usage: python -I -S peak.py COMMAND ARGUMENTS...
"""

import os
import sys
import time

begin = time.perf_counter()
process = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ,
                         file_actions=[(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)])  # fmt: skip
_, status, usage = os.wait4(process, 0)
seconds = time.perf_counter() - begin
if status != 0:
    sys.exit(1)  # the command has said why
print(f'{{"seconds": {seconds}, "peak_rss_bytes": {usage.ru_maxrss * 1024}}}')
