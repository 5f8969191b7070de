#!/usr/bin/env python3
"""Pushes and pulls one blob and says what it cost the server: transfer.py LABEL PORT PID FILE."""
import hashlib
import http.client
import os
import sys
import time

TICK = os.sysconf("SC_CLK_TCK")


def cpu(pid):
    fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def main():
    label, port, pid, path = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
    size = os.path.getsize(path)
    digest = hashlib.file_digest(open(path, "rb"), "sha256").hexdigest()
    connection = http.client.HTTPConnection("127.0.0.1", port, blocksize=1 << 20)
    connection.request("POST", "/v2/bench/blob/blobs/uploads/", headers={"Content-Length": "0"})
    answer = connection.getresponse()
    answer.read()
    location = answer.getheader("Location")
    if location.startswith("http"):
        location = "/" + location.split("/", 3)[3]
    location += ("&" if "?" in location else "?") + "digest=sha256:" + digest
    before, started = cpu(pid), time.monotonic()
    with open(path, "rb") as body:
        connection.request("PUT", location, body=body, headers={"Content-Length": str(size), "Content-Type": "application/octet-stream"})
        answer = connection.getresponse()
        answer.read()
    assert answer.status == 201, answer.status
    push = cpu(pid) - before, time.monotonic() - started
    before, started = cpu(pid), time.monotonic()
    connection.request("GET", "/v2/bench/blob/blobs/sha256:" + digest)
    answer = connection.getresponse()
    left, buffer = size, bytearray(1 << 20)
    while left:
        n = answer.readinto(buffer)
        assert n, "short body"
        left -= n
    pull = cpu(pid) - before, time.monotonic() - started
    print(f"| {label} | {push[0]:.2f} | {push[1]:.2f} | {pull[0]:.2f} | {pull[1]:.2f} |", flush=True)


main()
