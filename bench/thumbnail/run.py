#!/usr/bin/env python3
"""Thumbnails a second and core, faces included, on the 120 JPEGs of the real data.

No peer: the aim is absolute, 200 a second and core.

usage: bench/thumbnail/run.py      (RISETIME_TEST_DATA says where the data is)
"""
import os, pathlib, subprocess, sys

ROOT = pathlib.Path(__file__).resolve().parents[2]


def main():
    data = pathlib.Path(os.environ.get("RISETIME_TEST_DATA") or ROOT.parent / "shared" / "data") / "thumbnails"
    if not data.is_dir():
        print(f"skipped: there are no thumbnails at {data}; set RISETIME_TEST_DATA")
        return 0
    return subprocess.run([ROOT / "build/bin/thumbnail_bench", ROOT / "build/plugins/thumbnail.so", data]).returncode


if __name__ == "__main__":
    sys.exit(main())
