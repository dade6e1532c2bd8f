"""The TikTok source through the command: runs of an actor at a stand-in of Apify on this machine, its faults, and kills; exports."""
import collections, http.server, json, re, shutil, threading, time, unittest, urllib.parse

from harness import SOURCE, TestCase

TOKEN = "apify_api_token-4711"
FIRST_SECOND = 1767052800  # 2025-12-30


def item(author, number):
    """One item in the form of clockworks/tiktok-scraper's."""
    published = FIRST_SECOND + 60 * number
    video = str(published << 32)
    return {"id": video, "text": f"fold {number} #paper", "createTime": published, "input": author,
            "authorMeta": {"id": "77", "name": author, "nickName": author.upper(), "fans": 1200}, "musicMeta": {"musicName": "hum"},
            "webVideoUrl": f"https://www.tiktok.com/@{author}/video/{video}", "videoMeta": {"duration": 31, "coverUrl": "https://c/1.jpg"},
            "playCount": 100 + number, "diggCount": 12, "shareCount": 3, "commentCount": 5, "collectCount": 4, "hashtags": [{"name": "paper"}]}


class Apify(http.server.BaseHTTPRequestHandler):
    """As Apify's API reference has it: runs of one actor, each with a data set of all items, and faults in the order of server.faults."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def reply(self, status, value, headers=()):
        body = value if isinstance(value, bytes) else json.dumps(value).encode()
        self.send_response(status)
        for name, text in [("Content-Length", str(len(body))), ("Content-Type", "application/json"), *headers]:
            self.send_header(name, text)
        self.end_headers()
        self.wfile.write(body)

    def fault(self, kind, whole):
        """Answers in a wrong way; a status, or one of the words below."""
        if isinstance(kind, int):
            return self.reply(kind, {"error": {"type": "fault", "message": "on purpose"}}, [("Retry-After", "1")] if kind == 429 else [])
        if kind == "broken":
            return self.reply(200, whole[:len(whole) // 2])
        if kind == "half":  # fewer bytes than were promised, then the end of the connection
            self.send_response(200)
            self.send_header("Content-Length", str(len(whole)))
            self.end_headers()
            self.wfile.write(whole[:len(whole) // 2])
        self.close_connection = True
        self.connection.close() if kind == "reset" else None

    def run_object(self, run):
        status = run["statuses"].pop(0) if len(run["statuses"]) > 1 else run["statuses"][0]
        ended = status not in ("READY", "RUNNING")
        return {"id": run["id"], "status": status, "startedAt": run["started"], "finishedAt": "2026-01-01T00:05:00.000Z" if ended else None,
                "defaultDatasetId": "D" + run["id"], "defaultKeyValueStoreId": "K" + run["id"], "statusMessage": "on purpose"}

    def handle_one(self, method):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path, _, text = self.path.partition("?")
        query = urllib.parse.parse_qs(text)
        self.server.asked.append(f"{method} {path}")
        if TOKEN in self.path or self.headers.get("Authorization") != "Bearer " + TOKEN:
            return self.reply(401, {"error": {"type": "user-or-token-not-found", "message": "Authentication token is not valid."}})
        status, answer, headers = self.answer(method, path, query, body)
        whole = json.dumps(answer).encode()
        for pattern, faults in self.server.faults.items():
            if faults and re.search(pattern, f"{method} {path}"):
                return self.fault(faults.pop(0), whole)
        late = self.kill_if_it_is_time(at_once=True)
        self.reply(status, whole, headers)
        if late:
            self.kill_if_it_is_time(at_once=False)

    def kill_if_it_is_time(self, at_once):
        """Kills the asking process where this is the request for that; says whether it shall happen behind the answer."""
        if self.server.victim is None:
            return False
        if not at_once or (self.server.kill_at == 1 and not self.server.kill_late):
            self.server.victim.kill()
        self.server.kill_at -= 1 if at_once else 0
        return self.server.kill_at == 0 and self.server.kill_late

    def do_GET(self):
        self.handle_one("GET")

    def do_POST(self):
        self.handle_one("POST")

    def answer(self, method, path, query, body):
        runs = self.server.runs
        if (method, path) == ("POST", "/v2/acts/clockworks~tiktok-scraper/runs"):
            number = len(runs) + 1
            run = {"id": f"R{number}", "input": json.loads(body), "statuses": list(self.server.statuses), "query": query,
                   "started": time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())}
            runs[run["id"]] = run
            return 201, {"data": self.run_object(run)}, []
        if (method, path) == ("GET", "/v2/acts/clockworks~tiktok-scraper/runs"):
            return 200, {"data": {"items": [self.run_object(run) for run in reversed(runs.values())]}}, []
        found = re.fullmatch(r"/v2/(actor-runs|datasets|key-value-stores)/[DK]?(R\d+)(/.*)?", path)
        if not found or found[2] not in runs:
            return 404, {"error": {"type": "record-not-found", "message": "not found"}}, []
        kind, run, rest = found[1], runs[found[2]], found[3] or ""
        if kind == "actor-runs" and rest == "/abort":
            run["statuses"] = ["ABORTED"]
        if kind == "actor-runs":
            return 200, {"data": self.run_object(run)}, []
        if kind == "key-value-stores":  # Apify adds the actor's defaults
            return 200, {"proxyCountryCode": "None", **run["input"]}, []
        offset, limit = int(query["offset"][0]), int(query["limit"][0])
        items = self.server.items
        self.server.pages[found[2], offset] += 1
        return 200, items[offset:offset + limit], [("X-Apify-Pagination-Offset", str(offset)), ("X-Apify-Pagination-Total", str(self.server.total or len(items)))]


class TikTokTest(TestCase):
    def setUp(self):
        super().setUp()
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Apify)
        self.server.daemon_threads = True
        self.server.runs, self.server.asked, self.server.faults, self.server.pages = {}, [], {}, collections.Counter()
        self.server.statuses, self.server.victim, self.server.total = ["READY", "RUNNING", "SUCCEEDED"], None, None
        self.server.items = [item("paper" if number % 2 else "scissors", number) for number in range(25)]
        self.server.handle_error = lambda *arguments: None  # clients that are killed in the middle of an answer
        thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)
        self.env = {"APIFY_TOKEN": TOKEN}

    def project(self, more=""):
        self.configure(f"""
[project]
name = "videos"

[http]
requests_per_second = 1000
burst = 100
autothrottle = false

[[source]]
id = "tiktok"
plugin = "tiktok"
every = "1d"
[source.config]
token = "@{{env:APIFY_TOKEN}}"
api_url = "http://127.0.0.1:{self.server.server_port}/v2"
profiles = ["paper", "@Scissors"]
page_size = 5
{more}""")

    def check_all_is_there_once(self):
        expected = {one["id"]: str(one["playCount"]) for one in self.server.items if "playCount" in one}
        observed = self.export("observation")
        self.assertEqual({row["video_id"]: row["views"] for row in observed}, expected)
        self.assertEqual(len(observed), len(expected))
        self.assertEqual({row["observed_at"] for row in observed}, {"2026-01-01T00:05:00Z"})

    def test_a_round_is_stored_and_replayed_and_the_token_is_left_nowhere(self):
        self.project()
        done = self.risetime("collect", "--record", "recordings", env=self.env)
        self.check_all_is_there_once()
        self.assertEqual(list(self.server.runs), ["R1"])
        self.assertEqual(self.server.runs["R1"]["input"], {"profiles": ["paper", "scissors"], "resultsPerPage": 20})
        self.assertEqual(self.server.runs["R1"]["query"], {"timeout": ["1800"], "maxItems": ["40"], "maxTotalChargeUsd": ["1"]})
        self.assertEqual({(row["channel_id"], row["name"], row["followers"]) for row in self.export("channel")},
                         {("paper", "PAPER", "1200"), ("scissors", "SCISSORS", "1200")})
        video = self.export("video")[0]
        self.assertEqual((video["duration_s"], video["thumbnail_url"]), ("31", "https://c/1.jpg"))
        self.assertEqual(json.loads(video["extra"])["saves"], 4)
        self.assertNotIn(TOKEN, done.out + done.err)
        written = [path for path in self.folder.rglob("*") if path.is_file()]
        self.assertTrue(any(path.suffix == ".http" for path in written))
        for path in written:
            self.assertNotIn(TOKEN.encode(), path.read_bytes(), path)
        before = self.export("video")
        self.server.asked.clear()
        shutil.rmtree(self.folder / "data")
        self.risetime("collect", "--replay", "recordings", env=self.env)
        self.assertEqual(self.server.asked, [])
        self.assertEqual(self.export("video"), before)
        self.check_all_is_there_once()

    def test_a_second_round_starts_a_second_run(self):
        self.project()
        for _ in range(2):
            self.risetime("collect", env=self.env)
        self.assertEqual(list(self.server.runs), ["R1", "R2"])

    def test_killed_at_any_request_it_pays_one_run_and_reads_each_item_once(self):
        """Each process is killed at one of its first four requests: while Apify's answer is on its way, or as soon as it was sent."""
        self.project()

        def arm(attempt):
            self.server.kill_at, self.server.kill_late = 1 + attempt % 4, attempt % 3 == 2

        self.assertGreaterEqual(self.collect_in_spite_of_kills(self.server, arm, self.env), 5)  # a round has ten requests and more
        self.assertEqual(list(self.server.runs), ["R1"])
        self.assertEqual(self.server.asked.count("POST /v2/acts/clockworks~tiktok-scraper/runs"), 1)
        self.check_all_is_there_once()

    def test_an_answer_that_was_lost_does_not_start_another_run(self):
        for fault in ["reset", "half", 500, "broken"]:
            with self.subTest(fault):
                shutil.rmtree(self.folder / "data", ignore_errors=True)
                self.server.runs.clear()
                self.project()
                self.server.faults = {"^POST .*/runs$": [fault]}
                self.risetime("collect", "--due", expect=None, env=self.env)
                self.risetime("collect", "--due", env=self.env)
                self.assertEqual(self.server.faults, {"^POST .*/runs$": []})
                self.assertEqual(list(self.server.runs), ["R1"])
                self.check_all_is_there_once()

    def test_faults_on_the_way_lose_and_double_nothing(self):
        faults = [429, 500, 503, "reset", "half", "broken"]
        for place in ["actor-runs", "datasets"]:
            for fault in faults:
                with self.subTest(f"{place} {fault}"):
                    shutil.rmtree(self.folder / "data", ignore_errors=True)
                    self.server.runs.clear()
                    self.server.asked.clear()
                    self.project()
                    self.server.faults = {place: [fault]}
                    self.risetime("collect", env=self.env)
                    self.assertEqual(self.server.faults, {place: []})
                    self.assertEqual(list(self.server.runs), ["R1"])
                    self.check_all_is_there_once()

    def test_a_run_that_ends_badly_is_named_and_what_it_found_is_kept(self):
        for status in ["FAILED", "TIMED-OUT", "ABORTED"]:
            with self.subTest(status):
                shutil.rmtree(self.folder / "data", ignore_errors=True)
                self.project()
                self.server.statuses = ["RUNNING", status]
                done = self.risetime("collect", expect=3, env=self.env)
                self.assertIn(f"ended as {status}: on purpose", done.out + done.err)
                self.check_all_is_there_once()
        shown = self.risetime("status", expect=3)
        self.assertIn("tiktok:paper", shown.out + shown.err)
        self.server.statuses = ["SUCCEEDED"]
        self.risetime("retry", "tiktok:paper", expect=None, env=self.env)
        self.assertEqual(self.server.runs["R4"]["input"]["profiles"], ["paper"])  # a run for what failed, and no more
        self.assertEqual(len(self.server.runs), 4)
        failed = [line for line in self.risetime("status", expect=3).out.splitlines() if " failed " in line and line.startswith("collect")]
        self.assertEqual([line.split()[1] for line in failed], ["tiktok:scissors"])

    def test_a_run_that_never_ends_is_named_kept_and_read_once_it_ended(self):
        self.project('run_timeout = "1s"')
        self.server.statuses = ["RUNNING"]
        done = self.risetime("collect", expect=None, env=self.env)
        self.assertNotEqual(done.status, 0)
        self.assertIn("still RUNNING", done.out + done.err)
        self.assertIn("actor-runs/R1", done.out + done.err)
        self.server.runs["R1"]["statuses"] = ["SUCCEEDED"]
        self.risetime("collect", env=self.env)
        self.assertEqual(list(self.server.runs), ["R1"])
        self.check_all_is_there_once()

    def test_a_run_that_never_ends_is_aborted_if_so_configured(self):
        self.project('run_timeout = "1s"\nwhen_stuck = "abort"')
        self.server.statuses = ["RUNNING"]
        done = self.risetime("collect", expect=3, env=self.env)
        self.assertIn("POST /v2/actor-runs/R1/abort", self.server.asked)
        self.assertIn("ended as ABORTED", done.out + done.err)
        self.check_all_is_there_once()

    def test_a_token_that_is_refused_is_said_without_being_shown(self):
        self.project()
        done = self.risetime("collect", expect=None, env={"APIFY_TOKEN": "wrong-4712"})
        self.assertNotEqual(done.status, 0)
        self.assertIn("Apify refuses the token", done.out + done.err)
        self.assertNotIn("wrong-4712", done.out + done.err)
        self.assertEqual(self.server.runs, {})

    def test_counts_that_lie_and_error_items_are_named(self):
        self.project()
        self.server.items += [{"error": "This profile does not exist.", "errorCode": "NOT_FOUND", "input": "scissors"}]
        done = self.risetime("collect", expect=3, env=self.env)
        self.assertIn("tiktok:scissors", done.out + done.err)
        self.assertIn("This profile does not exist. (NOT_FOUND)", done.out + done.err)
        self.check_all_is_there_once()
        rejects = self.export("reject")
        self.assertEqual([row["reason"] for row in rejects], ["the actor says: This profile does not exist. (NOT_FOUND)"])
        self.assertIn("/v2/datasets/DR1/items", rejects[0]["where"])

        shutil.rmtree(self.folder / "data")
        self.server.items.pop()
        self.server.total = 30
        done = self.risetime("collect", expect=3, env=self.env)
        self.assertIn("promises 30 items and gives 25", done.out + done.err)
        self.check_all_is_there_once()

    def test_no_run_is_started_beyond_the_daily_budget(self):
        self.project("usd_per_day = 2.5")
        for _ in range(2):
            self.risetime("collect", env=self.env)
        done = self.risetime("collect", expect=None, env=self.env)
        self.assertNotEqual(done.status, 0)
        self.assertIn("apify-cents", done.out + done.err)
        self.assertEqual(list(self.server.runs), ["R1", "R2"])

    def test_the_ready_made_configuration_runs_as_it_is(self):
        shutil.copytree(SOURCE / "config" / "tiktok", self.folder / "config" / "tiktok")
        text = (SOURCE / "config" / "tiktok.toml").read_text()
        self.configure(text, "config/tiktok.toml")
        config = self.folder / "config" / "tiktok.toml"
        forecasts = json.loads(self.risetime("run", "--all", "--json", config=config).out)
        self.assertGreater(forecasts["videos"], 20)
        self.assertEqual(len(self.export("reject", config=config)), 0)
        self.assertEqual(self.server.asked, [])
        before = self.export("observation", config=config)
        self.assertGreater(len(before), 200)
        for _ in range(2):  # what a file said once is not read again, touched or not
            self.risetime("collect", config=config)
            self.assertEqual(self.export("observation", config=config), before)
            for file in (self.folder / "config" / "tiktok").glob("*.csv"):
                file.touch()
        with_apify = re.sub(r"(?m)^#(?=\[|[a-z_]+ = )", "", text)
        self.assertNotEqual(with_apify, text)
        self.configure(with_apify)
        self.risetime("config", "check")

    def test_the_sample_and_the_readmes_examples_pass_the_check(self):
        self.check_sample_and_examples(SOURCE / "plugins" / "source" / "tiktok", least_settings=15, examples=3)


if __name__ == "__main__":
    unittest.main()
