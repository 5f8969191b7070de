#!/usr/bin/env bash
# Blobs in S3, judged by an S3 server that others wrote (versitygw): the contract of blob stores and the registry's suites over it, pushes and
# pulls by crane, the server away, a crash, bit rot, collection.
source "$(dirname "$0")/lib.sh"
have versitygw || { skip "the whole suite: versitygw is not installed (interop/install-peers s3)"; summary; exit 0; }
have crane || { skip "the whole suite: crane is not installed (interop/install-peers)"; summary; exit 0; }
start_s3
export BULLA_HOME=$work/home BULLA_BLOBS=$s3
faults() { python3 "$root/interop/registry_faults.py" "$@"; }
status() { python3 -c 'import sys, urllib.request, urllib.error
try: print(urllib.request.urlopen(sys.argv[1], timeout=120).status)
except urllib.error.HTTPError as e: print(e.code, e.read().decode()[:300])' "$1"; }

port=$(free_port)
start_bulla "$port"
host=127.0.0.1:$port
url=http://$host
dd if=/dev/urandom of="$work/large" bs=1M count=40 2>/dev/null
tar -C "$work" -cf "$work/large.tar" large
check "crane pushes an image of 40 MiB" "$bin/crane" append --insecure --new_layer "$work/large.tar" --new_tag "$host/team/app:1"
check "crane validates all bytes" "$bin/crane" validate --insecure --remote "$host/team/app:1"
layer=$("$bin/crane" manifest --insecure "$host/team/app:1" | python3 -c 'import json,sys; print(json.load(sys.stdin)["layers"][0]["digest"])')
check "a range is a range" python3 - "$url/v2/team/app/blobs/$layer" <<'PY'
import sys, urllib.request
whole = urllib.request.urlopen(sys.argv[1]).read()
for first, last in ((0, 9), (300_000, 300_999), (len(whole) - 5, len(whole) - 1), (200_000, 20_000_000)):
    part = urllib.request.urlopen(urllib.request.Request(sys.argv[1], headers={"Range": f"bytes={first}-{last}"})).read()
    assert part == whole[first:last + 1], (first, last)
PY
check "nothing is left of the uploads" bash -c "[ -z \"\$(find '$s3_root/registry/segments' '$s3_root/registry/uploads' -type f)\" ]"
check "nothing of the blobs lies in the home" bash -c "[ ! -e '$BULLA_HOME/blobs' ] && [ -z \"\$(ls '$BULLA_HOME/spool')\" ]"

echo "-- kill -9 in the middle of pushes, deletions and collections"
acknowledged=$work/acknowledged
: >"$acknowledged"
for i in 1 2; do
  faults mixed "$url" "$i" 1.5 "$acknowledged" &
  load=$!
  sleep 0.8
  "$bulla" registry gc --grace 0s --retired 0s >/dev/null 2>&1
  kill -9 "${pids[-1]}" && wait "${pids[-1]}" 2>/dev/null
  wait "$load"
  start_bulla "$port"
done
check "everything that was acknowledged is there" faults verify "$url" "$acknowledged"
check "fsck finds the store sound" "$bulla" registry fsck

echo "-- the server of the bucket is away"
kill "$s3_pid" && wait "$s3_pid" 2>/dev/null
check "a blob is unavailable, not absent" bash -c "$(declare -f status); status '$url/v2/team/app/blobs/$layer' | tee /dev/stderr | grep -q '^503.*blobs-unavailable'"
check "a manifest is still answered" "$bin/crane" manifest --insecure "$host/team/app:1"
check "a push is refused" bash -c "! '$bin/crane' append --insecure --new_layer '$work/large.tar' --new_tag '$host/team/other:1'"
ROOT_ACCESS_KEY=$AWS_ACCESS_KEY_ID ROOT_SECRET_KEY=$AWS_SECRET_ACCESS_KEY "$bin/versitygw" --port "${s3_address:?}" --health /health --quiet posix "${s3_root%/bulla}" >>"$work/s3.log" 2>&1 &
pids+=($!)
wait_for "http://$s3_address/health"
check "when it is back, so is everything" "$bin/crane" validate --insecure --remote "$host/team/app:1"

echo "-- bit rot"
file=$s3_root/registry/blobs/sha256/${layer#sha256:}
printf XXXX | dd of="$file" bs=1 seek=1000000 conv=notrunc 2>/dev/null
refuses 1 "fsck finds the changed bytes" "$bulla" registry fsck
check "a push repairs them" "$bin/crane" append --insecure --new_layer "$work/large.tar" --new_tag "$host/team/app:2"
check "fsck finds the store sound" "$bulla" registry fsck

echo "-- a bucket that answers 500, late, half or not at all although it did what was asked"
bad=$(free_port)
python3 "$root/interop/s3_faults.py" "$bad" "${s3_address#*:}" 7 >"$work/bad.log" 2>&1 &
pids+=($!)
sleep 0.5
on_bad_days=$(free_port)
BULLA_HOME=$work/bad-home BULLA_BLOBS="s3://bulla/bad-days?endpoint=http://127.0.0.1:$bad&pathStyle=true" start_bulla "$on_bad_days"
: >"$work/bad-acknowledged"
faults mixed "http://127.0.0.1:$on_bad_days" 9 6 "$work/bad-acknowledged"
check "everything that was acknowledged is there ($(python3 -c 'import sys, urllib.request; print(urllib.request.urlopen(sys.argv[1]).read().decode())' "http://127.0.0.1:$bad/faults"))" \
  faults verify "http://127.0.0.1:$on_bad_days" "$work/bad-acknowledged"
check "fsck finds the store sound" env BULLA_HOME="$work/bad-home" BULLA_BLOBS="s3://bulla/bad-days?endpoint=http://127.0.0.1:$bad&pathStyle=true" "$bulla" registry fsck

echo "-- the contract of blob stores and the suites of the registry, from the source"
if command -v "${MVN:-mvn}" >/dev/null 2>&1; then
  base="s3://bulla?endpoint=http://$s3_address&pathStyle=true"
  check "BlobsContract and the registry's suites" "${MVN:-mvn}" -B -q -f "$root/pom.xml" -pl foundation/store,chain/registry -am test -Dsurefire.failIfNoSpecifiedTests=false \
    -Dtest='S3BlobsTest,UpkeepTest,RegistryTest,InterleavingTest' "-Dbulla.test.blobs=$base"
else
  skip "mvn is not installed"
fi
summary
