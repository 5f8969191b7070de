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
  "$bin/crane" append --oci-empty-base --insecure --new_layer "$work/layer.tar" --new_tag "$source/team/app:$1"
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
check "and has all that belongs to it" bash -c "BULLA_HOME=$work/east '$bulla' registry replicas team/app:good | grep -q 'west .*same closure'"
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
check "bulla registry import" north registry import "$work/team.tar" --region north
check "shows what is signed" north registry trust team/app:unsigned
refuses 3 "and not what a stranger signed" north registry trust team/app:wrong
tagged=$("$bin/crane" digest --insecure "$source/team/app:unsigned")
mkdir "$work/layout" && tar -C "$work/layout" -xf "$work/team.tar"
check "crane reads the file, unpacked" "$bin/crane" push --insecure "$work/layout" "$source/read/by-crane" --index
if have oras; then
  check "oras resolves a tag in it" bash -c "[ \"\$('$bin/oras' resolve --oci-layout '$work/team.tar:unsigned')\" = $tagged ]"
  check "and finds the signature" bash -c "'$bin/oras' discover --format json --oci-layout '$work/team.tar:unsigned' | grep -q sigstore"
fi
if command -v skopeo >/dev/null; then
  check "skopeo copies an image out of it" skopeo copy --insecure-policy --src-no-creds "oci-archive:$work/team.tar:unsigned" "dir:$work/skopeo"
  check "byte for byte" bash -c "[ sha256:\$(sha256sum <'$work/skopeo/manifest.json' | cut -d' ' -f1) = $tagged ]"
fi

cat >"$work/strange.yaml" <<YML
apiVersion: bulla.dev/v1
kind: TrustPolicy
metadata: {name: south, version: "1"}
spec:
  authorities: {stranger: {keys: [{file: stranger.pub}]}}
  scopes: [{name: all, images: ["**"], signatures: [{authorities: [stranger]}]}]
YML
south() { BULLA_HOME=$work/south "$bulla" "$@"; }
mkdir "$work/south"
check "a third region has another policy" south registry bind 'team/*' --trust "$work/strange.yaml"
check "and copies" south registry replicate --from "http://$source" 'team/*' --region south
check "receipts come by file from the one without a network" north registry receipts export 'team/*' -o "$work/north.receipts"
check "and are taken at the source" east registry receipts import "$work/north.receipts"
push later >/dev/null 2>&1
caught_up() { east registry replicas team/app | grep -q '^west .* up to date'; }
check "who follows catches up" within 30 caught_up
east registry replicas team/app:unsigned >"$work/told" 2>&1
east registry replicas team/app:unsigned --output json >"$work/told.json" 2>/dev/null
cat "$work/told"
check "the source knows who shows an image" grep -Eq '^west .* admitted, up to date' "$work/told"
check "who shows it and is behind" grep -Eq '^north .* admitted, [1-9][0-9]* behind' "$work/told"
check "and who refuses it, and why" grep -Eq '^south .* refused \(PENDING: .*stranger' "$work/told"
check "as JSON too" python3 -c 'import json, sys; r = {o["region"]: o for o in json.load(open(sys.argv[1]))["replicas"]}; assert r["south"]["verdict"] == "refused" and r["north"]["behind"] > 0 and r["west"]["behind"] == 0 and r["west"]["reason"] == ""' "$work/told.json"
echo "-- a ring, and what two sources could bring"
farport=$(free_port)
far() { BULLA_HOME=$work/far "$bulla" "$@"; }
start far "$farport"
printf 'far:%s\n' "$(west registry robot add far --grant 'team/*=AcrQuarantineReader')" >"$work/far.credentials"
check "a copy of the copy" far registry replicate --from "http://$copy" 'team/*' --region far --credentials-file "$work/far.credentials"
check "is told to be the same" bash -c "BULLA_HOME=$work/west '$bulla' registry replicas team/app:unsigned | tee $work/told | grep -q '^far .*same closure'"
refuses 2 "the home does not copy from the copy's copy" east registry replicate --from "http://127.0.0.1:$farport" 'team/*'
check "and is the home still" "$bin/crane" append --oci-empty-base --insecure --new_layer "$work/layer.tar" --new_tag "$source/team/app:later"
refuses 1 "a pattern that overlaps one of another source is refused" far registry replicate --from "http://$source" 'team/app'
far registry quota small --bytes 1MiB >/dev/null
head -c 3000000 /dev/urandom >"$work/layer/heavy"
tar -C "$work/layer" -cf "$work/heavy.tar" heavy
"$bin/crane" append --oci-empty-base --insecure --new_layer "$work/heavy.tar" --new_tag "$source/small/app:heavy" >/dev/null 2>&1
far registry replicate --from "http://$source" 'small/*' >"$work/told" 2>&1
check "what does not fit a quota is said before it is moved" grep -q '^small/app: 0 manifests (0 ' "$work/told"
check "with the numbers" grep -q 'quota-exceeded: .* bytes left' "$work/told"
check "a newer export" east registry export 'team/*' -o "$work/newer.tar"
check "is imported" north registry import "$work/newer.tar"
refuses 3 "an older one than before is refused" north registry import "$work/team.tar"

echo "-- a bad line: passes at random faults, then a good one"
java=$(jdk25)/bin/java
badport=$(free_port)
bad() { # bad SEED ONE_IN: the line, with a fault in one of so many answers
  exec {line}> >(exec "$java" "$root/testkit/src/main/java/dev/bulla/testkit/FaultProxy.java" "$badport" "http://$source" "$1" "$2" 2>&1)
  line_pid=$!
  # only whether it listens: the source asks for a credential by now, and answers pass through faults
  for _ in $(seq 150); do (exec 3<>"/dev/tcp/127.0.0.1/$badport") 2>/dev/null && break; sleep 0.2; done
}
good() { exec {line}>&-; wait "$line_pid" 2>/dev/null; }
storm() { BULLA_HOME=$work/storm "$bulla" "$@"; }
mkdir "$work/storm"
seed=${STORM_SEED:-$RANDOM}
storm registry bind 'team/*' --trust "$work/trust.yaml" >/dev/null
bad "$seed" "${STORM_ONE_IN:-6}"
until=$((SECONDS + ${STORM_SECONDS:-12})) passes=0 odd=0
while [ $SECONDS -lt $until ]; do
  push "storm$passes" 1500000 >/dev/null 2>&1
  sign release "storm$passes" >/dev/null 2>&1
  timeout 120 env BULLA_HOME="$work/storm" "$bulla" registry replicate --from "http://127.0.0.1:$badport" 'team/*' --region storm >>"$work/storm.log" 2>&1
  case $? in 0 | 1 | 3 | 4) ;; *) odd=$((odd + 1)) ;; esac
  passes=$((passes + 1))
done
good
check "$passes passes with seed $seed end with codes that are known" [ "$odd" = 0 ]
bad 0 0
check "a pass over a good line brings everything" storm registry replicate --from "http://127.0.0.1:$badport" 'team/*' --region storm
good
stormport=$(free_port)
start storm "$stormport"
check "all that was signed is whole" bash -c "for i in \$(seq 0 $((passes - 1))); do '$bin/crane' validate --insecure --remote 127.0.0.1:$stormport/team/app:storm\$i || exit 1; done"
check "and nothing else is shown" blind "127.0.0.1:$stormport/team/app:wrong"
refuses 0 "fsck finds nothing there" storm registry fsck

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
west registry cache add hub --upstream "http://$upstream" --ttl 0s --max-size 1KiB >/dev/null
check "a dry run tells what would go" bash -c "BULLA_HOME=$work/west '$bulla' registry cache evict hub --dry-run | grep -q 'would go hub/app@'"
check "and nothing has gone" reader pull --insecure "$copy/hub/app:large" "$work/again.tar"
check "the cache lets go what is too much" bash -c "BULLA_HOME=$work/west '$bulla' registry cache evict hub | grep -q 'gone hub/app@'"
refuses 1 "which cannot be had again without the upstream" reader pull --insecure "$copy/hub/app:large" "$work/again.tar"
summary
