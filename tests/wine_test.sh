#!/bin/bash
# wine_test.sh BUILD_FOLDER [PART...]: trm.exe and the DLLs under wine: what they need, threads, paths that are not ASCII,
# have spaces or a long name, runs that are killed or write one file at once, consoles, a C program. Skipped (77) where wine
# is missing.
set -euo pipefail
build=$(realpath "$1")
source=$(realpath "$(dirname "$0")/..")
command -v wine >/dev/null || { echo "skipped: no wine"; exit 77; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export WINEDEBUG=-all WINEPREFIX=${WINEPREFIX:-$folder/wine}
export LC_ALL=C.UTF-8  # by which wine reads arguments and names of files
puzzle=53..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28....419..5....8..79
answer=534678912672195348198342567859761423426853791713924856961537284287419635345286179
data=Z:$source/tests/data
model=$source/models/bundled/sudoku.gguf

fail() { echo "wine_test: $*" && exit 1; }
check() { [ "$1" = "$2" ] || fail "expected: $2, got: $1"; }
trm() { timeout 300 wine "$build/trm.exe" "$@"; }
# until_exists FILE BYTES: waits until it has at least so many, a minute at most.
until_exists() {
  for _ in {1..600}; do
    [ ! -e "$1" ] || [ "$(stat -c %s "$1")" -lt "$2" ] || return 0
    sleep 0.1
  done
  fail "no $1 of $2 bytes"
}

needs_windows_alone() {
  # Libraries of Windows 10 itself, in any letter case.
  local system=' advapi32.dll api-ms-win-core-synch-l1-2-0.dll kernel32.dll msvcrt.dll psapi.dll shell32.dll user32.dll '
  local file needed
  for file in trm.exe libtrm.dll libtrm_convert.dll; do
    for needed in $(x86_64-w64-mingw32-objdump -p "$build/$file" | sed -n 's/.*DLL Name: //p' | tr '[:upper:]' '[:lower:]'); do
      [[ $system == *" $needed "* ]] || fail "$file needs $needed"
    done
  done
}

# The answers are those of the file, whatever the number of threads.
solves_with_threads() {
  local file=$source/tests/data/sudoku/test_easy_100.csv threads
  head -21 "$file" >easy.csv
  tail -n 20 easy.csv | cut -d, -f 2 >answers
  for threads in 1 2 4; do
    trm sudoku easy.csv --quiet --threads $threads >got
    cmp got answers
    trm eval "$model" easy.csv --quiet --threads $threads --json | grep -q '"examples":20' || fail "eval"
    trm study steps "$model" easy.csv --steps 3 --quiet --threads $threads --plot steps.svg >"study$threads"
    cmp "study$threads" study1
  done
}

takes_any_path() {
  check "$(trm sudoku $puzzle --quiet)" $answer  # compared with every byte: a line ends as on Linux
  check "$(echo $puzzle | trm sudoku - --quiet)" $answer
  local deep name
  deep=$(printf 'n%.0s' {1..200})
  for name in puzzle 'two words' 'Rätsel 数独' "$deep" "$deep/$deep"; do
    mkdir -p "$name"
    echo $puzzle >"$name/puzzle ß.txt"
    check "$(trm sudoku "$name/puzzle ß.txt" --quiet)" $answer
    cp "$model" "$name/model.gguf"
    trm quantize "$name/model.gguf" -o "$name/int8 ß.gguf" --type int8 --quiet
    trm quantize "$name/model.gguf" -o "$name/int8 ß.gguf" --type int8 --quiet  # replaces the first
    check "$(trm sudoku -m "$name/int8 ß.gguf" "$name/puzzle ß.txt" --quiet)" $answer
    [ "$(find "$name" -maxdepth 1 -type f | wc -l)" -eq 3 ] || fail "a temporary file is left in $name"
  done
  if trm sudoku 'nicht da ä.txt' 2>error; then fail "a file that is absent was read"; fi
  grep -q '^trm: nicht da ä.txt: cannot open: ' error
}

make_arc_model() {
  [ -e arc.gguf ] ||
    trm convert "$data/arc_model/step_1" -o arc.gguf --identifiers "$data/dataset_arc/identifiers.json" --quiet
}

# From a checkpoint to numbers, and a whole ARC run with its journal, in a folder with a long name.
converts_and_votes() {
  local challenges=$data/dataset_arc/mini_evaluation_challenges.json place
  place=$(printf 'n%.0s' {1..200})/Lösung
  mkdir -p "$place"
  trm convert "$data/golden/hrm/step_1" -o hrm.gguf --quiet
  trm run hrm.gguf --inputs "$data/golden/hrm/inputs.npy" --puzzle-identifiers "$data/golden/hrm/puzzle_identifiers.npy" \
    --steps 1 --out numbers --quiet
  [ -s numbers/logits.npy ]
  make_arc_model
  local arc=(arc arc.gguf --challenges "$challenges" -o "$place/Lösung.json" --quiet)
  trm "${arc[@]}" --html "$place/Bericht ß.html" >log
  trm "${arc[@]}" --resume --force >log
  trm vote "$place/Lösung.json.journal" --challenges "$challenges" -o voted.json --quiet >log
  cmp "$place/Lösung.json" voted.json
}

# Of two runs with one journal the second is refused. A run that is killed goes on where it was.
survives_kills() {
  local arc=(arc arc.gguf --challenges "$data/dataset_arc/mini_evaluation_challenges.json" --steps 20 --quiet) run code=0
  make_arc_model
  trm "${arc[@]}" -o whole.json >log
  wine "$build/trm.exe" "${arc[@]}" -o killed.json >log &
  run=$!
  until_exists killed.json.journal 20000
  if kill -0 $run; then
    trm "${arc[@]}" -o killed.json --resume >log 2>error || code=$?
    kill -KILL $run || code=0  # it has ended: nothing forbade the second run
    [ $code -eq 0 ] || grep -q 'another program is writing this file' error || fail "$(cat error)"
  fi
  wait $run || true
  trm "${arc[@]}" -o killed.json --resume --force >log
  cmp killed.json whole.json
}

# Two writers of one file do not disturb one another; what a killed one leaves is removed by the next.
writes_all_or_nothing() {
  local writer
  mkdir writers
  cp "$model" writers/model.gguf
  trm quantize writers/model.gguf -o writers/out.gguf --type int8 --quiet
  cp writers/out.gguf expected.gguf
  touch writers/.out.gguf.0.trm-tmp  # a killed writer's, which nobody has open
  for _ in 1 2 3; do
    trm quantize writers/model.gguf -o writers/out.gguf --type int8 --quiet --force &
    writer=$!
    trm quantize writers/model.gguf -o writers/out.gguf --type int8 --quiet --force
    wait $writer
    cmp writers/out.gguf expected.gguf
  done
  check "$(ls -A writers | tr '\n' ' ')" 'model.gguf out.gguf '
}

# A command's own temporary files are gone when it ends.
leaves_nothing_behind() {
  cp "$build/trm.exe" "$source/tests/data/sudoku/test_easy_100.csv" .
  mkdir temporary
  local study='study quantization sudoku.gguf test_easy_100.csv --type int8 --limit 1 --steps 1 --quiet'
  cp "$model" sudoku.gguf
  timeout 300 wine cmd /c "set TMP=Z:${PWD//\//\\}\\temporary&& trm.exe $study" >log
  grep -q 'exact, int8' log
  check "$(ls -A temporary)" ''
}

# Colours, and characters that are not ASCII. script gives wine a terminal.
speaks_to_consoles() {
  local shell
  for shell in "'$build/trm.exe'" "cmd /c '$build/trm.exe'"; do
    script -qec "timeout 300 wine $shell sudoku --board $puzzle" /dev/null </dev/null >shown
    grep -qF $'\033[1m' shown || fail "no colours on a console: $(cat -v shown)"
    if script -qec "timeout 300 wine $shell sudoku 'nicht da 数独.txt'" /dev/null </dev/null >shown; then fail "$shell"; fi
    grep -q '数独' shown || fail "no UTF-8 on a console: $(cat -v shown)"
  done
  cp "$build/trm.exe" .
  timeout 300 wine cmd /c "trm.exe sudoku $puzzle --quiet > redirected.txt"
  check "$(cat redirected.txt)" $answer
}

# A program in C that finds everything beside it, as one who unpacks our zip compiles it.
serves_c_programs() {
  cp "$build/libtrm.dll" "$build/libtrm.dll.a" "$source/include/trm.h" "$source/examples/c/solve.c" .
  x86_64-w64-mingw32-gcc -std=c11 -DTRM_DLL -I. solve.c libtrm.dll.a -o solve.exe
  check "$(timeout 300 wine solve.exe "$model" $puzzle | tr -d '\r')" $answer
}

cd "$folder"
parts=("${@:2}")
[ $# -gt 1 ] || parts=(needs_windows_alone solves_with_threads takes_any_path converts_and_votes survives_kills
  writes_all_or_nothing leaves_nothing_behind speaks_to_consoles serves_c_programs)
for part in "${parts[@]}"; do
  started=$SECONDS
  $part
  echo "$part: $((SECONDS - started)) s"
done
echo "trm.exe under wine: $(stat -c %s "$build/trm.exe") bytes"
