#!/usr/bin/env bash
# Sets up, builds, tests and shows ContextAware. `./build.sh help` lists the verbs.
set -euo pipefail
cd "$(dirname "$0")"

choice=.torch-provider.props
config=Release
# The test run's summary is read below.
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_CLI_UI_LANGUAGE=en

# A libtorch named once is remembered beside the provider.
if [ -z "${LIBTORCH_DIR+set}" ] && [ -e "$choice" ]; then
    LIBTORCH_DIR=$(sed -n 's:.*>\(.*\)</LibtorchDir>.*:\1:p' "$choice")
fi
export LIBTORCH_DIR=${LIBTORCH_DIR:-}

say()  { printf '%s\n' "$*" >&2; }
fail() { say "build.sh: $*"; exit 1; }

usage() {
    cat <<'EOF'
usage: ./build.sh VERB [ARGUMENTS]

  setup    find a TorchSharp that works here: the NuGet package, else the
           stand-in over an installed libtorch (installed by apt if need be)
  build    set up, then build everything
  test     set up, build, run all tests; ends with 'N passed, N failed, N skipped'
           (arguments go to the test runner: ./build.sh test --filter-class '*Mask*')
  demo     set up, pronounce some words with the model that is carried, train a
           small one (about 5 minutes), evaluate it, and show its attention
  bench    set up, then measure beside PyTorch (arguments go to the benchmarks)
  pack     build the NuGet packages into artifacts/packages
  help     print this

Environment:
  TorchProvider=NuGet|System   don't look for a provider, use this one
  LIBTORCH_DIR=DIR             the libtorch (include/ and lib/) for System
  TorchBackend=cpu|cuda        the native package that programs take under NuGet
  CONTEXTAWARE_PYTHON=FILE     the Python whose torch bench measures beside
EOF
}

need_dotnet() {
    command -v dotnet >/dev/null ||
        fail "the .NET 10 SDK is missing: install it (https://dotnet.microsoft.com/download) and run this again"
    dotnet --version >/dev/null 2>&1 ||
        fail "no .NET SDK here fits global.json (10.0 or a later feature band): $(dotnet --list-sdks | tr '\n' ' ')"
}

# Runs a command quietly; shows what it printed if it fails.
quietly() {
    local log; log=$(mktemp)
    if "$@" >"$log" 2>&1 </dev/null; then rm -f "$log"; return 0; fi
    tail -n 30 "$log" >&2; rm -f "$log"; return 1
}

# Runs a command for at most five minutes, where the system has `timeout`: a feed that hangs must not hang us.
limited() { if command -v timeout >/dev/null; then timeout 300 "$@"; else "$@"; fi; }

remember() { # PROVIDER
    local new; new=$(mktemp "$choice.XXXXXX")
    cat >"$new" <<EOF
<Project>
  <!-- Written by ./build.sh setup; delete it to choose anew. -->
  <PropertyGroup>
    <TorchProvider Condition="'\$(TorchProvider)' == ''">$1</TorchProvider>
    <LibtorchDir Condition="'\$(LibtorchDir)' == ''">$LIBTORCH_DIR</LibtorchDir>
  </PropertyGroup>
</Project>
EOF
    mv "$new" "$choice"
}

# Empty if the TorchSharp package can be restored and loaded here, else why not.
why_not_nuget() {
    local dir version log
    version=$(sed -n 's/.*Include="TorchSharp" Version="\([^"]*\)".*/\1/p' Directory.Packages.props)
    dir=$(mktemp -d); log=$dir/log
    trap 'rm -rf "$dir"' RETURN
    printf '<Project Sdk="Microsoft.NET.Sdk"><PropertyGroup><TargetFramework>net10.0</TargetFramework></PropertyGroup><ItemGroup><PackageReference Include="TorchSharp" Version="[%s]" /></ItemGroup></Project>\n' \
        "$version" >"$dir/probe.csproj"
    if ! limited dotnet restore "$dir/probe.csproj" >"$log" 2>&1 </dev/null; then
        echo "the package feed has no TorchSharp $version"; return
    fi
    case "$(uname -s)-$(uname -m)" in
        Darwin-arm64|MINGW*|MSYS*) return ;;
        Linux-x86_64) ;;
        *) echo "TorchSharp has no native package for $(uname -s) on $(uname -m)"; return ;;
    esac
    local packages library missing
    packages=$(sed -n 's/.*"packagesPath": "\(.*\)".*/\1/p' "$dir/obj/project.assets.json" | head -n 1)
    library=$packages/torchsharp/$version/runtimes/linux-x64/native/libLibTorchSharp.so
    missing=$(LC_ALL=C ldd "$library" 2>&1 | sed -n "s/.*version \`\([^']*\)' not found.*/\1/p" | sort -u | tr '\n' ' ')
    [ -z "$missing" ] || echo "TorchSharp $version needs a newer C++ runtime than this machine has (${missing% })"
}

# What the stand-in needs and this machine lacks, as Debian package names.
missing_packages() {
    command -v g++ >/dev/null || echo g++
    if [ -z "$LIBTORCH_DIR" ]; then
        [ -e /usr/include/ATen/core/dispatch/Dispatcher.h ] || echo libtorch-dev
        # Debian's reference BLAS is many times slower.
        # (grep reads to the end: with -q it may leave ldconfig a broken pipe, which pipefail takes for "not found".)
        ldconfig -p 2>/dev/null | grep 'libopenblas\.so' >/dev/null || echo libopenblas0-pthread
    fi
}

install() { # PACKAGE...
    local command="apt-get install -y --no-install-recommends $*"
    if ! command -v apt-get >/dev/null; then
        fail "missing here: $*. Install them, or set LIBTORCH_DIR to an unpacked libtorch, and run this again"
    elif [ "$(id -u)" -ne 0 ]; then
        fail "missing here: $*. Run this, then try again:  sudo $command"
    fi
    say "installing $* ..."
    export DEBIAN_FRONTEND=noninteractive
    # shellcheck disable=SC2086
    quietly $command || { quietly apt-get update && quietly $command; } || fail "could not install: $*"
}

setup_system() { # REASON
    [ -z "$1" ] || say "$1: building the stand-in over the system's libtorch instead."
    if [ -n "$LIBTORCH_DIR" ] && [ ! -e "$LIBTORCH_DIR/include/ATen/core/dispatch/Dispatcher.h" ]; then
        fail "LIBTORCH_DIR=$LIBTORCH_DIR holds no libtorch (no include/ATen/core/dispatch/Dispatcher.h)"
    fi
    local missing; missing=$(missing_packages | tr '\n' ' ')
    # shellcheck disable=SC2086
    [ -z "$missing" ] || install $missing
    remember System
}

setup() {
    need_dotnet
    case "${TorchProvider:-}" in
        NuGet) return ;;
        System) setup_system ""; return ;;
        "") ;;
        *) fail "TorchProvider must be NuGet or System, not '$TorchProvider'" ;;
    esac
    if [ -e "$choice" ]; then
        if grep -q '>NuGet<' "$choice"; then return; fi
        if [ -z "$(missing_packages)" ] && grep -qF ">$LIBTORCH_DIR</LibtorchDir>" "$choice"; then return; fi
    fi
    local reason; reason=$(why_not_nuget)
    if [ -z "$reason" ]; then remember NuGet; else setup_system "$reason"; fi
}

build() { setup; quietly dotnet build ContextAware.sln -c "$config" -v quiet --nologo || fail "the build failed"; }

# `count NAME FILE`: the number behind "NAME:" in the runner's summary.
count() { sed -n "s/^ *$1: *\([0-9][0-9]*\).*/\1/p" "$2" | tail -n 1; }

run_tests() {
    build
    # A filter may leave a test program without a test, which alone it would call an error.
    [ $# -eq 0 ] || set -- "$@" --ignore-exit-code 8
    local log code=0; log=$(mktemp)
    dotnet test --solution ContextAware.sln -c "$config" --no-build "$@" 2>&1 </dev/null | tee "$log" || code=$?
    local passed failed skipped
    passed=$(count succeeded "$log") failed=$(count failed "$log") skipped=$(count skipped "$log")
    rm -f "$log"
    [ -n "$passed" ] || fail "the test run ended without a summary"
    [ "$((passed + ${failed:-0} + ${skipped:-0}))" -gt 0 ] || fail "no test ran"
    printf '%s passed, %s failed, %s skipped\n' "$passed" "${failed:-0}" "${skipped:-0}"
    return "$code"
}

demo() {
    setup
    quietly dotnet build examples/Pronounce -c "$config" -v quiet --nologo || fail "the build failed"
    exec dotnet run -c "$config" --no-build --project examples/Pronounce -- demo "$@"
}

bench() {
    setup
    if [ -z "${CONTEXTAWARE_PYTHON:-}" ] && ! /usr/bin/python3 -c 'import torch' 2>/dev/null && command -v apt-get >/dev/null && [ "$(id -u)" -eq 0 ]; then
        install python3-torch
    fi
    quietly dotnet build tests/ContextAware.Benchmarks -c "$config" -v quiet --nologo || fail "the build failed"
    exec dotnet run -c "$config" --no-build --project tests/ContextAware.Benchmarks -- "$@"
}

pack() {
    need_dotnet
    # A package depends on TorchSharp by name, so packing always uses the NuGet provider.
    local project
    for project in src/ContextAware src/ContextAware.Models; do
        quietly dotnet pack "$project" -c "$config" -p:TorchProvider=NuGet -o artifacts/packages --nologo ||
            fail "packing $project failed (it needs the TorchSharp package from the feed)"
    done
    ls artifacts/packages/*.nupkg
}

verb=${1:-help}; [ $# -eq 0 ] || shift
case "$verb" in
    setup|build|demo|bench|pack) "$verb" "$@" ;;
    test) run_tests "$@" ;;
    help|-h|--help) usage ;;
    *) usage >&2; fail "unknown verb '$verb'" ;;
esac
