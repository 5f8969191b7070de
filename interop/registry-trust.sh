#!/usr/bin/env bash
# The story of a bound project with unmodified clients: what is not signed rightly stays invisible, cosign and notation sign what waits, policies,
# waivers, receipts, revocation in each of its ways, the copy in another region; the same after a restart and after a kill.
source "$(dirname "$0")/lib.sh"
for peer in cosign crane oras notation; do
  have $peer || { skip "the whole suite: $peer is not installed (interop/install-peers)"; summary; exit 0; }
done
for tool in openssl python3 curl; do
  command -v $tool >/dev/null || { skip "the whole suite: $tool is not installed"; summary; exit 0; }
done
export BULLA_HOME=$work/home DOCKER_CONFIG=$work/docker COSIGN_PASSWORD='' NOTATION_CONFIG=$work/notation
mkdir -p "$DOCKER_CONFIG" "$work/nobody" "$work/layer" "$NOTATION_CONFIG"
cd "$work"
port=$(free_port)
start_bulla "$port"
host=127.0.0.1:$port

crane() { "$bin/crane" "$@"; }
nobody() { DOCKER_CONFIG=$work/nobody "$@"; } # somebody without a credential
answer() { curl -s -o "$work/said" -w '%{http_code}' "http://$host/v2/$1/manifests/$2" -H 'Accept: */*'; }
sees() { [ "$(answer "$1" "$2")" = 200 ] || { cat "$work/said"; return 1; }; }
blind() { [ "$(answer "$1" "$2")" = 403 ] && grep -q "DENIED" "$work/said" && grep -qF "${3:-}" "$work/said" || { cat "$work/said"; return 1; }; }
gone() { [ "$(answer "$1" "$2")" = 404 ] && grep -q MANIFEST_UNKNOWN "$work/said" || { cat "$work/said"; return 1; }; }
serves() { [ "$(nobody "$bin/crane" digest --insecure "$host/$1")" = "$2" ]; }
push() { # push REPOSITORY:TAG: an image with a layer of its own; sets digest
  echo "$1 $RANDOM" >"$work/layer/file" && tar -C "$work/layer" -cf "$work/layer.tar" file
  crane append --insecure --new_layer "$work/layer.tar" --new_tag "$host/$1" >"$work/pushed" 2>&1 || { cat "$work/pushed"; return 1; }
  digest=$(tail -n 1 "$work/pushed" | sed 's/.*@//')
}
sign() { # sign KEY REPOSITORY@DIGEST
  "$bin/cosign" sign --yes --key "$work/$1.key" --use-signing-config=false --tlog-upload=false --allow-http-registry=true "$host/$2"
}
attest() { # attest KEY REPOSITORY@DIGEST TYPE FILE
  "$bin/cosign" attest --yes --key "$work/$1.key" --type "$3" --predicate "$4" --use-signing-config=false --tlog-upload=false --allow-http-registry=true "$host/$2"
}
trust() { "$bulla" registry trust "$@"; }
restart() { # restart SIGNAL
  kill "-$1" "${pids[0]}" && wait "${pids[0]}" 2>/dev/null
  pids=("${pids[@]:1}")
  "$bulla" serve --listen "http://$host" >>"$work/bulla-$port.log" 2>&1 &
  pids=($! "${pids[@]}")
  wait_for "http://$host/health/ready"
}
for key in release stranger; do "$bin/cosign" generate-key-pair --output-key-prefix "$work/$key" >/dev/null 2>&1; done
policy() { # policy NAME AUTHORITY...: a trust policy by which any of the authorities must have signed
  local name=$1
  shift
  printf 'apiVersion: bulla.dev/v1\nkind: TrustPolicy\nmetadata: {name: %s, version: "1"}\nspec:\n  authorities:\n    release: {%s}\n  scopes: [{name: all, images: ["**"], signatures: [{authorities: [release]}]}]\n' "$name" "$*" >"$work/$name.yaml"
}
policy cosign 'keys: [{file: release.pub}]'
policy other 'keys: [{file: stranger.pub}]'

echo "-- who has signed"
check "bind" "$bulla" registry bind 'team/*' --trust cosign.yaml --mode enforce
secret=$("$bulla" registry robot add ci --grant 'team/*=AcrPush' --grant 'prod/*=AcrPush' --grant 'nota/*=AcrPush' --grant 'gate/*=AcrPush')
check "crane logs in as a robot" crane auth login --insecure "$host" -u ci -p "$secret"
check "crane pushes" push team/app:1.0
first=$digest
check "who pushed sees it" crane manifest --insecure "$host/team/app:1.0"
check "a reader does not" blind team/app 1.0 "PENDING"
check "nor by digest" blind team/app "$first"
layer=$(crane manifest --insecure "$host/team/app:1.0" | python3 -c 'import json, sys; print(json.load(sys.stdin)["layers"][0]["digest"])')
check "nor its layer" test "$(curl -s -o said -w '%{http_code}' "http://$host/v2/team/app/blobs/$layer")" = 403
check "nor a part of its layer" test "$(curl -s -o said -w '%{http_code}' -H 'Range: bytes=0-9' "http://$host/v2/team/app/blobs/$layer")" = 403
check "nor its tag" test "$(curl -s "http://$host/v2/team/app/tags/list")" = '{"name":"team/app","tags":[]}'
refuses 3 "bulla registry trust says no" trust team/app:1.0
check "cosign signs with a stranger's key" sign stranger "team/app@$first"
check "a reader still does not see it" blind team/app 1.0 "PENDING"
check "cosign signs with the right key" sign release "team/app@$first"
check "now a reader sees it" sees team/app 1.0
check "oras fetches it without a credential" nobody "$bin/oras" manifest fetch --plain-http "$host/team/app:1.0"
check "crane pulls it without a credential" nobody "$bin/crane" pull --insecure "$host/team/app:1.0" pulled.tar
check "cosign verifies it without a credential" nobody "$bin/cosign" verify --key release.pub --insecure-ignore-tlog=true --allow-http-registry=true "$host/team/app@$first"
check "bulla registry trust says yes" trust team/app:1.0
check "another image is pushed to the tag" push team/app:1.0
second=$digest
check "readers keep the old one" serves team/app:1.0 "$first"
check "who pushed sees the new one" test "$(crane digest --insecure "$host/team/app:1.0")" = "$second"
check "a stranger's signature changes nothing" sign stranger "team/app@$second"
check "readers still have the old one" serves team/app:1.0 "$first"
check "the right one" sign release "team/app@$second"
check "moves the tag" serves team/app:1.0 "$second"
check "evidence must come first where that is bound" "$bulla" registry bind 'prod/*' --trust cosign.yaml --unsigned-push refuse
refuses 1 "an unsigned push by tag is refused" push prod/app:1.0
check "a push by digest is not" crane copy --insecure "$host/team/app@$first" "$host/prod/app@$first"
check "nobody sees it" blind prod/app "$first"
check "its signature comes" sign release "prod/app@$first"
check "and then the tag" crane tag --insecure "$host/prod/app@$first" 1.0
check "which readers see" sees prod/app 1.0

echo "-- receipts"
check "cosign verifies the registry's receipt" nobody "$bin/cosign" verify-attestation --key "$BULLA_HOME/keys/registry/signing.pub" \
  --type https://slsa.dev/verification_summary/v1 --insecure-ignore-tlog=true --allow-http-registry=true "$host/team/app@$second"
check "so does bulla" "$bulla" verify --key "$BULLA_HOME/keys/registry/signing.pub" --type https://slsa.dev/verification_summary/v1 "$host/team/app@$second"

echo "-- what must hold of it"
cat >gate.yaml <<'YML'
apiVersion: bulla.dev/v1
kind: Policy
metadata: {name: gate, version: "1"}
spec:
  phases: [deploy]
  rules:
    - {id: scanned, title: It was scanned, assert: "vulns.present", message: "'nobody has scanned it'"}
    - {id: no-critical, title: Nothing critical, when: "vulns.present", assert: "vulns.count.critical == 0", message: "'critical: ' + string(vulns.count.critical)"}
YML
scan() { # scan FILE FINDINGS
  printf '{"scanner":{"uri":"https://scanner.example","version":"1","db":{"uri":"https://db.example","version":"1","lastUpdate":"2026-01-01T00:00:00Z"},"result":[%s]},"metadata":{"scanStartedOn":"%s","scanFinishedOn":"%s"}}' "$2" "$3" "$3" >"$1"
}
scan clean.json '' 2026-01-02T00:00:00Z
scan critical.json '{"id":"CVE-2026-0001","severity":[{"method":"CVSS:3.1","score":"9.8"}]}' 2026-01-03T00:00:00Z
vulns=https://in-toto.io/attestation/vulns/v0.2
check "bind with a policy bundle" "$bulla" registry bind 'gate/*' --trust cosign.yaml --policy gate.yaml --mode enforce
push gate/app:1
gated=$digest
check "cosign signs" sign release "gate/app@$gated"
check "the refusal names the rule" blind gate/app 1 "policy/scanned: nobody has scanned it"
check "a stranger attests a scan" attest stranger "gate/app@$gated" $vulns clean.json
check "nobody believes it" blind gate/app 1 "policy/scanned"
check "the right key attests it" attest release "gate/app@$gated" $vulns clean.json
check "it is visible" sees gate/app 1
check "a newer scan finds something" attest release "gate/app@$gated" $vulns critical.json
check "it is hidden again, by its clause" blind gate/app 1 "policy/no-critical: critical: 1"
"$bulla" registry trust gate/app:1 --output json >trust.json
check "the JSON says so too" python3 -c 'import json; d = json.load(open("trust.json")); assert not d["admitted"] and [c["name"] for c in d["clauses"] if not c["met"]] == ["policy/no-critical"], d'

echo "-- exceptions"
for who in anna bert; do "$bulla" registry robot add $who --grant 'gate/*=waive' >$who.secret; done
waive() { "$bulla" registry waive gate/app:1 --clause policy/no-critical --until "$1" --reason interop --output json | python3 -c 'import json, sys; print(json.load(sys.stdin)["id"])'; }
approve() { "$bulla" registry approve "$1" --as "$2" --secret-file "$2.secret"; }
ends=$(($(date +%s) + 30)) # time for what is asked before it
soon=$(python3 -c 'import sys, time; print(time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(int(sys.argv[1]))))' $ends)
waiver=$(waive "$soon")
check "one agrees" approve "$waiver" anna
check "it is still hidden" blind gate/app 1 "policy/no-critical"
refuses 1 "nobody agrees twice" approve "$waiver" anna
check "another agrees" approve "$waiver" bert
check "it is visible by waiver" sees gate/app 1
check "bulla registry trust names it" bash -c "'$bulla' registry trust gate/app:1 | grep -q 'ADMITTED .* by waiver $waiver'"

echo "-- notation"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout root.pem -out root.crt -days 2 -subj "/C=ZZ/ST=Local/O=Interop/CN=root" \
  -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign 2>/dev/null
printf 'basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=codeSigning\ncrlDistributionPoints=URI:http://127.0.0.1:1/list.crl\n' >leaf.ext
openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout leaf.pem -subj "/C=ZZ/ST=Local/O=Interop/CN=leaf" -out leaf.csr 2>/dev/null
openssl x509 -req -in leaf.csr -CA root.crt -CAkey root.pem -set_serial 4242 -days 1 -extfile leaf.ext -out leaf.crt 2>/dev/null
cat leaf.crt root.crt >chain.crt && chmod 600 leaf.pem
printf '{"default": "leaf", "keys": [{"name": "leaf", "keyPath": "%s", "certPath": "%s"}]}' "$work/leaf.pem" "$work/chain.crt" >"$NOTATION_CONFIG/signingkeys.json"
: >index.txt && echo 01 >crlnumber
printf '[ca]\ndefault_ca=own\n[own]\ndatabase=index.txt\ncrlnumber=crlnumber\ndefault_md=sha256\ndefault_crl_days=1\n' >ca.cnf
lists() { openssl ca -config ca.cnf -gencrl -cert root.crt -keyfile root.pem 2>/dev/null | openssl crl -outform DER -out "$1"; }
lists good.crl
policy notation 'notation: [{certificates: [{file: root.crt}], identities: ["*"]}]'
check "bind by certificate, with a revocation list" "$bulla" registry bind 'nota/*' --trust notation.yaml --crl good.crl
push nota/app:1
noted=$digest
check "a reader does not see what is unsigned" blind nota/app 1 "PENDING"
check "cosign's signature is none" sign release "nota/app@$noted"
check "a reader still does not" blind nota/app 1 "PENDING"
check "notation signs" "$bin/notation" sign --insecure-registry "$host/nota/app@$noted"
check "a reader sees it" sees nota/app 1
openssl ca -config ca.cnf -revoke leaf.crt -cert root.crt -keyfile root.pem >/dev/null 2>&1
lists bad.crl
check "a dry run says what the new list would hide" bash -c "'$bulla' registry bind 'nota/*' --trust notation.yaml --crl bad.crl --dry-run | grep -q -- '- nota/app@$noted (1): ADMITTED -> REVOKED'"
check "nothing has changed" sees nota/app 1
check "the new list is bound" "$bulla" registry bind 'nota/*' --trust notation.yaml --crl bad.crl
check "the image is hidden" blind nota/app 1 "REVOKED"

echo "-- a copy in another region, by its own policy"
west() { BULLA_HOME=$work/west "$bulla" "$@"; }
check "the copy binds the other key" west registry bind 'team/*' --trust other.yaml
check "the owner's name for it" bash -c "'$bulla' registry robot add west --grant 'team/*=AcrQuarantineReader' | sed 's/^/west:/' >west.credentials && chmod 600 west.credentials"
push team/app:only
only=$digest
check "an image has the release key's signature alone" sign release "team/app@$only"
check "bulla registry replicate" west registry replicate --from "http://$host" 'team/*' --region west --credentials-file west.credentials
refuses 3 "what only the release key has signed is not visible there" west registry trust "team/app@$only"
check "what both have signed is" west registry trust "team/app@$second"
check "the source knows why" bash -c "'$bulla' registry replicas team/app@$only | grep -q 'west .*refused'"

echo "-- after a restart, and after a kill"
for signal in TERM KILL; do
  push team/app:waits-$signal
  waits=$digest
  check "SIG$signal" restart $signal
  check "what was visible is" serves team/app:1.0 "$second"
  check "what waited waits" blind team/app "waits-$signal" "PENDING"
  check "what was hidden is" blind nota/app 1 "REVOKED"
  check "and signing makes visible" sign release "team/app@$waits"
  check "at once" sees team/app "waits-$signal"
done
check "the waiver has ended meanwhile" bash -c "until [ \$(date +%s) -gt $ends ]; do sleep 0.2; done"
check "and the image is hidden" blind gate/app 1 "policy/no-critical"

echo "-- taken back"
check "bulla registry revoke" "$bulla" registry revoke "team/app@$second" --reason leaked
check "hides the image whatever is signed" blind team/app "$second" "leaked"
check "--undo" "$bulla" registry revoke "team/app@$second" --undo
check "shows it again" sees team/app "$second"
check "another key is bound" "$bulla" registry bind 'team/*' --trust other.yaml
check "what the old key alone has signed is invisible" blind team/app "waits-KILL" "REVOKED"
check "audit refuses nothing" "$bulla" registry bind 'team/*' --trust other.yaml --mode audit
check "and readers see it" sees team/app "waits-KILL"
refuses 3 "but says what it would do" trust team/app:waits-KILL
check "hidden, it is not there" "$bulla" registry bind 'team/*' --trust other.yaml --hide
check "for readers" gone team/app "waits-KILL"
check "without a binding" "$bulla" registry unbind 'team/*'
check "everything is visible" sees team/app "waits-KILL"
summary
