#!/usr/bin/env python3
"""Reading files: the file source, to checked record batches, against pandas and Python's csv module, to arrays and lists.

    /usr/bin/python3 bench/file/run.py [--build build] [--data ../shared/data] [--repeats 5]

Needs the targets file_bench and file_plugin, and python3-pandas for that peer. Writes the ACTIVE set in long form (a reading a row, 1,182,840
rows) as CSV, gzip, zstd and JSON Lines into a temporary folder. Times are medians of processor seconds (the elapsed ones stand
beside them), each peer in the same run.
"""

import argparse
import csv
import datetime
import gzip
import json
import os
import statistics
import subprocess
import tempfile
import time

try:
    import pandas
except ImportError:
    pandas = None

START = datetime.datetime(2014, 1, 1, tzinfo=datetime.timezone.utc)
DAYS = 120


def write_long_form(source, folder):
    stamps = [(START + datetime.timedelta(days=day + 1)).strftime("%Y-%m-%dT%H:%M:%SZ") for day in range(DAYS)]
    with open(source, encoding="utf-8") as lines, open(f"{folder}/long.csv", "w") as rows, open(f"{folder}/long.jsonl", "w") as objects:
        rows.write("video_id,observed_at,views\n")
        for line in lines:
            video, _, daily = line.split("\t")[:3]
            total = 0
            for stamp, views in zip(stamps, daily.split()):
                total += int(views)
                rows.write(f"{video},{stamp},{total}\n")
                objects.write(f'{{"video_id": "{video}", "observed_at": "{stamp}", "views": {total}}}\n')
    with open(f"{folder}/long.csv", "rb") as plain, gzip.open(f"{folder}/long.csv.gz", "wb", 6) as packed:
        packed.write(plain.read())
    if subprocess.run(["zstd", "-q", f"{folder}/long.csv"], check=False).returncode != 0:
        print("no zstd command here: the zstd file is left out")


def measure_ours(build, config, repeats):
    command = [f"{build}/bin/file_bench", f"{build}/plugins/file.so", json.dumps(config), str(repeats)]
    answer = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return answer["rows"], statistics.median(answer["processor_seconds"]), statistics.median(answer["seconds"]), answer["resident_kib"] / 1024


def median_time(work, repeats):
    times = []
    for _ in range(repeats):
        begin = time.process_time()
        work()
        times.append(time.process_time() - begin)
    return statistics.median(times)


def read_with_pandas(path):
    table = pandas.read_csv(path, parse_dates=["observed_at"])
    assert len(table) > 1_000_000 and str(table["observed_at"].dtype).startswith("datetime64")


def read_with_csv(path):
    with open(path, newline="", encoding="utf-8") as file:
        rows = [(row[0], datetime.datetime.fromisoformat(row[1].replace("Z", "+00:00")), int(row[2]))
                for row in list(csv.reader(file))[1:]]
    assert len(rows) > 1_000_000


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default="build")
    parser.add_argument("--data", default="../shared/data")
    parser.add_argument("--repeats", type=int, default=5)
    given = parser.parse_args()
    wide = os.path.abspath(f"{given.data}/active/active-folds-0-6.tsv")
    with tempfile.TemporaryDirectory() as folder:
        write_long_form(wide, folder)
        names = [name for name in ("long.csv", "long.csv.gz", "long.csv.zst", "long.jsonl") if os.path.exists(f"{folder}/{name}")]
        configs = {name: {"path": f"{folder}/{name}"} for name in names}
        configs["a list in a cell"] = {
            "path": wide, "header": ["video_id", "category", "daily", "hawkes"], "defaults": {"observed_at": "2014-01-01"},
            "wide": {"columns": "daily", "separator": " ", "step": "1d", "increments": True}}
        taken = {}
        for name, part in configs.items():
            rows, seconds, elapsed, resident = measure_ours(given.build, {"platform": "youtube", "observations": part}, given.repeats)
            taken[name] = seconds
            print(f"{name:18} {rows:>10,} rows {seconds:7.3f} s ({elapsed:.3f} s elapsed) "
                  f"{rows / seconds / 1e6:6.2f} million rows/s {resident:6.0f} MiB")
        peers = [("pandas", read_with_pandas)] if pandas else []
        for peer, work in peers + [("csv module", read_with_csv)]:
            seconds = median_time(lambda: work(f"{folder}/long.csv"), given.repeats)
            print(f"{peer + ', long.csv':22} {seconds:21.3f} s; the file source is {seconds / taken['long.csv']:.1f} times as fast")


main()
