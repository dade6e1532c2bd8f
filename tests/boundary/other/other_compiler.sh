#!/bin/sh
# A g++ host with clang++ plugins and the reverse: builds host and plugins with both and runs all four pairs.
# usage: other_compiler.sh REPOSITORY WORK_DIR; exit status 77 (skipped) where one of the compilers is missing.
set -eu
root=$1 work=$2
for compiler in g++ clang++; do
  command -v $compiler > /dev/null || { echo "$compiler is not here"; exit 77; }
done
for compiler in g++ clang++; do
  cmake -S "$root/tests/boundary/other" -B "$work/$compiler" -G Ninja -DCMAKE_CXX_COMPILER=$compiler \
    -Drisetime_DIR="$root/sdk/cmake" -DRISETIME_ROOT="$root" -DCMAKE_CXX_COMPILER_LAUNCHER="$(command -v ccache || true)" \
    > "$work-$compiler.log" 2>&1 && cmake --build "$work/$compiler" -j 2 >> "$work-$compiler.log" 2>&1 ||
    { cat "$work-$compiler.log"; exit 1; }
done
for host in g++ clang++; do
  for plugins in g++ clang++; do
    "$work/$host/exchange" "$work/$plugins"
  done
done
