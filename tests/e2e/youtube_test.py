"""YouTube's ways of reading, from recordings through the whole program into the store: rounds, pictures, failures, the key."""
import json
import unittest

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


if __name__ == "__main__":
    unittest.main()
