#!/bin/bash
# package_test.sh [PRESET]: the packages of a static build (static, the default, or static-arm). Two packagings are the
# same bytes and hold no path of this machine; tarball and Debian package hold the same files, which work in an empty root
# and as a prefix that a C program builds against; versions, names and sizes are those that docs/install.md states.
# Skipped (77) where scripts/static has not built the preset.
set -euo pipefail
cd "$(dirname "$0")/.."
preset=${1:-static}
case $preset in
  static) linux=x86_64 debian=amd64 emulator=() ;;
  static-arm) linux=aarch64 debian=arm64 emulator=(qemu-aarch64) ;;
  *) echo "usage: package_test.sh [static|static-arm]" >&2 && exit 2 ;;
esac
[ -e "build/$preset/libtrm.so" ] || { echo "skipped: scripts/static $preset has not run"; exit 77; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
fail() { echo "$*" && exit 1; }
same() { [ "$2" = "$3" ] || fail "$1: $2 and $3"; }

for name in one two; do scripts/package --built --out "$folder/$name" "$preset" >/dev/null; done
diff -r "$folder/one" "$folder/two"
version=$(sed -n 's/^project(trm VERSION \([0-9.]*\).*/\1/p' CMakeLists.txt)
tarball=$folder/one/trm-$version-linux-$linux.tar.gz package=$folder/one/trm_${version}_$debian.deb
(cd "$folder/one" && sha256sum --quiet --check SHA256SUMS)
same "files that SHA256SUMS names" "$(cut -c 67- "$folder/one/SHA256SUMS" | sort | tr '\n' ' ')" \
  "$(printf '%s\n' "${tarball##*/}" "${package##*/}" release-notes.md | sort | tr '\n' ' ')"
same "sections of the release notes" "$(grep -c '^## ' "$folder/one/release-notes.md")" 1

# What they hold.
tar -xzf "$tarball" -C "$folder"
prefix=$folder/trm-$version-linux-$linux
dpkg-deb -x "$package" "$folder/root"
(cd "$folder/root" && dpkg-deb --info "$package" md5sums | md5sum --quiet --check)
mv "$folder/root/usr/share/doc/trm/copyright" "$folder/root/usr/share/doc/trm/LICENSE"
mv "$folder/root/usr/share/zsh/vendor-completions" "$folder/root/usr/share/zsh/site-functions"
diff -r "$prefix" "$folder/root/usr"
if grep -rlF "$PWD" "$prefix"; then fail "these files name the folder where they were built"; fi
[ "$(stat -c %s "$prefix/bin/trm")" -le 6000000 ] || fail "the program has more than 6 MB"
for page in trm trm-sudoku trm-arc; do [ -s "$prefix/share/man/man1/$page.1" ] || fail "no manual page $page"; done

# Versions agree.
same "the program's version" "$("${emulator[@]}" "$prefix/bin/trm" --version | head -1 | cut -d ' ' -f 2)" "$version"
same "the Debian package's version" "$(dpkg-deb -f "$package" Version)" "$version"
for name in trm trm_convert; do
  same "$name.pc's version" "$(sed -n 's/^Version: //p' "$prefix/lib/pkgconfig/$name.pc")" "$version"
done
grep -qF "set(PACKAGE_VERSION \"$version\")" "$prefix/lib/cmake/trm/trm-config-version.cmake" || fail "CMake has another version"
grep -qE "^## $version" CHANGELOG.md || fail "CHANGELOG.md has no section $version"

# What the page states: names of files, and how old a glibc may be.
for name in $(grep -ohE 'trm[-_][0-9.]+[-_][a-z0-9_-]+(\.tar\.gz|\.deb|\.zip)' docs/install.md | sort -u); do
  case $name in
    trm-"$version"-linux-x86_64.tar.gz | trm-"$version"-linux-aarch64.tar.gz) ;;
    trm_"${version}"_amd64.deb | trm_"${version}"_arm64.deb | trm-"$version"-windows-x86_64.zip) ;;
    *) fail "docs/install.md names $name, which scripts/package does not make" ;;
  esac
done
glibc() { readelf -W --version-info "$1" | grep -oE 'GLIBC_[0-9.]+' | sort -uV | tail -1 | cut -d _ -f 2; }
stated=$(sed -n 's/.*`libtrm.so` of the packages needs glibc \([0-9.]*[0-9]\).*/\1/p' docs/install.md)
for library in "$prefix"/lib/libtrm*.so; do
  same "the glibc of ${library##*/}, and what docs/install.md states" \
    "$(printf '%s\n' "$(glibc "$library")" "$stated" | sort -V | tail -1)" "$stated"
done

# In an empty root, by Debian's own installer, as whom only root can.
root=$folder/empty
mkdir -p "$root"/var/lib/dpkg/{info,updates} "$root/usr"
touch "$root"/var/lib/dpkg/{status,available}
if [ "$(id -u)" = 0 ]; then
  dpkg --root="$root" --force-architecture --log=/dev/null --install "$package" >"$folder/log" 2>&1 || { cat "$folder/log" && exit 1; }
  same "dpkg's list" "$(dpkg --root="$root" -L trm | grep -c -e '/bin/trm$' -e '/man1/trm.1$' -e '/trm.h$' -e '/libtrm.so$')" 4
  if [ "$preset" = static ]; then
    same "sudokus solved in the empty root" "$(chroot "$root" /usr/bin/trm sudoku /usr/share/trm/models/puzzles.txt --quiet | wc -l)" 5
  fi
fi
if [ "$preset" = static ]; then
  tests/capi/installed_test cmake "$prefix" "$folder/installed"
  python3 tests/install_page.py "$folder/one"
fi
echo "$preset: $(stat -c '%n %s' "$prefix/bin/trm" "$tarball" "$package" | sed 's|.*/||' | paste -sd ' ')"
