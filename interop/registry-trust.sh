#!/usr/bin/env bash
# A bound repository with unmodified clients: what is not signed rightly stays invisible to crane and oras, cosign and notation sign what waits.
source "$(dirname "$0")/lib.sh"
for peer in cosign crane oras registry; do
  have $peer || { skip "the whole suite: $peer is not installed (interop/install-peers)"; summary; exit 0; }
done
export BULLA_HOME=$work/home DOCKER_CONFIG=$work/docker COSIGN_PASSWORD=''
mkdir -p "$DOCKER_CONFIG" "$work/nobody"
crane() { "$bin/crane" "$@"; }
# somebody without a credential
reader() { DOCKER_CONFIG=$work/nobody "$bin/crane" "$@"; }
sees() { reader manifest --insecure "$1" >/dev/null; }
blind() { ! reader manifest --insecure "$1" >"$work/said" 2>&1 && grep -q DENIED "$work/said"; }

port=$(free_port)
start_bulla "$port"
host=127.0.0.1:$port
for key in release stranger; do "$bin/cosign" generate-key-pair --output-key-prefix "$work/$key" >/dev/null 2>&1; done
policy() {
  cat >"$work/$1.yaml" <<YML
apiVersion: bulla.dev/v1
kind: TrustPolicy
metadata: {name: $1, version: "1"}
spec:
  authorities: {release: {keys: [{file: $2.pub}]}}
  scopes: [{name: all, images: ["**"], signatures: [{authorities: [release]}]}]
YML
}
policy first release
policy second stranger

check "bind" "$bulla" registry bind 'team/*' --trust "$work/first.yaml" --mode enforce
secret=$("$bulla" registry robot add ci --grant 'team/*=AcrPush')
check "crane logs in as a robot" crane auth login --insecure "$host" -u ci -p "$secret"
mkdir -p "$work/layer" && echo hello >"$work/layer/hello" && tar -C "$work/layer" -cf "$work/layer.tar" hello
check "crane pushes" crane append --insecure --new_layer "$work/layer.tar" --new_tag "$host/team/app:1.0"
check "who pushed sees it" crane manifest --insecure "$host/team/app:1.0"
check "a reader does not" blind "$host/team/app:1.0"
digest=$(crane digest --insecure "$host/team/app:1.0")
check "nor by digest" blind "$host/team/app@$digest"
refuses 3 "bulla registry trust says no" "$bulla" registry trust team/app:1.0
sign() { "$bin/cosign" sign --yes --key "$work/$1.key" --use-signing-config=false --tlog-upload=false --allow-http-registry=true "$host/team/app@$digest"; }
check "cosign signs with a stranger's key" sign stranger
check "a reader still does not see it" blind "$host/team/app:1.0"
check "cosign signs with the right key" sign release
check "now a reader sees it" sees "$host/team/app:1.0"
check "oras pulls it without a credential" env DOCKER_CONFIG="$work/nobody" "$bin/oras" manifest fetch --plain-http "$host/team/app:1.0"
check "cosign verifies it without a credential" env DOCKER_CONFIG="$work/nobody" "$bin/cosign" verify --key "$work/release.pub" --insecure-ignore-tlog=true --allow-http-registry=true "$host/team/app@$digest"
check "bulla registry trust says yes" "$bulla" registry trust team/app:1.0
echo other >"$work/layer/hello" && tar -C "$work/layer" -cf "$work/layer.tar" hello
check "another image is pushed to the tag" crane append --insecure --new_layer "$work/layer.tar" --new_tag "$host/team/app:1.0"
check "readers keep the old one" bash -c "[ \$(DOCKER_CONFIG=$work/nobody '$bin/crane' digest --insecure $host/team/app:1.0) = $digest ]"
check "a change of the key is bound" "$bulla" registry bind 'prod/*' --trust "$work/second.yaml" --unsigned-push refuse
refuses 1 "where evidence must come first, an unsigned push is refused" crane append --insecure --new_layer "$work/layer.tar" --new_tag "$host/prod/app:1.0"
kill -9 "${pids[0]}" && wait "${pids[0]}" 2>/dev/null
pids=()
start_bulla "$port"
check "after a kill readers see what they saw" sees "$host/team/app@$digest"
policy third third
cp "$work/stranger.pub" "$work/third.pub"
"$bin/cosign" generate-key-pair --output-key-prefix "$work/third" >/dev/null 2>&1
check "the key is taken away" "$bulla" registry bind 'team/*' --trust "$work/third.yaml"
check "and the image is invisible again" blind "$host/team/app:1.0"
summary
