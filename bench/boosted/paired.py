"""A backtest by risetime, and paired comparisons of errors by a bootstrap over videos."""

import csv
import os
import pathlib
import resource
import subprocess
import time

import numpy


class Clock:
    """Seconds that pass, and seconds of processors that this process or its children take, summed over `with` blocks."""

    def __init__(self, who=resource.RUSAGE_SELF):
        self.who, self.wall, self.processor = who, 0.0, 0.0

    def __enter__(self):
        self.begin = time.perf_counter(), self._used()

    def __exit__(self, *_):
        self.wall += time.perf_counter() - self.begin[0]
        self.processor += self._used() - self.begin[1]

    def _used(self):
        used = resource.getrusage(self.who)
        return used.ru_utime + used.ru_stime

    def times(self, other):
        """How many times as long as another; on a busy machine the processors' time alone tells."""
        return f"{self.wall / other.wall:.1f} times as long ({self.processor / other.processor:.1f} times the processors' time)"

    def __str__(self):
        return f"{self.wall:.1f} s ({self.processor:.1f} s of processors)"


def children():
    return Clock(resource.RUSAGE_CHILDREN)


class Risetime:
    """The built program in a folder with a configuration c.toml."""

    def __init__(self, build, folder):
        self.folder = folder
        self.program = pathlib.Path(build, "bin", "risetime").resolve()
        self.environment = dict(os.environ, RISETIME_PLUGINS=str(pathlib.Path(build, "plugins").resolve()))

    def __call__(self, *arguments):
        done = subprocess.run([self.program, *arguments, "-c", "c.toml"], cwd=self.folder, env=self.environment, capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f"risetime {' '.join(arguments)} ended with {done.returncode}: {done.stderr[-2000:]}")

    def backtest(self, *arguments):
        """The rows of forecasts.csv."""
        self("backtest", "--out", "out", *arguments)
        with open(self.folder / "out" / "forecasts.csv", newline="") as file:
            return list(csv.DictReader(file))


def figures(errors):
    """Mean errors. errors: [videos, figures], NaN where a video is not scored. -> [figures]"""
    return numpy.nanmean(errors, axis=0)


def resampled_figures(tables, resamples, seed=1):
    """Figures of resamples of the videos, the same videos for every table, each video with all its errors.

    tables: [videos, figures] each, NaN at the same places. -> one [resamples, figures] each
    """
    random, count = numpy.random.default_rng(seed), len(tables[0])
    scored = (~numpy.isnan(tables[0])).astype(float)
    filled = [numpy.nan_to_num(table) for table in tables]
    found = [numpy.empty((resamples, table.shape[1])) for table in tables]
    for resample in range(resamples):
        times_drawn = numpy.bincount(random.integers(0, count, count), minlength=count).astype(float)
        drawn = times_drawn @ scored
        for table, figure in zip(filled, found):
            figure[resample] = times_drawn @ table / drawn
    return found


class Comparison:
    """How much smaller our errors are: the mean over the figures of 1 - ours / theirs."""

    def __init__(self, estimate, resamples):
        self.estimate, self.resamples = estimate, resamples
        self.low, self.high = numpy.quantile(resamples, (0.025, 0.975))

    def p(self, margin=0.0):
        """One-sided, of "no more than `margin` smaller". Never 0: the estimate itself counts as one resample."""
        return (1 + (self.resamples <= margin).sum()) / (1 + len(self.resamples))

    def share_below(self, margin):
        return (self.resamples < margin).mean()

    def __str__(self):
        return f"{self.estimate:.2%} smaller ({self.low:.2%} to {self.high:.2%}), p {self.p():.4f}"


def compare(ours, theirs, resamples, scales=1.0):
    """ours, theirs: [videos, figures]. scales: their errors of a figure are multiplied by this. [figures] or a number"""
    our_figures, their_figures = resampled_figures([ours, theirs], resamples)
    estimate = (1 - figures(ours) / (figures(theirs) * scales)).mean()
    return Comparison(estimate, (1 - our_figures / (their_figures * scales)).mean(axis=1))


def compare_with_constants(ours, their_figures, resamples):
    """As if their figures were known exactly: only our videos are drawn anew. their_figures: [figures]"""
    (our_figures,) = resampled_figures([ours], resamples)
    return Comparison((1 - figures(ours) / their_figures).mean(), (1 - our_figures / their_figures).mean(axis=1))
