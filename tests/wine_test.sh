#!/bin/bash
# wine_test.sh TRM.EXE: the Windows program under wine, with paths that are not ASCII, have spaces and a long name.
# Skipped (77) where wine is missing.
set -euo pipefail
program=$(realpath "$1")
source=$(realpath "$(dirname "$0")/..")
command -v wine >/dev/null || { echo "skipped: no wine"; exit 77; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export WINEDEBUG=-all WINEPREFIX=${WINEPREFIX:-$folder/wine}
check() { [ "$1" = "$2" ] || { echo "expected: $2" && echo "got:      $1" && exit 1; }; }
puzzle=53..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28....419..5....8..79
answer=534678912672195348198342567859761423426853791713924856961537284287419635345286179
trm() { wine "$program" "$@" | tr -d '\r'; }

check "$(trm sudoku $puzzle --quiet)" $answer
check "$(echo $puzzle | trm sudoku - --quiet)" $answer
cd "$folder"
for name in puzzle 'two words' 'Rätsel 数独' "$(printf 'n%.0s' {1..200})"; do
  mkdir "$name"
  echo $puzzle >"$name/$name.txt"
  check "$(trm sudoku "$name/$name.txt" --quiet)" $answer
  cp "$source/models/bundled/sudoku.gguf" "$name/$name.gguf"
  trm quantize "$name/$name.gguf" -o "$name/int8 ß.gguf" --type int8 --quiet
  trm quantize "$name/$name.gguf" -o "$name/int8 ß.gguf" --type int8 --quiet  # replaces the first
  check "$(trm sudoku -m "$name/int8 ß.gguf" "$name/$name.txt" --quiet)" $answer
done
if trm sudoku 'nicht da ä.txt' 2>error; then echo "a file that is absent was read" && exit 1; fi
grep -q 'nicht da ä.txt' error
echo "trm.exe under wine: $(stat -c %s "$program") bytes"
