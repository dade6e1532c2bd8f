#!/usr/bin/env python3
"""The HTTP client on loopback: pages of 50 KB a second of one core, politeness switched off, against Python's http.client; and memory.

    /usr/bin/python3 bench/http/run.py [--build build] [--pages 20000]

Needs the target http_bench. --pages 1000000 is the long run over which memory must stay flat.
"""
import argparse, http.client, json, socket, subprocess, sys, threading, time

PAGE = 50_000


def python_pages_a_second(pages):
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % PAGE + b"x" * PAGE
    listening = socket.create_server(("127.0.0.1", 0))

    def serve():
        connection, _ = listening.accept()
        request = b""
        while got := connection.recv(4096):
            request += got
            if request.endswith(b"\r\n\r\n"):
                request = b""
                connection.sendall(answer)

    threading.Thread(target=serve, daemon=True).start()
    client = http.client.HTTPConnection("127.0.0.1", listening.getsockname()[1])
    begun = time.monotonic()
    for page in range(pages):
        client.request("GET", f"/{page}")
        assert len(client.getresponse().read()) == PAGE
    client.close()
    return pages / (time.monotonic() - begun)


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--build", default="build")
    options.add_argument("--pages", type=int, default=20_000)
    chosen = options.parse_args()
    answer = json.loads(subprocess.run([f"{chosen.build}/bin/http_bench", str(chosen.pages)], check=True, capture_output=True, text=True).stdout)
    memory = answer["resident_kib"]
    print(f"risetime            {answer['pages'] / answer['seconds']:8.0f} pages/s   {answer['pages'] / answer['processor_seconds']:8.0f} pages a processor second")
    print(f"Python http.client  {python_pages_a_second(min(chosen.pages, 5000)):8.0f} pages/s   (its server in the same process)")
    print(f"resident memory at each tenth of {answer['pages']} pages, MiB: {', '.join(f'{kib / 1024:.1f}' for kib in memory)}")
    grown = memory[-1] - memory[1]
    print(f"grown after the first fifth: {grown} KiB")
    return 0 if answer["pages"] / answer["seconds"] >= 1000 and grown < 4096 else 1


if __name__ == "__main__":
    sys.exit(main())
