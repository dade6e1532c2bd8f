#!/usr/bin/env python3
"""Peak memory of collect, featurize, train and forecast over a million readings, beside a script that only reads the same rows.

usage: bench/memory/run.py
The peer is Python's csv module reading the exported rows into lists, which is where a script would begin. Aim: under 1 GiB.
"""
import os, pathlib, resource, subprocess, sys, tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
CONFIG = """
[project]
name = "memory"
data = "data"
[[source]]
id = "simulated"
plugin = "simulator"
config = { channels = 100, videos_per_channel = 100, days = 120, every = "12h", thumbnails = false }
[[featurizer]]
id = "text"
plugin = "text"
[[model]]
id = "quick"
plugin = "ridge"
[forecast]
stats = ["views", "likes", "comments"]
horizons = ["1d", "7d", "30d"]
model = "quick"
"""


def peak_mib(command, folder, **kwargs):
    """Runs it in a child of its own, so that the child's peak is this command's."""
    reader, writer = os.pipe()
    if os.fork() == 0:
        subprocess.run(command, cwd=folder, check=True, **kwargs)
        os.write(writer, str(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024).encode())
        os._exit(0)
    os.wait()
    os.close(writer)
    return int(os.read(reader, 100) or b"-1")


def main():
    program = str(ROOT / "build" / "bin" / "risetime")
    with tempfile.TemporaryDirectory() as folder:
        (pathlib.Path(folder) / "risetime.toml").write_text(CONFIG)
        ours = peak_mib([program, "run"], folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        with open(pathlib.Path(folder) / "rows.csv", "w") as rows:
            subprocess.run([program, "export", "observation"], cwd=folder, check=True, stdout=rows, stderr=subprocess.DEVNULL)
        count = sum(1 for _ in open(pathlib.Path(folder) / "rows.csv")) - 1
        peer = peak_mib([sys.executable, "-c", "import csv; rows = list(csv.reader(open('rows.csv')))"], folder)
    print(f"{count:,} readings: risetime run {ours} MiB; Python's csv rows alone {peer} MiB; ratio {ours / peer:.2f}; aim 1024 MiB")


if __name__ == "__main__":
    sys.exit(main())
