"""`risetime forget`, against a stand-in of Twitch on this machine."""
import hmac, json, os, pty, subprocess, unittest

from twitch_test import KEY, TwitchStand

# What `printf NAME | openssl dgst -sha256 -hmac key-4712` prints.
PSEUDONYMS = {name: hmac.new(KEY.encode(), name.encode(), "sha256").hexdigest() for name in ["alice", "bob"]}


class ForgetTest(TwitchStand):
    def setUp(self):
        super().setUp()
        self.server.chatters = ["alice", "bob"]

    def bytes_written(self, *but):
        """All that lies in the test's folder, by path."""
        return {path: path.read_bytes() for path in self.folder.rglob("*")
                if path.is_file() and not any(part in but for part in path.relative_to(self.folder).parts)}

    def assert_nowhere(self, word, *but):
        for path, text in self.bytes_written(*but).items():
            self.assertNotIn(word.encode(), text.lower(), path)

    def people(self):
        return sorted(row["person"] for row in self.export("presence"))

    def test_no_byte_of_a_person_is_left_and_he_is_not_stored_again(self):
        self.server.chatters = ["alice", "bob", *(f"viewer{i}" for i in range(500))]
        self.server.bad_recording = True
        self.project()
        for _ in range(2):
            self.risetime("collect", "--record", "recordings", expect=3, env=self.env)
        self.risetime("--dataset", "other", "collect", expect=3, env=self.env)
        self.assertEqual(self.people().count(PSEUDONYMS["alice"]), 2)
        rejects = self.folder / "data" / "rejects" / "twitch.jsonl"
        self.assertIn("Alice", rejects.read_text())  # a recording lacks its count, and is kept aside as it came
        before = json.loads(self.risetime("status", "--json", expect=3).out)

        done = self.risetime("forget", "@Alice", "--yes", "--recordings", "recordings", "--json", env=self.env)
        told = json.loads(done.out)
        self.assertEqual([(each["data_set"], each["presence"], each["rejects"]) for each in told["data_sets"]],
                         [("", 2, 1), ("other", 1, 1)])
        self.assertEqual((told["forgotten"], told["problems"], told["recordings"] > 0), (True, [], True))
        for word in ["alice", PSEUDONYMS["alice"], KEY]:
            self.assert_nowhere(word)
            self.assertNotIn(word, (done.out + done.err).lower())
        self.assertEqual(self.people().count(PSEUDONYMS["bob"]), 2)
        after = json.loads(self.risetime("status", "--json", expect=3).out)
        self.assertEqual(after["rows"]["presence"], before["rows"]["presence"] - 2)
        self.assertEqual(after["sources"][0]["rejects"], before["sources"][0]["rejects"] - 1)
        self.assertEqual(len(self.export("presence")), after["rows"]["presence"])

        self.server.bad_recording = False
        for dataset in ["", "other", "made-later"]:
            self.risetime(*(["--dataset", dataset] if dataset else []), "collect", expect=3, env=self.env)
        for word in ["alice", PSEUDONYMS["alice"]]:
            self.assert_nowhere(word)
        self.assertEqual(self.people().count(PSEUDONYMS["bob"]), 3)

        self.assertIn("store this person again", self.risetime("forget", "alice", "--undo", env=self.env).out)
        self.risetime("collect", expect=3, env=self.env)
        self.assertEqual(self.people().count(PSEUDONYMS["alice"]), 1)
        self.assertIn("was not forgotten", self.risetime("forget", "alice", "--undo", env=self.env).out)

    def test_names_that_were_once_stored_plain_go_too(self):
        self.project('names = "plain"')
        self.risetime("collect", expect=3, env=self.env)
        self.assertEqual(self.people(), ["alice", "bob"])
        self.project()
        self.risetime("forget", "alice", "--yes", env=self.env)
        self.assertEqual(self.people(), ["bob"])
        self.assert_nowhere("alice")

    def test_is_asked_for_twice_and_refused_where_it_cannot_be_meant(self):
        self.project()
        self.risetime("collect", expect=3, env=self.env)
        self.assertIn("--yes", self.risetime("forget", "alice", expect=2, env=self.env).err)
        self.assertIn("no login of Twitch", self.risetime("forget", "al ice", "--yes", expect=3, env=self.env).err)
        self.assertIn("TWITCH_KEY", self.risetime("forget", "alice", "--yes", expect=78, env={**self.env, "TWITCH_KEY": ""}).err)
        self.assertIn("no folder", self.risetime("forget", "alice", "--yes", "--recordings", "gone", expect=78, env=self.env).err)
        self.assertEqual(self.people(), sorted(PSEUDONYMS.values()))
        for _ in range(2):  # again is no error
            self.risetime("forget", "alice", "--yes", env=self.env)
        self.assertEqual(self.people(), [PSEUDONYMS["bob"]])

    def test_asks_on_a_terminal_and_takes_the_name_from_a_pipe(self):
        def answer(text):
            ours, theirs = pty.openpty()
            with os.fdopen(ours, "wb", buffering=0) as terminal:
                terminal.write(text)
                done = subprocess.run(self.command("forget", "alice"), stdin=theirs, capture_output=True, text=True,
                                      cwd=self.folder, env={**os.environ, **self.env})
                os.close(theirs)
            self.assertIn("cannot be undone", done.stderr)
            return done
        self.project()
        self.risetime("collect", expect=3, env=self.env)
        for text in [b"n\n", b"\n"]:
            done = answer(text)
            self.assertEqual((done.returncode, done.stdout), (1, "nothing was removed\n"))
        self.assertEqual(self.people(), sorted(PSEUDONYMS.values()))
        self.assertEqual(answer(b"y\n").returncode, 0)
        self.assertEqual(self.people(), [PSEUDONYMS["bob"]])
        piped = subprocess.run(self.command("forget", "-", "--yes"), input="bob\r\n", capture_output=True, text=True,
                               cwd=self.folder, env={**os.environ, **self.env})
        self.assertEqual((piped.returncode, self.people()), (0, []))

    def test_says_what_it_cannot_find(self):
        self.project()
        self.risetime("collect", expect=3, env=self.env)
        self.configure((self.folder / "risetime.toml").read_text().replace('chatters = ["paper"]', "")
                       .replace('pseudonym_key = "@{env:TWITCH_KEY}"', ""))
        done = self.risetime("forget", "alice", "--yes", expect=3, env=self.env)
        self.assertIn("there are people of twitch, but no source", done.err)
        self.project()
        self.assertIn("a channel bears the name (twitch:1)", self.risetime("forget", "PAPER", "--yes", expect=3, env=self.env).err)

    def test_a_damaged_list_stops_collecting(self):
        self.project()
        self.risetime("collect", expect=3, env=self.env)
        self.risetime("forget", "alice", "--yes", env=self.env)
        (self.folder / "data" / "forgotten.json").write_text('{"salt": "1", "people": [{"digest": 7}]}')
        done = self.risetime("collect", expect=1, env=self.env)
        self.assertIn("forgotten.json", done.err)
        self.assertIn("damaged", done.err)


if __name__ == "__main__":
    unittest.main()
