"""The backtest: no look-ahead however videos are split, the same bytes however it is run, and tables that agree."""
import csv, io, json, random, re, shutil, signal, sqlite3, subprocess, time, unittest
import harness
from harness import SANITIZED, TestCase, simulated

CSV = """
[project]
name = "test"
data = "data-{name}"
[[source]]
id = "csv"
plugin = "file"
[source.config]
platform = "simulated"
videos = {{ path = "videos.csv" }}
observations = {{ path = "observations-{name}.csv" }}
"""

FORECAST = """
[[model]]
id = "quick"
plugin = "median-growth"
[forecast]
stats = ["views", "likes"]
horizons = ["1d", "3d"]
"""
TEXT_AND_RIDGE = """
[[featurizer]]
id = "text"
plugin = "text"
config = { vocabulary = 200, project_to = 8 }
[[model]]
id = "words"
plugin = "ridge"
features = ["text"]
"""


def seconds(text):
    from datetime import datetime
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


class NoLookAhead(TestCase):
    """A test video's readings after the origin, and a training video's after the end of the training, change no forecast."""

    def setUp(self):
        super().setUp()
        self.configure(simulated(channels=4, videos=6, days=16, every="12h"))
        self.risetime("collect")
        (self.folder / "videos.csv").write_text(self.risetime("export", "video").out)
        self.videos = self.export("video")
        self.rows = self.export("observation")
        self.runs = 0

    def forecasts(self, name, backtest, is_changed):
        with open(self.folder / f"observations-{name}.csv", "w", newline="") as file:
            writer = csv.DictWriter(file, self.rows[0].keys())
            writer.writeheader()
            for row in self.rows:
                changed = {stat: str(int(row[stat]) * 7 + 7) for stat in harness.STATS if row[stat]} if is_changed(row) else {}
                writer.writerow({**row, **changed})
        config = self.configure(CSV.format(name=name) + FORECAST + backtest, f"{name}.toml")
        self.risetime("collect", config=config)
        models = [word for line in re.findall('id = "(quick|words)"', FORECAST + backtest) for word in ("--model", line)]
        self.risetime("backtest", *models, "--out", self.folder / name, config=config)
        with open(self.folder / name / "forecasts.csv", newline="") as file:
            return list(csv.DictReader(file))

    def check(self, backtest, is_changed, concerns=lambda row: True):
        """Forecasts that `concerns` takes are the same with and without the changes, and some others are not."""
        self.assertTrue(any(map(is_changed, self.rows)))
        answers = []
        for change in (lambda row: False, is_changed):
            self.runs += 1
            rows = self.forecasts(f"run{self.runs}", backtest, change)
            answers.append([{key: value for key, value in row.items() if key not in ("actual", "size_tenth")} for row in rows if concerns(row)])
            self.assertGreater(len(answers[-1]), 0)
        self.assertEqual(*answers)

    def published(self, video):
        return next(seconds(row["published_at"]) for row in self.videos if row["video_id"] == video)

    def later_than(self, age, chosen):
        """Readings of chosen videos after an age in days."""
        published = {row["video_id"]: seconds(row["published_at"]) for row in self.videos}
        return lambda row: row["video_id"] in chosen and seconds(row["observed_at"]) > published[row["video_id"]] + age * 86400

    def test_folds_by_video(self):
        chosen = {self.rows[0]["video_id"]}
        self.check('[backtest]\norigins = ["3d"]\nfolds = 2\n', self.later_than(3, chosen), lambda row: row["video_id"] in chosen)

    def test_folds_by_channel(self):
        channel = self.videos[0]["channel_id"]
        chosen = {row["video_id"] for row in self.videos if row["channel_id"] == channel}
        self.check('[backtest]\norigins = ["3d"]\nfolds = 2\nfolds_by = "channel"\n', self.later_than(3, chosen),
                   lambda row: row["video_id"] in chosen)

    def test_a_list_of_test_videos(self):
        chosen = {row["video_id"] for row in self.videos[::4]}
        (self.folder / "ids.txt").write_text("\n".join(chosen))
        self.check('[backtest]\norigins = ["3d"]\ntest_videos = "ids.txt"\n', self.later_than(3, chosen))

    def test_a_cutoff(self):
        times = sorted(row["published_at"] for row in self.videos)
        cutoff = times[len(times) // 2]
        test = {row["video_id"] for row in self.videos if row["published_at"] >= cutoff}
        late = self.later_than(3, test)
        self.check(f'[backtest]\norigins = ["3d"]\ncutoff = "{cutoff}"\n' + TEXT_AND_RIDGE,
                   lambda row: late(row) or (row["video_id"] not in test and row["observed_at"] >= cutoff))

    def test_folds_by_time(self):
        # The last fold begins where the last quarter of the videos was published.
        times = sorted(row["published_at"] for row in self.videos)
        begin = times[len(times) * 3 // 4]
        test = {row["video_id"] for row in self.videos if row["published_at"] >= begin}
        late = self.later_than(3, test)
        self.check('[backtest]\norigins = ["3d"]\nfolds = 3\nfolds_by = "time"\n',
                   lambda row: late(row) or (row["video_id"] not in test and row["observed_at"] >= begin),
                   lambda row: row["video_id"] in test)

    def test_origins_by_date_with_and_without_folds_and_refitting(self):
        times = sorted({row["observed_at"] for row in self.rows})
        first, second = times[len(times) // 2], times[len(times) * 2 // 3]
        for split in ('folds_by = "date"', 'folds_by = "date"\nrefit = false', "folds = 2"):
            with self.subTest(split):
                self.check(f'[backtest]\norigins = ["{second}", "{first}"]\n{split}\n', lambda row: row["observed_at"] > first,
                           lambda row: row["issued_at"] == first)
                self.check(f'[backtest]\norigins = ["{second}", "{first}"]\n{split}\n', lambda row: row["observed_at"] > second)


BACKTEST = '\n[backtest]\norigins = ["2d", "4d"]\nfolds = 4\nbaselines = ["naive", "drift"]\n'


class SameResult(TestCase):
    FILES = ("forecasts.csv", "scores.csv", "scores_by.csv", "paths.csv")

    def setUp(self):
        super().setUp()
        self.configure(simulated() + harness.MODELS + BACKTEST)
        self.risetime("collect")

    def tables(self, *arguments, out="out"):
        self.risetime("backtest", "--out", self.folder / out, *arguments)
        return [(self.folder / out / name).read_bytes() for name in self.FILES]

    def forget(self):
        with sqlite3.connect(self.folder / "data" / "risetime.sqlite") as db:
            db.execute("pragma foreign_keys = on")
            db.execute("delete from risetime_artifact_part")
            db.execute("delete from risetime_artifact")

    def test_one_and_four_threads_give_the_same_bytes(self):
        one = self.tables("--threads", 1)
        self.forget()
        self.assertEqual(self.tables("--threads", 4), one)

    def test_a_backtest_that_was_killed_goes_on_and_ends_in_the_same_bytes(self):
        started = time.monotonic()
        whole = self.tables()
        took = time.monotonic() - started
        self.forget()
        dice, kills = random.Random(3), 3 if SANITIZED else 8
        for _ in range(kills):
            process = subprocess.Popen(self.command("backtest", "-c", self.folder / "risetime.toml"), cwd=self.folder,
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(dice.uniform(0.2, 0.6) * took)
            process.send_signal(signal.SIGKILL)
            process.wait()
        again = json.loads(self.risetime("backtest", "--json").out)
        self.assertGreater(again["found"], 0)
        self.assertEqual(self.tables(), whole)
        self.assertEqual(json.loads(self.risetime("backtest", "--json").out)["found"], again["fits"])

    def test_folds_that_were_judged_alone_are_not_judged_again(self):
        models = ["--model", "quick", "--model", "naive"]
        self.risetime("backtest", "--fold", 1, *models)
        run = json.loads(self.risetime("backtest", "--json", *models).out)
        self.assertEqual((run["fits"], run["found"]), (8, 2))

    def test_outcomes_of_another_build_of_a_plugin_are_not_used(self):
        plugins = self.folder / "plugins"
        shutil.copytree(harness.BUILD / "plugins", plugins, ignore=lambda folder, names: [n for n in names if not n.endswith(".so")])
        found = lambda: json.loads(self.risetime("backtest", "--json", "--fold", 1, "--model", "naive", "--model", "quick",
                                                 env={"RISETIME_PLUGINS": str(plugins)}).out)["found"]
        self.assertEqual((found(), found()), (0, 2))
        with open(plugins / "baselines.so", "ab") as file:
            file.write(b"as built again")
        self.assertEqual((found(), found()), (1, 2))

    def test_outcomes_of_rows_that_have_changed_are_neither_used_nor_kept(self):
        self.risetime("backtest", "--model", "naive")
        self.configure(simulated(days=21) + harness.MODELS + BACKTEST)
        self.risetime("collect")
        run = json.loads(self.risetime("backtest", "--json", "--model", "naive").out)
        self.assertEqual(run["found"], 0)
        with sqlite3.connect(self.folder / "data" / "risetime.sqlite") as db:
            kept = db.execute("select count(*) from risetime_artifact where kind = 'backtest'").fetchone()[0]
        self.assertEqual(kept, 4)


class Tables(TestCase):
    def test_the_tables_say_the_same_of_each_other_and_the_page_has_its_pictures(self):
        self.configure(simulated(days=40, videos=4) + harness.MODELS.replace('["1d", "3d", "7d"]', '["1d", "2d", "3d"]') + '[backtest]\norigins = ["9d"]\nfolds = 2\n')
        self.risetime("collect")
        out = self.folder / "out"
        run = json.loads(self.risetime("backtest", "--json", "--out", out).out)
        read = lambda name: list(csv.DictReader(io.StringIO((out / name).read_text())))
        scores = {(row["model"], row["stat"], row["hours"]): row for row in read("scores.csv")}
        self.assertEqual(len(scores), len(run["scores"]))
        for by in ("channel", "category", "size_tenth"):
            videos = {}
            for row in read("scores_by.csv"):
                if row["by"] == by:
                    key = row["model"], row["stat"], row["hours"]
                    videos[key] = videos.get(key, 0) + int(row["videos"])
            self.assertEqual(videos, {key: int(row["videos"]) for key, row in scores.items()}, by)
        for path in run["paths"]:
            self.assertGreater(path["paths"], 5)
            self.assertGreater(path["mase"], 0)
        # Every model is compared with every baseline.
        baselines = {"naive", "drift", "seasonal-naive", "window-mean", "median-growth", "log-linear", "multivariate-linear"}
        pairs = {(d["first"], d["second"]) for d in run["differences"]}
        self.assertLessEqual({("quick", baseline) for baseline in baselines}, pairs)
        page = (out / "report.html").read_text()
        for words in ("Error over horizon", "Calibration", "Coverage by size", "Best forecasts of", "Worst forecasts of", 'class="came"', "MASE"):
            self.assertTrue(words in page, words)


class Ablation(TestCase):
    STEPS = ["words, readings alone", "words, + channel", "words"]

    def backtest(self, name, *arguments):
        config = self.configure(CSV.format(name=name).replace("videos.csv", f"videos-{name}.csv") + FORECAST + TEXT_AND_RIDGE +
                                '[backtest]\norigins = ["3d"]\nfolds = 2\n', f"{name}.toml")
        self.risetime("collect", config=config)
        run = json.loads(self.risetime("backtest", "--json", "--model", "words", *arguments, "--out", self.folder / name, config=config).out)
        with open(self.folder / name / "forecasts.csv", newline="") as file:
            rows = list(csv.DictReader(file))
        return run, {model: [row for row in rows if row["model"] == model] for model in {row["model"] for row in rows}}

    def test_each_step_knows_one_input_more_and_the_last_is_the_model_itself(self):
        self.configure(simulated(channels=6, videos=10, days=16, every="12h"))
        self.risetime("collect")
        videos, readings = self.export("video"), self.risetime("export", "observation").out
        for name, change in (("plain", {}), ("changed", {"title": "another title", "category": "another", "duration_s": "7"})):
            (self.folder / f"observations-{name}.csv").write_text(readings)
            with open(self.folder / f"videos-{name}.csv", "w", newline="") as file:
                writer = csv.DictWriter(file, videos[0].keys())
                writer.writeheader()
                writer.writerows({**video, **change} for video in videos)
        _, alone = self.backtest("plain")
        run, steps = self.backtest("plain", "--ablate")
        self.assertEqual([step["input"] for step in run["ablation"]], ["readings alone", "+ channel", "+ text"])
        self.assertEqual({step["model"] for step in run["ablation"]}, {"words"})
        self.assertEqual([("change" in step) for step in run["ablation"]], [False, True, True])
        self.assertEqual(set(steps), set(self.STEPS))
        self.assertEqual(steps["words"], alone["words"])
        self.assertIn("What each input does", (self.folder / "plain" / "report.html").read_text())
        # What a step does not know cannot move it; what it knows does.
        unlike = lambda rows: [{key: value for key, value in row.items() if key.startswith("q") or key == "mean"} for row in rows]
        _, changed = self.backtest("changed", "--ablate")
        same = [unlike(steps[step]) == unlike(changed[step]) for step in self.STEPS]
        self.assertEqual(same, [True, False, False])


if __name__ == "__main__":
    unittest.main()
