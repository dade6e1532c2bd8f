"""Runs the built `risetime` in folders of its own, for tests."""
import csv, hashlib, io, json, os, pathlib, re, shutil, signal, sqlite3, subprocess, tempfile, tomllib, unittest

BUILD = pathlib.Path(os.environ["RISETIME_BUILD"])
SOURCE = pathlib.Path(os.environ["RISETIME_SOURCE"])
SANITIZED = bool(os.environ.get("RISETIME_SANITIZE"))
PROGRAM = str(BUILD / "bin" / "risetime")
STATS = ["views", "likes", "comments"]
QUANTILES = ["q025", "q100", "q250", "q500", "q750", "q900", "q975"]


def real_data(*parts):
    """A file or folder of the real data; skips the test where it is not, except on CI."""
    root = pathlib.Path(os.environ.get("RISETIME_TEST_DATA") or SOURCE.parent / "shared" / "data")
    path = root.joinpath(*parts)
    if not path.exists():
        if os.environ.get("CI"):
            raise AssertionError(f"{path} is not there, and CI must have the real data")
        raise unittest.SkipTest(f"the real data is not at {path}; set RISETIME_TEST_DATA to where it is")
    return path


class Run:
    def __init__(self, finished):
        self.status, self.out, self.err = finished.returncode, finished.stdout, finished.stderr


class TestCase(unittest.TestCase):
    maxDiff = 4000

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="risetime-e2e-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def configure(self, text, name="risetime.toml"):
        path = self.folder / name
        path.write_text(text)
        return path

    def command(self, *arguments):
        return [PROGRAM, "--plugins", str(BUILD / "test-plugins"), *map(str, arguments)]

    def risetime(self, *arguments, expect=0, config=None, env=None):
        """Runs the command; fails with its output unless it exits with `expect`."""
        where = ["-c", str(config or self.folder / "risetime.toml")]
        finished = subprocess.run(self.command(*arguments, *where), capture_output=True, text=True, cwd=self.folder,
                                  env={**os.environ, **(env or {})}, stdin=subprocess.DEVNULL)
        if expect is not None:
            self.assertEqual(finished.returncode, expect, f"{arguments}\n{finished.stdout[-3000:]}\n{finished.stderr[-3000:]}")
        return Run(finished)

    def collect_in_spite_of_kills(self, server, arm, env):
        """Collects again and again, each process (server.victim) killed by the server as arm(attempt) has told it, until one ends
        by itself, well. How many were killed."""
        for attempt in range(1000):
            arm(attempt)
            # --due: a round that is over begins no other
            server.victim = subprocess.Popen(self.command("collect", "--due", "-c", self.folder / "risetime.toml"), cwd=self.folder,
                                             env={**os.environ, **env}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            status = server.victim.wait()
            if status != -signal.SIGKILL:
                break
        server.victim = None
        self.assertEqual(status, 0)
        return attempt

    def export(self, table, config=None):
        """The rows of a table as dictionaries."""
        return list(csv.DictReader(io.StringIO(self.risetime("export", table, config=config).out)))

    def check_sample_and_examples(self, plugin, least_settings, examples):
        """A source's sample shows each of its settings, in their order and with its default, and the README shows the sample; it
        and the README's examples are valid."""
        project = '[project]\nname = "sample"\n'
        sample = (plugin / "sample.toml").read_text()
        self.configure(project + sample)
        self.risetime("config", "check")
        self.configure(project + re.sub(r"(?m)^#(?=[a-z_]+ = )", "", sample))
        self.risetime("config", "check")
        fields = re.findall(r'field\(\s*"(\w+)"', (plugin / "options.hpp").read_text().replace("\n", " "))
        self.assertGreater(len(fields), least_settings)
        self.assertEqual(re.findall(r"(?m)^#?([a-z_]+) = ", sample.split("[source.config]")[1]), fields)
        schema = json.loads(self.risetime("--json", "plugins", "show", plugin.name).out)["config_schema"]["properties"]
        for line in sample.split("[source.config]")[1].splitlines():
            if line[:1].isalpha() and not re.search("# .*(required|default: none)", line):
                [(name, value)] = tomllib.loads(line).items()
                self.assertEqual(value, schema[name].get("default", {}), name)  # tables have none
        self.assertIn(re.sub(r"(?m)^(?=.)", "    ", sample), (plugin / "README.md").read_text())
        shown = re.findall(r"(?m)(?:^ {4}.*\n|^\n)+", (plugin / "README.md").read_text())
        whole = [re.sub(r"(?m)^ {4}", "", example) for example in shown if "[[source]]" in example]
        for example in whole:
            self.configure(project + example)
            self.risetime("config", "check")
        self.assertEqual(len(whole), examples)

    def artifacts(self, data="data"):
        """A digest of each table in which an SQLite store keeps artifacts."""
        digests = {}
        with sqlite3.connect(f"file:{self.folder / data / 'risetime.sqlite'}?mode=ro", uri=True) as db:
            names = [row[0] for row in db.execute("select name from sqlite_master where name like '%artifact%' and type = 'table'")]
            for table in sorted(names):
                rows = sorted(map(repr, db.execute(f'select * from "{table}"')))
                digests[table] = hashlib.sha256("\n".join(rows).encode()).hexdigest()
        return digests


SIMULATED = """
[project]
name = "test"
data = "{data}"

[[source]]
id = "simulated"
plugin = "simulator"
config = {{ channels = {channels}, videos_per_channel = {videos}, days = {days}, every = "{every}", thumbnails = {thumbnails} }}
"""

MODELS = """
[[featurizer]]
id = "text"
plugin = "text"
config = { vocabulary = 500, project_to = 16 }

[[model]]
id = "quick"
plugin = "ridge"
features = ["text"]

[forecast]
stats    = ["views", "likes", "comments"]
horizons = ["1d", "3d", "7d"]
model    = "quick"
"""


def simulated(channels=4, videos=8, days=20, every="6h", thumbnails=False, data="data"):
    return SIMULATED.format(channels=channels, videos=videos, days=days, every=every,
                            thumbnails="true" if thumbnails else "false", data=data)


def recording(folder, url, status, body, headers=()):
    """Writes an answer for --replay."""
    host = url.split("//")[1].split("/")[0]
    digest = hashlib.sha256(f"GET\n{url}\n".encode()).hexdigest()[:16]
    lines = ["# risetime recording 1", f"GET {url}", "", f"{status} {url}", *headers, "", ""]
    (pathlib.Path(folder) / f"{host}-{digest}.http").write_bytes("\n".join(lines).encode() + body)
