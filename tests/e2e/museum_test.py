"""Plugins that were built with every released boundary load and run in this host."""
import functools, hashlib, http.server, json, re, threading, time, unittest
from harness import SOURCE, TestCase

MUSEUM = SOURCE / "tests" / "museum"


class Feed(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


class Museum(TestCase):
    def releases(self):
        folders = sorted(path for path in MUSEUM.iterdir() if path.is_dir() and path.name[0].isdigit())
        self.assertTrue(folders, "the museum is empty")
        return folders

    def test_the_plugins_are_the_ones_that_were_released(self):
        digests = dict(reversed(line.split()) for line in (MUSEUM / "SHA256SUMS").read_text().splitlines())
        found = {f"{path.parent.name}/{path.name}": hashlib.sha256(path.read_bytes()).hexdigest()
                 for folder in self.releases() for path in folder.glob("*.so")}
        self.assertEqual(found, digests)
        self.assertEqual(len(found), 4 * len(self.releases()))

    def test_each_collects_describes_learns_forecasts_and_keeps(self):
        now = int(time.time())
        feed = self.folder / "feed"
        feed.mkdir()
        (feed / "ann.json").write_text(json.dumps(
            [{"id": f"v{i}", "title": f"Video {i}", "published_at_s": now - 86400 * (i + 1), "views": 1000 * (i + 1)}
             for i in range(5)]))
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Feed, directory=str(feed)))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        for release in self.releases():
            with self.subTest(release.name):
                config = self.configure(f"""
[project]
name = "museum"
data = "data-{release.name}"
[store]
artifacts = {{ plugin = "museum-store" }}
[[source]]
id = "feed"
plugin = "museum-source"
config = {{ url = "http://127.0.0.1:{server.server_port}", accounts = ["ann", "nobody"] }}
[[featurizer]]
id = "title"
plugin = "museum-featurizer"
[[model]]
id = "old"
plugin = "museum-model"
features = ["title"]
[forecast]
stats = ["views"]
horizons = ["1d", "7d"]
model = "old"
""", f"{release.name}.toml")
                run = self.risetime("run", "--plugins", release, config=config, expect=3)
                self.assertIn("nobody", run.err, "the account that is not there is named")
                rows = self.risetime("export", "forecast", "--plugins", release, config=config).out.splitlines()
                self.assertEqual(len(rows), 1 + 5 * 2, rows)
                self.assertTrue(all(",old," in row for row in rows[1:]), rows)
                kept = list((self.folder / f"data-{release.name}" / "artifacts").iterdir())
                self.assertGreaterEqual(len(kept), 2, "features and the model are kept by the old store")
                again = self.risetime("train", "--plugins", release, "--json", config=config).out
                self.assertNotIn("true", re.findall(r'"trained": (\w+)', again), "what the old store kept is found again")
                self.assertIn('"trained"', again)


if __name__ == "__main__":
    unittest.main()
