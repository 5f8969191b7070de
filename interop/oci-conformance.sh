#!/usr/bin/env bash
# The public conformance suite of the OCI distribution specification, at levels 1.1 and dev, over each kind of store.
# OCI_CONFORMANCE names its program: 'go build' in the folder "conformance" of opencontainers/distribution-spec.
source "$(dirname "$0")/lib.sh"
[ -x "${OCI_CONFORMANCE:-}" ] || { skip "the whole suite: OCI_CONFORMANCE names no program of opencontainers/distribution-spec"; summary; exit 0; }

# conformance NAME SERVE-OPTION...: starts a server with these options and runs the suite at both levels.
conformance() {
  local name=$1 port level
  shift
  port=$(free_port)
  export BULLA_HOME=$work/home-$name
  "$bulla" serve --listen "http://127.0.0.1:$port" "$@" >"$work/bulla-$name.log" 2>&1 &
  local server=$!
  pids+=($server)
  wait_for "http://127.0.0.1:$port/health/ready" || { cat "$work/bulla-$name.log"; exit 1; }
  for level in 1.1 dev; do
    mkdir -p "$work/results-$name-$level"
    check "level $level over $name" env OCI_REGISTRY="127.0.0.1:$port" OCI_TLS=disabled OCI_VERSION=$level OCI_REPO1="conformance/one-${level/./}" \
      OCI_REPO2="conformance/two-${level/./}" OCI_RESULTS_DIR="$work/results-$name-$level" "$OCI_CONFORMANCE"
    grep -E '^  (Pass|FAIL|Error|Skip|Disabled|Total)\.' "$work/out" | sed 's/\.\.*:/:/' | tr -s ' \n' ' '
    echo
  done
  kill $server && wait $server 2>/dev/null
}

conformance files
if have versitygw; then
  start_s3
  conformance s3 --blobs "$s3"
else
  skip "over S3: versitygw is not installed (interop/install-peers s3)"
fi
if have versitygw && start_postgresql; then
  start_s3
  conformance postgresql-and-s3 --records "$records" --blobs "$s3"
else
  skip "over PostgreSQL and S3: one of them is not installed"
fi
summary
