# Shared by the suites: counting checks, starting servers, finding peers. Sourced by bash.
set -uo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
bulla=${BULLA:-$root/bulla}
bin=${PEERS_BIN:-$HOME/.cache/bulla-peers/bin}
passed=0 failed=0 skipped=0
work=$(mktemp -d)
pids=()

# check NAME COMMAND...: passes if the command does.
check() {
  local name=$1
  shift
  if "$@" >"$work/out" 2>&1; then
    passed=$((passed + 1))
    printf 'ok    %s\n' "$name"
  else
    failed=$((failed + 1))
    printf 'FAIL  %s\n' "$name"
    sed 's/^/      | /' "$work/out" | tail -n 15
  fi
}

# refuses CODE NAME COMMAND...: passes if the command ends with exactly that code.
refuses() {
  local want=$1 name=$2 code=0
  shift 2
  "$@" >"$work/out" 2>&1 || code=$?
  if [ "$code" = "$want" ]; then
    passed=$((passed + 1))
    printf 'ok    %s\n' "$name"
  else
    failed=$((failed + 1))
    printf 'FAIL  %s (exit code %s, expected %s)\n' "$name" "$code" "$want"
    sed 's/^/      | /' "$work/out" | tail -n 15
  fi
}

skip() {
  skipped=$((skipped + 1))
  printf 'skip  %s\n' "$*"
}

have() { [ -x "$bin/$1" ]; }

# jdk25: the directory of a JDK 25 with a compiler, or nothing.
jdk25() {
  local dir
  for dir in "${JAVA_HOME:-/none}" /usr/lib/jvm/*25* /usr/java/*25* /opt/*jdk*25* /opt/java/*25* /Library/Java/JavaVirtualMachines/*25*/Contents/Home; do
    if [ -x "$dir/bin/javac" ] && grep -qs 'JAVA_VERSION="25' "$dir/release"; then
      echo "$dir"
      return
    fi
  done
}

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# wait_for URL: until it answers, at most 30 s.
wait_for() {
  for _ in $(seq 300); do
    if python3 -c 'import sys, urllib.request; urllib.request.urlopen(sys.argv[1], timeout=2)' "$1" 2>/dev/null; then return 0; fi
    sleep 0.1
  done
  return 1
}

# start_bulla PORT: a server in the foreground of a background job, with $BULLA_HOME.
start_bulla() {
  "$bulla" serve --listen "http://127.0.0.1:$1" >"$work/bulla-$1.log" 2>&1 &
  pids+=($!)
  wait_for "http://127.0.0.1:$1/health/ready" || { cat "$work/bulla-$1.log"; exit 1; }
}

# start_distribution PORT: CNCF distribution with an empty store.
start_distribution() {
  cat >"$work/distribution-$1.yml" <<YML
version: 0.1
log: {level: error, accesslog: {disabled: true}}
storage: {filesystem: {rootdirectory: $work/distribution-$1}, delete: {enabled: true}}
http: {addr: "127.0.0.1:$1"}
YML
  "$bin/registry" serve "$work/distribution-$1.yml" >"$work/distribution-$1.log" 2>&1 &
  pids+=($!)
  wait_for "http://127.0.0.1:$1/v2/" || { cat "$work/distribution-$1.log"; exit 1; }
}

# stop_process PID: asks it to end and waits. After 10 s it is asked as PostgreSQL wants to be when clients stay, after 20 s it is killed: a suite never
# waits for one of its own processes for ever.
stop_process() {
  local tenths
  kill "$1" 2>/dev/null || return 0
  for tenths in $(seq 200); do
    kill -0 "$1" 2>/dev/null || break
    [ "$tenths" = 100 ] && kill -INT "$1" 2>/dev/null
    sleep 0.1
  done
  [ "$tenths" -gt 100 ] && printf 'note  process %s took more than 10 s to end\n' "$1"
  kill -KILL "$1" 2>/dev/null && printf 'note  process %s did not end when asked, killed\n' "$1"
  wait "$1" 2>/dev/null
}

# The last first: a database ends when those who are connected have.
finish() {
  local i
  for ((i = ${#pids[@]} - 1; i >= 0; i--)); do
    [ -n "${pids[i]}" ] && stop_process "${pids[i]}"
  done
  rm -rf "$work"
}
trap finish EXIT

summary() {
  printf '\n%s passed, %s failed, %s skipped\n' "$passed" "$failed" "$skipped"
  [ "$failed" = 0 ]
}

# start_s3: a versitygw with an empty bucket; sets s3 to its address for --blobs and credentials in the environment.
start_s3() {
  local at
  at=$(free_port)
  mkdir -p "$work/s3-$at/bulla"
  export AWS_ACCESS_KEY_ID=interop AWS_SECRET_ACCESS_KEY=interop-secret
  unset AWS_PROFILE AWS_SESSION_TOKEN
  ROOT_ACCESS_KEY=$AWS_ACCESS_KEY_ID ROOT_SECRET_KEY=$AWS_SECRET_ACCESS_KEY \
    "$bin/versitygw" --port "127.0.0.1:$at" --health /health --quiet posix "$work/s3-$at" >"$work/s3-$at.log" 2>&1 &
  s3_pid=$!
  pids+=($s3_pid)
  wait_for "http://127.0.0.1:$at/health" || { cat "$work/s3-$at.log"; exit 1; }
  s3_address=127.0.0.1:$at
  s3_root=$work/s3-$at/bulla
  s3="s3://bulla/registry?endpoint=http://127.0.0.1:$at&pathStyle=true"
}

# start_postgresql: a server with an empty database; sets records to its address for --records. Fails if PostgreSQL is not installed.
start_postgresql() {
  local programs at dir as=()
  programs=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | tail -n 1)
  [ -x "$programs/initdb" ] || return 1
  at=$(free_port)
  dir=$work/postgresql-$at
  mkdir -p "$dir"
  if [ "$(id -u)" = 0 ]; then # as root it refuses to run
    chmod 711 "$work" && chown nobody "$dir"
    as=(setpriv --reuid=nobody --regid=nogroup --clear-groups)
  fi
  (cd / && "${as[@]}" "$programs/initdb" -D "$dir/data" -U bulla -A trust) >"$work/initdb.log" 2>&1 || { cat "$work/initdb.log"; return 1; }
  (cd / && exec "${as[@]}" "$programs/postgres" -D "$dir/data" -k "$dir" -h 127.0.0.1 -p "$at") >"$work/postgresql.log" 2>&1 &
  pids+=($!)
  for _ in $(seq 100); do "$programs/pg_isready" -q -h 127.0.0.1 -p "$at" && break || sleep 0.1; done
  records="postgresql://bulla@127.0.0.1:$at/postgres"
}
