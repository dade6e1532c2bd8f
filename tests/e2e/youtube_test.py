"""YouTube's ways of reading, from recordings and over sockets through the whole program into the store: rounds, pictures, failures,
kills, the key."""
import collections, http.server, json, os, random, socket, ssl, struct, subprocess, threading, unittest

from harness import TestCase, recording

API = "https://www.googleapis.com/youtube/v3/"
SITE = "https://www.youtube.com/"
PICTURES = "https://i.ytimg.com/vi/"
JPEG = b"\xff\xd8\xff\xe0 not much of a picture"
GOOD, GONE = "UC" + "g" * 22, "UC" + "x" * 22
KEY = "AIza-a-key-that-nobody-may-see"


def project(settings):
    return f"""[project]
name = "yt"
data = "data"

[[source]]
id = "yt"
plugin = "youtube"

[source.config]
{settings}
"""


class Recorded(TestCase):
    def setUp(self):
        super().setUp()
        self.recordings = self.folder / "recordings"
        self.recordings.mkdir()

    def answer(self, url, body, status=200):
        body = body if isinstance(body, bytes) else (body if isinstance(body, str) else json.dumps(body)).encode()
        recording(self.recordings, url, status, body)

    def everything(self):
        """The bytes of all files of the project, recordings included."""
        return b"".join(path.read_bytes() for path in self.folder.rglob("*") if path.is_file())


class Api(Recorded):
    def serve(self):
        channel = {"id": GOOD, "snippet": {"title": "Paper"}, "statistics": {"subscriberCount": "700"},
                   "contentDetails": {"relatedPlaylists": {"uploads": "UU" + GOOD[2:]}}}
        parts = "part=snippet,statistics,contentDetails"
        self.answer(f"{API}channels?{parts}&maxResults=50&id={GOOD},{GONE}",
                    {"kind": "youtube#channelListResponse", "items": [channel]})
        self.answer(f"{API}playlistItems?part=contentDetails&playlistId=UU{GOOD[2:]}&maxResults=50",
                    {"kind": "youtube#playlistItemListResponse",
                     "items": [{"contentDetails": {"videoId": "aaaaaaaaaaa", "videoPublishedAt": "2026-01-01T00:00:00Z"}}]})
        video = {"id": "aaaaaaaaaaa", "statistics": {"viewCount": "1234", "likeCount": "56", "commentCount": "7"},
                 "snippet": {"publishedAt": "2026-01-01T00:00:00Z", "channelId": GOOD, "title": "A", "categoryId": "27",
                             "tags": ["x", "y"]},
                 "contentDetails": {"duration": "PT1M1S"}}
        self.answer(f"{API}videos?part=snippet,statistics,contentDetails,liveStreamingDetails&maxResults=50&id=aaaaaaaaaaa",
                    {"kind": "youtube#videoListResponse", "items": [video]})
        self.answer(f"{PICTURES}aaaaaaaaaaa/maxresdefault.jpg", JPEG, 404)
        self.answer(f"{PICTURES}aaaaaaaaaaa/sddefault.jpg", JPEG)

    def test_a_round_is_stored_and_the_channel_that_is_gone_is_named(self):
        self.serve()
        self.configure(project(f'channels = ["{GOOD}", "{GONE}"]\napi_key = "@{{env:YOUTUBE_TEST_KEY}}"'))
        run = self.risetime("collect", "--replay", self.recordings, expect=3, env={"YOUTUBE_TEST_KEY": KEY})
        self.assertIn(f"youtube:{GONE}", run.out + run.err)
        self.assertIn("knows no channel", run.out + run.err)
        [video] = self.export("video")
        self.assertEqual((video["video_id"], video["category"], video["duration_s"]), ("aaaaaaaaaaa", "Education", "61"))
        [reading] = self.export("observation")
        self.assertEqual((reading["views"], reading["likes"], reading["comments"]), ("1234", "56", "7"))
        [channel] = self.export("channel")
        self.assertEqual((channel["name"], channel["followers"]), ("Paper", "700"))
        [picture] = self.export("thumbnail")
        self.assertEqual((picture["video_id"], picture["mime"]), ("aaaaaaaaaaa", "image/jpeg"))
        self.assertNotIn(KEY.encode(), self.everything())
        self.assertNotIn(KEY, run.out + run.err)

    def test_a_picture_is_fetched_once(self):
        self.serve()
        self.configure(project(f'channels = ["{GOOD}", "{GONE}"]\napi_key = "@{{env:YOUTUBE_TEST_KEY}}"'))
        self.risetime("collect", "--replay", self.recordings, expect=3, env={"YOUTUBE_TEST_KEY": KEY})
        for path in self.recordings.glob("i.ytimg.com-*"):
            path.unlink()
        run = self.risetime("collect", "--replay", self.recordings, expect=3, env={"YOUTUBE_TEST_KEY": KEY})
        self.assertNotIn("pictures are left", run.err)
        self.assertEqual(len(self.export("thumbnail")), 1)
        self.assertEqual(len(self.export("video")), 1)

    def test_a_wrong_key_stops_the_round_with_what_to_do(self):
        self.answer(f"{API}channels?part=snippet,statistics,contentDetails&maxResults=50&id={GOOD}",
                    {"error": {"code": 400, "message": "API key not valid.", "details": [{"reason": "API_KEY_INVALID"}]}}, 400)
        self.configure(project(f'channels = ["{GOOD}"]\napi_key = "@{{env:YOUTUBE_TEST_KEY}}"'))
        run = self.risetime("collect", "--replay", self.recordings, expect=None, env={"YOUTUBE_TEST_KEY": KEY})
        self.assertNotEqual(run.status, 0)
        self.assertIn("does not know this key", run.out + run.err)


class Web(Recorded):
    def test_lists_and_pages_of_videos_are_stored(self):
        tab = {"metadata": {"channelMetadataRenderer": {"externalId": GOOD, "title": "Paper"}},
               "contents": [{"videoRenderer": {"videoId": name * 11, "title": {"simpleText": name}}} for name in "abc"]}
        self.answer(f"{SITE}@paper/videos", f"<html><script>var ytInitialData = {json.dumps(tab)};</script></html>")
        details = {"videoId": "a" * 11, "title": "A", "channelId": GOOD, "viewCount": "1234", "author": "Paper"}
        player = {"playabilityStatus": {"status": "OK"}, "videoDetails": details,
                  "microformat": {"playerMicroformatRenderer": {"publishDate": "2026-01-01T00:00:00-08:00", "likeCount": "56"}}}
        self.answer(f"{SITE}watch?v={'a' * 11}", f"<script>var ytInitialPlayerResponse = {json.dumps(player)};</script>")
        private = {"playabilityStatus": {"status": "LOGIN_REQUIRED", "reason": "This video is private"}}
        self.answer(f"{SITE}watch?v={'b' * 11}", f"<script>var ytInitialPlayerResponse = {json.dumps(private)};</script>")
        self.answer(f"{SITE}watch?v={'c' * 11}", "<form action='https://consent.youtube.com/save'>")
        self.configure(project('channels = ["@paper"]\nmode = "web"\ntabs = ["videos"]\nthumbnails = false'))
        run = self.risetime("collect", "--replay", self.recordings, expect=3)
        self.assertIn("1 of 3 videos could not be read", run.out + run.err)
        self.assertIn("cookies", run.out + run.err)
        [video] = self.export("video")
        self.assertEqual(video["published_at"][:19], "2026-01-01T08:00:00")
        [reading] = self.export("observation")
        self.assertEqual((reading["views"], reading["likes"]), ("1234", "56"))
        self.assertIn("This video is private", (self.folder / "data" / "rejects" / "yt.jsonl").read_text())


class Site(http.server.BaseHTTPRequestHandler):
    """The proxy of a network that looks into TLS: it answers for YouTube's hosts itself. server.answers holds, by host and path, what
    is answered in turn, the last one for good: (status, body), or a function of the handler."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1

    def log_message(self, *_):
        pass

    def do_CONNECT(self):
        self.site = self.path.split(":")[0]
        self.send_response(200)
        self.end_headers()
        self.wfile.flush()
        try:
            self.connection = self.server.tls.wrap_socket(self.connection, server_side=True)
        except (ssl.SSLError, ConnectionError):
            self.close_connection = True
            return
        self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb")

    def finish(self):
        super().finish()
        self.connection.close()

    def do_GET(self):
        self.server.asked.append(self.site + self.path)
        self.server.keys.append((self.site, self.headers.get("X-Goog-Api-Key")))
        self.server.kill_at -= 1
        if self.server.victim and self.server.kill_at == 0:
            self.server.victim.kill()
        answers = self.server.answers.get(self.site + self.path, [(404, "")])
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        answer(self) if callable(answer) else self.reply(*answer)

    def reply(self, status, body, promised=None):
        body = body if isinstance(body, bytes) else body.encode()
        self.send_response(status)
        self.send_header("Content-Length", str(promised or len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def reset(self):
        self.reply(200, "<feed", promised=1000)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        os.close(self.connection.detach())
        self.close_connection = True


class Sockets(TestCase):
    NAMES = "DNS:www.youtube.com,DNS:i.ytimg.com,DNS:www.googleapis.com"

    def serve(self, names=NAMES):
        made = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=test -keyout key.pem -out trusted.pem"
        subprocess.run([*made.split(), "-addext", f"subjectAltName={names}"], cwd=self.folder, check=True, capture_output=True)
        server = self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site)
        server.daemon_threads = True
        server.handle_error = lambda *_: None
        server.tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        server.tls.load_cert_chain(self.folder / "trusted.pem", self.folder / "key.pem")
        server.answers, server.asked, server.keys, server.victim, server.kill_at = {}, [], [], None, 0
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        proxy = f"http://127.0.0.1:{server.server_port}"
        self.env = {"https_proxy": proxy, "HTTPS_PROXY": proxy, "no_proxy": "", "NO_PROXY": "", "YOUTUBE_TEST_KEY": KEY}

    def project(self, settings, source=""):
        quick = "requests_per_second = 100000\nburst = 100000\njitter = 0.0\nautothrottle = false"
        text = project(settings).replace("\n[source.config]", f"{source}\n[source.config]")
        self.configure(f'{text}\n[http]\n{quick}\nca_file = "trusted.pem"\n')

    def collect(self, expect=0):
        return self.risetime("collect", expect=expect, env=self.env)

    def status(self):
        return json.loads(self.risetime("status", "--json", expect=None).out)["sources"][0]

    @staticmethod
    def feed(channel, views):
        entries = "".join(f"<entry><yt:videoId>{video:_<11}</yt:videoId><title>{video}</title><published>2026-01-01T00:00:00Z</published><media:group>"
                          f'<media:community><media:statistics views="{count}"/></media:community></media:group></entry>' for video, count in views.items())
        return f'<feed xmlns:yt="y" xmlns:media="m"><yt:channelId>{channel[2:]}</yt:channelId><title>{channel}</title>{entries}</feed>'

    def test_faults_of_feeds_are_made_good_or_named_and_a_page_instead_of_one_is_a_block(self):
        self.serve()
        good, broken, busy, gone = ("UC" + letter * 22 for letter in "abcd")
        place = "www.youtube.com/feeds/videos.xml?channel_id="
        self.server.answers = {place + good: [(200, self.feed(good, {"v1": 10, "v2": 20}))], place + broken: [Site.reset, (200, self.feed(broken, {"v3": 30}))],
                               place + busy: [(503, ""), (200, self.feed(busy, {"v4": 40}))]}
        self.project(f"channels = {json.dumps([good, broken, busy, gone])}")
        self.assertIn(f"failed: youtube:{gone}", self.collect(expect=3).out)
        self.assertEqual({row["video_id"].strip("_"): row["views"] for row in self.export("observation")}, {"v1": "10", "v2": "20", "v3": "30", "v4": "40"})
        # A feed is made for programs: robots.txt is not asked.
        self.assertEqual(collections.Counter(self.server.asked), {place + good: 1, place + broken: 2, place + busy: 2, place + gone: 1})
        self.server.answers[place + broken] = [(200, "<!doctype html><html>Before you continue</html>")]
        self.assertIn("left alone", self.collect(expect=3).err)
        self.assertIn(f"youtube:{broken}", self.status()["pending"])
        self.assertEqual(len([row for row in self.export("observation") if row["video_id"].startswith("v3")]), 1)
        self.server.asked.clear()
        self.collect(expect=3)
        self.assertEqual(self.server.asked, [])

    def web(self, channels, videos):
        """Channels whose tabs list so many videos each, with a page and a picture for each video."""
        self.server.answers = {site + "/robots.txt": [(404, "")] for site in ("www.youtube.com", "i.ytimg.com")}
        for channel in channels:
            ids = [f"{channel}{i}".ljust(11, "_") for i in range(videos)]
            id = "UC" + channel.ljust(22, "x")
            tab = {"metadata": {"channelMetadataRenderer": {"externalId": id, "title": channel}},
                   "contents": [{"videoRenderer": {"videoId": video, "title": {"simpleText": video}}} for video in ids]}
            self.server.answers[f"www.youtube.com/@{channel}/videos"] = [(200, f"<script>var ytInitialData = {json.dumps(tab)};</script>")]
            for video in ids:
                player = {"playabilityStatus": {"status": "OK"},
                          "videoDetails": {"videoId": video, "title": video, "channelId": id, "viewCount": "7"},
                          "microformat": {"playerMicroformatRenderer": {"publishDate": "2026-01-01T00:00:00Z"}}}
                self.server.answers[f"www.youtube.com/watch?v={video}"] = [(200, f"<script>var ytInitialPlayerResponse = {json.dumps(player)};</script>")]
                self.server.answers[f"i.ytimg.com/vi/{video}/sddefault.jpg"] = [(200, JPEG)]
        settings = f'channels = {json.dumps(["@" + channel for channel in channels])}\nmode = "web"\ntabs = ["videos"]'
        self.project(settings, source='every = "1d"\naccounts_per_batch = 1')

    def test_pages_that_robots_txt_forbids_are_not_asked_for(self):
        self.serve()
        self.web(["paper"], 2)
        self.server.answers["www.youtube.com/robots.txt"] = [(200, "User-agent: *\nDisallow: /watch\n")]
        self.assertIn("Disallow: /watch", self.collect(expect=3).out)
        self.assertEqual(self.server.asked, ["www.youtube.com/robots.txt", "www.youtube.com/@paper/videos"])

    def test_killed_at_any_request_of_a_round_of_pages_it_reads_each_video_once(self):
        self.serve()
        self.web(["paper", "scissors", "stone"], 4)
        dice = random.Random(5)

        def arm(attempt):
            self.server.kill_at = dice.randint(1, 24)

        self.assertGreater(self.collect_in_spite_of_kills(self.server, arm, self.env), 3)
        videos = {f"{channel}{i}".ljust(11, "_") for channel in ("paper", "scissors", "stone") for i in range(4)}
        for table in ("observation", "thumbnail"):
            self.assertEqual(collections.Counter(row["video_id"] for row in self.export(table)), {video: 1 for video in videos}, table)
        self.assertEqual((self.status()["done"], self.status()["round"]), (3, 1))
        self.server.asked.clear()
        self.collect()
        self.assertEqual([asked for asked in self.server.asked if "/vi/" in asked], [])  # pictures are there
        self.assertEqual(len([asked for asked in self.server.asked if "/watch" in asked]), 12)

    def test_the_key_goes_to_the_api_alone_and_only_where_it_proves_who_it_is(self):
        self.serve()
        channel = {"id": GOOD, "snippet": {"title": "Paper"}, "statistics": {"subscriberCount": "700"},
                   "contentDetails": {"relatedPlaylists": {"uploads": "UU" + GOOD[2:]}}}
        video = {"id": "aaaaaaaaaaa", "statistics": {"viewCount": "1234"}, "contentDetails": {"duration": "PT1M1S"},
                 "snippet": {"publishedAt": "2026-01-01T00:00:00Z", "channelId": GOOD, "title": "A"}}
        listed = {"contentDetails": {"videoId": "aaaaaaaaaaa", "videoPublishedAt": "2026-01-01T00:00:00Z"}}
        api = "www.googleapis.com/youtube/v3/"
        answer = lambda kind, item: (200, json.dumps({"kind": f"youtube#{kind}ListResponse", "items": [item]}))
        self.server.answers = {
            f"{api}channels?part=snippet,statistics,contentDetails&maxResults=50&id={GOOD}": [answer("channel", channel)],
            f"{api}playlistItems?part=contentDetails&playlistId=UU{GOOD[2:]}&maxResults=50": [answer("playlistItem", listed)],
            f"{api}videos?part=snippet,statistics,contentDetails,liveStreamingDetails&maxResults=50&id=aaaaaaaaaaa": [(500, ""), answer("video", video)],
            "i.ytimg.com/vi/aaaaaaaaaaa/maxresdefault.jpg": [(200, JPEG)]}
        self.project(f'channels = ["{GOOD}"]\napi_key = "@{{env:YOUTUBE_TEST_KEY}}"')
        self.collect()
        self.assertEqual([row["views"] for row in self.export("observation")], ["1234"])
        self.assertEqual({key for site, key in self.server.keys if site == "www.googleapis.com"}, {KEY})
        self.assertEqual({key for site, key in self.server.keys if site != "www.googleapis.com"}, {None})
        [quota] = json.loads(self.risetime("status", "--json").out)["quotas"]
        self.assertEqual(quota["used"], 4)  # the call that failed was paid for too
        self.serve(names="DNS:www.example.org")
        run = self.collect(expect=None)
        self.assertNotEqual(run.status, 0)
        self.assertIn("could not prove that it is who it says", run.out + run.err)
        self.assertEqual(self.server.asked, [])


if __name__ == "__main__":
    unittest.main()
