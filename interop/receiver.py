"""Receives webhooks: verifies each message by the Standard Webhooks specification alone and appends it to a file.

receiver.py PORT FILE KEY.pem SECRET [STATUS ...]: the first answers have these statuses, the others 204.
receiver.py check FILE: exit 0 if the messages are in order, each once after duplicates are left out, and none is missing between.
"""
import base64, hashlib, hmac, json, sys
from http.server import BaseHTTPRequestHandler, HTTPServer


def verified(headers, body, key, secret):
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    kinds = dict(one.split(",", 1) for one in headers["webhook-signature"].split(" "))
    mac = hmac.new(base64.b64decode(secret.removeprefix("whsec_")), signed, hashlib.sha256).digest()
    good = hmac.compare_digest(base64.b64decode(kinds["v1"]), mac)
    try:
        from cryptography.hazmat.primitives.serialization import load_pem_public_key
    except ImportError:
        return good and openssl(key, signed, base64.b64decode(kinds["v1a"]))
    load_pem_public_key(open(key, "rb").read()).verify(base64.b64decode(kinds["v1a"]), signed)
    return good


def openssl(key, signed, signature):
    import subprocess, tempfile
    with tempfile.NamedTemporaryFile() as message, tempfile.NamedTemporaryFile() as value:
        message.write(signed), message.flush(), value.write(signature), value.flush()
        return subprocess.run(["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", key, "-rawin", "-in", message.name, "-sigfile", value.name],
                              stdout=subprocess.DEVNULL).returncode == 0


def serve(port, path, key, secret, statuses):
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status = statuses.pop(0) if statuses else 204
            if status < 300:
                event = json.loads(body)
                event["verified"] = bool(verified(self.headers, body, key, secret))
                with open(path, "a") as file:
                    file.write(json.dumps(event) + "\n")
            self.send_response(status)
            self.end_headers()

        def log_message(self, *args):
            pass

    HTTPServer(("127.0.0.1", port), Handler).serve_forever()


def check(path):
    events = [json.loads(line) for line in open(path)]
    assert events and all(one["verified"] for one in events), "a message is not signed"
    ids = list(dict.fromkeys(int(one["id"]) for one in events))
    assert ids == sorted(ids), f"out of order: {ids}"
    print(len(ids), "events")


if __name__ == "__main__":
    if sys.argv[1] == "check":
        check(sys.argv[2])
    else:
        serve(int(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4], [int(one) for one in sys.argv[5:]])
