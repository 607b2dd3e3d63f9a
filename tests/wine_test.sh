#!/bin/bash
# wine_test.sh BUILD_FOLDER: trm.exe under wine, with paths that are not ASCII, have spaces and a long name, and on a
# console; and that it and the DLLs need nothing but Windows. Skipped (77) where wine is missing.
set -euo pipefail
build=$(realpath "$1")
source=$(realpath "$(dirname "$0")/..")
command -v wine >/dev/null || { echo "skipped: no wine"; exit 77; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export WINEDEBUG=-all WINEPREFIX=${WINEPREFIX:-$folder/wine}
export LC_ALL=C.UTF-8  # by which wine reads arguments and names of files
check() { [ "$1" = "$2" ] || { echo "expected: $2" && echo "got:      $1" && exit 1; }; }
puzzle=53..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28....419..5....8..79
answer=534678912672195348198342567859761423426853791713924856961537284287419635345286179
trm() { timeout 300 wine "$build/trm.exe" "$@"; }

# Libraries of Windows 10 itself, in any letter case.
system=' advapi32.dll kernel32.dll msvcrt.dll psapi.dll shell32.dll user32.dll '
for file in trm.exe libtrm.dll libtrm_convert.dll; do
  for needed in $(x86_64-w64-mingw32-objdump -p "$build/$file" | sed -n 's/.*DLL Name: //p' | tr '[:upper:]' '[:lower:]'); do
    [[ $system == *" $needed "* ]] || { echo "$file needs $needed" && exit 1; }
  done
done

cd "$folder"
check "$(trm sudoku $puzzle --quiet)" $answer  # compared with every byte: a line ends as on Linux
check "$(echo $puzzle | trm sudoku - --quiet)" $answer
deep=$(printf 'n%.0s' {1..200})
for name in puzzle 'two words' 'Rätsel 数独' "$deep" "$deep/$deep"; do
  mkdir -p "$name"
  echo $puzzle >"$name/puzzle ß.txt"
  check "$(trm sudoku "$name/puzzle ß.txt" --quiet)" $answer
  cp "$source/models/bundled/sudoku.gguf" "$name/model.gguf"
  trm quantize "$name/model.gguf" -o "$name/int8 ß.gguf" --type int8 --quiet
  trm quantize "$name/model.gguf" -o "$name/int8 ß.gguf" --type int8 --quiet  # replaces the first
  check "$(trm sudoku -m "$name/int8 ß.gguf" "$name/puzzle ß.txt" --quiet)" $answer
  [ "$(find "$name" -maxdepth 1 -type f | wc -l)" -eq 3 ]  # no temporary file is left
done
if trm sudoku 'nicht da ä.txt' 2>error; then echo "a file that is absent was read" && exit 1; fi
grep -q '^trm: nicht da ä.txt: cannot open: ' error

# From a checkpoint to numbers, and a whole ARC run with its journal.
data=Z:$source/tests/data
trm convert "$data/golden/hrm/step_1" -o hrm.gguf --quiet
trm run hrm.gguf --inputs "$data/golden/hrm/inputs.npy" --puzzle-identifiers "$data/golden/hrm/puzzle_identifiers.npy" \
  --steps 1 --out numbers --quiet
[ -s numbers/logits.npy ]
trm convert "$data/arc_model/step_1" -o arc.gguf --identifiers "$data/dataset_arc/identifiers.json" --quiet
arc=(arc arc.gguf --challenges "$data/dataset_arc/mini_evaluation_challenges.json" -o 'Lösung.json' --quiet)
trm "${arc[@]}" --html 'Bericht ß.html' >log
trm "${arc[@]}" --resume --force >log
trm vote 'Lösung.json.journal' --challenges "$data/dataset_arc/mini_evaluation_challenges.json" -o voted.json --quiet >log
cmp 'Lösung.json' voted.json

# A console: colours, and characters that are not ASCII. script gives wine a terminal.
console() { script -qec "timeout 300 wine '$build/trm.exe' $1" /dev/null </dev/null; }
console "sudoku --board $puzzle" >shown
grep -qF $'\033[1m' shown || { echo "no colours on a console" && cat -v shown && exit 1; }
console "sudoku 'nicht da 数独.txt'" >shown && exit 1
grep -q '数独' shown || { echo "no UTF-8 on a console" && cat -v shown && exit 1; }
echo "trm.exe under wine: $(stat -c %s "$build/trm.exe") bytes"
