#!/bin/bash
# field_test.sh PROGRAM...: runs the commands of data/field/commands with trm, or with another system's under its emulator
# (wine trm.exe): inputs from real use, some of them hostile. Each must end with its exit code, in bounded time, a failure
# in one line, and no control character of a file may reach the terminal.
set -euo pipefail
source=$(realpath "$(dirname "$0")/..")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cp -r "$source/tests/data/field" "$source/tests/data/arc_model" "$source/tests/data/dataset_arc" "$folder"
cp "$source/models/bundled/sudoku.gguf" "$folder"
chmod -R u+w "$folder"
cd "$folder/field"
cp -r eval_other_data_set/two_ids attack/dataset
cp attack/dataset_1e999.json attack/dataset/test/dataset.json

failures=0
complain() {
  echo "trm $command: $1"
  cat -v "$folder/out" "$folder/err"
  failures=$((failures + 1))
}
while read -r expected command; do
  [[ $expected != '#' ]] || continue
  read -ra arguments <<<"$command"
  code=0
  timeout 900 "$@" "${arguments[@]}" >"$folder/out" 2>"$folder/err" </dev/null || code=$?
  [ "$code" -eq "$expected" ] || complain "exit code $code, not $expected"
  if grep -q $'\033' "$folder/out" "$folder/err"; then complain "a control character of the file"; fi
  [ "$code" -eq 0 ] || [[ $(tail -n 1 "$folder/err") == 'trm: '* ]] || complain "no message"
done <commands
[ "$failures" -eq 0 ]
