#!/usr/bin/env python3
"""Scoring forecasts: ours against the independent scorer, which is plain Python, on the same forecasts.csv in the same run.

    python3 bench/score/run.py --peer PATH/score.py [--build build] [--forecasts 1000000] [--repeats 3]

Needs the target score_bench. Prints medians of the time that scoring takes (aim: 2 s for 1,000,000 forecasts), of reading the file,
and of the peer, which does both; and the largest difference between the two in any score (aim: 1e-9). Ends with status 1 where an
aim is missed. Where we are slow: most of the whole is reading numbers from text.
"""
import argparse, json, pathlib, random, statistics, subprocess, sys, tempfile, time

QUANTILES = [-1.96, -1.28, -0.67, 0, 0.67, 1.28, 1.96]


def write(path, forecasts):
    dice = random.Random(7)
    groups = [(model, stat, hours) for model in ("ridge", "naive", "drift") for stat in ("views", "likes") for hours in (24, 72, 168)]
    with open(path, "w") as file:
        file.write("platform,video_id,model,stat,issued_at,target_at,last,mean,q025,q100,q250,q500,q750,q900,q975,actual\n")
        for number in range(forecasts):
            model, stat, hours = groups[number % len(groups)]
            last = int(10 ** dice.uniform(1, 7))
            middle = last * 2 ** dice.uniform(0, 2)
            q = [max(last, middle * 2.718 ** (0.3 * z)) for z in QUANTILES]
            actual = max(last, int(middle * 2.718 ** dice.gauss(0, 0.35)))
            target = f"2026-05-{1 + hours // 24:02d}T00:00:00Z"
            file.write(f"p,v{number // len(groups)},{model},{stat},2026-05-01T00:00:00Z,{target},{last},{middle!r},{','.join(map(repr, q))},{actual}\n")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--peer", type=pathlib.Path, required=True)
    parser.add_argument("--build", default="build")
    parser.add_argument("--forecasts", type=int, default=1_000_000)
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    program = pathlib.Path(options.build) / "bin" / "score_bench"
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "forecasts.csv"
        write(path, options.forecasts)
        ours = [json.loads(subprocess.run([program, path], check=True, capture_output=True, text=True).stdout) for _ in range(options.repeats)]
        start = time.perf_counter()
        peer = json.loads(subprocess.run([sys.executable, options.peer, path, "--json"], check=True, capture_output=True, text=True).stdout)
        peer_s = time.perf_counter() - start
    scoring = statistics.median(run["score_s"] for run in ours)
    reading = statistics.median(run["read_s"] for run in ours)
    theirs = {(line["model"], line["stat"], line["hours"]): line for line in peer["scores"]}
    worst = max(abs(line[name] - theirs[line["model"], line["stat"], line["hours"]][name]) / max(1, abs(line[name]))
                for line in ours[0]["scores"] for name in ("APE", "MAE_log2", "SRC", "WQL", "cover80"))
    print(f"{options.forecasts:,} forecasts: scored in {scoring:.2f} s, read in {reading:.2f} s; score.py, both: {peer_s:.1f} s, "
          f"{peer_s / (scoring + reading):.0f} times as long; largest difference {worst:.1e}")
    return 0 if scoring <= 2 and worst <= 1e-9 else 1


if __name__ == "__main__":
    sys.exit(main())
