#!/usr/bin/env python3
"""How long the command takes to say something, beside the peer that people would otherwise start: Python.

usage: bench/startup/run.py [--repeats N]
Prints medians in milliseconds. Aim: `risetime --version` and `risetime plugins list` within 20 ms each; libtorch and OpenCV
must not be loaded for either.
"""
import argparse, pathlib, statistics, subprocess, sys, time

ROOT = pathlib.Path(__file__).resolve().parents[2]


def median_ms(command, repeats):
    times = []
    for _ in range(repeats + 1):  # the first is a warm-up
        start = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        times.append(1000 * (time.perf_counter() - start))
    return statistics.median(times[1:])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--repeats", type=int, default=21)
    repeats = parser.parse_args().repeats
    program = str(ROOT / "build" / "bin" / "risetime")
    peer = median_ms(["/usr/bin/python3", "-c", "import argparse"], repeats)
    for arguments in (["--version"], ["plugins", "list"]):
        ours = median_ms([program, *arguments], repeats)
        print(f"risetime {' '.join(arguments)}: {ours:.1f} ms; python3 -c 'import argparse': {peer:.1f} ms; ratio {ours / peer:.2f}; aim 20 ms")


if __name__ == "__main__":
    sys.exit(main())
