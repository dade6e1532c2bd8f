"""The collector against a server on loopback: rounds, progress, retry, politeness, data sets, validation and faults."""
import collections, gzip, http.server, json, os, random, resource, signal, socket, struct, subprocess, threading, time, unittest
import harness
from harness import SANITIZED, TestCase


class Server(http.server.ThreadingHTTPServer):
    """Answers /aN with one video of the account; `answers` holds what other answers some paths get: a function of the
    handler, or (status, body, headers)."""
    daemon_threads = True

    def __init__(self):
        self.asked, self.answers, self.views = [], {}, 0
        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, *_):
        pass  # clients that are killed in the middle of an answer


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # an answer leaves in one piece: its body would else wait 40 ms for the head to be acknowledged

    def do_GET(self):
        self.server.asked.append(self.path)
        self.server.views += 1
        answer = self.server.answers.get(self.path)
        if callable(answer):
            return answer(self)
        name = self.path.strip("/")
        default = json.dumps({"videos": [{"id": f"v-{name}", "age_s": 3600, "views": self.server.views}]})
        self.reply(*(answer or (200, default, {})))

    def reply(self, status, body, headers):
        body = body.encode() if isinstance(body, str) else body
        self.send_response(status)
        for name, value in {"content-length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


QUICK = "[http]\nrequests_per_second = 100000\nburst = 100000\njitter = 0.0\nautothrottle = false\n"


class Collector(TestCase):
    def setUp(self):
        super().setUp()
        self.server = Server()
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)

    def polled(self, accounts=3, source="", config="", http=QUICK, rest="", name="risetime.toml"):
        return self.configure(f'[project]\nname = "t"\ndata = "data"\n{http}\n[[source]]\nid = "p"\nplugin = "poller"\n{source}\n'
                              f'[source.config]\nurl = "{self.server.url}"\naccounts = {accounts}\n{config}\n{rest}\n', name)

    def status(self, *arguments, config=None):
        return json.loads(self.risetime("status", "--json", *arguments, expect=None, config=config).out)

    def readings(self):
        return collections.Counter(row["video_id"] for row in self.export("observation"))


class Rounds(Collector):
    def test_accounts_that_fail_are_named_counted_and_taken_up_by_retry(self):
        self.polled(accounts=4)
        self.server.answers["/a1"] = (404, "", {})
        run = self.risetime("collect", expect=3)
        self.assertIn("test:a1", run.out)
        [source] = self.status()["sources"]
        self.assertEqual((source["accounts"], source["done"], source["failed"], source["pending"]), (4, 3, 1, []))
        self.assertRegex(self.risetime("status", expect=3).out, r"test:a1\s+failed .*status 404 \(attempt 1\)")
        self.risetime("retry", expect=3)
        self.assertRegex(self.risetime("status", expect=3).out, r"test:a1\s+failed .*\(attempt 2\)")
        del self.server.answers["/a1"]
        self.server.asked.clear()
        self.risetime("retry", "--stage", "collect/other")
        self.assertEqual(self.server.asked, [])
        self.risetime("retry", "test:a1")
        self.assertEqual(self.server.asked, ["/a1"])
        self.assertEqual(self.status()["sources"][0]["done"], 4)
        self.assertEqual(self.readings(), {f"v-a{i}": 1 for i in range(4)})
        self.assertIn("nothing has failed", self.risetime("retry").out)

    def test_accounts_that_fail_are_left_out_where_the_settings_say_skip(self):
        self.polled(source='on_error = "skip"')
        self.server.answers["/a1"] = (404, "", {})
        self.risetime("collect", expect=3)
        self.server.asked.clear()
        self.risetime("collect")
        self.assertEqual(self.server.asked, ["/a0", "/a2"])

    def test_a_round_is_due_when_its_time_is_over_and_missed_ones_are_not_made_up(self):
        self.polled(source='every = "1h"')
        self.risetime("collect", "--due")
        self.risetime("collect", "--due")
        self.assertEqual(len(self.server.asked), 3)
        time.sleep(1)
        self.polled(source='every = "100ms"')  # several are missed now
        self.risetime("collect", "--due")
        self.assertEqual(len(self.server.asked), 6)
        self.assertEqual(self.status()["sources"][0]["round"], 2)

    def test_follow_goes_on_until_it_is_stopped(self):
        self.polled(source='every = "1h"')
        process = subprocess.Popen(self.command("collect", "--follow"), cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.assertIn(b"collected p", process.stdout.readline())
        self.assertEqual(self.status()["sources"][0]["done"], 3)  # while the other process works
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(60), 0)
        process.stdout.close()

    def test_videos_are_limited_and_read_by_their_age(self):
        videos = [{"id": f"v{i}", "age_s": 3600 * i, "views": 1} for i in range(1, 9)]
        self.server.answers["/a0"] = self.server.answers["/a1"] = (200, json.dumps({"videos": videos}), {})
        rules = 'sampling = [ { younger_than = "150m", every = "1ms" }, { younger_than = "4h30m", every = "100d" } ]\n'
        self.polled(accounts=1, source=rules)
        self.risetime("collect")
        self.assertEqual(sorted(self.readings()), ["v1", "v2", "v3", "v4"])
        self.risetime("collect")
        self.assertEqual(self.readings(), {"v1": 2, "v2": 2, "v3": 1, "v4": 1})
        config = self.polled(accounts=2, source="videos_per_account = 3\nmax_videos = 4")
        self.risetime("--dataset", "few", "collect", config=config)
        self.assertEqual(self.status("--dataset", "few")["rows"]["observation"], 4)

    def test_data_sets_live_side_by_side_and_share_politeness(self):
        self.polled(accounts=2, config="cost = 7")
        self.risetime("collect")
        self.risetime("--dataset", "second", "collect")
        self.risetime("--dataset", "second", "collect")
        self.assertEqual((self.status()["rows"]["observation"], self.status("--dataset", "second")["rows"]["observation"]), (2, 4))
        self.assertIn("there are: the data folder itself and second", self.risetime("status").out)
        [quota] = self.status()["quotas"]
        self.assertEqual((quota["quota"], quota["used"], quota["per_day"]), ("test-api", 42, 1000))

    def test_a_recorded_round_is_replayed_without_the_server(self):
        self.polled()
        self.risetime("collect", "--record", "recordings")
        self.server.asked.clear()
        self.risetime("--dataset", "again", "collect", "--replay", "recordings")
        self.assertEqual(self.server.asked, [])
        views = lambda rows: sorted((row["video_id"], row["views"]) for row in rows)
        again = self.risetime("--dataset", "again", "export", "observation", "--format", "jsonl").out
        self.assertEqual(sorted((row["video_id"], str(row["views"])) for row in map(json.loads, again.splitlines())), views(self.export("observation")))


class Politeness(Collector):
    def test_a_host_that_answers_without_data_is_left_alone_and_the_rest_is_pending(self):
        self.polled(accounts=5)
        self.server.answers["/a2"] = (200, "blocked", {})
        self.risetime("collect", expect=3)
        [source] = self.status()["sources"]
        self.assertEqual(source["failed"], 0)
        self.assertIn("test:a2", source["pending"])
        self.assertNotIn("v-a2", self.readings())
        self.server.asked.clear()
        run = self.risetime("collect", expect=3)  # the next process keeps to it
        self.assertEqual(self.server.asked, [])
        self.assertIn("left alone", run.err)

    def test_robots_txt_is_kept_to_for_pages_where_this_machine_is_asked_about(self):
        site = self.server.url.split("//")[1]
        self.server.answers["/robots.txt"] = (200, "User-agent: *\nDisallow: /a1", {})
        http = QUICK + f'[http.hosts."{site}"]\nrobots = true\n'
        self.polled(http=http, config="is_page = true")
        run = self.risetime("collect", expect=3)
        self.assertIn("Disallow: /a1", run.out)
        self.assertEqual(self.server.asked, ["/robots.txt", "/a0", "/a2"])
        self.polled(http=http)  # an interface
        self.risetime("collect")
        self.assertIn("/a1", self.server.asked)

    def test_a_quota_stops_before_its_limit_and_the_rest_is_pending(self):
        self.polled(accounts=5, config="cost = 100", http=QUICK + "quotas = { test-api = 250 }\n")
        run = self.risetime("collect", expect=3)
        self.assertEqual(len(self.server.asked), 2)
        self.assertIn("the day's quota is used up: 200 of 250 units", run.out)
        self.assertEqual(len(self.status()["sources"][0]["pending"]), 3)


class Validation(Collector):
    def test_rows_that_break_a_rule_are_set_aside_with_their_reason_and_exported(self):
        rules = '[validate]\nminimum_views = 10\nmaximum_age = "30d"\ncorrections = "reject"\n'
        self.polled(accounts=1, rest=rules)
        videos = {"few": (60, 9), "old": (86400 * 40, 100), "good": (60, 1000), "negative": (60, -5)}

        def answer():
            return json.dumps({"videos": [{"id": name, "age_s": age, "views": views} for name, (age, views) in videos.items()]})

        self.server.answers["/a0"] = (200, answer(), {})
        run = self.risetime("collect")
        self.assertIn("3 rows kept aside", run.out)
        videos["good"] = (60, 999)
        self.server.answers["/a0"] = (200, answer(), {})
        self.assertIn("1 totals corrected downwards", self.risetime("collect").out)
        self.assertEqual(self.readings(), {"good": 1})
        reasons = {(row["where"].split()[2], row["reason"].split(" at ")[0]) for row in self.export("rejects")}
        self.assertEqual(reasons, {("few", "views are fewer than 10"), ("old", "the video is older than 30d"),
                                   ("negative", "views is negative"), ("good", "views are fewer than")})
        self.assertEqual(self.status()["sources"][0]["rejects"], len(self.export("rejects")))
        self.assertTrue(json.loads(self.export("reject")[0]["raw"])["video_id"])

    def test_rows_that_lack_something_or_are_out_of_range_or_of_order_are_set_aside(self):
        self.configure('[project]\ndata = "data"\n[validate]\nrequired = ["video.category", "observation.views"]\n[[source]]\nid = "f"\nplugin = "file"\n'
                       'config = { platform = "x", videos = { path = "videos.csv" }, observations = { path = "readings.csv" } }\n')
        (self.folder / "videos.csv").write_text("video_id,published_at,category\ngood,2026-01-01T00:00:00Z,Music\nbare,2026-01-01T00:00:00Z,\n"
                                                "early,1960-01-01T00:00:00Z,Music\n")
        readings = {"2026-01-02": "100", "2025-06-01": "90", "2026-01-03": "", "2026-01-04": "10000000000000000", "2026-01-05": "many", "2026-01-06": "120",
                    "2126-01-06": "130"}
        (self.folder / "readings.csv").write_text("video_id,observed_at,views,likes\n" + "".join(f"good,{day}T00:00:00Z,{views},5\n" for day, views in readings.items()))
        self.assertIn("7 rows kept aside", self.risetime("collect").out)
        self.assertEqual([row["video_id"] for row in self.export("video")], ["good"])
        self.assertEqual([row["views"] for row in self.export("observation")], ["100", "120"])
        reasons = sorted((row["where"].split()[-1], row["reason"]) for row in self.export("rejects"))
        for (where, reason), (place, words) in zip(reasons, [
                ("2025-06-01T00:00:00Z", "read before the video was published"), ("2026-01-03T00:00:00Z", "views is missing"),
                ("2026-01-04T00:00:00Z", "views is above"), ("2126-01-06T00:00:00Z", "observed_at is in the future"), ("bare", "category is missing"), ("early", "before 1970"), ("readings.csv:6:views", '"many" is no count')],
                strict=True):
            self.assertEqual(where, place)
            self.assertIn(words, reason)

    def test_a_video_of_which_neither_channel_nor_title_is_known_is_kept(self):
        (self.folder / "videos.csv").write_text("video_id,published_at\na,2026-01-01T00:00:00Z\n")
        self.configure('[project]\ndata = "data"\n[[source]]\nid = "f"\nplugin = "file"\nconfig = { platform = "x", videos = { path = "videos.csv" } }\n')
        self.risetime("collect")
        self.assertEqual([(row["video_id"], row["channel_id"], row["title"]) for row in self.export("video")], [("a", "", "")])

    def test_a_file_that_is_not_there_is_a_wrong_configuration(self):
        self.configure('[project]\ndata = "data"\n[[source]]\nid = "f"\nplugin = "file"\nconfig = { platform = "x", videos = { path = "no.csv" } }\n')
        self.assertIn('there is no file "no.csv"', self.risetime("collect", expect=78).err)


class Faults(Collector):
    def test_each_fault_of_a_server_is_a_named_error_of_its_account_alone(self):
        def stop_in_the_middle(handler):
            handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{")
            handler.close_connection = True

        def reset(handler):
            handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{")
            handler.wfile.flush()
            handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            os.close(handler.connection.detach())

        def redirect(handler):
            handler.reply(302, "", {"location": handler.path})

        def drip(handler):
            handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
            while True:
                handler.wfile.write(b" ")
                handler.wfile.flush()
                time.sleep(0.05)

        bomb = gzip.compress(bytes(100 << 20))  # 100 KB
        deep = "[" * (20 << 20)
        faults = {"/a1": (stop_in_the_middle, "no answer"), "/a2": (redirect, "redirects more than"),
                  "/a3": ((200, deep, {}), "nest"), "/a4": ((200, "{}" + "x" * 100, {}), "follows"),
                  "/a5": ((500, "", {}), "status 500"), "/a6": ((200, "x" * 10, {"content-encoding": "gzip"}), "not proper HTTP"),
                  "/a7": ((200, bomb, {"content-encoding": "gzip"}), "has more than"), "/a8": (drip, "no complete answer in time"),
                  "/a9": (reset, "no answer"), "/a10": ((200, '{"videos": [', {}), "expected a value")}
        for path, (answer, _) in faults.items():
            self.server.answers[path] = answer
        self.polled(accounts=12, http=QUICK + 'attempts = 2\ntimeout = "1s"\n')
        run = self.risetime("collect", expect=3)
        self.assertEqual(self.readings(), {"v-a0": 1, "v-a11": 1})
        failed = {row["account"]: row["message"] for row in self.status()["progress"] if row["account"]}
        self.assertEqual(sorted(failed), sorted("test:" + path[1:] for path in faults))
        for path, (_, words) in faults.items():
            self.assertIn(words, failed["test:" + path[1:]], run.out)
        self.server.answers.clear()
        self.risetime("retry")
        self.assertEqual(self.readings(), {f"v-a{i}": 1 for i in range(12)})

    def test_a_full_disk_is_a_named_error_and_nothing_is_lost_or_doubled(self):
        # Plugins are mapped from files in memory, which the limit counts too.
        limit = 1_000_000 + max((harness.BUILD / file).stat().st_size for file in ("plugins/sqlite.so", "test-plugins/poller.so"))
        for account in range(8):
            videos = [{"id": f"video-{account}-{i}-" + "x" * (limit // 8000), "age_s": 60, "views": 1} for i in range(1000)]
            self.server.answers[f"/a{account}"] = (200, json.dumps({"videos": videos}), {})
        self.polled(accounts=8, source="accounts_per_batch = 1")

        def small_files():
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

        full = subprocess.run(self.command("collect"), cwd=self.folder, capture_output=True, text=True, preexec_fn=small_files)
        self.assertIn(full.returncode, (1, 3), full.stderr)
        self.assertRegex(full.stderr, r"(?i)disk|space|too large|full")
        self.risetime("collect")
        counts = self.readings()
        self.assertEqual(len(counts), 8000)
        self.assertEqual(set(counts.values()), {1})


class KillNine(Collector):
    KILLS = int(os.environ.get("RISETIME_KILLS", 50 if SANITIZED else 1000))
    ACCOUNTS = 40

    def timed_round(self):
        started = time.monotonic()
        self.risetime("collect")
        return time.monotonic() - started

    def check_after_a_kill(self):
        """What is stored at this moment: an account that is done in this round has a reading more than one that is not."""
        [source] = self.status()["sources"]
        expected = {f"v-a{i}": source["round"] - (f"test:a{i}" in source["pending"]) for i in range(self.ACCOUNTS)}
        self.assertEqual(self.readings(), {video: count for video, count in expected.items() if count})
        return source

    def test_kill_nine_at_random_moments_loses_and_doubles_no_sample(self):
        self.polled(accounts=self.ACCOUNTS, source="accounts_per_batch = 3")
        self.risetime("collect")
        dice, killed, asked, open_rounds = random.Random(3), 0, collections.Counter(), 0
        while killed < self.KILLS:
            if killed % 50 == 0:  # the machine may be busier than it was
                if self.status()["sources"][0]["is_open"]:
                    self.risetime("collect")
                whole_time = self.timed_round()
            before = len(self.server.asked)
            process = subprocess.Popen(self.command("collect"), cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(dice.uniform(0, whole_time))
            if process.poll() is None:
                process.kill()
                killed += 1
            status = process.wait()
            self.assertIn(status, (0, -signal.SIGKILL))
            if status == 0:
                continue
            asked[len(self.server.asked) - before] += 1
            if SANITIZED or killed % 10 == 0:
                open_rounds += self.check_after_a_kill()["is_open"]
        if self.status()["sources"][0]["is_open"]:
            self.risetime("collect")
        source = self.check_after_a_kill()
        self.assertEqual((source["is_open"], source["done"]), (False, self.ACCOUNTS))
        # Each reading is of an answer of its own.
        views = [row["views"] for row in self.export("observation")]
        self.assertEqual(len(views), len(set(views)))
        self.assertGreater(open_rounds, 0)
        print(f"{killed} kills in {source['round']} rounds: {asked[0]} before the first request, {killed - asked[0]} behind the "
              f"{len(asked) - (0 in asked)} other numbers of requests up to {max(asked)}", flush=True)

    @unittest.skipIf(SANITIZED, "measures time")
    def test_a_round_of_100000_accounts_is_taken_up_where_it_was(self):
        self.polled(accounts=100_000, source="accounts_per_batch = 1000", config="fetch_every = 1000")
        self.risetime("collect")
        process = subprocess.Popen(self.command("collect"), cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while len(self.server.asked) < 150:
            time.sleep(0.01)
        process.kill()
        process.wait()
        before = len(self.server.asked)
        started = time.monotonic()
        process = subprocess.Popen(self.command("collect"), cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while len(self.server.asked) == before and time.monotonic() - started < 30:
            time.sleep(0.002)
        waited = time.monotonic() - started
        self.assertEqual(process.wait(), 0)
        self.assertGreater(len(self.server.asked), before)
        self.assertEqual(self.readings(), {f"v-a{i}": 2 for i in range(0, 100_000, 1000)})
        print(f"taken up after {waited:.3f} s", flush=True)


if __name__ == "__main__":
    unittest.main()
