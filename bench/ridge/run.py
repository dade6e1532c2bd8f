"""Ridge with leave-one-out over 50 strengths and 3 targets on 50,000 x 600: our solver against scikit-learn's RidgeCV.

    /usr/bin/python3 bench/ridge/run.py [--build build] [--repeats 5] [--rows 50000] [--features 600]

Needs python3-sklearn and the target ridge_bench. Both take turns in the same run, on all processors. Prints the medians, the ratio
to the peer (at least 3 is the aim), whether each target's strength is the same, and the largest difference of a coefficient
(at most 1e-6 is the aim). Ends with status 1 where an aim is missed.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

import numpy
from sklearn.linear_model import RidgeCV


def make_problem(rows, features, targets, seed=1):
    """Columns that are correlated, targets with little signal in much noise: the best strengths lie inside the range."""
    random = numpy.random.default_rng(seed)
    common = random.standard_normal((rows, 20))
    x = random.standard_normal((rows, features)) + common @ random.standard_normal((20, features)) * 0.3
    weights = random.standard_normal((features, targets)) * 0.02
    y = 3.0 + x @ weights + random.standard_normal((rows, targets)) * numpy.array([1.0, 3.0, 10.0])[:targets]
    return x, y


def write_problem(path, x, y, strengths):
    with open(path, "wb") as file:
        numpy.array([x.shape[0], x.shape[1], y.shape[1], len(strengths)], dtype="<i8").tofile(file)
        for values in (x, y, strengths):
            numpy.ascontiguousarray(values, dtype="<f8").tofile(file)


def run_ours(build, problem, answer):
    command = [f"{build}/bin/ridge_bench", problem, answer, str(os.cpu_count()), "1"]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def run_peer(x, y, strengths):
    begin = time.perf_counter()
    model = RidgeCV(alphas=strengths, alpha_per_target=True).fit(x, y)
    return time.perf_counter() - begin, model


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", default="build")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--rows", type=int, default=50000)
    parser.add_argument("--features", type=int, default=600)
    options = parser.parse_args()
    x, y = make_problem(options.rows, options.features, 3)
    strengths = numpy.logspace(-1, 6, 50)
    ours, theirs = [], []
    with tempfile.TemporaryDirectory() as folder:
        write_problem(f"{folder}/problem.bin", x, y, strengths)
        for _ in range(options.repeats):
            measured = run_ours(options.build, f"{folder}/problem.bin", f"{folder}/answer.bin")
            ours += measured["seconds"]
            seconds, peer = run_peer(x, y, strengths)
            theirs.append(seconds)
            print(f"ours {ours[-1]:.2f} s, scikit-learn {seconds:.2f} s", file=sys.stderr, flush=True)
        answer = numpy.fromfile(f"{folder}/answer.bin").reshape(3, -1)
    same = bool(numpy.allclose(answer[:, 0], peer.alpha_, rtol=1e-9))
    difference = float(numpy.abs(answer[:, 2:] - peer.coef_).max())
    ratio = statistics.median(theirs) / statistics.median(ours)
    print(f"ridge {options.rows} x {options.features}, 50 strengths, 3 targets, {os.cpu_count()} processors, "
          f"{measured['instructions']}: ours {statistics.median(ours):.2f} s, scikit-learn {statistics.median(theirs):.2f} s, "
          f"ratio {ratio:.1f} (aim 3)")
    print(f"strengths {'equal' if same else 'differ'}: {', '.join(f'{s:.4g}' for s in answer[:, 0])}; "
          f"largest difference of a coefficient {difference:.1e} (aim 1e-6)")
    return 0 if ratio >= 3 and same and difference <= 1e-6 else 1


if __name__ == "__main__":
    sys.exit(main())
