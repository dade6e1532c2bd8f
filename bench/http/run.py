#!/usr/bin/env python3
"""The HTTP client on loopback: pages of 50 KB a second of one core, politeness switched off, beside other clients; and memory.

    /usr/bin/python3 bench/http/run.py [--build build] [--pages 20000]

Needs the target http_bench. Every client runs in a process of its own on core 0 and asks the same server, on core 1, for one
page after the other over one connection: the command curl (the library under ours, alone), Python's http.client, and
requests and aiohttp where they are installed (python3-requests, python3-aiohttp). --pages 1000000 is the long run over
which memory must stay flat; the others then fetch 20,000.
"""
import argparse, asyncio, http.client, importlib.util, json, os, shutil, subprocess, sys, time

PAGE = 50_000


def by_http_client(host, pages):
    client = http.client.HTTPConnection(host)
    for page in range(pages):
        client.request("GET", f"/{page}")
        assert len(client.getresponse().read()) == PAGE
    client.close()


def by_requests(host, pages):
    import requests
    with requests.Session() as session:
        session.trust_env = False
        for page in range(pages):
            assert len(session.get(f"http://{host}/{page}").content) == PAGE


def by_aiohttp(host, pages):
    import aiohttp

    async def fetch():
        async with aiohttp.ClientSession() as session:
            for page in range(pages):
                async with session.get(f"http://{host}/{page}") as answer:
                    assert len(await answer.read()) == PAGE

    asyncio.run(fetch())


PEERS = {"Python http.client": by_http_client, "Python requests": by_requests, "Python aiohttp": by_aiohttp}


def commands(host, pages):
    """Each peer that is installed, with its command."""
    if shutil.which("curl"):
        yield "curl", ["curl", "--silent", "--noproxy", "*", "--output", "/dev/null", f"http://{host}/[1-{pages}]"]
    for name in PEERS:
        if importlib.util.find_spec(name.split()[1]):
            yield name, [sys.executable, __file__, "--peer", name, "--host", host, "--pages", str(pages)]


def timed(command):
    """Seconds on the clock and of the processor."""
    begun = time.monotonic()
    process = subprocess.Popen(command, preexec_fn=lambda: os.sched_setaffinity(0, {0}))
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.monotonic() - begun
    assert status == 0, command
    return seconds, used.ru_utime + used.ru_stime


def show(name, pages, seconds, processor_seconds):
    print(f"{name:20} {pages / seconds:8.0f} pages/s   {pages / processor_seconds:8.0f} pages a processor second", flush=True)


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--build", default="build")
    options.add_argument("--pages", type=int, default=20_000)
    options.add_argument("--peer", help=argparse.SUPPRESS)
    options.add_argument("--host", help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.peer:
        PEERS[chosen.peer](chosen.host, chosen.pages)
        return 0
    bench = f"{chosen.build}/bin/http_bench"
    answer = json.loads(subprocess.run([bench, str(chosen.pages)], check=True, capture_output=True, text=True).stdout)
    show("risetime", answer["pages"], answer["seconds"], answer["processor_seconds"])
    with subprocess.Popen([bench, "serve"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        host = f"127.0.0.1:{server.stdout.readline().strip()}"
        pages = min(chosen.pages, 20_000)
        for name, command in commands(host, pages):
            show(name, pages, *timed(command))
        server.stdin.close()
    memory = answer["resident_kib"]
    print(f"resident memory at each tenth of {answer['pages']} pages, MiB: {', '.join(f'{kib / 1024:.1f}' for kib in memory)}")
    grown = memory[-1] - memory[1]
    print(f"grown after the first fifth: {grown} KiB")
    return 0 if answer["pages"] / answer["seconds"] >= 1000 and grown < 4096 else 1


if __name__ == "__main__":
    sys.exit(main())
