#!/usr/bin/env bash
# The resident process with the real launcher: the same answers as cold, and nothing left hanging when it dies.
. "$(dirname "$0")/lib.sh"
export BULLA_HOME=$work/home DOCKER_CONFIG=$work/docker
mkdir -p "$DOCKER_CONFIG"

start_warm() {
  "$bulla" warm >"$work/warm.log" 2>&1 &
  warm=$!
  pids+=("$warm")
  # its own address, not that of one that was killed
  for _ in $(seq 100); do grep -q "^1 $warm " "$BULLA_HOME/resident/address" 2>/dev/null && return; sleep 0.1; done
  return 1
}

# same COMMAND...: both ways the same output, errors and exit code.
same() {
  local cold=0 warm=0
  BULLA_COLD=1 "$bulla" "$@" >"$work/cold.out" 2>"$work/cold.err" || cold=$?
  "$bulla" "$@" >"$work/warm.out" 2>"$work/warm.err" || warm=$?
  [ "$cold" = "$warm" ] && cmp "$work/cold.out" "$work/warm.out" && cmp "$work/cold.err" "$work/warm.err"
}

# handed_over: whether a command runs without a Java runtime of its own: there is none that could be started.
handed_over() {
  local copy=$work/copy
  mkdir -p "$copy/lib"
  cp "$bulla" "$copy/bulla"
  : >"$copy/lib/bulla-cli.jar"
  cp "$app/ready" "$copy/ready"
  mkdir -p "$copy/runtime/bin"
  printf 'JAVA_VERSION="25.0.1"\n' >"$copy/runtime/release"
  printf '#!/bin/sh\nexit 9\n' >"$copy/runtime/bin/java"
  chmod +x "$copy/runtime/bin/java"
  JAVA_HOME=$copy/runtime "$copy/bulla" --version
}

app=$root/dist/target/bulla
[ -f "$root/lib/bulla-cli.jar" ] && app=$root
check "warm starts without a home" start_warm
check "the socket is for its owner alone" test "$(stat -c %a "$BULLA_HOME/resident")" = 700
check "--version" same --version
check "help of verify" same verify --help
check "a missing key" same verify --key absent.pub 127.0.0.1:1/app:1 --output json
check "a registry that is not there" same verify --key "$root/SECURITY.md" 127.0.0.1:1/app:1
check "a command is handed over" handed_over
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
  refuses 7 "another user cannot reach the socket" setpriv --reuid 65534 --regid 65534 --clear-groups \
    curl -s --unix-socket "$(sed -n '1s/^[^ ]* [^ ]* [^ ]* //p' "$BULLA_HOME/resident/address")" http://localhost/run
else
  skip "another user: not root, or no setpriv"
fi
kill -STOP "$warm"
check "a process that is stopped is not waited for" timeout 60 "$bulla" --version
kill -CONT "$warm"
kill -KILL "$warm"
check "a process that was killed counts for nothing" "$bulla" --version
check "warm starts again beside what the other left" start_warm
check "stop ends it" "$bulla" stop
check "and its process" wait "$warm"
check "nothing is left to be reached" test ! -e "$BULLA_HOME/resident/address"
summary
