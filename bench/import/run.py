#!/usr/bin/python3
"""Importing 1,182,840 readings from a CSV file: `risetime collect` end to end against Python's csv and sqlite3.executemany.

    /usr/bin/python3 bench/import/run.py [--build build] [--data FOLDER] [--repeats 5]

FOLDER is RISETIME_TEST_DATA or ../shared/data where it is not given. Needs the targets risetime, file_plugin and
sqlite_plugin. Both read the same file, write a new database with the write-ahead
log and synchronous = NORMAL in transactions of 65,536 rows, and drop a reading whose key is there already. Ours is the whole
command: start-up, the CSV reader, checks of every row at the boundary, the store, the progress it keeps. Prints rows/s
(at least 400,000 is the aim), the ratio to the peer, and whether both databases hold the same readings.
"""

import argparse
import csv
import datetime
import functools
import itertools
import os
import resource
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time

CONFIG = """
[project]
name = "import"
data = "{data}"

[[source]]
id = "active"
plugin = "file"
[source.config]
platform = "test"
videos = {{ path = "videos.csv", defaults = {{ title = "", channel_id = "none" }} }}
observations = {{ path = "observations.csv" }}
"""


@functools.lru_cache(maxsize=None)
def microseconds(text):
    return int(datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()) * 1_000_000


def import_by_peer(source, database):
    """What one writes in Python for this: a few lines, and no slower than it must be."""
    begin, processor = time.perf_counter(), time.process_time()
    connection = sqlite3.connect(database, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute(
        "CREATE TABLE observation(platform TEXT, video_id TEXT, observed_at INTEGER, views INTEGER,"
        " PRIMARY KEY(platform, video_id, observed_at)) WITHOUT ROWID"
    )
    insert = "INSERT OR IGNORE INTO observation VALUES('test', ?, ?, ?)"
    with open(source, newline="", encoding="utf-8") as file:
        rows = csv.reader(file)
        next(rows)
        while batch := [(video, microseconds(at), int(views)) for video, at, views in itertools.islice(rows, 65536)]:
            connection.execute("BEGIN")
            connection.executemany(insert, batch)
            connection.execute("COMMIT")
    connection.close()
    return time.perf_counter() - begin, time.process_time() - processor


def import_by_risetime(build, folder, data):
    config = f"{folder}/import.toml"
    with open(config, "w", encoding="utf-8") as file:
        file.write(CONFIG.format(data=data))
    environment = dict(os.environ, RISETIME_PLUGINS=os.path.abspath(f"{build}/plugins"))
    begin, processor = time.perf_counter(), processor_of_children()
    subprocess.run([f"{build}/bin/risetime", "collect", "-c", config], check=True, env=environment, stdout=subprocess.DEVNULL)
    return time.perf_counter() - begin, processor_of_children() - processor


def processor_of_children():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def print_line(name, times, rows, size):
    wall, processor = (statistics.median(time[i] for time in times) for i in (0, 1))
    print(f"{name:26} {wall:6.2f} s {rows / wall:>9,.0f} rows/s; of the processor {processor:6.2f} s {rows / processor:>9,.0f} rows/s; {size / 1e6:.0f} MB")


def digest(database, query):
    with sqlite3.connect(database) as connection:
        return connection.execute(query).fetchone()


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--build", default="build")
    arguments.add_argument("--data", default=os.environ.get("RISETIME_TEST_DATA", "../shared/data"))
    arguments.add_argument("--repeats", type=int, default=5)
    given = arguments.parse_args()
    active = f"{given.data}/active"
    peer, ours = [], []
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, f"{active}/to_long.py", f"{active}/active-folds-0-6.tsv", folder], check=True)
        for _ in range(given.repeats):  # in turns, so that both meet the same weather
            for name in os.listdir(folder):
                if name.startswith("peer.db"):
                    os.remove(f"{folder}/{name}")
            shutil.rmtree(f"{folder}/data", ignore_errors=True)
            peer.append(import_by_peer(f"{folder}/observations.csv", f"{folder}/peer.db"))
            ours.append(import_by_risetime(given.build, folder, f"{folder}/data"))
        summary = "count(*), count(DISTINCT video_id), sum(views), min(observed_at), max(observed_at)"
        theirs = digest(f"{folder}/peer.db", f"SELECT {summary} FROM observation")
        kept = digest(
            f"{folder}/data/risetime.sqlite",
            f"SELECT {summary} FROM risetime_rows_observation JOIN risetime_series_observation ON risetime_id = risetime_series",
        )
        sizes = [os.path.getsize(f"{folder}/{name}") for name in ("observations.csv", "peer.db", "data/risetime.sqlite")]
    rows = theirs[0]
    print(f"{rows:,} readings of {theirs[1]:,} videos, {sizes[0] / 1e6:.1f} MB of CSV")
    print_line("python csv + executemany", peer, rows, sizes[1])
    print_line("risetime collect", ours, rows, sizes[2])
    wall, processor = (statistics.median(p[i] / o[i] for p, o in zip(peer, ours)) for i in (0, 1))
    print(f"ratio: {wall:.2f} x, of the processor {processor:.2f} x (medians of {given.repeats} pairs)")
    print("the same readings in both" if kept == theirs else f"DIFFERENT readings: {kept} and {theirs}")
    raise SystemExit(0 if kept == theirs else 1)


if __name__ == "__main__":
    main()
