"""Kills a registry again and again in the middle of mixed work, and holds it to all that it acknowledged.

    registry_soak.py BULLA HOME PORT KILLS [SEED]

Starts `BULLA serve` with BULLA_HOME=HOME (and BULLA_RECORDS, BULLA_BLOBS of the environment), lets six clients work, kills it with
SIGKILL at a moment of chance, also while it starts, and starts it again. With REPLICAS=N (over shared records and blobs) N servers
run, at PORT and the ports after it and with homes HOME, HOME-1, …; clients are spread over them and move on with every kill, one
server after the other is killed, and what one acknowledged is asked of the next. What the oracle knows:

- a manifest, tag or referrer whose push was acknowledged is whole: itself, its configuration, its layers; also after a mount;
- a deletion that was acknowledged holds; a tag has the digest that was acknowledged last;
- what was asked and not answered may be or not be, but never in part;
- an upload whose chunk was acknowledged goes on where it stood, and ends as the content that was sent.

After each kill what was touched since is checked, with some of what is older; every CHECK (100) kills and at the end everything, with
`fsck`. A collection without any grace runs most of the time. Exits 0 if all of it held. Only the standard library.
"""
import collections
import hashlib
import http.client
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time

CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
BYTES = "application/octet-stream"
REPOSITORIES = [f"soak/r{i}" for i in range(4)]
KEPT, GONE, UNSURE = "kept", "gone", "unsure"


class Broken(Exception):
    """The registry did what it must not."""


class Away(Exception):
    """It was killed in the middle of this."""


def digest_of(content):
    return "sha256:" + hashlib.sha256(content).hexdigest()


class Client:
    def __init__(self, port, token=None):
        self.link = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.headers = {"Authorization": "Bearer " + token} if token else {}

    def call(self, method, path, body=None, **headers):
        if path.startswith("http"):
            path = "/" + path.split("/", 3)[3]
        try:
            self.link.request(method, path, body=body, headers={**self.headers, **{k.replace("_", "-"): v for k, v in headers.items()}})
            answer = self.link.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()
        except (OSError, http.client.HTTPException) as e:
            self.link.close()
            raise Away(repr(e)) from e


class Oracle:
    """What was acknowledged; all of it under one lock, which no request is made under."""

    def __init__(self):
        self.lock = threading.Lock()
        self.state = {}  # (repository, digest) -> KEPT, GONE, UNSURE
        self.parts = {}  # digest -> (bytes of the manifest, its media type, [(digest, size, is manifest)])
        self.tags = {}  # (repository, tag) -> set of digests or None, one of which it must be
        self.subjects = {}  # (repository, digest of a referrer) -> digest of its subject
        self.touched = set()
        self.counts = collections.Counter()

    def count(self, what):
        with self.lock:
            self.counts[what] += 1

    def begin(self, repository, digest, tag=None, manifest=None, gone=False):
        with self.lock:
            if manifest:
                self.parts[digest] = manifest
            self.state[repository, digest] = UNSURE
            self.touched.add((repository, digest))
            if tag:
                self.tags[repository, tag] = self.tags.get((repository, tag), {None}) | {digest}
            if gone:
                for (where, name), values in self.tags.items():
                    if where == repository and digest in values:
                        values.add(None)

    def end(self, repository, digest, tag=None, gone=False, subject=None):
        with self.lock:
            self.state[repository, digest] = GONE if gone else KEPT
            if tag:
                self.tags[repository, tag] = {digest}
            if subject:
                self.subjects[repository, digest] = subject
            if gone:
                for (where, name), values in self.tags.items():
                    if where == repository and digest in values:
                        values.discard(digest)
                        values.add(None)

    def kept(self, chance, repository):
        with self.lock:
            all_of = [d for (r, d), s in self.state.items() if r == repository and s == KEPT]
        return chance.choice(all_of) if all_of else None


class Worker(threading.Thread):
    """One client; the tags and manifests that it changes are its own, so that it knows what they must be."""

    def __init__(self, number, port, oracle, seed, stop):
        super().__init__(daemon=True)
        self.number, self.port, self.oracle, self.stop = number, port, oracle, stop
        self.chance = random.Random(seed)
        self.own = {}  # digest -> repository, of what is acknowledged and nothing refers to
        self.open = []  # uploads: repository, location, content, acknowledged
        self.failure = None

    def run(self):
        try:
            client = Client(self.port)
            while not self.stop.is_set():
                self.chance.choices(
                    [self.push, self.retag, self.delete, self.mount, self.begin_upload, self.go_on, self.evidence, self.index],
                    [6, 2, 5, 2, 2, 3, 3, 1])[0](client)
        except Away:
            pass
        except Exception as e:
            self.failure = e

    def expect(self, answer, statuses, what):
        status, headers, body = answer
        if status not in statuses:
            raise Broken(f"{what}: {status} {body[:400]!r}")
        return answer

    def blob(self, client, repository, content):
        self.expect(client.call("POST", f"/v2/{repository}/blobs/uploads/?digest={digest_of(content)}", content, Content_Type=BYTES), (201,), "blob")

    def put(self, client, repository, manifest, media, tag, children, subject=None, supply=None):
        """Pushes a manifest; parts that a collection without grace took meanwhile are sent again, as a client does."""
        digest = digest_of(manifest)
        self.oracle.begin(repository, digest, tag, (manifest, media, children))
        for _ in range(30):
            if supply:
                supply()
            answer = client.call("PUT", f"/v2/{repository}/manifests/{tag or digest}", manifest, Content_Type=media)
            if answer[0] != 400 or b"MANIFEST_BLOB_UNKNOWN" not in answer[2]:
                self.expect(answer, (201,), "manifest")
                self.oracle.end(repository, digest, tag, subject=subject)
                return digest
            if not supply:
                break
        return None

    def image(self, **more):
        config = json.dumps({"by": self.number, "at": self.chance.random()}).encode()
        layer = self.chance.randbytes(self.chance.choice((300, 5000, 60000)))
        manifest = json.dumps({
            "schemaVersion": 2, "mediaType": MANIFEST, **more,
            "config": {"mediaType": CONFIG, "digest": digest_of(config), "size": len(config)},
            "layers": [{"mediaType": LAYER, "digest": digest_of(layer), "size": len(layer)}]}).encode()
        children = [(digest_of(config), len(config), False), (digest_of(layer), len(layer), False)]
        return config, layer, manifest, children

    def push(self, client, repository=None, tag=None):
        repository = repository or self.chance.choice(REPOSITORIES)
        config, layer, manifest, children = self.image()

        def supply():
            for part in (config, layer):
                self.blob(client, repository, part)

        digest = self.put(client, repository, manifest, MANIFEST, tag or f"w{self.number}-{self.chance.randrange(10 ** 9)}", children, supply=supply)
        if digest:
            self.own[digest] = repository
            self.oracle.count("images")
        return digest

    def retag(self, client):
        self.push(client, REPOSITORIES[0], f"moving{self.number}")
        self.oracle.count("moved tags")

    def delete(self, client):
        if not self.own:
            return
        digest = self.chance.choice(list(self.own))
        repository = self.own.pop(digest)
        self.oracle.begin(repository, digest, gone=True)
        self.expect(client.call("DELETE", f"/v2/{repository}/manifests/{digest}"), (202, 404), "delete")
        self.oracle.end(repository, digest, gone=True)
        self.oracle.count("deletions")

    def mount(self, client):
        """An image whose parts come from another repository."""
        source, target = self.chance.sample(REPOSITORIES, 2)
        digest = self.oracle.kept(self.chance, source)
        if not digest:
            return
        manifest, media, children = self.oracle.parts[digest]
        if media != MANIFEST or b'"subject"' in manifest:
            return
        fresh = json.dumps({**json.loads(manifest), "annotations": {"mounted": str(self.chance.random())}}).encode()
        for part, _, _ in children:
            status, headers, _ = client.call("POST", f"/v2/{target}/blobs/uploads/?mount={part}&from={source}", b"")
            if status != 201:  # deleted and collected meanwhile
                if status == 202:
                    client.call("DELETE", headers["Location"])
                return
        if (pushed := self.put(client, target, fresh, MANIFEST, None, children)):
            self.own[pushed] = target
            self.oracle.count("mounts")

    def begin_upload(self, client):
        if len(self.open) > 5:
            return
        repository = self.chance.choice(REPOSITORIES)
        _, headers, _ = self.expect(client.call("POST", f"/v2/{repository}/blobs/uploads/", b""), (202,), "upload")
        self.open.append([repository, headers["Location"], self.chance.randbytes(200_000), 0])

    def go_on(self, client):
        """One chunk more of an upload that was begun, perhaps before the last kill; the end, if that was all."""
        if not self.open:
            return
        one = self.chance.choice(self.open)
        repository, location, content, acknowledged = one
        status, headers, body = client.call("GET", location)
        if status == 404 and acknowledged == len(content):
            self.open.remove(one)  # its end was not answered, and took place
            return
        if status != 204:
            raise Broken(f"an upload with {acknowledged} bytes is gone: {status} {body[:200]!r}")
        at = int(headers["Range"].split("-")[1])
        at = at + 1 if at else 0
        if at < acknowledged or at > len(content):
            raise Broken(f"an upload with {acknowledged} acknowledged bytes stands at {at}")
        if at:
            self.oracle.count("resumed uploads")
        if at < len(content):
            more = content[at:at + self.chance.choice((10_000, 70_000, 200_000))]
            self.expect(client.call("PATCH", location, more, Content_Type=BYTES, Content_Range=f"{at}-{at + len(more) - 1}"), (202,), "chunk")
            one[3] = at + len(more)
            return
        one[3] = len(content)
        self.expect(client.call("PUT", f"{location}?digest={digest_of(content)}", b""), (201,), "end of an upload")
        self.open.remove(one)
        self.oracle.count("uploads in chunks")
        config, _, _, _ = self.image()
        manifest = json.dumps({
            "schemaVersion": 2, "mediaType": MANIFEST,
            "config": {"mediaType": CONFIG, "digest": digest_of(config), "size": len(config)},
            "layers": [{"mediaType": LAYER, "digest": digest_of(content), "size": len(content)}]}).encode()

        def supply():
            for part in (config, content):
                self.blob(client, repository, part)

        pushed = self.put(client, repository, manifest, MANIFEST, None,
                          [(digest_of(config), len(config), False), (digest_of(content), len(content), False)], supply=supply)
        if pushed:
            self.own[pushed] = repository

    def evidence(self, client):
        repository = self.chance.choice(REPOSITORIES)
        subject = self.oracle.kept(self.chance, repository)
        if not subject:
            return
        about, media, _ = self.oracle.parts[subject]
        config, layer, manifest, children = self.image(
            artifactType="application/vnd.soak.evidence", subject={"mediaType": media, "digest": subject, "size": len(about)})

        def supply():
            for part in (config, layer):
                self.blob(client, repository, part)

        pushed = self.put(client, repository, manifest, MANIFEST, None, children, subject=subject, supply=supply)
        if pushed:
            self.own[pushed] = repository
            self.oracle.count("evidence")

    def index(self, client):
        mine = [(d, r) for d, r in self.own.items()]
        if len(mine) < 2:
            return
        first, repository = self.chance.choice(mine)
        body, media, _ = self.oracle.parts[first]
        index = json.dumps({"schemaVersion": 2, "mediaType": INDEX, "annotations": {"at": str(self.chance.random())},
                            "manifests": [{"mediaType": media, "digest": first, "size": len(body)}]}).encode()
        del self.own[first]  # stays as long as the index does
        if (pushed := self.put(client, repository, index, INDEX, None, [(first, len(body), True)])):
            self.own[pushed] = repository
            self.oracle.count("indexes")


class Soak:
    def __init__(self, bulla, home, port, kills, seed):
        self.bulla, self.kills = bulla, kills
        self.replicas = int(os.environ.get("REPLICAS", "1"))
        self.homes = [home if i == 0 else f"{home}-{i}" for i in range(self.replicas)]
        self.ports = [port + i for i in range(self.replicas)]
        self.chance = random.Random(seed)
        self.oracle = Oracle()
        self.servers = [None] * self.replicas
        self.check_every = int(os.environ.get("CHECK", "100"))
        self.workers = []

    def start(self, which, wait=True):
        home, port = self.homes[which], self.ports[which]
        log = open(home + ".log", "ab")
        server = self.servers[which] = subprocess.Popen(
            [self.bulla, "serve", "--listen", f"http://127.0.0.1:{port}"], stdout=log, stderr=log, env={**os.environ, "BULLA_HOME": home})
        log.close()
        begun = time.time()
        while wait:
            if server.poll() is not None:
                raise Broken(f"the server ended by itself with {server.returncode}; see {home}.log")
            try:
                if Client(port).call("GET", "/health/ready")[0] == 200:
                    return time.time() - begun
            except Away:
                pass
            if time.time() - begun > 120:
                raise Broken("the server is not ready after two minutes")
            time.sleep(0.02)

    def kill(self, which):
        self.servers[which].send_signal(signal.SIGKILL)
        self.servers[which].wait()

    def end(self):
        """Asks all to end; whoever needs more than a minute for that has failed."""
        for server in self.servers:
            if server and server.poll() is None:
                server.terminate()
        for server in self.servers:
            try:
                server and server.wait(60)
            except subprocess.TimeoutExpired:
                server.kill()
                raise Broken("a server does not end when it is asked to") from None

    def collect(self, which, stop):
        """Collections without grace, one after the other."""
        try:
            with open(os.path.join(self.homes[which], "server.json")) as file:
                client = Client(self.ports[which], json.load(file)["token"])
            while not stop.is_set():
                status, _, body = client.call(
                    "POST", "/v1/registry/gc", json.dumps({"graceSeconds": 0, "retiredSeconds": 0}), Content_Type="application/json")
                if status in (200, 202):
                    self.oracle.count("collections")
                stop.wait(0.15)
        except (Away, OSError, ValueError):
            pass

    def whole(self, client, repository, digest, expected):
        """The state of a manifest must be what is expected; if it is there, all of it must be."""
        manifest, media, children = self.oracle.parts[digest]
        status, headers, body = client.call("GET", f"/v2/{repository}/manifests/{digest}", Accept="*/*")
        if status not in (200, 404) or (expected == KEPT and status != 200) or (expected == GONE and status != 404):
            raise Broken(f"{repository}@{digest} must be {expected}: {status} {body[:300]!r}")
        if status == 404:
            return False
        if body != manifest:
            raise Broken(f"{repository}@{digest} has other bytes")
        for child, size, is_manifest in children:
            kind = "manifests" if is_manifest else "blobs"
            status, headers, body = client.call("GET", f"/v2/{repository}/{kind}/{child}", Accept="*/*")
            if status != 200 or digest_of(body) != child or len(body) != size:
                raise Broken(f"{repository}@{digest} lacks {child}: {status} {body[:300]!r}")
        return True

    def verify(self, which, everything):
        client = Client(self.ports[which])
        oracle = self.oracle
        wanted = set(oracle.state) if everything else set(oracle.touched)
        if not everything:
            wanted |= set(self.chance.sample(sorted(oracle.state), min(20, len(oracle.state))))
        for repository, digest in wanted:
            expected = oracle.state[repository, digest]
            there = self.whole(client, repository, digest, expected)
            oracle.state[repository, digest] = KEPT if there else GONE
            subject = oracle.subjects.get((repository, digest))
            if subject and there and oracle.state.get((repository, subject)) == KEPT:
                path = f"/v2/{repository}/referrers/{subject}"
                found = False
                while path and not found:
                    _, headers, body = client.call("GET", path)
                    found = any(one["digest"] == digest for one in json.loads(body)["manifests"])
                    path = headers["Link"].split("<")[1].split(">")[0] if "Link" in headers else None
                if not found:
                    raise Broken(f"{repository}: {digest} is no referrer of {subject}")
        for (repository, tag), values in list(oracle.tags.items()):
            if not everything and len(values) == 1 and not (set((repository, v) for v in values) & oracle.touched):
                continue
            status, headers, _ = client.call("HEAD", f"/v2/{repository}/manifests/{tag}", Accept="*/*")
            value = headers.get("Docker-Content-Digest") if status == 200 else None
            if status not in (200, 404) or value not in values:
                raise Broken(f"{repository}:{tag} is {value} ({status}), not of {values}")
            if value is None:
                del oracle.tags[repository, tag]
            else:
                oracle.tags[repository, tag] = {value}
        oracle.touched.clear()
        return len(wanted)

    def forget(self):
        """What is gone for long is asked no longer, so that the oracle stays small."""
        gone = [key for key, state in self.oracle.state.items() if state == GONE]
        for key in gone[:-200]:
            del self.oracle.state[key]

    def fsck(self):
        for _ in range(15):  # a collection that was killed over shared records keeps others away for a minute; a busy server may not answer in time
            done = subprocess.run([self.bulla, "registry", "fsck"], env={**os.environ, "BULLA_HOME": self.homes[0]}, capture_output=True, text=True)
            if "[conflict]" not in done.stderr and "[home-locked]" not in done.stderr:
                break
            time.sleep(5)
        if done.returncode:
            raise Broken(f"fsck exits with {done.returncode}: {done.stdout[-600:]} {done.stderr[-600:]}")

    def round(self, number):
        which = number % self.replicas
        stop = threading.Event()
        before = {worker.number: worker for worker in self.workers}
        self.workers = [Worker(i, self.ports[(i + number) % self.replicas], self.oracle, (number, i, self.chance.random()).__repr__(), stop) for i in range(6)]
        for worker in self.workers:
            if worker.number in before:
                worker.own, worker.open = before[worker.number].own, before[worker.number].open
                worker.own = {d: r for d, r in worker.own.items() if self.oracle.state.get((r, d)) == KEPT}
        collector = threading.Thread(target=self.collect, args=((which + number // 4) % self.replicas, stop), daemon=True)
        for one in [*self.workers, *([collector] if number % 4 else [])]:
            one.start()
        work = sum(self.oracle.counts.values()) + self.chance.randrange(60)
        end = time.time() + self.chance.uniform(0.1, 5)
        while sum(self.oracle.counts.values()) < work and time.time() < end:
            time.sleep(0.005)
        time.sleep(self.chance.uniform(0, 0.05))
        self.kill(which)
        if self.replicas > 1:
            time.sleep(self.chance.uniform(0, 0.3))  # the others go on
        stop.set()
        for worker in self.workers:
            worker.join()
            if worker.failure:
                raise worker.failure
        if collector.ident:
            collector.join()

    def run(self):
        begun, starts = time.time(), []
        for which in range(self.replicas):
            starts.append(self.start(which))
        for number in range(1, self.kills + 1):
            which = number % self.replicas
            self.round(number)
            if number % 10 == 0:  # in the middle of its start, too
                self.start(which, wait=False)
                time.sleep(self.chance.uniform(0.1, 1.2))
                self.kill(which)
            starts.append(self.start(which))
            self.verify((which + 1) % self.replicas, everything=False)
            if number % self.check_every == 0 or number == self.kills:
                checked = self.verify(which, everything=True)
                self.fsck()
                self.forget()
                print(f"{number} kills, {time.time() - begun:.0f} s, start {sorted(starts)[len(starts) // 2]:.2f} s: "
                      f"{checked} manifests as they must be, fsck sound; {dict(self.oracle.counts)}", flush=True)
        self.end()


if __name__ == "__main__":
    soak = Soak(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), sys.argv[5] if len(sys.argv) > 5 else str(time.time_ns()))
    try:
        soak.run()
    except (Broken, Away) as e:
        print(f"NOT HELD: {e}", flush=True)
        soak.end()
        sys.exit(1)
