"""`risetime forget` and listening to chats, against stand-ins of Twitch and of its chat servers on this machine."""
import hmac, json, os, pty, shutil, socket, subprocess, threading, time, unittest

from harness import SANITIZED
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
            try:
                ours, theirs = pty.openpty()
            except OSError as error:
                self.skipTest(f"this system has no pseudo-terminals (is /dev/pts mounted?): {error}")
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


class ChatServer:
    """A chat server that does with each connection what `behave(reader, say, number)` says."""

    def __init__(self, behave):
        self.behave, self.heard, self.number = behave, [], 0
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"tcp://127.0.0.1:{self.socket.getsockname()[1]}"
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()

    def serve(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            with connection:
                try:
                    self.number += 1
                    self.converse(connection, self.number)
                except OSError:
                    pass

    def converse(self, connection, number):
        reader = connection.makefile("rb")
        for line in reader:
            self.heard.append(line.decode().rstrip("\r\n"))
            if line.startswith(b"JOIN"):
                break
        self.behave(connection, reader, number)

    def close(self):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        self.thread.join()


def until_closed(connection, reader, heard=None):
    """Waits until the other side has had enough."""
    for line in reader:
        if heard is not None:
            heard.append(line.decode().rstrip("\r\n"))


class ChatTest(TwitchStand):
    def listen(self, behave, listen="1s", expect=3, arguments=()):
        server = ChatServer(behave)
        self.addCleanup(server.close)
        self.project(f'chat = ["paper"]\nchat_url = "{server.url}"\nlisten = "{listen}"', chatters=False)
        self.done = self.risetime("collect", *arguments, expect=expect, env=self.env)
        self.assert_no_names(self.done)
        return server

    def assert_no_names(self, done):
        for word in ["alice", "bob", "viewer"]:
            self.assertNotIn(word, done.out + done.err)
        rejects = self.folder / "data" / "rejects"
        for path in rejects.rglob("*") if rejects.exists() else []:
            self.assertNotIn("viewer", path.read_text())

    def seen(self):
        return {row["person"] for row in self.export("presence")}

    @staticmethod
    def names(*logins, channel="paper"):
        return f":x.example 353 justinfan1 = #{channel} :{' '.join(logins)}\r\n".encode()

    def test_people_of_the_chat_are_stored_recorded_and_played_back(self):
        def behave(connection, reader, number):
            connection.sendall(b":x.example 001 justinfan1 :Welcome\r\n" + self.names("alice") + b"PING :token\r\n"
                               b":bob!bob@bob.example PRIVMSG #paper :hello\r\n:x.example 366 justinfan1 #paper :End\r\n")
            until_closed(connection, reader, server_lines)
        server_lines = []
        server = self.listen(behave, arguments=["--record", "recordings"])
        self.assertEqual(self.seen(), set(PSEUDONYMS.values()))
        self.assertEqual(server.heard[0], "CAP REQ :twitch.tv/membership twitch.tv/commands")
        self.assertRegex(server.heard[1], "^NICK justinfan[0-9]+$")
        self.assertEqual(server.heard[2], "JOIN #paper")
        self.assertIn("PONG :token", server_lines)
        recording = next((self.folder / "recordings").glob("*.lines")).read_text()
        self.assertIn("< :bob!bob@bob.example PRIVMSG #paper :hello\n", recording)

        shutil.rmtree(self.folder / "data")
        self.risetime("collect", "--replay", "recordings", expect=3, env=self.env)
        self.assertEqual((self.seen(), server.number), (set(PSEUDONYMS.values()), 1))
        self.risetime("forget", "alice", "--yes", "--recordings", "recordings", env=self.env)
        self.assertEqual(list((self.folder / "recordings").glob("*.lines")), [])

    def test_100000_names_in_a_flood_of_messages_are_each_stored_once(self):
        def behave(connection, reader, number):
            for first in range(0, 100_000, 40):
                connection.sendall(self.names(*(f"viewer{i}" for i in range(first, first + 40))))
            for i in range(100_000):
                connection.sendall(b"@color=#FF0000;display-name=x :viewer%d!v@x PRIVMSG #paper :spam spam spam\r\n" % (i % 1000))
            connection.sendall(b":x.example 366 justinfan1 #paper :End\r\n")
            until_closed(connection, reader)
        self.listen(behave, listen="40s" if SANITIZED else "15s")
        self.assertEqual(len(self.seen()), 100_000)

    def test_bad_lines_are_passed_over(self):
        def behave(connection, reader, number):
            connection.sendall(self.names("alice") + b"\r\n\n\xff\xfe\x00 \r\n:\r\n@\r\n" + b"x" * 1_000_000 + b"\r\n" +
                               b":x 353 a = #paper :" + b"viewer " * 100_000 + b"\r\n" +
                               b":\xc3\x28!x@x JOIN #paper\r\n:bad name!x@x JOIN #paper\r\n:bob!b@b JOIN #paper\n" + b":alice!a@a PAR")
            until_closed(connection, reader)
        self.listen(behave)
        self.assertEqual(self.seen(), set(PSEUDONYMS.values()))
        self.assertIn("lines of the chat could not be read", self.done.err)

    def test_a_netsplit_doubles_and_loses_nobody(self):
        viewers = [f"viewer{i}" for i in range(2000)]
        def behave(connection, reader, number):
            connection.sendall(self.names(*viewers))
            for word in [b"PART", b"JOIN"] * 3:
                connection.sendall(b"".join(b":%s!v@x %s #paper\r\n" % (name.encode(), word) for name in viewers))
            connection.sendall(b":alice!a@a JOIN #paper\r\n")
            until_closed(connection, reader)
        self.listen(behave, listen="3s")
        self.assertEqual(len(self.export("presence")), 2001)

    def test_what_breaks_off_is_taken_up_and_then_said(self):
        def behave(connection, reader, number):
            connection.sendall(self.names("alice" if number == 1 else "bob") + b":half a li")
            if number == 1:  # with RST, as a crashing server does
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        server = self.listen(behave, listen="60s")
        self.assertEqual(server.number, 3)
        self.assertIn(PSEUDONYMS["bob"], self.seen())
        self.assertIn("the other side closed the connection or broke off", self.done.err)
        self.assertEqual({row["viewers"] for row in self.export("observation") if row["viewers"]}, {"42"})

    def test_a_server_that_asks_to_connect_anew_is_obeyed(self):
        def behave(connection, reader, number):
            connection.sendall(self.names("alice" if number == 1 else "bob") + (b":x RECONNECT\r\n" if number == 1 else b""))
            until_closed(connection, reader)
        server = self.listen(behave)
        self.assertEqual((self.seen(), server.number), (set(PSEUDONYMS.values()), 2))

    def test_a_server_that_drips_is_listened_to_for_its_time_only(self):
        def behave(connection, reader, number):
            connection.sendall(self.names("alice") + b":x 353 a = #paper :viewer1 vie")
            while True:  # until the other side has gone
                connection.sendall(b"e")
                time.sleep(0.05)
        self.listen(behave)
        self.assertEqual(self.seen(), {PSEUDONYMS["alice"]})

    def test_where_nobody_listens_the_viewers_are_read_all_the_same(self):
        server = self.listen(lambda connection, reader, number: until_closed(connection, reader))
        self.assertIn("did not let us into this channel's chat", self.done.err)
        self.assertEqual({row["viewers"] for row in self.export("observation") if row["viewers"]}, {"42"})


if __name__ == "__main__":
    unittest.main()
