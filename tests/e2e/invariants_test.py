"""The promises of docs/architecture.md, each by a test that fails when it is broken."""
import csv, http.server, os, random, shutil, signal, subprocess, threading, time, unittest
import harness
from harness import SANITIZED, TestCase, recording, simulated


def derived(test, config=None):
    """Everything that is made from raw rows, in one comparable value."""
    return test.export("feature", config), test.export("forecast", config)


class SameBytes(TestCase):
    def test_one_and_two_threads_give_the_same_features_models_and_forecasts(self):
        results = []
        for threads in (1, 2):
            data = f"data-{threads}"
            self.configure(simulated(thumbnails=True, data=data) + harness.MODELS.replace('["text"]', '["text", "look"]') + '\n[[featurizer]]\nid = "look"\nplugin = "thumbnail"\n')
            self.risetime("run", "--threads", threads)
            results.append((derived(self), self.artifacts(data)))
        self.assertEqual(results[0], results[1])

    def test_derived_data_is_rebuilt_to_the_same_hashes(self):
        self.configure(simulated() + harness.MODELS)
        self.risetime("collect")
        shutil.copytree(self.folder / "data", self.folder / "raw")
        self.risetime("run")
        first = derived(self), self.artifacts()
        shutil.rmtree(self.folder / "data")
        shutil.copytree(self.folder / "raw", self.folder / "data")
        self.assertEqual(self.export("forecast"), [])
        self.risetime("run")
        self.assertEqual((derived(self), self.artifacts()), first)


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


class NoLookAhead(TestCase):
    def test_changing_rows_after_the_origin_changes_no_forecast(self):
        self.configure(simulated())
        self.risetime("collect")
        (self.folder / "videos.csv").write_text(self.risetime("export", "video").out)
        rows = self.export("observation")
        times = sorted({row["observed_at"] for row in rows})
        origin = times[len(times) * 2 // 3]
        results = []
        for name, factor in (("true", 1), ("other", 7)):
            with open(self.folder / f"observations-{name}.csv", "w", newline="") as file:
                writer = csv.DictWriter(file, rows[0].keys())
                writer.writeheader()
                for row in rows:
                    late = row["observed_at"] > origin
                    changed = {stat: str(int(row[stat]) * factor + factor) for stat in harness.STATS if row[stat]} if late else {}
                    writer.writerow({**row, **changed})
            config = self.configure(CSV.format(name=name) + harness.MODELS.replace('plugin = "ridge"', 'plugin = "ridge"\nretrain_every = "1h"'), f"{name}.toml")
            self.risetime("collect", config=config)
            self.risetime("forecast", "--at", origin, "--all", config=config)
            forecasts = self.export("forecast", config)
            self.assertTrue(forecasts)
            self.assertLessEqual(max(row["issued_at"] for row in forecasts), origin)
            results.append(forecasts)
        self.assertEqual(results[0], results[1])


class KillNine(TestCase):
    KILLS = 20 if SANITIZED else 200

    def test_kill_nine_at_random_moments_loses_and_doubles_nothing(self):
        size = dict(channels=6, videos=20, days=60, every="1h", thumbnails=True)
        config = self.configure(simulated(**size, data="whole"), "whole.toml")
        started = time.monotonic()
        self.risetime("collect", config=config)
        whole_time = time.monotonic() - started
        expected = self.risetime("export", "observation", config=config).out
        dice, killed, completed = random.Random(1), 0, 0
        killed_config = self.configure(simulated(**size), "killed.toml")
        while killed < self.KILLS:
            process = subprocess.Popen(self.command("collect", "-c", killed_config), cwd=self.folder,
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(dice.uniform(0, whole_time))
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
                killed += 1
            process.wait()
            # A round that got through would leave nothing to be killed: begin anew.
            if process.returncode == 0:
                completed += 1
                self.assertEqual(self.risetime("export", "observation", config=killed_config).out, expected)
                shutil.rmtree(self.folder / "data")
        self.risetime("collect", config=killed_config)
        self.assertEqual(self.risetime("export", "observation", config=killed_config).out, expected)
        for table in ("video", "thumbnail"):
            self.assertEqual(self.export(table, killed_config), self.export(table, config), table)


class OneBadThing(TestCase):
    def test_a_source_that_throws_stops_only_itself_and_leaves_no_half_rows(self):
        self.configure(simulated() + '\n[[source]]\nid = "bad"\nplugin = "stumbling-source"\n' + harness.MODELS)
        run = self.risetime("run", expect=3)
        self.assertIn("stumbled on purpose", run.out)
        self.assertRegex(run.out, r"\d+ videos forecast")
        self.assertFalse([row for row in self.export("observation") if row["video_id"] == "half-done"])
        self.assertIn("stumbled on purpose", self.risetime("status", expect=3).out)

    def test_a_model_that_throws_stops_only_itself(self):
        bad = '\n[[model]]\nid = "bad"\nplugin = "stumbling-model"\n'
        channel = '\n[[channel]]\nid = "simulated:nobody"\nmodel = "bad"\n'
        self.configure(simulated() + harness.MODELS + bad + channel)
        run = self.risetime("run", expect=3)
        self.assertIn("model bad: failed: stumbled on purpose", run.out)
        self.assertRegex(run.out, r"\d+ videos forecast")

    def test_one_broken_account_is_named_and_the_others_are_collected(self):
        feed = b"""<?xml version="1.0"?><feed xmlns:yt="http://www.youtube.com/xml/schemas/2015" xmlns:media="http://search.yahoo.com/mrss/"
 xmlns="http://www.w3.org/2005/Atom"><yt:channelId>UC0123456789012345678901</yt:channelId><title>Good</title>
 <entry><yt:videoId>abcdefghijk</yt:videoId><yt:channelId>UC0123456789012345678901</yt:channelId><title>One</title>
 <published>2026-01-01T00:00:00+00:00</published><media:group><media:title>One</media:title>
 <media:community><media:starRating count="7" average="5" min="1" max="5"/><media:statistics views="123"/></media:community>
 </media:group></entry></feed>"""
        recordings = self.folder / "recordings"
        recordings.mkdir()
        good, bad = "UC0123456789012345678901", "UC9999999999999999999999"
        recording(recordings, f"https://www.youtube.com/feeds/videos.xml?channel_id={good}", 200, feed)
        recording(recordings, f"https://www.youtube.com/feeds/videos.xml?channel_id={bad}", 404, b"not here")
        self.configure(f'[project]\nname = "t"\ndata = "data"\n[[source]]\nid = "yt"\nplugin = "youtube"\nconfig = {{ channels = ["{bad}", "{good}"] }}\n')
        run = self.risetime("collect", "--replay", recordings, expect=3)
        self.assertIn(bad, run.out)
        self.assertEqual([(row["video_id"], row["views"], row["likes"]) for row in self.export("observation")], [("abcdefghijk", "123", "7")])
        self.assertRegex(self.risetime("status", expect=3).out, rf"{bad}\s+failed")

    def test_one_broken_image_is_a_missing_value_with_a_reason(self):
        self.configure(simulated(thumbnails=True))
        self.risetime("collect")
        images = self.folder / "images"
        images.mkdir()
        thumbnails = self.export("thumbnail")
        for row in thumbnails:
            (images / f"{row['video_id']}.png").write_bytes(bytes.fromhex(row["bytes"]))
        broken = thumbnails[0]["video_id"]
        (images / f"{broken}.png").write_bytes(b"\x89PNG\r\n\x1a\nand no more")
        (self.folder / "videos.csv").write_text(self.risetime("export", "video").out)
        self.configure('[project]\nname = "t"\ndata = "pictures"\n[[source]]\nid = "csv"\nplugin = "file"\n[source.config]\nplatform = "simulated"\n'
                       'videos = { path = "videos.csv" }\nthumbnails = { path = "images" }\n[[featurizer]]\nid = "look"\nplugin = "thumbnail"\n')
        self.risetime("collect")
        run = self.risetime("featurize")
        self.assertRegex(run.err, rf"video {broken}: .+")
        vectors = {row["video_id"]: row["vector"] for row in self.export("feature")}
        self.assertEqual(vectors.pop(broken), "")
        self.assertEqual(len(vectors), len(thumbnails) - 1)
        self.assertTrue(all(vectors.values()))


class Secrets(TestCase):
    CANARY = "c4n4ry-5ecret-7f3e9b"

    def test_a_canary_secret_appears_nowhere_but_in_its_request(self):
        received = []

        class Echo(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                received.append(self.headers.get("authorization"))
                body = f"you sent {self.headers.get('authorization')}".encode()
                self.send_response(200)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        server = http.server.HTTPServer(("127.0.0.1", 0), Echo)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        self.configure('[project]\nname = "t"\ndata = "data"\n[[source]]\nid = "c"\nplugin = "canary"\n'
                       f'config = {{ url = "http://127.0.0.1:{server.server_port}/x", token = "@{{env:RISETIME_CANARY}}" }}\n')
        outputs = []
        for arguments in (["collect", "--record", "recordings", "--log-level", "debug"], ["status"], ["export", "reject"],
                          ["export", "progress"], ["collect", "--replay", "recordings"], ["config", "check"]):
            run = self.risetime(*arguments, expect=None, env={"RISETIME_CANARY": self.CANARY})
            outputs.append((arguments, run.out + run.err))
        self.assertEqual(received, [f"Bearer {self.CANARY}"])
        self.assertIn("could not use", dict((a[0] + a[-1], o) for a, o in outputs)["exportreject"])
        for arguments, output in outputs:
            self.assertNotIn(self.CANARY, output, arguments)
        files = [path for path in self.folder.rglob("*") if path.is_file()]
        self.assertTrue(any("recordings" in str(path) for path in files))
        for path in files:
            self.assertNotIn(self.CANARY.encode(), path.read_bytes(), path)


if __name__ == "__main__":
    unittest.main()
