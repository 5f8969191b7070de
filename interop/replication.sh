#!/usr/bin/env bash
# Two regions over unmodified clients: what the copy's own policy does not accept stays invisible there, also after a kill in the middle; the source is told why.
source "$(dirname "$0")/lib.sh"
for peer in cosign crane registry; do
  have $peer || { skip "the whole suite: $peer is not installed (interop/install-peers)"; summary; exit 0; }
done
export DOCKER_CONFIG=$work/docker COSIGN_PASSWORD=''
mkdir -p "$DOCKER_CONFIG" "$work/nobody" "$work/layer"
east() { BULLA_HOME=$work/east "$bulla" "$@"; }
west() { BULLA_HOME=$work/west "$bulla" "$@"; }
start() { # start REGION PORT
  export BULLA_HOME=$work/$1
  start_bulla "$2"
  unset BULLA_HOME
}
reader() { DOCKER_CONFIG=$work/nobody "$bin/crane" "$@"; }
sees() { reader manifest --insecure "$1" >/dev/null; }
blind() { ! reader manifest --insecure "$1" >"$work/said" 2>&1 && grep -q DENIED "$work/said"; }
gone() { ! reader manifest --insecure "$1" >"$work/said" 2>&1 && grep -q MANIFEST_UNKNOWN "$work/said"; }
within() { # within SECONDS COMMAND...
  local until=$((SECONDS + $1))
  shift
  until "$@"; do [ $SECONDS -lt $until ] || return 1; sleep 0.5; done
}
push() { # push TAG: an image with a layer of its own
  head -c "${2:-2000}" /dev/urandom >"$work/layer/$1"
  tar -C "$work/layer" -cf "$work/layer.tar" "$1"
  "$bin/crane" append --insecure --new_layer "$work/layer.tar" --new_tag "$source/team/app:$1"
}
sign() { # sign KEY TAG
  "$bin/cosign" sign --yes --key "$work/$1.key" --use-signing-config=false --tlog-upload=false --allow-http-registry=true \
    "$source/team/app@$("$bin/crane" digest --insecure "$source/team/app:$2")"
}
for key in release stranger; do "$bin/cosign" generate-key-pair --output-key-prefix "$work/$key" >/dev/null 2>&1; done
cat >"$work/trust.yaml" <<YML
apiVersion: bulla.dev/v1
kind: TrustPolicy
metadata: {name: west, version: "1"}
spec:
  authorities: {release: {keys: [{file: release.pub}]}}
  scopes: [{name: all, images: ["**"], signatures: [{authorities: [release]}]}]
YML
eastport=$(free_port) westport=$(free_port)
start east "$eastport"
start west "$westport"
source=127.0.0.1:$eastport copy=127.0.0.1:$westport

check "the copy's region binds its own policy" west registry bind 'team/*' --trust "$work/trust.yaml"
for tag in good unsigned wrong; do check "an image is pushed at the source: $tag" push $tag; done
check "cosign signs with the right key" sign release good
check "cosign signs with a stranger's key" sign stranger wrong
check "bulla registry replicate" west registry replicate --from "http://$source" 'team/*' --region west
check "what is signed rightly is visible at the copy" sees "$copy/team/app:good"
check "what is unsigned is not" blind "$copy/team/app:unsigned"
check "what a stranger signed is not" blind "$copy/team/app:wrong"
check "cosign verifies at the copy" "$bin/cosign" verify --key "$work/release.pub" --insecure-ignore-tlog=true --allow-http-registry=true "$copy/team/app:good"
check "the source knows that west shows it" bash -c "BULLA_HOME=$work/east '$bulla' registry replicas team/app:good | grep -q 'west .*admitted'"
check "and why west refuses another" bash -c "BULLA_HOME=$work/east '$bulla' registry replicas team/app:wrong | tee $work/told | grep -q 'west .*refused (PENDING'"
refuses 1 "nobody pushes to the copy" "$bin/crane" append --insecure --new_layer "$work/layer.tar" --new_tag "$copy/team/app:mine"

check "the server follows the source" west registry replicate --from "http://$source" 'team/*' --region west --follow
check "cosign signs what was unsigned" sign release unsigned
check "it becomes visible by itself" within 30 sees "$copy/team/app:unsigned"
check "it is deleted at the source" "$bin/crane" delete --insecure "$source/team/app@$("$bin/crane" digest --insecure "$source/team/app:good")"
check "and is gone at the copy" within 30 gone "$copy/team/app:good"
west registry replicate --from "http://$source" 'team/*' --region west --bandwidth 2MB/s --follow >/dev/null 2>&1
large() { push large 8000000 && sign release large; }
check "a large image is pushed and signed" large
sleep 1.5
kill -9 "${pids[1]}" && wait "${pids[1]}" 2>/dev/null
start west "$westport"
check "after a kill in the middle the copy gets there" within 40 sees "$copy/team/app:large"
check "with all layers" reader validate --insecure --remote "$copy/team/app:large"
refuses 0 "fsck finds nothing at the copy" west registry fsck

secret=$(east registry robot add ci --grant 'inner/*=AcrPush')
reading=$(east registry robot add west --grant 'inner/*=AcrQuarantineReader')
east registry project close inner >/dev/null
east registry bind 'inner/*' --trust "$work/trust.yaml" >/dev/null
printf 'west:%s\n' "$reading" >"$work/west.credentials"
"$bin/crane" auth login --insecure "$source" -u ci -p "$secret" >/dev/null 2>&1
check "an image that the source does not show is pushed to a closed project" "$bin/crane" append --insecure --new_layer "$work/layer.tar" --new_tag "$source/inner/app:v1"
check "a replica with a role copies it" west registry replicate --from "http://$source" 'inner/*' --credentials-file "$work/west.credentials"
check "and shows it by its own policy" sees "$copy/inner/app:v1"
refuses 0 "without a credential the feed is not shown" bash -c "BULLA_HOME=$work/west '$bulla' registry replicate --from 'http://$source' inner/app2 | grep -q 'no such repository'"
rm -f "$DOCKER_CONFIG/config.json"

check "bulla registry export" east registry export 'team/*' -o "$work/team.tar"
start north "$(free_port)"
north() { BULLA_HOME=$work/north "$bulla" "$@"; }
check "a region without a network binds" north registry bind 'team/*' --trust "$work/trust.yaml"
check "bulla registry import" north registry import "$work/team.tar"
check "shows what is signed" north registry trust team/app:unsigned
refuses 3 "and not what a stranger signed" north registry trust team/app:wrong
push later >/dev/null 2>&1
check "a newer export" east registry export 'team/*' -o "$work/newer.tar"
check "is imported" north registry import "$work/newer.tar"
refuses 3 "an older one than before is refused" north registry import "$work/team.tar"

otherport=$(free_port)
mkdir -p "$work/upstream"
cat >"$work/upstream.yml" <<YML
version: 0.1
storage: {filesystem: {rootdirectory: $work/upstream}}
http: {addr: "127.0.0.1:$otherport"}
YML
"$bin/registry" serve "$work/upstream.yml" >/dev/null 2>&1 &
pids+=($!)
upstream=127.0.0.1:$otherport
wait_for "http://$upstream/v2/"
for tag in large wrong; do check "the upstream has $tag" "$bin/crane" copy --insecure "$source/team/app:$tag" "$upstream/app:$tag"; done
upsign() { "$bin/cosign" sign --yes --key "$work/$1.key" --use-signing-config=false --tlog-upload=false --allow-http-registry=true "$upstream/app@$("$bin/crane" digest --insecure "$upstream/app:$2")"; }
check "with the right signature" upsign release large
check "and with a stranger's" upsign stranger wrong
check "a cache's policy is bound" west registry bind 'hub/**' --trust "$work/trust.yaml"
check "bulla registry cache add" west registry cache add hub --upstream "http://$upstream" --ttl 0s
check "the cache fetches what is signed" reader pull --insecure "$copy/hub/app:large" "$work/pulled.tar"
check "and not what a stranger signed" blind "$copy/hub/app:wrong"
kill "${pids[-1]}" && wait "${pids[-1]}" 2>/dev/null
unset 'pids[-1]'
check "without the upstream it gives out what it has" reader pull --insecure "$copy/hub/app:large" "$work/again.tar"
summary
