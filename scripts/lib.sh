# Sourced by the other scripts: moves to the project's root and holds what they share.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# What each is for: README, "Dependencies".
build_packages=(g++ cmake ninja-build libcli11-dev libsqlite3-dev libyaml-cpp-dev nlohmann-json3-dev zlib1g-dev)
test_packages=(abigail-tools catch2 chromium fish libeigen3-dev libzip-dev make python3-venv qemu-user zsh)
arm_packages=(g++-aarch64-linux-gnu qemu-user)
windows_packages=(g++-mingw-w64-x86-64-posix wine64 wine)
static_packages=(bubblewrap catch2 dpkg-dev libcli11-dev libeigen3-dev nlohmann-json3-dev python3 tcl)  # beside those of scripts/dependencies' target
clang_packages=(clang-14 clang-format-14 clang-tidy-14 libclang-rt-14-dev libomp-14-dev llvm-14)  # llvm-14 names the lines in sanitizers' reports

# Where ccache is there, what another checkout has compiled is not compiled again.
if command -v ccache >/dev/null; then
  export CMAKE_CXX_COMPILER_LAUNCHER=ccache CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1
fi

say() { printf '\n== %s\n' "$*"; }

# need_packages NAME...: installs the Debian packages that are missing, as root or through sudo.
need_packages() {
  local missing=() package
  for package in "$@"; do
    dpkg-query -W -f='${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  say "Installing ${missing[*]}"
  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || {
      echo "needs root to install packages; as root: apt-get install ${missing[*]}" >&2
      return 1
    }
    as_root=(sudo)
  fi
  "${as_root[@]}" apt-get update -qq
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

# need_python FOLDER REQUIREMENTS: a virtual environment, made anew only when the requirements change.
need_python() {
  local folder=$1 requirements=$2
  cmp -s "$requirements" "$folder/requirements.txt" && return 0
  say "Making $folder from $requirements"
  rm -rf "$folder"
  python3 -m venv "$folder"
  "$folder/bin/pip" install --quiet --disable-pip-version-check -r "$requirements"
  cp "$requirements" "$folder/requirements.txt"
}

# need_python_also FOLDER REQUIREMENTS: more packages in an environment that is there; fails where they cannot be had.
need_python_also() {
  local folder=$1 requirements=$2
  local installed=$folder/${requirements##*/}
  cmp -s "$requirements" "$installed" && return 0
  say "Adding $requirements to $folder"
  "$folder/bin/pip" install --quiet --disable-pip-version-check -r "$requirements" || return 1
  cp "$requirements" "$installed"
}

# build PRESET [TARGET...]: configures with CMake's options in `configure`, if there are any, and builds.
configure=()
build() {
  local preset=$1
  shift
  say "Building the preset $preset"
  cmake --preset "$preset" "${configure[@]}" >/dev/null
  cmake --build --preset "$preset" ${1:+--target "$@"}
}
