"""A proxy in front of an S3 server that behaves as S3 does on a bad day; only the standard library.

    s3_faults.py PORT SERVER-PORT SEED

Of the requests that come, some are answered 500 or 503 and not passed on, some are passed on late, some are passed on and done, and the
connection ends before the answer, some get half of an answer. GET /faults says how many of each.
"""
import collections
import http.client
import json
import random
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PORT, SERVER, SEED = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
chance, lock, counts = random.Random(SEED), threading.Lock(), collections.Counter()


class Proxy(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self):
        if self.path == "/faults":
            body = json.dumps(counts).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            return
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        with lock:
            kind = chance.choices(["passed", "500", "503", "late", "lost", "half"], [80, 5, 5, 3, 5, 2])[0]
            counts[kind] += 1
        if kind in ("500", "503"):
            self.send_response(int(kind))
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        if kind == "late":
            time.sleep(2)
        link = http.client.HTTPConnection("127.0.0.1", SERVER, timeout=60)
        link.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
        for name, value in self.headers.items():
            if name.lower() not in ("connection", "expect"):
                link.putheader(name, value)
        link.endheaders(body)
        answer = link.getresponse()
        content = answer.read()
        link.close()
        if kind == "lost":
            self.close_connection = True
            return
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in ("connection", "transfer-encoding", "content-length", "date", "server"):
                self.send_header(name, value)
        length = answer.getheader("Content-Length") if self.command == "HEAD" else str(len(content))
        if length is not None:
            self.send_header("Content-Length", length)
        self.end_headers()
        if kind == "half":
            self.wfile.write(content[:len(content) // 2])
            self.close_connection = True
            return
        self.wfile.write(content)

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = answer

    def log_message(self, *args):
        pass


class Server(ThreadingHTTPServer):
    request_queue_size = 64
    daemon_threads = True

    def handle_error(self, request, address):
        pass


Server(("127.0.0.1", PORT), Proxy).serve_forever()
