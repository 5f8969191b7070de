#!/usr/bin/env bash
# Bulla beside its peers, in one run on one machine. Prints Markdown tables; docs/performance.md keeps them.
# Usage: bench/side-by-side.sh [verify] [many] [library] [sbom LAYOUT] [registry] [gate] [tls] [scale] [pushes]
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
bin=${PEERS_BIN:-$HOME/.cache/bulla-peers/bin}
work=$(mktemp -d)
pids=()
finish() {
  for pid in "${pids[@]:-}"; do [ -n "$pid" ] && kill "$pid" 2>/dev/null || true; done
  if mountpoint -q "$work/home-registry"; then wait && umount "$work/home-registry"; fi
  rm -rf "$work"
}
trap finish EXIT
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
wait_for() { for _ in $(seq 300); do python3 -c 'import sys, urllib.request; urllib.request.urlopen(sys.argv[1], timeout=2)' "$1" 2>/dev/null && return; sleep 0.1; done; return 1; }
measure() { python3 "$root/bench/measure.py" "$@"; }
table() { printf '\n%s\n\n| what | wall ms | CPU ms | peak MiB |\n|---|---|---|---|\n' "$1"; }
machine() { echo "$(nproc) cores, $(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -n 1), $(free -g | awk '/Mem:/ {print $2}') GiB, $(date -u +%F), $(git -C "$root" rev-parse --short HEAD)"; }

verify() {
  export BULLA_HOME=$work/home DOCKER_CONFIG=$work/docker
  mkdir -p "$DOCKER_CONFIG"
  local port image digest policy
  port=$(free_port)
  "$root/bulla" serve --listen "http://127.0.0.1:$port" >"$work/serve.log" 2>&1 &
  pids+=($!)
  wait_for "http://127.0.0.1:$port/health/ready"
  digest=$("$root/bulla" ship --output json "$root/examples/hello" 2>/dev/null | python3 -c 'import json,sys; print(json.load(sys.stdin)["digest"])')
  image=127.0.0.1:$port/hello@$digest
  policy=(--trust-policy "$BULLA_HOME/trust/trustpolicy.json" --trust-store "$BULLA_HOME/trust/truststore" --scope "127.0.0.1:$port/hello")
  table "Verify one image, handed over to the server (median of 60 after 100; CPU of the caller)"
  for _ in $(seq 100); do "$root/bulla" verify --key "$BULLA_HOME/keys/signing.pub" "$image" >"$work/out"; done
  measure 60 "bulla --version, resident" "$root/bulla" --version
  measure 60 "bulla verify --key, resident" "$root/bulla" verify --key "$BULLA_HOME/keys/signing.pub" "$image"
  PERL5OPT=-W measure 60 "bulla verify --key, resident, by curl" "$root/bulla" verify --key "$BULLA_HOME/keys/signing.pub" "$image"
  measure 60 "bulla verify --trust-policy, resident" "$root/bulla" verify "${policy[@]}" "$image"
  table "Verify one image, cold process, loopback registry (median of 15)"
  export BULLA_COLD=1
  measure 15 "bulla --help" "$root/bulla" --help
  measure 15 "bulla verify --key" "$root/bulla" verify --key "$BULLA_HOME/keys/signing.pub" "$image"
  measure 15 "bulla verify --trust-policy" "$root/bulla" verify "${policy[@]}" "$image"
  [ -x "$bin/cosign" ] && measure 15 "cosign verify --key" "$bin/cosign" verify --key "$BULLA_HOME/keys/signing.pub" --insecure-ignore-tlog=true --allow-http-registry=true "$image"
  [ -x "$bin/notation" ] && NOTATION_CONFIG=$BULLA_HOME/trust measure 15 "notation verify" "$bin/notation" verify --insecure-registry "$image"
  table "Ship again (median of 5)"
  measure 5 "bulla ship examples/hello" "$root/bulla" ship "$root/examples/hello"
  sleep 20
  printf '\nServer after that, idle: %s MiB resident\n' "$(awk '/VmRSS/ {printf "%.0f", $2 / 1024}' "/proc/${pids[-1]}/status")"
}

# 1 000 signed images in one command, beside the peers in a loop over 20 of them.
many() {
  unset BULLA_COLD # as the part before may have left it
  export BULLA_HOME=$work/home-many DOCKER_CONFIG=$work/docker
  mkdir -p "$DOCKER_CONFIG"
  local port key
  port=$(free_port)
  "$root/bulla" serve --listen "http://127.0.0.1:$port" >"$work/serve-many.log" 2>&1 &
  pids+=($!)
  wait_for "http://127.0.0.1:$port/health/ready"
  python3 "$root/bench/images.py" "127.0.0.1:$port" many 1000 >"$work/many"
  xargs "$root/bulla" sign <"$work/many" >"$work/out" 2>&1
  key=$BULLA_HOME/keys/signing.pub
  table "Verify 1 000 images by key in one command (median of 3), and 20 in a loop"
  BULLA_COLD=1 measure 3 "bulla verify -f, 1 000 images, cold" "$root/bulla" verify --key "$key" -f "$work/many"
  measure 3 "bulla verify -f, 1 000 images, resident (CPU of the caller)" "$root/bulla" verify --key "$key" -f "$work/many"
  head -n 20 "$work/many" >"$work/few"
  [ -x "$bin/cosign" ] && measure 1 "cosign verify, 20 images" sh -c 'while read -r image; do "$1" verify --key "$2" --insecure-ignore-tlog=true --allow-http-registry=true "$image" >/dev/null 2>&1 || exit 1; done <"$3"' sh "$bin/cosign" "$key" "$work/few"
  [ -x "$bin/notation" ] && NOTATION_CONFIG=$BULLA_HOME/trust measure 1 "notation verify, 20 images" sh -c 'while read -r image; do "$1" verify --insecure-registry "$image" >/dev/null 2>&1 || exit 1; done <"$2"' sh "$bin/notation" "$work/few"
  return 0
}

# The library alone, warm, with the native provider and without.
library() {
  local choice java=java
  [ -x "${JAVA_HOME:-/nonexistent}/bin/java" ] && java=$JAVA_HOME/bin/java
  for choice in native jdk; do
    (cd "$root" && "$java" --enable-native-access=ALL-UNNAMED -XX:+UseSerialGC -cp "dist/target/bulla/lib/*" bench/VerifyRate.java "$choice")
  done
}

sbom() {
  local layout=$1
  table "SBOM of $(basename "$layout") ($(du -sm "$layout" | cut -f1) MB compressed; median of 3)"
  measure 3 "bulla sbom" "$root/bulla" sbom --format cyclonedx-json --oci-layout "$layout"
  [ -x "$bin/syft" ] && measure 3 "syft" "$bin/syft" scan "oci-dir:$layout" -o cyclonedx-json
  # trivy will not read jars without its Java database (hashes of published jars); offline it gets an empty one.
  # Its cache of analysed layers is dropped before each run, as Bulla and syft have none.
  if [ -x "$bin/trivy" ]; then
    python3 "$root/bench/empty-java-db.py" "$work/trivy/java-db"
    measure 3 "trivy" sh -c 'rm -rf "$1/fanal"; exec "$2" image --quiet --offline-scan --skip-db-update --skip-java-db-update --cache-dir "$1" --format cyclonedx --input "$3"' sh "$work/trivy" "$bin/trivy" "$layout"
  fi
  return 0
}

# Starts a registry on an empty directory: start_registry NAME PORT; its process is $pid. 1 if it is not installed.
# distribution forces what it takes to the disk, as Bulla does; zot is asked to with "commit".
start_registry() {
  local name=$1 port=$2
  case $name in
    bulla) BULLA_HOME=$work/home-registry "$root/bulla" serve --listen "http://127.0.0.1:$port" >"$work/$name.log" 2>&1 & ;;
    distribution)
      [ -x "$bin/registry" ] || return 1
      printf 'version: 0.1\nlog: {level: error, accesslog: {disabled: true}}\nstorage: {filesystem: {rootdirectory: %s}}\nhttp: {addr: "127.0.0.1:%s"}\n' "$work/dist" "$port" >"$work/dist.yml"
      "$bin/registry" serve "$work/dist.yml" >"$work/$name.log" 2>&1 &
      ;;
    zot)
      [ -x "$bin/zot" ] || return 1
      printf '{"storage": {"rootDirectory": "%s", "gc": false, "dedupe": false, "commit": true}, "http": {"address": "127.0.0.1", "port": "%s"}, "log": {"level": "error"}}' "$work/zot" "$port" >"$work/zot.json"
      "$bin/zot" serve "$work/zot.json" >"$work/$name.log" 2>&1 &
      ;;
  esac
  pid=$!
  pids+=("$pid")
  wait_for "http://127.0.0.1:$port/v2/"
}

# Bulla lets readers see signed images only; the peers serve everything.
trust_on() {
  export BULLA_HOME=$work/home-registry
  cat >"$work/trust.yaml" <<POLICY
apiVersion: bulla.dev/v1
kind: TrustPolicy
metadata: {name: bench, version: "1"}
spec:
  authorities: {own: {keys: [{file: $BULLA_HOME/keys/signing.pub}]}}
  scopes: [{name: all, images: ["**"], signatures: [{authorities: [own]}]}]
POLICY
  "$root/bulla" registry bind 'bench/**' --trust "$work/trust.yaml" --mode enforce >"$work/out" 2>&1
  printf '#!/bin/sh\nexec "%s" sign "$1" >/dev/null\n' "$root/bulla" >"$work/sign"
  chmod +x "$work/sign"
  export AFTER_PUSH=$work/sign
}

# What the registries themselves spend, by plain HTTP and whatever the client costs. They run side by side and take turns.
registry() {
  local name port pid servers=()
  printf '\nIdle after the start\n\n| registry | resident MiB |\n|---|---|\n'
  for name in bulla distribution zot; do
    port=$(free_port)
    start_registry "$name" "$port" || continue
    sleep 3
    printf '| %s | %s |\n' "$name" "$(awk '/VmRSS/ {printf "%.0f", $2 / 1024}' "/proc/$pid/status")"
    servers+=("$name:$port:$pid")
  done
  trust_on
  head -c 1073741824 /dev/urandom >"$work/blob"
  printf '\n1 GiB in one blob, a new one each time, forced to the disk (median of 5; CPU of the server)\n\n'
  printf '| registry | push CPU s | push wall s | pull CPU s | pull wall s | peak MiB |\n|---|---|---|---|---|---|\n'
  python3 "$root/bench/transfer.py" blob "$work/blob" "${servers[@]}"
  [ -x "$bin/hey" ] || return 0
  printf '\nSmall requests (CPU of the server, times as the client sees them)\n\n'
  printf '| GET | clients | registry | requests/s | CPU ms each | p50 ms | p99 ms |\n|---|---|---|---|---|---|---|\n'
  python3 "$root/bench/transfer.py" requests "$bin/hey" "${servers[@]}"
}

# What content trust adds to a manifest GET: Bulla with itself.
gate() {
  local pid port
  port=$(free_port)
  start_registry bulla "$port"
  trust_on
  printf '\nManifest GET, 8 connections (CPU of the server, compilers not counted)\n\n| what | µs with it | µs without | median ratio | 95 %% interval |\n|---|---|---|---|---|\n'
  python3 "$root/bench/gate.py" "$port" "$pid"
}

# 512 MiB over TLS beside zot; no policy. The first rounds are also those in which the JVM compiles.
tls() {
  local port zport pid
  [ -x "$bin/zot" ] || return 0
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout "$work/tls.key" -out "$work/tls.crt" -days 2 -subj /CN=localhost 2>"$work/out"
  port=$(free_port)
  BULLA_HOME=$work/home-tls "$root/bulla" serve --listen "http://127.0.0.1:$(free_port)" --listen "https://127.0.0.1:$port" >"$work/tls.log" 2>&1 &
  pid=$!
  zport=$(free_port)
  printf '{"storage": {"rootDirectory": "%s", "gc": false, "dedupe": false, "commit": true}, "http": {"address": "127.0.0.1", "port": "%s", "tls": {"cert": "%s", "key": "%s"}}, "log": {"level": "error"}}' \
    "$work/zot-tls" "$zport" "$work/tls.crt" "$work/tls.key" >"$work/zot-tls.json"
  "$bin/zot" serve "$work/zot-tls.json" >"$work/zot-tls.log" 2>&1 &
  pids+=("$pid" $!)
  until curl -fsk "https://127.0.0.1:$port/v2/" >"$work/out" && curl -fsk "https://127.0.0.1:$zport/v2/" >"$work/out"; do sleep 0.1; done
  head -c 536870912 /dev/urandom >"$work/half"
  printf '\n512 MiB in one blob over TLS, forced to the disk (median of %s; CPU of the server)\n\n' "${ROUNDS:-5}"
  printf '| registry | push CPU s | push wall s | pull CPU s | pull wall s | peak MiB |\n|---|---|---|---|---|---|\n'
  python3 "$root/bench/transfer.py" blob "$work/half" "bulla-tls:$port:$pid" "zot-tls:$zport:${pids[-1]}"
}

# How a registry that holds much behaves, and one that takes much at once. Needs 20 GB of disk for a while.
scale() {
  local port pid started
  port=$(free_port)
  start_registry bulla "$port"
  printf '\n'
  python3 "$root/bench/registry-scale.py" many "$port"
  BULLA_HOME=$work/home-registry "$root/bulla" stop >"$work/out" 2>&1
  printf '\n| start to ready | ms |\n|---|---|\n'
  for home in home-registry home-empty home-registry home-empty; do
    started=$(date +%s%N)
    BULLA_HOME=$work/$home "$root/bulla" serve --listen "http://127.0.0.1:$port" >"$work/out" 2>&1 &
    pids+=($!)
    until curl -fs "http://127.0.0.1:$port/health/ready" >/dev/null; do sleep 0.01; done
    printf '| %s | %s |\n' "$home" $((($(date +%s%N) - started) / 1000000))
    BULLA_HOME=$work/$home "$root/bulla" stop >"$work/out" 2>&1
  done
  printf '\n'
  start_registry bulla "$port"
  python3 "$root/bench/registry-scale.py" memory "$port" "$pid"
}

# 64 pushes of 1 GiB at the same time. What they bring does not fit on most disks, so the home lies on btrfs that compresses,
# in a sparse file, and the blobs are nearly empty. SIZES has their MiB. Needs root and mkfs.btrfs (btrfs-progs); takes 4 GB of disk for a while.
pushes() {
  local port pid mib
  truncate -s 40G "$work/disk"
  mkfs.btrfs -q "$work/disk"
  mkdir "$work/home-registry"
  mount -o loop,compress-force=zstd:1 "$work/disk" "$work/home-registry"
  port=$(free_port)
  start_registry bulla "$port"
  printf '\n'
  for mib in ${SIZES:-256 1024}; do
    python3 "$root/bench/registry-scale.py" memory "$port" "$pid" 64 "$mib" dense
  done
  BULLA_HOME=$work/home-registry "$root/bulla" stop >"$work/out" 2>&1
  umount "$work/home-registry"
}

machine
[ $# -gt 0 ] || set -- verify registry
while [ $# -gt 0 ]; do
  case $1 in
    verify) verify ;;
    many) many ;;
    library) library ;;
    sbom) sbom "$2"; shift ;;
    registry) registry ;;
    gate) gate ;;
    scale) scale ;;
    tls) tls ;;
    pushes) pushes ;;
    *) echo "unknown: $1" >&2; exit 2 ;;
  esac
  shift
done
