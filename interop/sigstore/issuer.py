#!/usr/bin/env python3
"""An OpenID Connect issuer for the interoperability suites, on loopback: issuer.py PORT KEYFILE [CERTIFICATE TLSKEY]

With a certificate it speaks HTTPS.

/.well-known/openid-configuration and /keys are what a relying party asks for; /token?CLAIM=VALUE&... mints a token with these
claims over the defaults (audience sigstore, five minutes). 'ttl' is its life in seconds; 'true' and whole numbers are JSON values.
The key is made if KEYFILE is not there; openssl signs."""
import base64
import http.server
import json
import os
import ssl
import subprocess
import sys
import time
import urllib.parse

port, keyfile = int(sys.argv[1]), sys.argv[2]
tls = sys.argv[3:5]
me = f"{'https' if tls else 'http'}://127.0.0.1:{port}"


def openssl(*arguments, data=None):
    return subprocess.run(["openssl", *arguments], input=data, check=True, capture_output=True).stdout


def text(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


if not os.path.exists(keyfile):
    openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", keyfile)
modulus = bytes.fromhex(openssl("rsa", "-in", keyfile, "-noout", "-modulus").decode().strip().split("=")[1])
public = {"kty": "RSA", "alg": "RS256", "use": "sig", "kid": "1", "n": text(modulus), "e": "AQAB"}


def mint(wanted):
    now = int(time.time())
    life = int(wanted.pop("ttl", "300"))
    claims = {"iss": me, "aud": "sigstore", "iat": now, "nbf": now - 600, "exp": now + life, "sub": "interop"}
    for name, value in wanted.items():
        claims[name] = True if value == "true" else int(value) if value.isdigit() else value
    head = {"alg": "RS256", "typ": "JWT", "kid": "1"}
    signed = ".".join(text(json.dumps(part).encode()) for part in (head, claims))
    return signed + "." + text(openssl("dgst", "-sha256", "-sign", keyfile, data=signed.encode()))


class Issuer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        url = urllib.parse.urlparse(self.path)
        asked = dict(urllib.parse.parse_qsl(url.query))
        if url.path == "/.well-known/openid-configuration":
            answer = {
                "issuer": me,
                "jwks_uri": me + "/keys",
                "authorization_endpoint": me + "/none",
                "token_endpoint": me + "/none",
                "response_types_supported": ["id_token"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
            }
        elif url.path == "/keys":
            answer = {"keys": [public]}
        elif url.path == "/token":
            answer = mint(asked)
        elif url.path == "/actions":  # as GitHub answers a run
            answer = {"value": mint({**asked, "aud": asked.get("audience", "")})}
        else:
            self.send_error(404)
            return
        body = (answer if isinstance(answer, str) else json.dumps(answer)).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Issuer)
if tls:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*tls)
    server.socket = context.wrap_socket(server.socket, server_side=True)
server.serve_forever()
