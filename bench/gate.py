#!/usr/bin/env python3
"""What content trust adds to a manifest GET: the server's CPU for an admitted image of a repository with an enforced trust
policy, beside the same manifest in repositories without one.

Usage: gate.py PORT PID        in the environment, AFTER_PUSH as for transfer.py; BLOCKS is how often each is asked (400)
Asks in many short blocks that take turns, in an order that changes; each block of the gated repository makes a pair with its
neighbour of an open one, so that what else the machine does meets both. The same is done with two open repositories, to
show what scatter alone makes of it. Threads that compile are not counted. Prints Markdown table rows: the median of the paired ratios with
its 95 % interval, by order statistics.
"""
import math
import os
import random
import socket
import statistics
import sys

import transfer

CONNECTIONS = 8
ROUNDS = 100
BLOCKS = int(os.environ.get("BLOCKS", "400"))
GATED, OPEN, OTHER = "bench/image", "open1/image", "open2/image"


def cpu(pid):
    """Nanoseconds of all threads but compilers."""
    total = 0
    for thread in os.listdir(f"/proc/{pid}/task"):
        try:
            if "Compiler" not in open(f"/proc/{pid}/task/{thread}/comm").read():
                total += int(open(f"/proc/{pid}/task/{thread}/schedstat").read().split()[0])
        except FileNotFoundError:
            pass  # it has ended
    return total


def answer(connection, pending):
    """Takes in one answer; its length is that of all of them, once known."""
    while b"\r\n\r\n" not in pending:
        pending += connection.recv(65536)
    head, _, body = bytes(pending).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200"), head[:200]
    length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
    while len(body) < length:
        body += connection.recv(65536)


def block(connections, pid, path):
    request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept: {transfer.MANIFEST}\r\n\r\n".encode()
    before = cpu(pid)
    for _ in range(ROUNDS):
        for connection in connections:
            connection.sendall(request)
        for connection in connections:
            answer(connection, bytearray())
    return (cpu(pid) - before) / (ROUNDS * CONNECTIONS)


def interval(values):
    """The 95 % interval of the median, of any distribution."""
    values, n = sorted(values), len(values)
    reach = 0.98 * math.sqrt(n)
    return values[max(0, math.floor(n / 2 - reach))], values[min(n - 1, math.ceil(n / 2 + reach))]


def compare(connections, pid, what, one, other):
    pairs = []
    for number in range(BLOCKS + BLOCKS // 4):
        order = (one, other) if random.random() < 0.5 else (other, one)
        cost = {path: block(connections, pid, path) for path in order}
        if number >= BLOCKS // 4:  # the first are for warming up
            pairs.append((cost[one], cost[other]))
    ratios = [a / b for a, b in pairs]
    low, high = interval(ratios)
    gated, plain = (statistics.median(column) / 1000 for column in zip(*pairs))
    print(f"| {what} | {gated:.1f} | {plain:.1f} | {statistics.median(ratios):.3f} | {low:.3f} to {high:.3f} |", flush=True)


def main():
    port, pid = int(sys.argv[1]), int(sys.argv[2])
    connection = transfer.connect("bulla", port)
    content = b"{}"
    blob = [(transfer.sha256(content), len(content))]
    manifest = transfer.image(blob * 5)
    for repository in (GATED, OPEN, OTHER):
        transfer.REPOSITORY = repository
        transfer.push(connection, content, *reversed(blob[0]))
        transfer.put_manifest(connection, "latest", manifest)
        if repository == GATED:
            transfer.sign("bulla", port, "latest")
    transfer.REPOSITORY = GATED
    transfer.put_manifest(connection, "unsigned", transfer.image(blob * 6))
    refused = transfer.call(connection, "GET", f"/v2/{GATED}/manifests/unsigned").status
    assert refused in (403, 404), f"the repository is not gated: an unsigned image is answered {refused}"
    connections = [socket.create_connection(("127.0.0.1", port)) for _ in range(CONNECTIONS)]
    for one in connections:
        one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for what, reference in (("by tag", "latest"), ("by digest", transfer.sha256(manifest))):
        gated, plain, other = (f"/v2/{repository}/manifests/{reference}" for repository in (GATED, OPEN, OTHER))
        compare(connections, pid, f"manifest {what}, enforced beside open", gated, plain)
        compare(connections, pid, f"manifest {what}, open beside open", other, plain)


main()
