"""Forecasts of hourly levels with a daily and a weekly rhythm, judged by the M4 competition's official measures.

    RISETIME_TEST_DATA=... /usr/bin/python3 bench/m4/run.py [--build build] [--models ridge ...] [--hold 0] [--peers PYTHON]

Reads m4-hourly/Hourly-train.csv: 414 series of 700 or 960 hours. The last 48 hours of each are the test and come into no
training. Every series is a video whose stat is `viewers`, a level; all end at the same invented hour, so that one backtest by date
stands at the last hour before the test, trains all models on what is no later, and forecasts 1h to 48h.

Measures: sMAPE (per cent), MASE (errors over the mean difference of hours a day apart in the training part), and OWA, the
mean of both over those of Naive2. Naive2 is the last value, seasonally adjusted (multiplicative classical decomposition of 24 hours)
where the autocorrelation at 24 hours passes a test at 90 %. Naive2 and a plain seasonal naive are computed here; on the
competition's own test hours the latter is known to have an OWA of .627. Forecasts are the medians (q500).

--hold 48 holds back the last 48 hours altogether and tests on the 48 before: settings are chosen there. --peers names a Python that has
statsforecast (python3 -m venv V && V/bin/pip install statsforecast), for AutoETS, AutoTheta and SeasonalNaive beside ours: each with a
season of 24 hours and all else as it comes, fitted series by series on a process for each processor; their point forecasts
are judged. --models with nothing behind it leaves ours out. Needs the plugins file, sqlite and those of --models.
"""

import argparse
import csv
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import numpy

DAY, AHEAD = 24, 48
SCALE = 1000  # counts are whole numbers; the measures do not change when all values are multiplied
END = numpy.datetime64("2026-03-01T00:00:00")  # invented: when the last hour before the test is
CONFIG = """
[project]
name = "m4"
data = "data"
[[source]]
id = "m4"
plugin = "file"
[source.config]
platform = "m4"
videos = { path = "videos.csv" }
observations = { path = "observations.csv" }
%(models)s
[forecast]
stats = ["viewers"]
horizons = [%(horizons)s]
model = "%(first)s"
[backtest]
origins = ["%(origin)sZ"]
folds_by = "date"
models = [%(names)s]
baselines = []
"""


def read_series(table, hold):
    """The series without the last `hold` hours, by id."""
    with open(table, newline="") as file:
        rows = csv.reader(file)
        next(rows)
        series = {row[0]: numpy.array([float(value) for value in row[1:] if value]) for row in rows}
    return {name: values[: len(values) - hold] for name, values in series.items()}


def autocorrelations(values, most):
    around = values - values.mean()
    return numpy.array([(around[lag:] * around[: len(around) - lag]).sum() for lag in range(1, most + 1)]) / (around**2).sum()


def is_seasonal(values):
    if len(values) < 3 * DAY:
        return False
    found = autocorrelations(values, DAY)
    limit = 1.645 * numpy.sqrt((1 + 2 * (found[:-1] ** 2).sum()) / len(values))
    return abs(found[-1]) > limit


def seasonal_indices(values):
    """Multiplicative classical decomposition: [DAY], of the first hour and so on."""
    weights = numpy.r_[0.5, numpy.ones(DAY - 1), 0.5] / DAY
    trend = numpy.full(len(values), numpy.nan)
    trend[DAY // 2 : len(values) - DAY // 2] = numpy.convolve(values, weights, "valid")
    ratios = values / trend
    indices = numpy.array([numpy.nanmean(ratios[hour::DAY]) for hour in range(DAY)])
    return indices / indices.mean()


def naive2(values):
    if not is_seasonal(values):
        return numpy.repeat(values[-1], AHEAD)
    indices = seasonal_indices(values)
    hours = numpy.arange(len(values), len(values) + AHEAD) % DAY
    return values[-1] / indices[(len(values) - 1) % DAY] * indices[hours]


def seasonal_naive(values):
    return numpy.tile(values[-DAY:], AHEAD // DAY)


def smape(forecast, actual):
    return 200 * numpy.mean(numpy.abs(forecast - actual) / (numpy.abs(forecast) + numpy.abs(actual)))


def mase(forecast, actual, values):
    return numpy.mean(numpy.abs(forecast - actual)) / numpy.mean(numpy.abs(values[DAY:] - values[:-DAY]))


def measures(forecasts, series):
    """sMAPE and MASE in the mean over the series."""
    pairs = [(smape(forecasts[name], values[-AHEAD:]), mase(forecasts[name], values[-AHEAD:], values[:-AHEAD]))
             for name, values in series.items()]
    return numpy.mean(pairs, axis=0)


def write_input(series, folder):
    with open(folder / "videos.csv", "w", newline="") as videos, open(folder / "observations.csv", "w", newline="") as file:
        videos, readings = csv.writer(videos), csv.writer(file)
        videos.writerow(["video_id", "channel_id", "published_at", "title"])
        readings.writerow(["video_id", "observed_at", "viewers"])
        for name, values in series.items():
            begin = END - numpy.timedelta64(len(values) - AHEAD - 1, "h")
            videos.writerow([name, name, f"{begin}Z", name])
            readings.writerows([name, f"{begin + numpy.timedelta64(hour, 'h')}Z", int(round(value * SCALE))]
                               for hour, value in enumerate(values))


def set_up(options, series, folder):
    """Writes configuration and rows, and collects them; answers how to call risetime there."""
    settings = dict(part.split("=", 1) for part in options.set)
    models = "".join(f'[[model]]\nid = "{name}"\nplugin = "{name}"\nconfig = {{ {settings.get(name, "")} }}\n' for name in options.models)
    names = {"models": models, "first": options.models[0], "names": ", ".join(f'"{name}"' for name in options.models), "origin": END,
             "horizons": ", ".join(f'"{hour}h"' for hour in range(1, AHEAD + 1))}
    (folder / "m4.toml").write_text(CONFIG % names)
    write_input(series, folder)
    environment = dict(os.environ, RISETIME_PLUGINS=str(pathlib.Path(options.build, "plugins").resolve()))
    program = pathlib.Path(options.build, "bin", "risetime").resolve()

    def risetime(*arguments):
        subprocess.run([program, *arguments, "-c", "m4.toml"], cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL)

    risetime("collect")
    return risetime


def forecast_ours(risetime, name, series, folder):
    """Forecasts, the seconds of training and forecasting together, and the share inside the 80 % interval."""
    begin = time.perf_counter()
    risetime("backtest", "--model", name, "--out", "out")
    seconds = time.perf_counter() - begin
    found, inside = {each: numpy.full(AHEAD, numpy.nan) for each in series}, []
    with open(folder / "out" / "forecasts.csv", newline="") as file:
        for row in csv.DictReader(file):
            hour = (numpy.datetime64(row["target_at"].rstrip("Z")) - END) // numpy.timedelta64(1, "h")
            found[row["video_id"]][hour - 1] = float(row["q500"]) / SCALE
            inside.append(float(row["q100"]) <= float(row["actual"]) <= float(row["q900"]))
    missing = sum(int(numpy.isnan(values).sum()) for values in found.values())
    if missing:
        raise SystemExit(f"{name}: {missing} of {len(series) * AHEAD} forecasts are missing")
    return found, seconds, numpy.mean(inside)


PEER = """
import json, multiprocessing, os, sys, numpy
from statsforecast import models

def forecast(item):
    name, values = item
    return name, getattr(models, sys.argv[1])(season_length=24).forecast(y=numpy.array(values), h=48)["mean"].tolist()

with multiprocessing.get_context("fork").Pool(os.cpu_count()) as processes:
    json.dump(dict(processes.imap_unordered(forecast, json.load(sys.stdin).items())), sys.stdout)
"""


def forecast_peer(python, model, series):
    """A process a processor, a series at a time with one thread each: threads of their own would be in each other's way."""
    given = json.dumps({name: values[:-AHEAD].tolist() for name, values in series.items()})
    one_thread = dict(os.environ, OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", NUMBA_NUM_THREADS="1")
    begin = time.perf_counter()
    answer = subprocess.run([python, "-W", "ignore", "-c", PEER, model], input=given, text=True, env=one_thread, check=True,
                            stdout=subprocess.PIPE).stdout
    return {name: numpy.array(values) for name, values in json.loads(answer).items()}, time.perf_counter() - begin


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default="build")
    parser.add_argument("--models", nargs="*", default=["naive", "seasonal-naive", "ridge", "boosted", "lstm"])
    parser.add_argument("--set", nargs="*", default=[], metavar="MODEL=TOML", help='settings, such as ridge="pairs = 256"')
    parser.add_argument("--hold", type=int, default=0, help="hours at the end that are left out altogether")
    parser.add_argument("--history", type=int, help="only so many hours before the test are known, 72 or more")
    parser.add_argument("--series", type=int, help="only the first so many")
    parser.add_argument("--peers", metavar="PYTHON", help="a Python that has statsforecast")
    options = parser.parse_args()
    if "RISETIME_TEST_DATA" not in os.environ:
        print("bench m4: skipped, RISETIME_TEST_DATA names no folder with m4-hourly/", file=sys.stderr)
        return 0
    series = read_series(pathlib.Path(os.environ["RISETIME_TEST_DATA"], "m4-hourly", "Hourly-train.csv"), options.hold)
    series = dict(list(series.items())[: options.series])
    if options.history:
        series = {name: values[-options.history - AHEAD :] for name, values in series.items()}
    simple = {method: {name: method(values[:-AHEAD]) for name, values in series.items()} for method in (naive2, seasonal_naive)}
    scale = measures(simple[naive2], series)

    def report(name, forecasts, more=""):
        own = measures(forecasts, series)
        print(f"{name:28} sMAPE {own[0]:6.2f}  MASE {own[1]:6.3f}  OWA {numpy.mean(own / scale):.3f}{more}", flush=True)

    for method, forecasts in simple.items():
        report(f"{method.__name__}, computed here", forecasts)
    with tempfile.TemporaryDirectory() as folder:
        risetime = set_up(options, series, pathlib.Path(folder)) if options.models else None
        for name in options.models:
            forecasts, seconds, inside = forecast_ours(risetime, name, series, pathlib.Path(folder))
            report(name, forecasts, f"  80 % interval holds {100 * inside:.1f} %, {seconds:.0f} s")
    if not options.peers:
        print("peers are left out: --peers names no Python that has statsforecast")
        return 0
    for model in ("SeasonalNaive", "AutoTheta", "AutoETS"):
        forecasts, seconds = forecast_peer(options.peers, model, series)
        report(f"statsforecast {model}", forecasts, f"  {seconds:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
