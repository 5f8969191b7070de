#!/usr/bin/env bash
# The public conformance suite of the OCI distribution specification, at levels 1.1 and dev, over each kind of store and each protocol.
# OCI_CONFORMANCE names its program: 'go build' in the folder "conformance" of opencontainers/distribution-spec.
source "$(dirname "$0")/lib.sh"
[ -x "${OCI_CONFORMANCE:-}" ] || { skip "the whole suite: OCI_CONFORMANCE names no program of opencontainers/distribution-spec"; summary; exit 0; }

# conformance NAME SERVE-OPTION...: starts a server with these options and runs the suite at both levels: over plain HTTP, over HTTPS, where Go's client
# speaks HTTP/2, and over HTTPS by HTTP/1.1.
conformance() {
  local name=$1 plain secure
  shift
  plain=$(free_port) secure=$(free_port)
  export BULLA_HOME=$work/home-$name
  "$bulla" serve --listen "http://127.0.0.1:$plain" --listen "https://127.0.0.1:$secure" "$@" >"$work/bulla-$name.log" 2>&1 &
  local server=$!
  pids+=($server)
  wait_for "http://127.0.0.1:$plain/health/ready" || { cat "$work/bulla-$name.log"; exit 1; }
  levels "$name" "127.0.0.1:$plain" OCI_TLS=disabled
  levels "$name-https-2" "localhost:$secure" OCI_TLS=enabled SSL_CERT_FILE="$BULLA_HOME/keys/tls/authority.crt"
  levels "$name-https-1.1" "localhost:$secure" OCI_TLS=enabled SSL_CERT_FILE="$BULLA_HOME/keys/tls/authority.crt" GODEBUG=http2client=0
  kill $server && wait $server 2>/dev/null
}

# levels NAME HOST VARIABLE=VALUE...
levels() {
  local name=$1 host=$2 level
  shift 2
  for level in 1.1 dev; do
    mkdir -p "$work/results-$name-$level"
    check "level $level over $name" env "$@" OCI_REGISTRY="$host" OCI_VERSION=$level OCI_REPO1="conformance/one-$name-${level/./}" \
      OCI_REPO2="conformance/two-$name-${level/./}" OCI_RESULTS_DIR="$work/results-$name-$level" "$OCI_CONFORMANCE"
    grep -E '^  (Pass|FAIL|Error|Skip|Disabled|Total)\.' "$work/out" | sed 's/\.\.*:/:/' | tr -s ' \n' ' '
    echo
  done
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
