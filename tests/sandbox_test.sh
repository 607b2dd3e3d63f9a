#!/bin/bash
# sandbox_test.sh PROGRAM SOURCE_DIR: the static program where nothing else is: an empty, read-only root without /proc,
# /dev and a home, without network, as a user without a name, with no system calls but those of docs/seccomp.json, in
# twice the memory that it says it needs. Skipped (77) where bubblewrap is missing or may make no such place.
set -euo pipefail
[ -x "$1" ] || { echo "skipped: no $1 (scripts/static)"; exit 77; }
program=$(realpath "$1")
data=$(realpath "$2")
command -v bwrap >/dev/null || { echo "skipped: no bwrap"; exit 77; }
if readelf -d "$program" | grep -q NEEDED; then echo "$program needs shared libraries" && exit 1; fi
if readelf -l "$program" | grep -q INTERP; then echo "$program needs an interpreter" && exit 1; fi
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
chmod 777 "$out"
filter=$out/filter
if [ "$(uname -m)" = x86_64 ]; then python3 "$data/tests/seccomp_filter.py" "$data/docs/seccomp.json" >"$filter"; fi

# alone WORD...: the program, as /trm; /data is the sources', /out the only place it may write to
sandbox=(timeout 600 bwrap --unshare-all --as-pid-1 --uid 4711 --gid 4711 --clearenv --setenv TMPDIR /out
  --ro-bind "$data" /data --bind "$out" /out --ro-bind "$program" /trm --remount-ro /)
if [ -s "$filter" ]; then  # which bwrap reads from a file descriptor
  # shellcheck disable=SC2016
  sandbox=(bash -c 'exec "$@" 10<"$0"' "$filter" "${sandbox[@]}" --seccomp 10)
fi
alone() { "${sandbox[@]}" /trm "$@"; }
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

# Who calls what is not in the list is killed: symlink.
if [ -s "$filter" ]; then
  if bwrap --ro-bind / / --bind "$out" "$out" --as-pid-1 --unshare-pid --seccomp 10 /bin/ln -s a "$out/link" 10<"$filter" 2>"$out/error"; then
    echo "the filter lets symlink pass" && exit 1
  fi
  [ ! -L "$out/link" ]
fi

# An empty folder as the root; root's right, or that of a user in a namespace of its own.
mkdir "$out/root"
cp "$program" "$out/root/trm"
enter=(chroot)
[ "$(id -u)" = 0 ] || enter=(unshare --map-root-user chroot)
in_chroot=(env -i "$(command -v "${enter[0]}")" "${enter[@]:1}" "$out/root" /trm)
check "$("${in_chroot[@]}" sudoku $puzzle --quiet)" $answer

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

# A whole ARC run, with journal, report and resumption.
arc=/data/tests/data/dataset_arc
alone convert /data/tests/data/arc_model/step_1 -o /out/arc.gguf --identifiers $arc/identifiers.json --quiet
arc_run=(arc /out/arc.gguf --challenges $arc/mini_evaluation_challenges.json -o /out/submission.json --quiet)
alone "${arc_run[@]}" --html /out/report.html >"$out/log"
alone "${arc_run[@]}" --resume --force >"$out/log"
alone vote /out/submission.json.journal --challenges $arc/mini_evaluation_challenges.json -o /out/voted.json --quiet >"$out/log"
cmp "$out/submission.json" "$out/voted.json"

# What the reference computed.
python3 "$data/tests/program_test.py" "$out/golden" /out/golden "${sandbox[@]}" /trm
python3 "$data/tests/program_test.py" "$out/root/golden" /golden "${in_chroot[@]}"
echo "$(head -n 1 "$out/version"): $(stat -c %s "$program") bytes, stated memory $stated MB"
