#!/usr/bin/env bash
# Two servers over one PostgreSQL database and one directory of blobs: what one acknowledges the other shows at once; kill -9, a restart of the
# database under load, pg_dump and restore. SUITES=1 also runs the registry's own suites over PostgreSQL.
source "$(dirname "$0")/lib.sh"
start_postgresql || { skip "the whole suite: PostgreSQL is not installed"; summary; exit 0; }
database_pid=${pids[-1]}
export BULLA_RECORDS=$records BULLA_BLOBS=$work/blobs
programs=$(ls -d /usr/lib/postgresql/*/bin | tail -n 1)
faults() { python3 "$root/interop/registry_faults.py" "$@"; }
answer() { python3 - "$@" <<'PY'
import sys, urllib.error, urllib.request
request = urllib.request.Request(sys.argv[2], method=sys.argv[1], headers={"Accept": "*/*"})
if len(sys.argv) > 4:
    request.add_header("Authorization", "Bearer " + sys.argv[4])
try:
    code = urllib.request.urlopen(request, timeout=20).status
except urllib.error.HTTPError as e:
    code = e.code
if str(code) != sys.argv[3]:
    sys.exit(f"{sys.argv[1]} {sys.argv[2]} answered {code}, expected {sys.argv[3]}")
PY
}

a=$(free_port)
b=$(free_port)
BULLA_HOME=$work/a start_bulla "$a"
a_pid=${pids[-1]}
BULLA_HOME=$work/b start_bulla "$b"
A=http://127.0.0.1:$a B=http://127.0.0.1:$b
secret=$(BULLA_HOME=$work/a "$bulla" registry robot add ci --grant '**=AcrPush')
token=$(curl -s -u "ci:$secret" "$A/token?service=bulla&scope=registry:catalog:*" | python3 -c 'import json, sys; print(json.load(sys.stdin)["token"])')
check "a token of A counts at B" answer GET "$B/v2/" 200 "$token"
check "all tokens end" env BULLA_HOME="$work/b" "$bulla" registry robot end-tokens
check "at A too" answer GET "$A/v2/" 401 "$token"

echo "-- a kill in the middle, what was acknowledged at A is asked of B"
acknowledged=$work/acknowledged
: >"$acknowledged"
faults mixed "$A" 1 3 "$acknowledged" &
load=$!
sleep 1
BULLA_HOME=$work/b "$bulla" registry gc --grace 0s --retired 0s >/dev/null 2>&1
kill -9 "$a_pid" && wait "$a_pid" 2>/dev/null
wait "$load"
check "everything that A acknowledged is at B" faults verify "$B" "$acknowledged"
BULLA_HOME=$work/a start_bulla "$a"

echo "-- the database restarts under load"
faults mixed "$A" 2 4 "$acknowledged" &
load=$!
sleep 1
cat "$work"/postgresql-*/data/postmaster.pid | head -n 1 | xargs kill -QUIT
wait "$database_pid" 2>/dev/null
check "a request without a database is answered 503" answer GET "$A/v2/_catalog" 503
directory=$(ls -d "$work"/postgresql-*/ | head -n 1)
address=${records#*127.0.0.1:}
as=()
[ "$(id -u)" = 0 ] && as=(setpriv --reuid=nobody --regid=nogroup --clear-groups)
(cd / && exec "${as[@]}" "$programs/postgres" -D "${directory}data" -k "$directory" -h 127.0.0.1 -p "${address%%/*}") >>"$work/postgresql.log" 2>&1 &
pids=($! "${pids[@]}") # it ends after its clients
for _ in $(seq 200); do "$programs/pg_isready" -q -h 127.0.0.1 -p "${address%%/*}" && break || sleep 0.1; done
wait "$load"
back() { for _ in $(seq 40); do answer GET "$B/v2/_catalog" 200 2>/dev/null && return; sleep 0.5; done; return 1; }
check "the other server finds the database again by itself" back
check "everything is there afterwards" faults verify "$B" "$acknowledged"

echo "-- pg_dump and restore"
check "the database is dumped while servers run" "$programs/pg_dump" -Fc -h 127.0.0.1 -p "${address%%/*}" -U bulla -f "$work/records.dump" postgres
cp -a "$work/blobs" "$work/restored-blobs"
check "a new database" "$programs/createdb" -h 127.0.0.1 -p "${address%%/*}" -U bulla -T template0 restored
check "is restored" "$programs/pg_restore" -h 127.0.0.1 -p "${address%%/*}" -U bulla -d restored "$work/records.dump"
check "fsck finds the restored pair sound" env BULLA_HOME="$work/c" "$bulla" registry fsck \
  --records "postgresql://bulla@127.0.0.1:${address%%/*}/restored" --blobs "$work/restored-blobs"

echo "-- kills in the middle of mixed work, over PostgreSQL and S3"
if have versitygw; then
  start_s3
  check "is a database for it" "$programs/createdb" -h 127.0.0.1 -p "${address%%/*}" -U bulla soak
  check "is a database for two servers" "$programs/createdb" -h 127.0.0.1 -p "${address%%/*}" -U bulla soak2
  check "${KILLS:-2} kills: nothing that was acknowledged is lost, nothing that was deleted is back" \
    env BULLA_RECORDS="postgresql://bulla@127.0.0.1:${address%%/*}/soak" BULLA_BLOBS="$s3" \
    python3 "$root/interop/registry_soak.py" "$bulla" "$work/soak" "$(free_port)" "${KILLS:-2}"
  start_s3
  check "${KILLS:-2} kills of two servers in turn: what one acknowledged, the other has" \
    env REPLICAS=2 BULLA_RECORDS="postgresql://bulla@127.0.0.1:${address%%/*}/soak2" BULLA_BLOBS="$s3" \
    python3 "$root/interop/registry_soak.py" "$bulla" "$work/pair" "$(free_port)" "${KILLS:-2}"
else
  skip "kills over PostgreSQL and S3: versitygw is not installed"
fi

if [ -n "${SUITES:-}" ]; then
  echo "-- the suites of the registry"
  check "over PostgreSQL" mvn -q -f "$root/pom.xml" -pl chain/registry test -Dbulla.test.records=postgresql
fi
summary
