"""A plugin author's first hour, from an installed risetime: `risetime new` for each kind given, built out of tree by
the command that it prints, tested with its own test, checked, and with a source and a model run on a small feed.

usage: author.py BUILD KIND...         installs from this build folder first
       author.py --prefix PREFIX KIND...
"""
import functools, http.server, json, os, pathlib, subprocess, sys, tempfile, threading, time


def run(*command, where, expect=0):
    done = subprocess.run(list(map(str, command)), cwd=where, capture_output=True, text=True, stdin=subprocess.DEVNULL,
                          env={key: value for key, value in os.environ.items() if key != "RISETIME_PLUGINS"})
    if done.returncode != expect:
        sys.exit(f"{' '.join(map(str, command))} exited with {done.returncode}:\n"
                 f"{done.stdout[-4000:]}\n{done.stderr[-4000:]}")
    return done.stdout


def expect(condition, otherwise):
    if not condition:
        sys.exit(otherwise)


def make(program, kind, where):
    """A plugin of this kind, made, built, tested and checked as `risetime new` says."""
    name = f"my-{kind}"
    said = run(program, "new", kind, name, where=where)
    configure = next(line.strip() for line in said.splitlines() if line.strip().startswith("cmake -G Ninja -S"))
    files = sorted(path.name for path in (where / name).iterdir())
    expect(files == sorted(["CMakeLists.txt", "README.md", "sample.toml", f"{name}.cpp", f"{name}_test.cpp"]),
           f"{name}/ holds {files}")
    expect(not any("@NAME@" in path.read_text() for path in (where / name).iterdir()),
           f"a name was left open in {name}/")
    run("sh", "-c", configure, where=where)
    run("ctest", "--test-dir", f"{name}/build", "--no-tests=error", "--output-on-failure", where=where)
    checked = run(program, "plugins", "check", f"{name}/build/{name}.so", where=where)
    expect("this host can run it" in checked and name in checked, f"plugins check said: {checked}")
    run(program, "new", kind, name, where=where, expect=78)  # never over an author's work
    print(f"{kind}: made, built, tested, checked", flush=True)


class Feed(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


def forecast(program, where):
    """`risetime run` with both of the author's plugins: every video gets a forecast by the author's model."""
    now = int(time.time())
    (where / "feed").mkdir()
    (where / "feed" / "ann.json").write_text(json.dumps(
        [{"id": f"v{i}", "title": f"Video {i}", "published_at_s": now - 86400 * (i + 1), "views": 1000 * (i + 1)}
         for i in range(5)]))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Feed, directory=str(where / "feed")))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    (where / "risetime.toml").write_text(f"""
[project]
name = "author"
data = "data"
[[source]]
id = "feed"
plugin = "my-source"
config = {{ url = "http://127.0.0.1:{server.server_port}", accounts = ["ann"] }}
[[model]]
id = "mine"
plugin = "my-model"
[forecast]
stats = ["views"]
horizons = ["1d", "7d"]
model = "mine"
""")
    plugins = ["--plugins", "my-source/build", "--plugins", "my-model/build"]
    run(program, "run", *plugins, where=where)
    rows = run(program, "export", "forecast", *plugins, where=where).splitlines()
    server.shutdown()
    expect(len(rows) == 1 + 5 * 2, f"expected 10 forecasts, found {len(rows) - 1}:\n" + "\n".join(rows))
    expect(all(",mine," in row for row in rows[1:]), "a forecast is not of the author's model:\n" + "\n".join(rows))
    print("run: 5 videos, 10 forecasts", flush=True)


def main(arguments):
    with tempfile.TemporaryDirectory(prefix="risetime-author-") as folder:
        where = pathlib.Path(folder)
        if arguments[0] == "--prefix":
            prefix, kinds = pathlib.Path(arguments[1]), arguments[2:]
        else:
            prefix, kinds = where / "prefix", arguments[1:]
            run("cmake", "--install", arguments[0], "--prefix", prefix, where=where)
        program = prefix / "bin" / "risetime"
        for kind in kinds:
            make(program, kind, where)
        if "source" in kinds and "model" in kinds:
            forecast(program, where)


if __name__ == "__main__":
    main(sys.argv[1:])
