#!/usr/bin/env bash
# Compiles the bridge:  build.sh OUT.so
#   LIBTORCH_DIR    folder with libtorch's include/ and lib/ (a libtorch archive, or the torch package of a Python
#                   environment); unset: the system's libtorch (Debian's libtorch-dev)
#   LIBTORCH_ABI    value of _GLIBCXX_USE_CXX11_ABI that libtorch was built with (default 1)
#   CXX, CXXFLAGS   the compiler and further flags
set -euo pipefail
out=${1:?usage: build.sh OUT.so}
here=$(cd "$(dirname "$0")" && pwd)
cxx=${CXX:-g++}

command -v "$cxx" >/dev/null || { echo "build.sh: no C++ compiler '$cxx'. On Debian: apt-get install g++" >&2; exit 1; }

if [ -n "${LIBTORCH_DIR:-}" ]; then
    [ -e "$LIBTORCH_DIR/lib/libtorch_cpu.so" ] || { echo "build.sh: no lib/libtorch_cpu.so in LIBTORCH_DIR=$LIBTORCH_DIR" >&2; exit 1; }
    lib=$(cd "$LIBTORCH_DIR/lib" && pwd)
    flags=(-isystem "$LIBTORCH_DIR/include" -isystem "$LIBTORCH_DIR/include/torch/csrc/api/include" -L"$lib" "-Wl,-rpath,$lib")
else
    lib=$(dirname "$("$cxx" -print-file-name=libtorch_cpu.so)")
    [ "$lib" != . ] || { echo "build.sh: no libtorch found. On Debian: apt-get install libtorch-dev; else set LIBTORCH_DIR" >&2; exit 1; }
    flags=(-isystem /usr/include/torch/csrc/api/include)
fi
libs=(-ltorch -ltorch_cpu -lc10)
# Nothing here names a CUDA symbol, but the library registers its kernels only when it is loaded.
[ -e "$lib/libtorch_cuda.so" ] && libs+=(-ltorch_cuda -lc10_cuda)

mkdir -p "$(dirname "$out")"
temporary=$out.$$.tmp
trap 'rm -f "$temporary"' EXIT
"$cxx" -std=c++17 -O2 -fPIC -shared -fvisibility=hidden -Wall -D_GLIBCXX_USE_CXX11_ABI="${LIBTORCH_ABI:-1}" ${CXXFLAGS:-} \
    "${flags[@]}" "$here/bridge.cpp" -o "$temporary" -Wl,--no-as-needed "${libs[@]}"
mv -f "$temporary" "$out"
