#!/usr/bin/env python3
"""The part of a certificate log (RFC 6962) that an authority needs to get a promise: certificate_log.py PORT KEYFILE

POST /ct/v1/add-pre-chain and add-chain answer with a signed certificate timestamp. Nothing is kept: it is for suites that look at the
promise only.
KEYFILE holds a P-256 key; openssl signs."""
import base64
import hashlib
import http.server
import json
import struct
import subprocess
import sys
import time

port, keyfile = int(sys.argv[1]), sys.argv[2]
POISON = bytes.fromhex("060a2b06010401d679020403")
EXTENSIONS = 0xA3


def openssl(*arguments, data=None):
    return subprocess.run(["openssl", *arguments], input=data, check=True, capture_output=True).stdout


log_id = hashlib.sha256(openssl("pkey", "-in", keyfile, "-pubout", "-outform", "DER")).digest()


def element(data, at=0):
    """Tag, content and whole of the DER element at a place."""
    length, begin = data[at + 1], at + 2
    if length & 0x80:
        octets = length & 0x7F
        length = int.from_bytes(data[begin : begin + octets], "big")
        begin += octets
    return data[at], data[begin : begin + length], data[at : begin + length]


def elements(content):
    at = 0
    while at < len(content):
        one = element(content, at)
        yield one
        at += len(one[2])


def encode(tag, content):
    if len(content) < 0x80:
        return bytes([tag, len(content)]) + content
    size = len(content).to_bytes((len(content).bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(size)]) + size + content


def to_be_signed(certificate):
    return element(element(certificate)[1])


def without_poison(certificate):
    parts = b""
    for tag, content, whole in elements(to_be_signed(certificate)[1]):
        if tag == EXTENSIONS:
            kept = b"".join(one for _, inner, one in elements(element(content)[1]) if not inner.startswith(POISON))
            whole = encode(EXTENSIONS, encode(0x30, kept))
        parts += whole
    return encode(0x30, parts)


def public_key(certificate):
    fields = [whole for tag, _, whole in elements(to_be_signed(certificate)[1]) if tag != 0xA0]
    return fields[5]  # serial, algorithm, issuer, validity, subject, key


def promise(chain, final):
    """Of a final certificate it is over that, of another over what it will be, and over its issuer."""
    entry = chain[0] if final else without_poison(chain[0])
    now = int(time.time() * 1000)
    signed = struct.pack(">BBQH", 0, 0, now, 0 if final else 1)
    signed += b"" if final else hashlib.sha256(public_key(chain[1])).digest()
    signed += len(entry).to_bytes(3, "big") + entry + b"\0\0"
    signature = openssl("dgst", "-sha256", "-sign", keyfile, data=signed)
    return {
        "sct_version": 0,
        "id": base64.b64encode(log_id).decode(),
        "timestamp": now,
        "extensions": "",
        "signature": base64.b64encode(b"\4\3" + struct.pack(">H", len(signature)) + signature).decode(),
    }


class Log(http.server.BaseHTTPRequestHandler):
    def answer(self, document):
        body = json.dumps(document).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.answer({"certificates": []})

    def do_POST(self):
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.answer(promise([base64.b64decode(one) for one in request["chain"]], self.path.endswith("/add-chain")))

    def log_message(self, *words):
        pass


http.server.ThreadingHTTPServer(("127.0.0.1", port), Log).serve_forever()
