"""Clients for registry-faults.sh; only the standard library. Each command exits 0 if the registry did as it must."""
import hashlib
import http.client
import json
import os
import random
import socket
import sys
import threading
import time
from urllib.parse import urlsplit


def connect(url):
    at = urlsplit(url)
    return http.client.HTTPConnection(at.hostname, at.port, timeout=30)


def call(link, method, path, body=None, headers=None):
    link.request(method, path, body=body, headers=headers or {})
    answer = link.getresponse()
    return answer.status, dict(answer.getheaders()), answer.read()


def digest(content):
    return "sha256:" + hashlib.sha256(content).hexdigest()


def blob(link, repository, content):
    status, headers, body = call(
        link, "POST", f"/v2/{repository}/blobs/uploads/?digest={digest(content)}", content,
        {"Content-Type": "application/octet-stream"})
    return status, body


def image(seed):
    chance = random.Random(seed)
    config = json.dumps({"seed": seed}).encode()
    layer = chance.randbytes(chance.randrange(1000, 60000))
    manifest = json.dumps({
        "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": digest(config), "size": len(config)},
        "layers": [{"mediaType": "application/vnd.oci.image.layer.v1.tar", "digest": digest(layer), "size": len(layer)}],
    }).encode()
    return config, layer, manifest


def push(link, repository, seed):
    """The status of the manifest's push; parts that were collected meanwhile are sent again."""
    config, layer, manifest = image(seed)
    status = 0
    for _ in range(20):
        for part in (config, layer):
            status, body = blob(link, repository, part)
            if status != 201:
                return status, body
        status, _, body = call(
            link, "PUT", f"/v2/{repository}/manifests/t{seed}", manifest,
            {"Content-Type": "application/vnd.oci.image.manifest.v1+json"})
        if status != 400 or b"MANIFEST_BLOB_UNKNOWN" not in body:
            break
    return status, body


def whole(link, repository, seed):
    config, layer, manifest = image(seed)
    found = call(link, "GET", f"/v2/{repository}/manifests/t{seed}")
    assert found[0] == 200 and found[2] == manifest, (repository, seed, found[0], found[2][:300])
    for part in (config, layer):
        got = call(link, "GET", f"/v2/{repository}/blobs/{digest(part)}")
        assert got[0] == 200 and got[2] == part, (repository, seed, digest(part), got[0])


def uploads(url, count):
    link = connect(url)
    locations = []
    for i in range(int(count)):
        status, headers, _ = call(link, "POST", "/v2/many/uploads/blobs/uploads/")
        assert status == 202, (i, status)
        locations.append(headers["Location"])
    # the next is refused, or one that has rested for a minute goes instead
    assert call(link, "POST", "/v2/many/other/blobs/uploads/")[0] in (202, 429)
    begun = time.time()
    for repository in ("many/uploads", "many/other"):
        assert push(link, repository, 1)[0] == 201
        whole(link, repository, 1)
    for one in (len(locations) // 2, -1):
        content = b"late %d" % one
        status, _, body = call(link, "PUT", f"{locations[one]}?digest={digest(content)}", content)
        assert status == 201, (one, status, body)
    assert time.time() - begun < 10


def loris(url, count):
    at = urlsplit(url)
    slow = []
    for i in range(int(count)):
        one = socket.create_connection((at.hostname, at.port))
        one.sendall(b"PATCH /v2/slow/app/blobs/uploads/x HTTP/1.1\r\nHost: localhost\r\n"
                    + (b"Content-Length: 100\r\n\r\nx" if i % 2 else b"X-Half: "))
        slow.append(one)
    link = connect(url)
    begun = time.time()
    assert push(link, "slow/app", 2)[0] == 201
    whole(link, "slow/app", 2)
    assert time.time() - begun < 10
    for one in slow:
        one.close()


def replay(url):
    link = connect(url)
    _, headers, _ = call(link, "POST", "/v2/replay/app/blobs/uploads/")
    location = headers["Location"]
    content = b"once"
    end = f"{location}?digest={digest(content)}"
    assert call(link, "PUT", end, content)[0] == 201
    for method, path in (("PUT", end), ("PATCH", location), ("GET", location), ("DELETE", location)):
        status, _, _ = call(link, method, path, content if method in ("PUT", "PATCH") else None)
        assert status == 404, (method, status)


def mixed(url, round_number, seconds, acknowledged):
    """Pushes, deletes and asks until the server is gone or the time is over; writes down what was acknowledged."""
    until = time.time() + float(seconds)
    book = open(acknowledged, "a")
    lock = threading.Lock()

    def work(worker):
        seed = int(round_number) * 100000 + worker * 10000
        try:
            link = connect(url)
            while time.time() < until:
                seed += 1
                repository = f"kill/r{worker % 3}"
                if push(link, repository, seed)[0] == 201:
                    with lock:
                        book.write(f"{repository} {seed}\n")
                        book.flush()
                doomed = seed + 5000
                if push(link, repository, doomed)[0] == 201:
                    call(link, "DELETE", f"/v2/{repository}/manifests/{digest(image(doomed)[2])}")
        except (OSError, http.client.HTTPException):
            pass  # it has been killed

    workers = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    [one.start() for one in workers]
    [one.join() for one in workers]


def verify(url, acknowledged):
    link = connect(url)
    lines = open(acknowledged).read().split("\n")[:-1]
    assert lines, "nothing was acknowledged"
    for line in lines:
        repository, seed = line.split()
        whole(link, repository, int(seed))
    print(len(lines), "images")


def full(url, disk):
    link = connect(url)
    assert push(link, "full/app", 1)[0] == 201
    filler = os.path.join(disk, "filler")
    with open(filler, "wb") as out:
        try:
            while True:
                out.write(b"\0" * 65536)
                out.flush()
        except OSError:
            pass
    status, body = push(link, "full/app", 2)
    assert status == 507, (status, body)
    whole(connect(url), "full/app", 1)
    os.remove(filler)
    link = connect(url)
    assert push(link, "full/app", 2)[0] == 201
    whole(link, "full/app", 1)
    whole(link, "full/app", 2)


def readonly(url):
    link = connect(url)
    whole(link, "full/app", 1)
    status, body = push(link, "full/app", 3)
    assert status >= 500 and b"errors" in body, (status, body)
    whole(connect(url), "full/app", 2)


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
