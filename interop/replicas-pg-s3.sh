#!/usr/bin/env bash
# Two servers over one PostgreSQL database and one bucket of an S3 server that others wrote: pushes by crane and oras that alternate between them,
# an upload begun at one and finished at the other, content trust, collection at one while pushing through the other, kill -9 of either, a
# replication that the other takes over. Nothing that was acknowledged is lost.
source "$(dirname "$0")/lib.sh"
for peer in versitygw crane oras cosign; do
  have $peer || { skip "the whole suite: $peer is not installed (interop/install-peers)"; summary; exit 0; }
done
start_postgresql || { skip "the whole suite: PostgreSQL is not installed"; summary; exit 0; }
start_s3
stores=(BULLA_RECORDS=$records BULLA_BLOBS=$s3)
export COSIGN_PASSWORD='' DOCKER_CONFIG=$work/docker
mkdir -p "$DOCKER_CONFIG" "$work/a" "$work/b" "$work/layer"
faults() { python3 "$root/interop/registry_faults.py" "$@"; }
at() { # at a|b COMMAND...: a command of Bulla in that home
  env "${stores[@]}" BULLA_HOME="$work/$1" "$bulla" "${@:2}"
}
start() { # start a|b PORT
  export BULLA_HOME=$work/$1 "${stores[@]}"
  start_bulla "$2"
  unset BULLA_HOME BULLA_RECORDS BULLA_BLOBS
}
end() { kill -9 "$1" && wait "$1" 2>/dev/null; }
within() { # within SECONDS COMMAND...
  local until=$((SECONDS + $1))
  shift
  until "$@"; do [ $SECONDS -lt $until ] || return 1; sleep 0.5; done
}
blind() { ! "$bin/crane" manifest --insecure "$1" >"$work/said" 2>&1 && grep -q DENIED "$work/said"; }
a=$(free_port) b=$(free_port)
A=127.0.0.1:$a B=127.0.0.1:$b
start a "$a"
a_pid=${pids[-1]}
start b "$b"
b_pid=${pids[-1]}

echo "-- pushes that alternate"
image() { # image HOST TAG [BYTES]
  head -c "${3:-20000}" /dev/urandom >"$work/layer/$2"
  tar -C "$work/layer" -cf "$work/$2.tar" "$2"
  "$bin/crane" append --insecure --new_layer "$work/$2.tar" --new_tag "$1/team/app:$2"
}
for i in 1 2; do
  here=$A there=$B
  [ $((i % 2)) = 0 ] && here=$B there=$A
  check "crane pushes t$i at one" image $here t$i
  check "and validates it at the other" "$bin/crane" validate --insecure --remote "$there/team/app:t$i"
  echo "note $i" >"$work/note-$i.txt"
  check "oras attaches at the other" bash -c "cd '$work' && '$bin/oras' attach --plain-http --artifact-type application/vnd.example.note $there/team/app:t$i note-$i.txt"
  check "which the one lists" bash -c "'$bin/oras' discover --plain-http --format json $here/team/app:t$i | grep -q vnd.example.note"
done
check "a tag moved at one is moved at the other" bash -c "'$bin/crane' tag --insecure $A/team/app:t1 latest && '$bin/crane' tag --insecure $B/team/app:t2 latest && [ \"\$('$bin/crane' digest --insecure $A/team/app:latest)\" = \"\$('$bin/crane' digest --insecure $B/team/app:t2)\" ]"

echo "-- an upload begun at one and finished at the other, with a kill between"
handover() { # handover begin|end: the session lies in a file
  python3 - "$1" "http://$A" "http://$B" "$work/session" <<'PY'
import hashlib, http.client, json, random, sys
from urllib.parse import urlsplit
step, one, other, file = sys.argv[1:]
content = random.Random(5).randbytes(9_000_000)
def call(url, method, path, body=None, headers={}):
    at = urlsplit(url)
    link = http.client.HTTPConnection(at.hostname, at.port, timeout=60)
    path = path if path.startswith("/") else urlsplit(path).path + "?" + urlsplit(path).query
    link.request(method, path, body, headers)
    answer = link.getresponse()
    return answer.status, dict(answer.getheaders()), answer.read()
def patch(url, location, first, last):
    headers = {"Content-Range": f"{first}-{last - 1}", "Content-Type": "application/octet-stream"}
    status, headers, body = call(url, "PATCH", location, content[first:last], headers)
    assert status == 202, (status, body)
    return headers["Location"]
if step == "begin":
    status, headers, _ = call(one, "POST", "/v2/team/app/blobs/uploads/")
    location = patch(one, headers["Location"], 0, 3_000_000)
    location = patch(other, location, 3_000_000, 6_000_000)
    json.dump(location, open(file, "w"))
else:
    location = json.load(open(file))
    status, headers, _ = call(other, "GET", location)
    assert status == 204 and headers["Range"] == "0-5999999", (status, headers)
    location = patch(other, headers["Location"], 6_000_000, len(content))
    name = "sha256:" + hashlib.sha256(content).hexdigest()
    status, _, body = call(other, "PUT", location + ("&" if "?" in location else "?") + "digest=" + name)
    assert status == 201, (status, body)
    assert call(other, "GET", "/v2/team/app/blobs/" + name)[2] == content
PY
}
check "begun at A, gone on with at B" handover begin
end "$a_pid"
check "finished at B while A is dead" handover end
start a "$a"
a_pid=${pids[-1]}

echo "-- content trust"
"$bin/cosign" generate-key-pair --output-key-prefix "$work/release" >/dev/null 2>&1
cat >"$work/trust.yaml" <<YML
apiVersion: bulla.dev/v1
kind: TrustPolicy
metadata: {name: pair, version: "1"}
spec:
  authorities: {release: {keys: [{file: release.pub}]}}
  scopes: [{name: all, images: ["**"], signatures: [{authorities: [release]}]}]
YML
digest=$("$bin/crane" digest --insecure "$A/team/app:t1")
check "cosign signs t1 through B" "$bin/cosign" sign --yes --key "$work/release.key" --use-signing-config=false --tlog-upload=false --allow-http-registry=true "$B/team/app@$digest"
check "bound at A" at a registry bind 'team/*' --trust "$work/trust.yaml" --mode enforce
check "what is unsigned is invisible at B" blind "$B/team/app:t2"
check "what is signed is visible at B" "$bin/crane" manifest --insecure "$B/team/app:t1"
check "pushed unsigned through B" image "$B" t3
check "invisible at A" blind "$A/team/app:t3"
check "revoked at B" at b registry revoke "team/app@$digest" --reason tried
check "invisible at A" blind "$A/team/app:t1"
check "unbound at B" at b registry unbind 'team/*'
check "visible again at A" "$bin/crane" manifest --insecure "$A/team/app:t1"

echo "-- collection at B while A takes pushes, then a kill of each"
acknowledged=$work/acknowledged
: >"$acknowledged"
faults mixed "http://$A" 1 4 "$acknowledged" &
load=$!
faults mixed "http://$B" 2 4 "$acknowledged" &
other=$!
for _ in 1 2 3; do at b registry gc --grace 0s --retired 0s >/dev/null 2>&1; done
end "$a_pid"
start a "$a"
a_pid=${pids[-1]}
faults mixed "http://$A" 3 3 "$acknowledged" &
again=$!
sleep 1
end "$b_pid"
wait "$load" "$other" "$again"
start b "$b"
b_pid=${pids[-1]}
check "everything acknowledged is at A" faults verify "http://$A" "$acknowledged"
check "everything acknowledged is at B" faults verify "http://$B" "$acknowledged"
refuses 0 "fsck finds the pair's store sound" at a registry fsck

echo "-- a copy that both follow: one is killed, the other takes over"
source_port=$(free_port)
BULLA_HOME=$work/source start_bulla "$source_port"
there=127.0.0.1:$source_port
push() { "$bin/crane" append --insecure --new_layer "$work/t1.tar" --new_tag "$there/copied/app:$1"; }
check "an image at the source" push one
check "the pair follows it" at a registry replicate --from "http://$there" 'copied/*' --region pair --follow
check "it is at A" within 30 "$bin/crane" validate --insecure --remote "$A/copied/app:one"
end "$a_pid"
check "another at the source" push two
check "B brings it" within 60 "$bin/crane" validate --insecure --remote "$B/copied/app:two"
start a "$a"
check "and A shows it" "$bin/crane" manifest --insecure "$A/copied/app:two"
summary
