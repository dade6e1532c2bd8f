#!/bin/sh
# Every plugin exports its one symbol and nothing else, and its note outlives strip.
# usage: symbols.sh PLUGIN_DIR WORK_DIR
set -eu
plugins=$1 work=$2
mkdir -p "$work"
count=0
for plugin in "$plugins"/*.so; do
  [ -e "$plugin" ] || { echo "there is no plugin in $plugins"; exit 1; }
  # Version nodes and a sanitizer's own markers are not functions of the plugin.
  exported=$(nm -D --defined-only "$plugin" | awk '{ print $3 }' | grep -v -E '^__(a|t|ub)san|^__odr_asan' || true)
  if [ "$exported" != risetime_plugin_v1 ]; then
    echo "$plugin exports more or other than risetime_plugin_v1:"
    echo "$exported"
    exit 1
  fi
  strip -o "$work/stripped.so" "$plugin"
  readelf -n "$work/stripped.so" | grep -q risetime || { echo "$plugin: strip removed its note"; exit 1; }
  count=$((count + 1))
done
echo "$count plugins export one symbol each and keep their note"
