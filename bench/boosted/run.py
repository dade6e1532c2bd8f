"""Boosted against scikit-learn's HistGradientBoostingRegressor and plain XGBoost: accuracy and time, one run.

    RISETIME_TEST_DATA=... /usr/bin/python3 bench/boosted/run.py [--build build] [--folds 0 1 2 3 4 5 6]

Needs python3-sklearn, python3-xgboost and the plugins file, sqlite and boosted. Stands at day 7 on ACTIVE and looks at day 30; at
day 90 and looks at what days 91 to 120 bring. The peers get what a user would give them: logarithms of the last 30 days
and of sums over windows, category, and the logarithm of what comes as the target. All models see the same training videos; the
peers take a model for each protocol and answer one number, ours learns intervals and all other ages as well. Prints the
errors, the seconds of training and forecasting, and the paired difference with its 95 % interval (bootstrap over videos).
"""

import argparse
import csv
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import numpy
import xgboost
from sklearn.ensemble import HistGradientBoostingRegressor

CONFIG = """
[project]
name = "active"
data = "data"
[[source]]
id = "active"
plugin = "file"
[source.config]
platform = "active"
videos = {{ path = "active/videos.csv" }}
observations = {{ path = "active/observations.csv" }}
[[model]]
id = "boosted"
plugin = "boosted"
[forecast]
stats = ["views"]
horizons = ["{ahead}d"]
model = "boosted"
[backtest]
origins = ["{age}d"]
folds = 10
models = ["boosted"]
baselines = []
"""
PROTOCOLS = (("day 7, total at day 30", 7, 23, False), ("day 90, days 91 to 120", 90, 30, True))


def fold_of(video_id):
    """FNV-1a-64 of the id modulo 10."""
    value = 0xCBF29CE484222325
    for byte in video_id.encode():
        value = ((value ^ byte) * 0x100000001B3) & (2**64 - 1)
    return value % 10


def read_active(table):
    ids, categories, daily = [], [], []
    with open(table) as lines:
        for line in lines:
            video_id, category, views = line.rstrip("\n").split("\t")[:3]
            ids.append(video_id)
            categories.append(category)
            daily.append([int(float(value)) for value in views.split()])
    return ids, numpy.array(categories), numpy.array(daily, dtype=float)


def columns_of(daily, categories, age):
    seen = daily[:, :age]
    windows = [seen[:, -days:].sum(1) for days in (2, 3, 5, 7, 10, 14, 21, 30, 45, 60, 90) if days <= age]
    days = [seen[:, -back] for back in range(1, min(age, 30) + 1)]
    number = {name: i for i, name in enumerate(sorted(set(categories)))}
    category = numpy.array([number[name] for name in categories], dtype=float)
    return numpy.column_stack([numpy.log1p(value) for value in windows + days + [seen.sum(1)]] + [category])


def errors(gain, daily, age, ahead, increments):
    """Absolute log2 errors of the forecast gains. [videos]"""
    base = 0 if increments else daily[:, :age].sum(1)
    actual = base + daily[:, age : age + ahead].sum(1)
    return numpy.abs(numpy.log2((base + numpy.maximum(gain, 0) + 1) / (actual + 1)))


def run_ours(options, folder, age, ahead, fold):
    (folder / "c.toml").write_text(CONFIG.format(age=age, ahead=ahead))
    environment = dict(os.environ, RISETIME_PLUGINS=str(pathlib.Path(options.build, "plugins").resolve()))
    risetime = [pathlib.Path(options.build, "bin", "risetime").resolve()]
    if not (folder / "data").exists():
        subprocess.run(risetime + ["collect", "-c", "c.toml"], cwd=folder, env=environment, check=True, capture_output=True)
    begin = time.perf_counter()
    subprocess.run(risetime + ["backtest", "-c", "c.toml", "--fold", str(fold), "--out", "out"], cwd=folder, env=environment,
                   check=True, capture_output=True)
    seconds = time.perf_counter() - begin
    with open(folder / "out" / "forecasts.csv", newline="") as file:
        return {row["video_id"]: float(row["q500"]) - float(row["last"]) for row in csv.DictReader(file)}, seconds


def peers(threads):
    yield "scikit-learn", HistGradientBoostingRegressor(max_iter=300, learning_rate=0.05, min_samples_leaf=20)
    yield "XGBoost", xgboost.XGBRegressor(n_estimators=300, learning_rate=0.05, max_depth=5, subsample=0.7, tree_method="hist",
                                          colsample_bynode=0.3, min_child_weight=5, n_jobs=threads)


def difference(ours, theirs, resamples=2000):
    random = numpy.random.default_rng(1)
    paired = ours - theirs
    means = [paired[random.integers(0, len(paired), len(paired))].mean() for _ in range(resamples)]
    return paired.mean(), numpy.quantile(means, 0.025), numpy.quantile(means, 0.975)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", default="build")
    parser.add_argument("--folds", type=int, nargs="+", default=[0, 1, 2])
    options = parser.parse_args()
    if "RISETIME_TEST_DATA" not in os.environ:
        print("bench boosted: skipped, RISETIME_TEST_DATA names no folder with active/", file=sys.stderr)
        return 0
    source = pathlib.Path(os.environ["RISETIME_TEST_DATA"], "active")
    ids, categories, daily = read_active(source / "active-folds-0-6.tsv")
    folds = numpy.array([fold_of(video_id) for video_id in ids])
    results = []
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        subprocess.run([sys.executable, source / "to_long.py", source / "active-folds-0-6.tsv", folder / "active"], check=True)
        for title, age, ahead, increments in PROTOCOLS:
            columns, target = columns_of(daily, categories, age), numpy.log1p(daily[:, age : age + ahead].sum(1))
            found, seconds = {}, {}
            for fold in options.folds:
                test = folds == fold
                answers, took = run_ours(options, folder, age, ahead, fold)
                gains = {"boosted": numpy.array([answers[video_id] for video_id, is_test in zip(ids, test) if is_test])}
                seconds["boosted"] = seconds.get("boosted", 0) + took
                for peer, model in peers(os.cpu_count()):
                    begin = time.perf_counter()
                    gains[peer] = numpy.expm1(model.fit(columns[~test], target[~test]).predict(columns[test]))
                    seconds[peer] = seconds.get(peer, 0) + time.perf_counter() - begin
                for model, gain in gains.items():
                    found.setdefault(model, []).append(errors(gain, daily[test], age, ahead, increments))
            found = {model: numpy.concatenate(parts) for model, parts in found.items()}
            for model, values in found.items():
                line = f"{title}: {model} MAE-log2 {values.mean():.4f}, {seconds[model]:.1f} s"
                if model != "boosted":
                    mean, low, high = difference(found["boosted"], values)
                    line += f"; boosted less {model}: {mean:+.4f} ({low:+.4f} to {high:+.4f})"
                print(line, flush=True)
            results.append(found["boosted"].mean() < min(found[model].mean() for model in found if model != "boosted"))
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
