#!/bin/bash
# glibc_test.sh PROGRAM: the dynamic program needs the glibc and the libstdc++ that docs/install.md states of a build on
# Debian 12. Skipped (77) elsewhere: there the system's libraries decide.
set -euo pipefail
# shellcheck disable=SC1091
[ "$(. /etc/os-release && echo "${ID-} ${VERSION_ID-}")" = 'debian 12' ] || { echo "skipped: not Debian 12"; exit 77; }
page=$(dirname "$0")/../docs/install.md
needs() { readelf -W --version-info "$1" | grep -oE "\b$2_[0-9.]+" | sort -uV | tail -1 | cut -d _ -f 2; }
stated=$(tr '\n' ' ' <"$page" | grep -oE 'Debian 12 the program needs glibc [0-9.]+ and libstdc\+\+ [0-9.]+')
needed="Debian 12 the program needs glibc $(needs "$1" GLIBC) and libstdc++ $(needs "$1" GLIBCXX)"
[ "$stated" = "$needed" ] || { echo "docs/install.md: $stated"; echo "$1: $needed"; exit 1; }
echo "$needed"
