#!/usr/bin/env python3
"""What one registry spends on its work: the CPU time of its process, whatever the client costs.

Usage: transfer.py blob FILE LABEL:PORT:PID...      pushes and pulls FILE as one blob, changed for each push
       transfer.py requests HEY LABEL:PORT:PID...   small requests at 1, 8 and 64 clients, by hey
A LABEL that ends in -tls is spoken to by HTTPS. In the environment, ROUNDS is how often (5), AFTER_PUSH names a program that gets HOST:PORT/REPOSITORY:TAG of the image of "bulla" before it is asked for, to sign it.
Prints Markdown table rows. The registries take turns, so that what else the machine does meets all of them.
"""
import csv
import hashlib
import http.client
import json
import os
import ssl
import statistics
import subprocess
import sys
import time

TICK = os.sysconf("SC_CLK_TCK")
REPOSITORY = "bench/blob"
ROUNDS = int(os.environ.get("ROUNDS", "5"))
STREAM = "application/octet-stream"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"


def cpu(pid):
    fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def memory(pid, field):
    line = next(l for l in open(f"/proc/{pid}/status") if l.startswith(field + ":"))
    return int(line.split()[1]) / 1024


def sha256(content):
    return "sha256:" + hashlib.sha256(content).hexdigest()


def connect(label, port):
    if not label.endswith("-tls"):
        return http.client.HTTPConnection("127.0.0.1", port, blocksize=1 << 20)
    return http.client.HTTPSConnection("127.0.0.1", port, blocksize=1 << 20, context=ssl._create_unverified_context())


def call(connection, method, path, body=None, headers=None):
    connection.request(method, path, body=body, headers=headers or {})
    answer = connection.getresponse()
    answer.read()
    return answer


def push(connection, body, size, digest):
    location = call(connection, "POST", f"/v2/{REPOSITORY}/blobs/uploads/", headers={"Content-Length": "0"}).getheader("Location")
    if location.startswith("http"):
        location = "/" + location.split("/", 3)[3]
    location += ("&" if "?" in location else "?") + "digest=" + digest
    answer = call(connection, "PUT", location, body, {"Content-Length": str(size), "Content-Type": STREAM})
    assert answer.status == 201, answer.status


def pull(connection, path, size):
    connection.request("GET", path)
    answer = connection.getresponse()
    assert answer.status == 200, answer.status
    left, buffer = size, bytearray(1 << 20)
    while left:
        n = answer.readinto(buffer)
        assert n, "short body"
        left -= n
    answer.read()


def cost(pid, work):
    before, started = cpu(pid), time.monotonic()
    work()
    return cpu(pid) - before, time.monotonic() - started


def put_manifest(connection, tag, content):
    answer = call(connection, "PUT", f"/v2/{REPOSITORY}/manifests/{tag}", content, {"Content-Type": MANIFEST})
    assert answer.status == 201, answer.status


def image(blobs):
    descriptors = [{"mediaType": STREAM, "digest": digest, "size": size} for digest, size in blobs]
    return json.dumps({"schemaVersion": 2, "mediaType": MANIFEST, "config": descriptors[0], "layers": descriptors}).encode()


def sign(label, port, tag):
    if label.startswith("bulla") and os.environ.get("AFTER_PUSH"):
        subprocess.run([os.environ["AFTER_PUSH"], f"127.0.0.1:{port}/{REPOSITORY}:{tag}"], check=True, stdout=subprocess.DEVNULL)


def blob(path, registries):
    size = os.path.getsize(path)
    costs = {registry: [] for registry in registries}
    for number in range(ROUNDS):
        for registry in registries:
            label, port, pid = registry
            connection = connect(label, port)
            with open(path, "r+b") as body:
                body.write(os.urandom(16))
                body.seek(0)
                digest = "sha256:" + hashlib.file_digest(body, "sha256").hexdigest()
                body.seek(0)
                pushed = cost(pid, lambda: push(connection, body, size, digest))
            # a blob is pulled as a part of an image; where trust is on, of a signed one
            put_manifest(connection, f"large-{number}", image([(digest, size)]))
            sign(label, port, f"large-{number}")
            pulled = cost(pid, lambda: pull(connection, f"/v2/{REPOSITORY}/blobs/{digest}", size))
            costs[registry].append(pushed + pulled)
    for (label, _, pid), rows in costs.items():
        columns = [statistics.median(column) for column in zip(*rows)]
        print(f"| {label} | " + " | ".join(f"{value:.2f}" for value in columns) + f" | {memory(pid, 'VmHWM'):.0f} |", flush=True)


def push_image(connection):
    """A manifest of some 700 bytes over blobs of 4 KiB and 1 MiB; the paths to ask for."""
    contents = [os.urandom(4 * 1024), os.urandom(1024 * 1024)]
    blobs = [(sha256(content), len(content)) for content in contents]
    for content, (digest, size) in zip(contents, blobs):
        push(connection, content, size, digest)
    manifest = image(blobs)
    put_manifest(connection, "latest", manifest)
    small, large = (f"/v2/{REPOSITORY}/blobs/{digest}" for digest, _ in blobs)
    return [
        ("manifest by tag", f"/v2/{REPOSITORY}/manifests/latest", 16_000),
        ("manifest by digest", f"/v2/{REPOSITORY}/manifests/{sha256(manifest)}", 16_000),
        ("4 KiB blob", small, 8_000),
        ("1 MiB blob", large, 1_600),
    ]


def hey(program, port, path, clients, count):
    command = [program, "-n", str(count // clients * clients), "-c", str(clients), "-o", "csv", "-H", f"Accept: {MANIFEST}", f"http://127.0.0.1:{port}{path}"]
    out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    rows = list(csv.DictReader(out.splitlines()))
    wrong = [row for row in rows if row["status-code"] != "200"]
    assert rows and not wrong, (len(rows), wrong[:1])
    return sorted(float(row["response-time"]) * 1000 for row in rows)


def requests(program, registries):
    cases = {registry: push_image(http.client.HTTPConnection("127.0.0.1", registry[1])) for registry in registries}
    for label, port, _ in registries:
        sign(label, port, "latest")
    for number in range(4):
        for registry in registries:
            _, path, count = cases[registry][number]
            hey(program, registry[1], path, 8, count)  # warm
        for clients in (1, 8, 16, 64):
            for registry in registries:
                label, port, pid = registry
                name, path, count = cases[registry][number]
                times = []
                used, wall = cost(pid, lambda: times.extend(hey(program, port, path, clients, count // 4 if clients == 1 else count)))
                p50, p99 = times[len(times) // 2], times[len(times) * 99 // 100]
                print(f"| {name} | {clients} | {label} | {len(times) / wall:.0f} | {used * 1000 / len(times):.3f} | {p50:.2f} | {p99:.2f} |", flush=True)
    time.sleep(3)
    for label, _, pid in registries:
        print(f"| resident afterwards, MiB | | {label} | {memory(pid, 'VmRSS'):.0f} | | | |", flush=True)


def main():
    what, argument = sys.argv[1], sys.argv[2]
    registries = [(label, int(port), int(pid)) for label, port, pid in (one.split(":") for one in sys.argv[3:])]
    {"blob": blob, "requests": requests}[what](argument, registries)


if __name__ == "__main__":
    main()
