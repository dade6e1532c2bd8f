"""Forecasts that were issued, judged by what came: calibration, champions, alerts; the choice of "auto"; what is kept."""
import bisect, json, math, sqlite3, unittest
from datetime import datetime, timedelta, timezone
import harness
from harness import TestCase, simulated

# Of these two the first is far better on videos of the simulator's age.
MODELS = """
[[model]]
id = "quick"
plugin = "median-growth"
[[model]]
id = "plain"
plugin = "window-mean"
[forecast]
stats    = ["views", "likes", "comments"]
horizons = ["1d", "3d"]
model    = "quick"
"""


def instant(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


class Project(TestCase):
    DAYS = 30

    def setUp(self):
        super().setUp()
        self.base = simulated(channels=3, videos=20, days=self.DAYS, every="6h") + MODELS
        self.configure(self.base)
        self.risetime("collect")
        self.videos = {row["video_id"]: row for row in self.export("video")}
        self.readings = {}
        for row in self.export("observation"):
            self.readings.setdefault(row["video_id"], []).append((instant(row["observed_at"]), row))
        for rows in self.readings.values():
            rows.sort(key=lambda pair: pair[0])
        self.now = max(rows[-1][0] for rows in self.readings.values())

    def channels(self):
        return sorted({row["channel_id"] for row in self.videos.values()})

    def stand_before(self, days):
        at = (self.now - timedelta(days=days)).astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        self.risetime("forecast", "--at", at, expect=None)

    def actual(self, video, stat, time):
        """Off the line between the readings around a time; nothing where they are more than nine hours apart."""
        known = [(at, float(row[stat])) for at, row in self.readings[video] if row[stat] != ""]
        place = bisect.bisect_left(known, (time, -1))
        if place == len(known) or (place == 0 and known[0][0] != time):
            return None
        after = known[place]
        if after[0] == time:
            return after[1]
        before = known[place - 1]
        if after[0] - before[0] > timedelta(hours=9):
            return None
        return before[1] + (after[1] - before[1]) * ((time - before[0]) / (after[0] - before[0]))

    def due(self):
        """Rows of the forecast table with what came of them."""
        for row in self.export("forecast"):
            came = self.actual(row["video_id"], row["stat"], instant(row["target_at"]))
            if came is not None:
                yield row, came


class Calibration(Project):
    def test_observed_coverage_is_that_of_the_rows_that_have_come_due(self):
        self.stand_before(8)
        counts = {}
        for row, came in self.due():
            key = self.videos[row["video_id"]]["channel_id"], row["model"]
            inside = float(row["q100"]) <= came <= float(row["q900"])
            forecasts, held, videos = counts.setdefault(key, (0, 0, set()))
            counts[key] = forecasts + 1, held + inside, videos | {row["video_id"]}
        self.assertGreater(sum(count[0] for count in counts.values()), 50)
        lines = json.loads(self.risetime("calibration", "--json").out)
        self.assertEqual({(line["channel_id"], line["model"]): (line["forecasts"], line["videos"]) for line in lines},
                         {key: (forecasts, len(videos)) for key, (forecasts, held, videos) in counts.items()})
        for line in lines:
            forecasts, held, _ = counts[line["channel_id"], line["model"]]
            self.assertAlmostEqual(line["observed80"], held / forecasts)
            self.assertEqual(line["promised80"], 0.8)
        detail = json.loads(self.risetime("calibration", "--json", "--detail").out)
        self.assertEqual(sum(line["forecasts"] for line in detail), sum(line["forecasts"] for line in lines))
        self.assertIn("80 % interval is", self.risetime("calibration").out)

    def test_without_forecasts_that_came_due_it_says_so(self):
        self.assertIn("No forecast has come due yet", self.risetime("calibration").out)


class Champion(Project):
    def published(self, config=None):
        run = json.loads(self.risetime("forecast", "--json", expect=None, config=config).out)["run_id"]
        return {self.videos[row["video_id"]]["channel_id"]: row["model"] for row in self.export("forecast")
                if row["run_id"] == run and row["shadow"] == "0"}

    def section(self, model):
        return f'\n[[channel]]\nid = "simulated:{self.channels()[0]}"\nmodel = "{model}"\nshadow = ["quick"]\n'

    def test_a_challenger_that_is_better_is_shown_and_the_line_to_write_is_printed(self):
        self.configure(self.base + self.section("plain"))
        for days in (8, 6):
            self.stand_before(days)
        line, = json.loads(self.risetime("champion", "--json").out)
        self.assertEqual((line["champion"], line["challenger"], line["channel_id"]), ("plain", "quick", self.channels()[0]))
        self.assertLess(line["challenger_mae_log2"], line["champion_mae_log2"])
        self.assertTrue(line["is_better"], line)
        out = self.risetime("champion", "--promote").out
        self.assertIn(f'id = "simulated:{self.channels()[0]}"\n    model = "quick"', out)
        self.assertEqual(self.published()[self.channels()[0]], "plain")

    def test_a_promotion_rules_a_channel_whose_model_is_auto_until_it_is_taken_back(self):
        # The only candidate of "auto" is the worse one, so that the shadow can win.
        auto = '\n[backtest]\norigins = ["3d"]\nfolds = 2\nmodels = ["plain"]\n'
        self.configure(self.base + self.section("auto") + auto)
        for days in (8, 6):
            self.stand_before(days)
        first = self.channels()[0]
        self.assertEqual(self.published()[first], "plain")
        self.assertIn("quick forecasts from now on", self.risetime("champion", "--promote").out)
        self.assertEqual(self.published()[first], "quick")
        self.risetime("champion", "--forget", f"simulated:{first}")
        self.assertEqual(self.published()[first], "plain")


class Auto(Project):
    CONFIG = '\n[backtest]\norigins = ["3d"]\nfolds = 2\nmodels = ["plain", "quick"]\n'

    def test_the_model_that_a_backtest_finds_best_forecasts_and_the_evidence_is_an_artifact(self):
        self.configure(self.base.replace('model    = "quick"', 'model = "auto"') + self.CONFIG)
        run = self.risetime("run", "--json", expect=None)
        self.assertIn("choosing among 2 models", run.err)
        self.assertEqual({line["model"] for line in json.loads(run.out)["train"]}, {"quick"})
        with sqlite3.connect(self.folder / "data" / "risetime.sqlite") as db:
            rows = db.execute("select value from risetime_artifact join risetime_artifact_part on artifact = id where kind = 'choice'").fetchall()
        self.assertEqual(len(rows), 1)
        choice = json.loads(rows[0][0])
        self.assertEqual(choice["overall"]["model"], "quick")
        self.assertEqual({line["channel_id"] for line in choice["channels"]}, set(self.channels()))
        evidence = choice["overall"]["evidence"]
        self.assertLess(evidence["quick"]["mae_log2"], evidence["plain"]["mae_log2"])
        self.assertEqual(evidence["quick"]["videos"], sum(line["evidence"]["quick"]["videos"] for line in choice["channels"]))
        again = self.risetime("run", "--json", expect=None)
        self.assertNotIn("choosing among", again.err)
        self.assertEqual(json.loads(again.out)["run_id"], json.loads(run.out)["run_id"])


class Kept(Project):
    def rows(self, query):
        with sqlite3.connect(self.folder / "data" / "risetime.sqlite") as db:
            return db.execute(query).fetchall()

    def test_of_a_day_that_is_over_the_first_run_stays_and_of_a_model_the_last_three(self):
        for megabytes in (10, 20, 30, 40):
            self.configure(self.base.replace('"median-growth"', f'"median-growth"\nconfig = {{ sample_mb = {megabytes} }}'))
            self.risetime("forecast", expect=None)
        self.assertEqual(len(self.rows("select name from risetime_artifact where kind = 'model'")), 3)
        before = {row["run_id"] for row in self.export("forecast")}
        self.assertEqual(len(before), 4)  # all of the last day
        for hours in (60, 55):
            self.stand_before(hours / 24)
        self.stand_before(-1)  # as without --at
        runs = {}
        for row in self.export("forecast"):
            runs.setdefault(row["run_id"], set()).add(row["issued_at"])
        old = [run for run, issued in runs.items() if run not in before]
        self.assertEqual(len(old), 2 if len({(self.now - timedelta(hours=h)).date() for h in (60, 55)}) == 2 else 1)


class Figures(Project):
    def test_forecasts_come_with_what_creators_ask(self):
        document = json.loads(self.risetime("forecast", "--json", expect=None).out)
        lines = [line for line in document["forecasts"] if line["stat"] == "views"]
        for name in ("versus_channel", "versus_channel_80", "rank", "typical_now"):
            self.assertTrue(any(name in line for line in lines), name)
        self.assertTrue(any(line["milestones"] for line in lines))
        for line in lines:
            rows = self.readings[line["video_id"]]
            at, last = rows[-1][0], float(rows[-1][1]["views"])
            day_ago = self.actual(line["video_id"], "views", at - timedelta(days=1))
            if day_ago is not None:
                self.assertAlmostEqual(line["velocity"]["24h"], last - day_ago, places=6)
            self.assertNotIn("1h", line["velocity"])  # readings are six hours apart
            if "rank" in line:
                self.assertLessEqual(line["rank"]["place"], line["rank"]["of"])
                self.assertLessEqual(line["rank"]["of"], 10)
        out = self.risetime("report", "-o", self.folder / "page.html", expect=None).out
        self.assertIn("vs usual (80 %)", out)
        page = (self.folder / "page.html").read_text()
        for words in ('class="typical"', "rank at this age", "usual at this age", "last 24 h"):
            self.assertTrue(words in page, words)

    def test_videos_outside_their_band_are_named_with_the_rate_of_false_alarms(self):
        self.configure(self.base + '\n[backtest]\norigins = ["3d"]\nfolds = 2\nmodels = ["quick"]\nbaselines = []\n')
        self.risetime("backtest")
        self.stand_before(1.5)
        left = set()
        latest = {}
        for row, came in self.due():
            key = row["video_id"], row["stat"]
            if key not in latest or row["target_at"] > latest[key][0]["target_at"]:
                latest[key] = row, came
        for key, (row, came) in latest.items():
            if not float(row["q025"]) <= came <= float(row["q975"]):
                left.add(key)
        alerts = json.loads(self.risetime("forecast", "--json", expect=None).out)["alerts"]
        self.assertEqual({(alert["video_id"], alert["stat"]) for alert in alerts}, left)
        self.assertTrue(left, "no video left its band: choose another simulation")
        for alert in alerts:
            self.assertTrue(0 <= alert["false_alarms"] <= 1, alert)
        self.assertIn("by chance in", self.risetime("forecast", expect=None).out)


class Explain(TestCase):
    def setUp(self):
        super().setUp()
        self.configure(simulated(channels=3, videos=10, days=20) + harness.MODELS)
        self.risetime("collect")
        self.video = self.export("video")[0]

    def explain(self, *arguments):
        return json.loads(self.risetime("explain", self.video["video_id"], *arguments, "--json").out)

    def published(self):
        rows = [row for row in json.loads(self.risetime("forecast", "--json", expect=None).out)["forecasts"]
                if row["video_id"] == self.video["video_id"] and row["stat"] == "views"]
        return [point["q500"] for point in rows[0]["horizons"]]

    def test_a_model_that_can_says_what_its_forecast_is_made_of(self):
        found = self.explain()
        self.assertEqual((found["model"], found["stat"], found["horizons"]), ("quick", "views", ["1d", "3d", "7d"]))
        self.assertEqual(found["method"], "model")
        self.assertEqual(found["medians"], self.published())
        values = {line["input"]: line["values"] for line in found["contributions"]}
        for name in ("views so far", "likes beside views", "age of the video", "category", "features of text"):
            self.assertIn(name, values)
        for horizon, median in enumerate(found["medians"]):
            total = found["base"][horizon] + sum(each[horizon] for each in values.values())
            self.assertAlmostEqual(total, math.log1p(median - found["last"]), places=6)
        strengths = [abs(line["values"][-1]) for line in found["contributions"]]
        self.assertEqual(strengths, sorted(strengths, reverse=True))
        self.assertEqual(len(found["words"]), len(set(self.video["title"].split())))
        text = self.risetime("explain", self.video["video_id"]).out
        self.assertIn("by the model itself", text)
        self.assertLessEqual(max(map(len, text.splitlines())), 80, text)

    def test_inputs_are_told_by_what_the_forecast_is_without_them(self):
        found = self.explain("--method", "ask-again")
        self.assertEqual(found["method"], "ask-again")
        self.assertNotIn("contributions", found)
        self.assertEqual(found["medians"], self.published())
        factors = {line["input"]: line["factors"] for line in found["influences"]}
        self.assertNotEqual(factors["readings before the last one"], [1, 1, 1])
        self.assertNotEqual(factors["features of text"], [1, 1, 1])
        words = [name for name in factors if name.startswith("the word ")]
        self.assertEqual(len(words), len(set(self.video["title"].split())))
        # A model that is given no words is moved by none.
        self.configure(simulated(channels=3, videos=10, days=20) + harness.MODELS.replace('features = ["text"]\n', ''))
        for method in ("model", "ask-again"):
            found = self.explain("--method", method)
            self.assertFalse([line for line in found["influences"] + found.get("words", [])
                              if "word" in line["input"] or "features" in line["input"]])
        self.risetime("explain", "no-such-video", expect=1)

    def test_a_model_that_cannot_say_it_is_asked_again(self):
        self.configure(simulated(channels=3, videos=10, days=20) +
                       harness.MODELS.replace('plugin = "ridge"', 'plugin = "drift"'))
        self.assertEqual(self.explain()["method"], "ask-again")
        refused = self.risetime("explain", self.video["video_id"], "--method", "model", expect=1)
        self.assertIn("cannot say what moved", refused.err)


if __name__ == "__main__":
    unittest.main()
