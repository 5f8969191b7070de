#!/usr/bin/env python3
"""Pushes tiny distinct images to a registry on this machine by plain HTTP and prints REGISTRY/REPOSITORY@DIGEST of each.

Usage: images.py HOST:PORT REPOSITORY COUNT
"""
import hashlib
import http.client
import json
import sys

host, repository, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
connection = http.client.HTTPConnection(host)


def send(method, path, body=b"", **headers):
    connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
    answer = connection.getresponse()
    answer.read()
    if answer.status >= 300:
        sys.exit(f"{method} {path}: {answer.status}")
    return answer


def blob(content):
    digest = "sha256:" + hashlib.sha256(content).hexdigest()
    place = send("POST", f"/v2/{repository}/blobs/uploads/").getheader("Location")
    place = place[place.index("/v2/"):] if "://" in place else place
    send("PUT", place + ("&" if "?" in place else "?") + "digest=" + digest, content, Content_Type="application/octet-stream")
    return digest, len(content)


for i in range(count):
    digest, size = blob(json.dumps({"architecture": "amd64", "os": "linux", "author": f"image {i}"}).encode())
    manifest = json.dumps({
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": digest, "size": size},
        "layers": [],
    }).encode()
    named = "sha256:" + hashlib.sha256(manifest).hexdigest()
    send("PUT", f"/v2/{repository}/manifests/{named}", manifest, Content_Type="application/vnd.oci.image.manifest.v1+json")
    print(f"{host}/{repository}@{named}")
