#!/bin/sh
# Compiles abi.h by itself in every language it promises, with gcc and with clang, as strictly as they can.
# usage: header.sh INCLUDE_DIR WORK_DIR
set -eu
include=$1 work=$2
mkdir -p "$work"
printf '#include <risetime/abi.h>\nint main(void) { return RISETIME_OK; }\n' > "$work/header.c"
cp "$work/header.c" "$work/header.cpp"
tried=0
check() {
  compiler=$1 standard=$2 file=$3
  command -v "$compiler" > /dev/null || { echo "$compiler is not here: not tried"; return 0; }
  "$compiler" "-std=$standard" -Wall -Wextra -Wpedantic -Wpadded -Werror "-I$include" -fsyntax-only "$work/$file" ||
    { echo "abi.h does not compile cleanly with $compiler -std=$standard"; exit 1; }
  tried=$((tried + 1))
}
for standard in c11 c17; do
  check gcc $standard header.c
  check clang $standard header.c
done
for standard in c++17 c++20; do
  check g++ $standard header.cpp
  check clang++ $standard header.cpp
done
[ "$tried" -ge 4 ] || { echo "no compiler was found"; exit 1; }

# Types whose size or meaning differs between compilers have no place in it.
cc -fpreprocessed -dD -E -P "$include/risetime/abi.h" > "$work/without-comments.h"
if grep -nwE '_?[Bb]ool|long|enum|wchar_t|float' "$work/without-comments.h"; then
  echo "abi.h uses a type of unsteady size (above)"
  exit 1
fi
if grep -nE '[A-Za-z_] *: *[0-9]+;' "$work/without-comments.h"; then
  echo "abi.h has a bit-field (above)"
  exit 1
fi
echo "$tried compilations are clean"
