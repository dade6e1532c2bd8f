"""Boosted against scikit-learn's HistGradientBoostingRegressor and plain XGBoost: accuracy and time, one run.

    RISETIME_TEST_DATA=... /usr/bin/python3 bench/boosted/run.py [active] [trending] [--build build] [--folds 0 1 2 3 4 5 6]

Needs python3-sklearn, python3-xgboost and the plugins file, sqlite and boosted. Without a name both data sets are run; active.py
and trending.py say what each side gets. Prints the errors, the seconds of training and forecasting, and how much smaller
boosted's errors are, with the 95 % interval and the one-sided p of a paired bootstrap over videos. Ends with 1 where a peer is better.
Where others use the processors too, put OMP_NUM_THREADS=1 before it: else the peers' threads wait for each other most of the time.
"""

import argparse
import os
import pathlib
import sys
import tempfile

# Threads that spin while they wait would make the peers slow on a busy machine. Read when their libraries are loaded.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

import active
import trending


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", nargs="*", metavar="active|trending", help="both where none is named")
    parser.add_argument("--build", default="build")
    parser.add_argument("--folds", type=int, nargs="+", default=list(range(7)), help="of ACTIVE")
    parser.add_argument("--resamples", type=int, default=10000)
    options = parser.parse_args()
    unknown = set(options.sets) - {"active", "trending"}
    if unknown:
        parser.error(f"there is no set {', '.join(sorted(unknown))}: active and trending are there")
    if "RISETIME_TEST_DATA" not in os.environ:
        print("bench boosted: skipped, RISETIME_TEST_DATA names no folder with active/ and youtube-trending/", file=sys.stderr)
        return 0
    data, results = os.environ["RISETIME_TEST_DATA"], []
    for name in options.sets or ("active", "trending"):
        with tempfile.TemporaryDirectory() as folder:
            if name == "active":
                results.append(active.run(options.build, data, pathlib.Path(folder), options.folds, options.resamples))
            else:
                results.append(trending.run(options.build, data, pathlib.Path(folder), options.resamples))
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
