"""The Twitch source through the command, against a stand-in of Twitch on this machine: tokens, faults, recordings, settings."""
import http.server, json, os, pathlib, shutil, signal, socket, subprocess, threading, time, unittest, urllib.error, urllib.parse, urllib.request

from harness import SOURCE, TestCase

SECRET, KEY, USER_TOKEN = "secret-4711", "key-4712", "user-token-4713"


class Twitch(http.server.BaseHTTPRequestHandler):
    """Gives tokens, refuses the first one after two requests, and has two channels, of which one is live."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def reply(self, status, value, headers=()):
        body = json.dumps(value).encode()
        self.send_response(status)
        for name, text in [("Content-Length", str(len(body))), ("Content-Type", "application/json"), *headers]:
            self.send_header(name, text)
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        form = urllib.parse.parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        if form.get("client_secret") != [SECRET] or form.get("client_id") != ["me"]:
            return self.reply(403, {"status": 403, "message": "invalid client secret"})
        self.server.tokens.append(f"app-token-{len(self.server.tokens)}")
        self.reply(200, {"access_token": self.server.tokens[-1], "expires_in": 5000000, "token_type": "bearer"})

    def do_GET(self):
        path, _, text = self.path.partition("?")
        query = urllib.parse.parse_qs(text)
        bearer = self.headers.get("Authorization", "").removeprefix("Bearer ")
        self.server.asked.append(path)
        if bearer == "app-token-0" and len(self.server.asked) > 2:
            return self.reply(401, {"status": 401, "message": "Invalid OAuth token"})
        if bearer not in [*self.server.tokens, USER_TOKEN] or self.headers.get("Client-Id") != "me":
            return self.reply(401, {"status": 401, "message": "OAuth token is missing"})
        answer = self.answer(path, query, bearer)
        self.reply(200 if answer else 404, answer or {"message": "not found"}, [("Ratelimit-Remaining", "700"), ("ETag", '"1"')])

    def answer(self, path, query, bearer):
        if path == "/helix/users" and bearer == USER_TOKEN:
            return {"data": [{"id": "77", "login": "mod", "display_name": "Mod"}]}
        if path == "/helix/users":
            known = {"paper": "1", "scissors": "2"}
            return {"data": [{"id": known[login], "login": login, "display_name": login.upper()}
                             for login in query["login"] if login in known]}
        if path == "/helix/streams":
            stream = {"id": "900", "user_id": "1", "user_login": "paper", "user_name": "PAPER", "game_id": "5", "game_name": "Origami",
                      "title": "cranes", "viewer_count": 42, "started_at": "2026-01-01T10:00:00Z", "language": "en",
                      "thumbnail_url": "https://t/{width}x{height}.jpg", "tags": ["English"], "type": "live"}
            return {"data": [stream], "pagination": {}}
        if path == "/helix/videos":
            bad = [{"id": "7", "title": "without a count", "description": "with Alice."}]
            return {"data": bad * (self.server.bad_recording and query["user_id"] == ["1"]) + [{"id": "5" + query["user_id"][0], "stream_id": "800", "user_id": query["user_id"][0], "title": "yesterday",
                              "published_at": "2025-12-31T10:00:00Z", "duration": "1h0m1s", "view_count": 99}], "pagination": {}}
        if path == "/helix/channels/followers":
            return {"total": 1234, "data": []}
        if path == "/helix/chat/chatters" and bearer == USER_TOKEN and query["moderator_id"] == ["77"]:
            return {"data": [{"user_id": "8", "user_login": login, "user_name": login.title()} for login in self.server.chatters],
                    "pagination": {}}
        return None


class TwitchStand(TestCase):
    """A project that reads from the stand-in."""

    def setUp(self):
        super().setUp()
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Twitch)
        self.server.tokens, self.server.asked = [], []
        self.server.chatters, self.server.bad_recording = ["alice"], False
        thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)
        self.env = {"TWITCH_SECRET": SECRET, "TWITCH_KEY": KEY, "TWITCH_USER": USER_TOKEN}

    def project(self, more="", chatters=True):
        base = f"http://127.0.0.1:{self.server.server_port}"
        self.configure(f"""
[project]
name = "streams"

[[source]]
id = "twitch"
plugin = "twitch"
[source.config]
client_id = "me"
client_secret = "@{{env:TWITCH_SECRET}}"
api_url = "{base}/helix"
token_url = "{base}/oauth2/token"
channels = ["paper", "Scissors", "nobody"]
{'chatters = ["paper"]' if chatters else ""}
user_token = "@{{env:TWITCH_USER}}"
pseudonym_key = "@{{env:TWITCH_KEY}}"
{more}""")


class TwitchTest(TwitchStand):
    def test_a_round_is_stored_and_replayed_and_no_secret_is_left_anywhere(self):
        self.project()
        done = self.risetime("collect", "--record", "recordings", expect=3, env=self.env)
        self.assertIn("knows no channel nobody", done.out + done.err)
        self.assertEqual(len(self.server.tokens), 2)  # the first was refused on the way
        self.assertEqual([row["name"] for row in self.export("channel")], ["PAPER", "SCISSORS"])
        self.assertEqual({row["followers"] for row in self.export("channel")}, {"1234"})
        videos = {row["video_id"]: row for row in self.export("video")}
        self.assertEqual(sorted(videos), ["900", "v51", "v52"])
        self.assertEqual((videos["900"]["category"], videos["v51"]["duration_s"]), ("Origami", "3601"))
        observed = {row["video_id"]: (row["views"], row["viewers"]) for row in self.export("observation")}
        self.assertEqual(observed, {"900": ("", "42"), "v51": ("99", ""), "v52": ("99", "")})
        people = self.export("presence")
        self.assertEqual([(row["platform"], row["video_id"]) for row in people], [("twitch", "900")])
        self.assertRegex(people[0]["person"], "^[0-9a-f]{64}$")

        written = {path: path.read_bytes() for path in self.folder.rglob("*") if path.is_file()}
        self.assertTrue(any(path.suffix == ".http" for path in written))
        for word in [SECRET, KEY, USER_TOKEN, "app-token-", "alice"]:
            self.assertNotIn(word, done.out + done.err)
            for path, text in written.items():
                if word != "alice" or path.parent.name != "recordings":  # what Twitch answered, which may name people
                    self.assertNotIn(word.encode(), text, path)

        before = self.export("presence"), self.export("video")
        self.server.asked.clear()
        shutil.rmtree(self.folder / "data")
        self.risetime("collect", "--replay", "recordings", expect=3, env=self.env)
        self.assertEqual(self.server.asked, [])
        after = self.export("presence"), self.export("video")
        self.assertEqual([row["person"] for row in after[0]], [row["person"] for row in before[0]])
        self.assertEqual(after[1], before[1])

    def test_a_wrong_secret_is_said_without_being_shown(self):
        self.project()
        done = self.risetime("collect", expect=None, env={**self.env, "TWITCH_SECRET": "wrong-4714"})
        self.assertNotEqual(done.status, 0)
        self.assertIn("invalid client secret", done.out + done.err)
        self.assertNotIn("wrong-4714", done.out + done.err)
        self.assertEqual(self.server.asked, [])

    def test_the_sample_and_the_readmes_examples_pass_the_check(self):
        self.check_sample_and_examples(SOURCE / "plugins" / "source" / "twitch", least_settings=10, examples=3)


@unittest.skipUnless(os.environ.get("RISETIME_TWITCH_CLI"),
                     "needs Twitch's own command line: go install github.com/twitchdev/twitch-cli@latest, then set RISETIME_TWITCH_CLI to the program")
class MockApi(TestCase):
    """Against the mock of Helix in Twitch's own command line. It differs from Helix: credentials stand in the address of its
    tokens, it tells no application the number of followers, and clips have times without a zone."""

    def setUp(self):
        super().setUp()
        self.home = {**os.environ, "HOME": str(self.folder), "XDG_CONFIG_HOME": str(self.folder / "config")}
        cli = str(pathlib.Path(os.environ["RISETIME_TWITCH_CLI"]).resolve())
        subprocess.run([cli, "mock-api", "generate", "-c", "25"], env=self.home, check=True, capture_output=True)
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        self.base = f"http://127.0.0.1:{port}"
        process = subprocess.Popen([cli, "mock-api", "start", "-p", str(port)], env=self.home, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(process.wait)
        self.addCleanup(process.send_signal, signal.SIGINT)
        while not self.answers():
            self.assertIsNone(process.poll(), "the mock ended")
            time.sleep(0.05)

    def answers(self):
        try:
            return bool(self.units("users"))
        except urllib.error.URLError:
            return False

    def units(self, kind):
        """All that the mock has made of a kind."""
        with urllib.request.urlopen(f"{self.base}/units/{kind}?first=100") as answer:
            return {name.lower(): value for name, value in json.load(answer).items()}["data"]

    def test_a_round_stores_what_the_mock_has(self):
        users = {user.get("login") or user["user_login"]: user["id"] for user in self.units("users")}
        streams, videos = self.units("streams"), self.units("videos")
        client = self.units("clients")[0]
        credentials = urllib.parse.urlencode({"client_id": client["ID"], "client_secret": client["Secret"], "grant_type": "client_credentials"})
        self.configure(f"""
[project]
name = "streams"
[http]
requests_per_second = 1000
burst = 1000
[[source]]
id = "twitch"
plugin = "twitch"
[source.config]
client_id = "{client['ID']}"
client_secret = "@{{env:TWITCH_SECRET}}"
api_url = "{self.base}/mock"
token_url = "{self.base}/auth/token?{credentials}"
channels = {json.dumps([*sorted(users), "nobody_of_the_mock"])}
top_languages = ["all"]
archives = 100
clips = 100
clip_days = 365
""")
        done = self.risetime("collect", expect=3, env={"TWITCH_SECRET": client["Secret"]})
        self.assertIn("knows no channel nobody_of_the_mock", done.out)
        self.assertEqual(done.out.count("failed: "), 1, done.out)
        self.assertIn("followers are left out", done.err)
        self.assertEqual({row["channel_id"] for row in self.export("channel")}, set(users.values()))
        live = {row["video_id"]: int(row["viewers"]) for row in self.export("observation") if row["viewers"]}
        self.assertEqual(live, {stream["id"]: stream["viewer_count"] for stream in streams})
        recorded = {row["video_id"][1:]: int(row["views"]) for row in self.export("observation") if row["video_id"].startswith("v")}
        self.assertEqual(recorded, {video["id"]: video["view_count"] for video in videos if video["type"] == "archive"})
        for row in self.export("rejects"):
            self.assertRegex(row["where"] + row["reason"], "clips.*created_at")


if __name__ == "__main__":
    unittest.main()
