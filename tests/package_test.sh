#!/bin/bash
# package_test.sh: two packagings of one build are the same bytes, and the archive's program runs. Needs build/static/trm
# (scripts/static); skipped (77) without it.
set -euo pipefail
cd "$(dirname "$0")/.."
[ -x build/static/trm ] || { echo "skipped: no build/static/trm"; exit 77; }
scripts/package --built static >/dev/null
first=$(cat build/packages/SHA256SUMS)
scripts/package --built static >/dev/null
[ "$first" = "$(cat build/packages/SHA256SUMS)" ] || { echo "two packagings differ" && exit 1; }
[ "$(wc -l <build/packages/SHA256SUMS)" -eq 3 ]
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
# What docs/install.md says of this system, word by word.
command=$(sed -n 's/^| Linux, x86-64 | `\(.*\)` |$/\1/p' docs/install.md)
cp build/packages/* "$folder"
[ "$(cd "$folder" && eval "$command" 2>/dev/null | grep -cE '^[1-9]{81}$')" -eq 5 ]
(cd "$folder" && sha256sum --quiet --check --ignore-missing SHA256SUMS)
dpkg-deb -x build/packages/*.deb "$folder"
cmp "$folder"/trm-*/trm "$folder/usr/bin/trm"
"$folder/usr/bin/trm" sudoku "$folder/usr/share/trm/models/puzzles.txt" --quiet >/dev/null
[ -s build/packages/release-notes.md ]
[ "$(stat -c %s "$folder/usr/bin/trm")" -le 6000000 ] || { echo "the program has more than 6 MB" && exit 1; }
