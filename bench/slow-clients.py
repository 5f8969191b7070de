#!/usr/bin/env python3
"""What clients cost a registry that take their time, and what others notice: lines about a server on this machine.

Usage: slow-clients.py PORT PID idle N        N connections that rest after an answer
       slow-clients.py PORT PID heads N       N connections whose request never comes to its end
       slow-clients.py PORT PID pulls N       N pulls of 64 MiB at 16 KiB a second, over HTTP/1.1
       slow-clients.py PORT PID streams N M   N connections of HTTP/2 with M pulls each that nobody reads
       slow-clients.py PORT PID bodies N M    N connections of HTTP/2 with M uploads each whose bodies stop after 16 kB
Pushes by plain HTTP without a credential into bench/slow. "Others" are a manifest and a blob of 64 MiB, asked for one by one meanwhile.
"""
import hashlib
import http.client
import json
import os
import socket
import struct
import sys
import threading
import time

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
REPOSITORY = "/v2/bench/slow"
PORT, PID = int(sys.argv[1]), int(sys.argv[2])
AUTHORITY = f"127.0.0.1:{PORT}"
HEADERS, DATA, SETTINGS, END_STREAM, END_HEADERS = 1, 0, 4, 1, 4
stop = threading.Event()


def ask(method, path, body=None, headers=None):
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=60)
    connection.request(method, path, body, headers or {})
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    assert answer.status < 300, (method, path, answer.status, content[:300])
    return answer, content


def begin():
    location = ask("POST", f"{REPOSITORY}/blobs/uploads/", headers={"Content-Length": "0"})[0].getheader("Location")
    return location[location.index("/v2/"):]


def push(content):
    digest, place = "sha256:" + hashlib.sha256(content).hexdigest(), begin()
    ask("PUT", place + ("&" if "?" in place else "?") + "digest=" + digest, content)
    return {"mediaType": "application/octet-stream", "digest": digest, "size": len(content)}


def prepare():
    """The path of a blob of 64 MiB in an image that is tagged "latest"."""
    blob = push(os.urandom(64 << 20))
    image = json.dumps({"schemaVersion": 2, "mediaType": MANIFEST, "config": push(b"{}"), "layers": [blob]}).encode()
    ask("PUT", f"{REPOSITORY}/manifests/latest", image, {"Content-Type": MANIFEST})
    return f"{REPOSITORY}/blobs/{blob['digest']}"


def kib(field):
    return int(next(l for l in open(f"/proc/{PID}/status") if l.startswith(field + ":")).split()[1])


def milliseconds(path):
    started = time.monotonic()
    ask("GET", path)
    return (time.monotonic() - started) * 1000


def connect(first, window=0):
    connection = socket.create_connection(("127.0.0.1", PORT))
    if window:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
    connection.sendall(first)
    return connection


def request(path):
    return f"GET {path} HTTP/1.1\r\nHost: {AUTHORITY}\r\n\r\n".encode()


def drip(connections):
    while not stop.wait(1):
        for connection in connections:
            connection.recv(16 * 1024)


def frame(kind, flags, stream, payload=b""):
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def head(method, path):
    """Literal fields without indexing (RFC 7541 section 6.2.2)."""
    block = b""
    for field in ((":method", method), (":scheme", "http"), (":authority", AUTHORITY), (":path", path)):
        block += b"\x00"
        for text in field:
            n = len(text)
            block += (bytes([n]) if n < 127 else bytes([127, n - 127]) if n < 255 else bytes([127, (n - 127) % 128 + 128, (n - 127) // 128])) + text.encode()
    return block


def preface():
    return b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(SETTINGS, 0, 0) + frame(SETTINGS, 1, 0)


def streams(path, count):
    return preface() + b"".join(frame(HEADERS, END_STREAM | END_HEADERS, 2 * i + 1, head("GET", path)) for i in range(count))


def bodies(count):
    out = preface()
    for i in range(count):
        out += frame(HEADERS, END_HEADERS, 2 * i + 1, head("PATCH", begin())) + frame(DATA, 0, 2 * i + 1, bytes(16_000))
    return out


def main():
    what, count = sys.argv[3], int(sys.argv[4])
    each = int(sys.argv[5]) if len(sys.argv) > 5 else 1
    blob = prepare()
    milliseconds(blob)
    before = kib("VmRSS")
    if what == "idle":
        connections = [connect(request("/v2/")) for _ in range(count)]
    elif what == "heads":
        connections = [connect(request("/v2/")[:-2] + b"X-Slow: ") for _ in range(count)]
    elif what == "pulls":
        connections = [connect(request(blob), 16 * 1024) for _ in range(count)]
        threading.Thread(target=drip, args=(connections,), daemon=True).start()
    elif what == "streams":
        connections = [connect(streams(blob, each)) for _ in range(count)]
    else:
        connections = [connect(bodies(each)) for _ in range(count)]
    time.sleep(5)
    manifests = sorted(milliseconds(f"{REPOSITORY}/manifests/latest") for _ in range(100))
    blobs = sorted(milliseconds(blob) for _ in range(5))
    held = len(connections) * each
    print(f"{what}: {held} held, resident {before // 1024} MiB before, {kib('VmRSS') // 1024} meanwhile, {kib('VmHWM') // 1024} at most; "
          f"others: manifest {manifests[50]:.1f} ms (p50), {manifests[98]:.1f} (p99); 64 MiB {blobs[2]:.0f} ms (p50), {blobs[4]:.0f} at most", flush=True)
    stop.set()
    for connection in connections:
        connection.close()


main()
