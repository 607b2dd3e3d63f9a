#!/bin/bash
# sandbox_test.sh PROGRAM SOURCE_DIR: the static program where nothing else is: an empty, read-only root without /proc,
# /dev and a home, without network, as a user without a name, in twice the memory that it says it needs. Skipped (77)
# where bubblewrap is missing or may make no such place.
set -euo pipefail
[ -x "$1" ] || { echo "skipped: no $1 (scripts/static)"; exit 77; }
program=$(realpath "$1")
data=$(realpath "$2")
command -v bwrap >/dev/null || { echo "skipped: no bwrap"; exit 77; }
if readelf -d "$program" | grep -q NEEDED; then echo "$program needs shared libraries" && exit 1; fi
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
chmod 777 "$out"

# alone WORD...: the program, as /trm; /data is the sources', /out the only place it may write to
alone() {
  bwrap --unshare-all --uid 4711 --gid 4711 --clearenv --ro-bind "$program" /trm --ro-bind "$data" /data \
    --bind "$out" /out --remount-ro / /trm "$@"
}
alone --version >"$out/version" 2>"$out/error" || {
  grep -q '^bwrap:' "$out/error" && echo "skipped: $(cat "$out/error")" && exit 77
  cat "$out/error" && exit 1
}

check() { [ "$1" = "$2" ] || { echo "expected: $2" && echo "got:      $1" && exit 1; }; }
puzzle=53..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28....419..5....8..79
answer=534678912672195348198342567859761423426853791713924856961537284287419635345286179
check "$(alone sudoku $puzzle 2>"$out/log")" $answer

# Twice the stated memory, in kB, and the stacks of its two threads.
stated=$(sed -n 's/.*peak memory \([0-9]*\) MB.*/\1/p' "$out/log")
check "$(ulimit -v $((2 * stated * 1000 + 2 * 8192)) && "$program" sudoku $puzzle --quiet --threads 2)" $answer

# What reads and writes files.
alone maze /data/models/bundled/mazes.txt --quiet >/dev/null
alone info --cpu >/dev/null
alone quantize /data/models/bundled/sudoku.gguf -o /out/int8.gguf --type int8 --quiet
check "$(alone sudoku -m /out/int8.gguf $puzzle --quiet)" $answer
alone convert /data/tests/data/golden/hrm/step_1 -o /out/model.gguf --type int8 --quiet
alone info /out/model.gguf --json >"$out/info.json"
alone run /out/model.gguf --inputs /data/tests/data/golden/hrm/inputs.npy --steps 1 --out /out/run --quiet \
  --puzzle-identifiers /data/tests/data/golden/hrm/puzzle_identifiers.npy
[ -s "$out/run/logits.npy" ]
if alone sudoku $puzzle -m /absent.gguf 2>"$out/error"; then exit 1; fi
grep -q 'absent.gguf' "$out/error"
if alone quantize /data/models/bundled/sudoku.gguf -o /int8.gguf --type int8 2>"$out/error"; then exit 1; fi
grep -qi 'read-only' "$out/error"
echo "$(head -n 1 "$out/version"): $(stat -c %s "$program") bytes, stated memory $stated MB"
