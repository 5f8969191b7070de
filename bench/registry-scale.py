#!/usr/bin/env python3
"""Whether a registry stays quick and small when it holds much: Markdown lines about a server on this machine.

Usage: registry-scale.py many PORT          10 000 referrers of one image, 1 000 000 tags, 100 000 manifests; pages timed
       registry-scale.py memory PORT PID [CLIENTS MIB [dense]]
                                            that many pushes of so many MiB at the same time (64 of 256); peak memory of the process.
                                            "dense": the blobs differ but can be compressed, for a file system that does so
Pushes by plain HTTP without a credential, into the repositories bench/*.
"""
import concurrent.futures
import hashlib
import http.client
import json
import os
import statistics
import sys
import threading
import time

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
EMPTY = b"{}"
http.client._MAXHEADERS = 1_000  # a push of many tags is answered by a line for each
local = threading.local()


def sha256(content):
    return "sha256:" + hashlib.sha256(content).hexdigest()


def ask(port, method, path, body=None, headers=None):
    connection = getattr(local, "connection", None)
    if connection is None:
        connection = local.connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request(method, path, body, headers or {})
    answer = connection.getresponse()
    content = answer.read()
    assert answer.status < 300, (method, path, answer.status, content[:300])
    return answer, content


def begin(port, repository):
    location = ask(port, "POST", f"/v2/{repository}/blobs/uploads/", headers={"Content-Length": "0"})[0].getheader("Location")
    return location[location.index("/v2/"):]


def empty_blob(port, repository):
    place = begin(port, repository)
    ask(port, "PUT", place + ("&" if "?" in place else "?") + "digest=" + sha256(EMPTY), EMPTY)


def manifest(number, subject=None):
    empty = {"mediaType": "application/vnd.oci.empty.v1+json", "digest": sha256(EMPTY), "size": len(EMPTY)}
    document = {"schemaVersion": 2, "mediaType": MANIFEST, "artifactType": "application/vnd.example+json", "config": empty,
                "layers": [empty], "annotations": {"number": str(number)}}
    if subject:
        document["subject"] = {"mediaType": MANIFEST, "digest": sha256(subject), "size": len(subject)}
    return json.dumps(document).encode()


def put(port, repository, content, tags=()):
    query = "?" + "&".join("tag=" + tag for tag in tags) if tags else ""
    ask(port, "PUT", f"/v2/{repository}/manifests/{sha256(content)}{query}", content, {"Content-Type": MANIFEST})


def all_of(work, items, clients=8):
    started = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(clients) as pool:
        for _ in pool.map(work, items):
            pass
    return time.monotonic() - started


def timed(port, path, times=30):
    walls = []
    for _ in range(times):
        started = time.monotonic()
        answer, content = ask(port, "GET", path)
        walls.append((time.monotonic() - started) * 1000)
    return statistics.median(walls), max(walls), len(content), answer


def line(what, path, port):
    median, most, size, answer = timed(port, path)
    print(f"| {what} | {median:.1f} | {most:.1f} | {size // 1024} |", flush=True)
    return answer


def many(port):
    subject = manifest("subject")
    for repository in ("bench/referrers", "bench/tags", "bench/manifests"):
        empty_blob(port, repository)
    put(port, "bench/referrers", subject, ["latest"])
    print("| written | seconds |\n|---|---|")
    seconds = all_of(lambda n: put(port, "bench/referrers", manifest(n, subject)), range(10_000))
    print(f"| 10 000 referrers of one image | {seconds:.0f} |", flush=True)
    tagged = manifest("tagged")
    put(port, "bench/tags", tagged)
    seconds = all_of(lambda n: put(port, "bench/tags", tagged, [f"t{n:05}{i:02}" for i in range(100)]), range(10_000))
    print(f"| 1 000 000 tags | {seconds:.0f} |", flush=True)
    seconds = all_of(lambda n: put(port, "bench/manifests", manifest(n)), range(100_000))
    print(f"| 100 000 manifests in one repository | {seconds:.0f} |", flush=True)
    print("\n| asked | median ms | most ms | KiB |\n|---|---|---|---|")
    page, pages = f"/v2/bench/referrers/referrers/{sha256(subject)}", 1
    answer = line("referrers, first page", page, port)
    while answer.getheader("Link"):
        target = answer.getheader("Link").split(">")[0][1:]
        page, pages = target[target.index("/v2/"):], pages + 1
        answer, _ = ask(port, "GET", page)
    line(f"referrers, the last of {pages} pages", page, port)
    line("1 000 tags from the first", "/v2/bench/tags/tags/list?n=1000", port)
    line("1 000 tags from the middle", "/v2/bench/tags/tags/list?n=1000&last=t0500000", port)
    line("1 000 tags before the last", "/v2/bench/tags/tags/list?n=1000&last=t0998999", port)
    line("manifest by one of the tags", "/v2/bench/tags/manifests/t0777733", port)
    line("one of 100 000 manifests", f"/v2/bench/manifests/manifests/{sha256(manifest(77_777))}", port)


def kib(path, field):
    return int(next(l for l in open(path) if l.startswith(field + ":")).split()[1])


def watch(pid, stop, most):
    """The largest proportional share seen, in KiB: the kernel keeps a peak of the resident set only."""
    while not stop.wait(1):
        most["Pss"] = max(most["Pss"], kib(f"/proc/{pid}/smaps_rollup", "Pss"))


def memory(port, pid, clients, mib, dense):
    piece = bytes(1 << 20) if dense else os.urandom(1 << 20)
    stop, most = threading.Event(), {"Pss": 0}
    watcher = threading.Thread(target=watch, args=(pid, stop, most))
    watcher.start()

    def push(number):
        place = begin(port, "bench/large")
        content = hashlib.sha256()
        salt = os.urandom(8)

        def body():
            for i in range(mib):
                chunk = salt + f"{i:08}".encode() + piece[16:]
                content.update(chunk)
                yield chunk

        ask(port, "PATCH", place, body(), {"Content-Length": str(mib << 20), "Content-Type": "application/octet-stream"})
        ask(port, "PUT", place + ("&" if "?" in place else "?") + "digest=sha256:" + content.hexdigest(), headers={"Content-Length": "0"})

    try:
        seconds = all_of(push, range(clients), clients)
    finally:
        stop.set()
        watcher.join()
    peak, now = kib(f"/proc/{pid}/status", "VmHWM") // 1024, kib(f"/proc/{pid}/status", "VmRSS") // 1024
    print(f"{clients} pushes of {mib} MiB at the same time: {seconds:.0f} s; resident memory of the server {peak} MiB at most, {now} MiB afterwards; "
          f"proportional share {most['Pss'] // 1024} MiB at most", flush=True)


def main():
    what, port = sys.argv[1], int(sys.argv[2])
    if what == "many":
        many(port)
    else:
        clients, mib = (int(one) for one in sys.argv[4:6]) if len(sys.argv) > 4 else (64, 256)
        memory(port, int(sys.argv[3]), clients, mib, "dense" in sys.argv[6:])


main()
