"""Real input, end to end, and the first bars of accuracy: protocols and definitions in docs/accuracy.md."""
import csv, datetime, hashlib, json, os, pathlib, re, subprocess, sys, unittest
import harness
from harness import SOURCE, TestCase, real_data, recording

TRENDING = """
[project]
name = "trending"
data = "data"
[[source]]
id = "trending"
plugin = "file"
[source.config]
platform = "youtube"
videos = {{ path = "{folder}/videos.csv", columns = {{ category = "category_name", thumbnail_url = "thumbnail", duration_s = "duration", language = "default_language" }} }}
observations = {{ path = "{folder}/observations.tsv", columns = {{ observed_at = "fetched_at" }} }}
[[featurizer]]
id = "text"
plugin = "text"
config = {{ project_to = 64 }}
[[model]]
id = "ridge"
plugin = "ridge"
features = ["text"]
[[model]]
id = "lstm"
plugin = "lstm"
features = ["text"]
[forecast]
stats = ["views", "likes", "comments"]
horizons = ["1d", "3d", "7d"]
model = "ridge"
[[channel]]
id = "youtube:UC4LyPYXnF07KF97Nb8vE_Pg"
model = "lstm"
[backtest]
origins = ["2d", "3d"]
cutoff = "2026-04-15T00:00:00Z"
models = ["ridge", "lstm"]
baselines = ["naive", "drift", "median-growth"]
"""

ACTIVE = """
[project]
name = "active"
data = "{data}"
[[source]]
id = "active"
plugin = "file"
[source.config]
platform = "active"
videos = {{ path = "active/videos.csv" }}
observations = {{ path = "active/observations.csv" }}
[[model]]
id = "ridge"
plugin = "ridge"
[[model]]
id = "level"
plugin = "ridge"
config = {{ form = "level" }}
[[model]]
id = "lstm"
plugin = "lstm"
[[model]]
id = "boosted"
plugin = "boosted"
[forecast]
stats = ["views"]
horizons = ["{horizon}"]
model = "ridge"
[backtest]
origins = ["{origin}"]
folds = 10
baselines = ["naive"]
"""


class Scores:
    """scores by (origin, model, stat, hours)"""

    def __init__(self, document):
        document = json.loads(document)
        self.all = {(s["origin"], s["model"], s["stat"], s["hours"]): s for s in document["scores"]}
        self.paths = {s["model"]: s for s in document["paths"]}

    def __call__(self, origin, model, stat, hours):
        return self.all[origin, model, stat, hours]


class Trending(TestCase):
    def setUp(self):
        super().setUp()
        folder = real_data("youtube-trending")
        self.configure(TRENDING.format(folder=folder))

    def test_trending_videos_go_from_files_to_forecasts_of_ridge_and_lstm(self):
        run = self.risetime("run", "--all")
        with open(real_data("youtube-trending", "observations.tsv")) as file:
            readings = sum(1 for _ in file) - 1
        self.assertTrue(f"{readings:,} new observation, 17,596 new video" in run.out, run.out[:200])
        for line in ("featurized text: 64 numbers a video, 17596 described now", "model ridge: trained on 17596 videos",
                     "model lstm: trained on 17596 videos", "\n17596 videos forecast"):
            self.assertTrue(line in run.out, f"{line} is not in {run.out[:600]}")
        models = {row["model"] for row in self.export("forecast")}
        self.assertEqual(models, {"ridge", "lstm"})

        # Protocol T on the same rows.
        out = self.risetime("backtest", "--json", "--out", self.folder / "scored").out
        score = Scores(out)
        for origin in ("2d", "3d"):
            hours = (72,) if origin == "2d" else (72, 168)
            for stat in harness.STATS:
                for ahead in hours:
                    for model in ("ridge", "lstm"):
                        reached = score(origin, model, stat, ahead)["mae_log2"]
                        for baseline in ("naive", "drift", "median-growth"):
                            self.assertLess(reached, score(origin, baseline, stat, ahead)["mae_log2"],
                                            (origin, model, stat, ahead, baseline))
        self.check_against_the_reference_scorer(self.folder / "scored")

    def check_against_the_reference_scorer(self, folder):
        scorer = real_data().parent / "tools" / "score.py"
        if not scorer.exists():
            return
        reference = json.loads(subprocess.run([sys.executable, scorer, folder / "forecasts.csv", "--json"], check=True,
                                              capture_output=True, text=True).stdout)["scores"]
        with open(folder / "scores.csv", newline="") as file:
            ours = {(row["model"], row["stat"], int(row["hours"])): row for row in csv.DictReader(file)}
        self.assertEqual(len(ours), len(reference))
        for row in reference:
            mine = ours[row["model"], row["stat"], row["hours"]]
            for name in ("APE", "MAE_log2", "SRC", "mRSE", "sMAPE", "WQL", "cover80", "cover95", "factor80", "factor95"):
                self.assertAlmostEqual(float(mine[name]), row[name], delta=1e-9 * max(1, abs(row[name])), msg=(row["model"], name))
            self.assertEqual((row["crossed"], row["below_last"]), (0, 0))


class Active(TestCase):
    def setUp(self):
        super().setUp()
        table = real_data("active", "active-folds-0-6.tsv")
        subprocess.run([sys.executable, table.parent / "to_long.py", table, self.folder / "active"], check=True)
        self.configure(ACTIVE.format(data="data", origin="90d", horizon="30d"), "a.toml")
        self.configure(ACTIVE.format(data="data", origin="7d", horizon="23d"), "b.toml")
        self.configure(ACTIVE.format(data="data", origin="90d", horizon='", "'.join(f"{day}d" for day in range(1, 31))), "c.toml")
        collected = self.risetime("collect", config=self.folder / "a.toml").out
        self.assertIn("1,182,840 new observation, 9,857 new video", collected)
        self.assertNotIn("kept aside", collected)

    def backtest(self, name, *arguments):
        return Scores(self.risetime("backtest", "--json", *arguments, config=self.folder / name).out)

    def test_ridge_reaches_its_bars_over_all_folds_and_beats_the_level_form(self):
        a = self.backtest("a.toml", "--increments", "--model", "ridge", "--model", "naive")
        self.assertLessEqual(a("90d", "ridge", "views", 720)["ape"], 3.66)
        self.assertTrue(0.78 <= a("90d", "ridge", "views", 720)["cover80"] <= 0.82, a("90d", "ridge", "views", 720))
        b = self.backtest("b.toml", "--model", "ridge", "--model", "naive", "--model", "level")
        self.assertLessEqual(b("7d", "ridge", "views", 552)["mae_log2"], 0.394)
        self.assertTrue(0.78 <= b("7d", "ridge", "views", 552)["cover80"] <= 0.82, b("7d", "ridge", "views", 552))
        self.assertGreater(b("7d", "level", "views", 552)["mae_log2"], b("7d", "ridge", "views", 552)["mae_log2"])

    def test_daily_paths_of_ridge_reach_their_bar_over_all_folds(self):
        c = self.backtest("c.toml", "--increments", "--model", "ridge")
        self.assertEqual(c.paths["ridge"]["paths"], 9857)
        self.assertLessEqual(c.paths["ridge"]["smape"], 35.9)
        # Asked for thirty horizons it is as good at the last as one that was asked for that alone.
        self.assertLessEqual(c("90d", "ridge", "views", 720)["ape"], 3.66)

    def test_boosted_reaches_its_bars_over_all_folds(self):
        a = self.backtest("a.toml", "--increments", "--model", "boosted")("90d", "boosted", "views", 720)
        self.assertLessEqual(a["ape"], 3.38)
        self.assertTrue(0.79 <= a["cover80"] <= 0.81, a)
        # docs/accuracy.md has .3692 and .2699, below .370 and .270; other processors' logarithms may move the last digit, so these
        # are half a thousandth wider.
        b = self.backtest("b.toml", "--model", "boosted")("7d", "boosted", "views", 552)
        self.assertLessEqual(b["mae_log2"], 0.3705)
        self.assertTrue(0.79 <= b["cover80"] <= 0.81, b)
        self.configure(ACTIVE.format(data="data", origin="30d", horizon="90d"), "b30.toml")
        later = self.backtest("b30.toml", "--model", "boosted")("30d", "boosted", "views", 2160)
        self.assertLessEqual(later["mae_log2"], 0.2705)

    def test_lstm_beats_naive_on_a_held_out_fold_of_both_protocols(self):
        for file, origin, hours, measure, extra in (("a.toml", "90d", 720, "ape", ["--increments"]), ("b.toml", "7d", 552, "mae_log2", [])):
            score = self.backtest(file, "--model", "lstm", "--model", "naive", "--fold", "0", *extra)
            self.assertLess(score(origin, "lstm", "views", hours)[measure], score(origin, "naive", "views", hours)[measure], file)
            # One fold of seven: the bar over all folds, 78 to 82 %, widened by its sampling error.
            self.assertTrue(0.75 <= score(origin, "lstm", "views", hours)["cover80"] <= 0.85, score(origin, "lstm", "views", hours))


HOURLY = """
[project]
name = "hourly"
data = "data"
[[source]]
id = "m4"
plugin = "file"
[source.config]
platform = "m4"
videos = { path = "videos.csv" }
observations = { path = "observations.csv" }
[[model]]
id = "ridge"
plugin = "ridge"
[[model]]
id = "boosted"
plugin = "boosted"
[forecast]
stats = ["viewers"]
horizons = ["HORIZONS"]
model = "ridge"
[backtest]
origins = ["2026-03-01T00:00:00Z"]
folds_by = "date"
models = ["ridge", "boosted"]
baselines = ["seasonal-naive"]
"""


class Hourly(TestCase):
    """The levels of bench/m4/run.py, which has the official measures; here each model is held against repeating the last day."""

    def test_levels_with_a_rhythm_are_forecast_far_better_than_by_repeating_the_last_day(self):
        origin = datetime.datetime(2026, 3, 1)
        with open(real_data("m4-hourly", "Hourly-train.csv"), newline="") as file:
            rows = [[row[0]] + [round(1000 * float(value)) for value in row[1:] if value] for row in list(csv.reader(file))[1:]]
        with open(self.folder / "videos.csv", "w", newline="") as videos, open(self.folder / "observations.csv", "w", newline="") as readings:
            videos, readings = csv.writer(videos), csv.writer(readings)
            videos.writerow(["video_id", "published_at"])
            readings.writerow(["video_id", "observed_at", "viewers"])
            for name, *values in rows:
                times = [origin + datetime.timedelta(hours=hour - len(values) + 49) for hour in range(len(values))]
                videos.writerow([name, f"{times[0].isoformat()}Z"])
                readings.writerows([name, f"{time.isoformat()}Z", value] for time, value in zip(times, values))
        self.configure(HOURLY.replace("HORIZONS", '", "'.join(f"{hour}h" for hour in range(1, 49))))
        self.risetime("collect")
        self.risetime("backtest", "--out", self.folder / "out")
        errors, inside = {}, {}
        with open(self.folder / "out" / "forecasts.csv", newline="") as file:
            for row in csv.DictReader(file):
                actual, forecast = float(row["actual"]), float(row["q500"])
                errors.setdefault(row["model"], []).append(200 * abs(actual - forecast) / (actual + forecast))
                inside.setdefault(row["model"], []).append(float(row["q100"]) <= actual <= float(row["q900"]))
        smape = {model: sum(values) / len(values) for model, values in errors.items()}
        self.assertEqual({len(values) for values in errors.values()}, {414 * 48})
        self.assertAlmostEqual(smape["seasonal-naive"], 14.57, delta=0.05)
        for model, most in (("ridge", 11.5), ("boosted", 10.5)):
            self.assertLess(smape[model], most, model)
            self.assertTrue(0.74 <= sum(inside[model]) / len(inside[model]) <= 0.86, model)


class Feed(TestCase):
    def test_a_recorded_channel_feed_is_collected(self):
        folder = real_data("youtube-innertube", "youtubefeedextractor")
        exchange = json.loads((folder / "kurzgesagt" / "generated_mock_0.json").read_text())
        body = exchange["response"]["responseBody"]
        channel = re.search(r"<yt:channelId>([^<]+)</yt:channelId>", body).group(1)
        channel = channel if channel.startswith("UC") else "UC" + channel
        recordings = self.folder / "recordings"
        recordings.mkdir()
        recording(recordings, f"https://www.youtube.com/feeds/videos.xml?channel_id={channel}", 200, body.encode())
        self.configure(f'[project]\nname = "feed"\ndata = "data"\n[[source]]\nid = "yt"\nplugin = "youtube"\nconfig = {{ channels = ["{channel}"] }}\n')
        self.risetime("collect", "--replay", recordings)
        views = re.findall(r'<media:statistics views="(\d+)"', body)
        rows = self.export("observation")
        self.assertEqual(len(rows), 15)
        self.assertEqual(sorted(row["views"] for row in rows), sorted(views))
        self.assertEqual(len({row["title"] for row in self.export("video")}), 15)


class Thumbnails(TestCase):
    def test_all_thumbnails_get_a_vector(self):
        folder = real_data("thumbnails")
        names = sorted({path.name.split("___")[0] for path in folder.rglob("*.jpg")})
        with open(self.folder / "videos.csv", "w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["video_id", "published_at"])
            writer.writerows([name, "2021-09-01T00:00:00Z"] for name in names)
        self.configure('[project]\nname = "t"\ndata = "data"\n[[source]]\nid = "csv"\nplugin = "file"\n[source.config]\nplatform = "youtube"\n'
                       f'videos = {{ path = "videos.csv" }}\nthumbnails = {{ path = "{folder}", name = "{{video_id}}___*" }}\n'
                       '[[featurizer]]\nid = "look"\nplugin = "thumbnail"\n')
        self.risetime("collect")
        self.risetime("featurize")
        vectors = {row["video_id"]: json.loads(row["vector"]) for row in self.export("feature")}
        self.assertEqual(sorted(vectors), names)
        self.assertTrue(all(len(vector) >= 25 for vector in vectors.values()))


if __name__ == "__main__":
    unittest.main()
