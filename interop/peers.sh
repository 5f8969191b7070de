#!/usr/bin/env bash
# What Bulla ships is verified, pulled and copied by unmodified cosign, notation, oras and crane; what they sign, Bulla verifies.
source "$(dirname "$0")/lib.sh"
for peer in cosign notation oras crane registry; do
  have $peer || { skip "the whole suite: $peer is not installed (interop/install-peers)"; summary; exit 0; }
done
export BULLA_HOME=$work/home
export DOCKER_CONFIG=$work/docker
mkdir -p "$DOCKER_CONFIG"
cosign() { COSIGN_PASSWORD='' "$bin/cosign" "$@"; }
notation() { NOTATION_CONFIG=$BULLA_HOME/trust "$bin/notation" "$@"; }

port=$(free_port)
start_bulla "$port"
check "ship examples/hello" bash -c "'$bulla' ship --output json '$root/examples/hello' >'$work/ship.json'"
reference=$(python3 -c 'import json,sys; print(json.load(open(sys.argv[1]))["reference"])' "$work/ship.json")
digest=$(python3 -c 'import json,sys; print(json.load(open(sys.argv[1]))["digest"])' "$work/ship.json")
name=${reference%@*}
name=${name%:*}
image=$name@$digest
pub=$BULLA_HOME/keys/signing.pub

echo "-- cosign"
key=(--key "$pub" --insecure-ignore-tlog=true --allow-http-registry=true)
check "cosign verify" cosign verify "${key[@]}" "$image"
for type in slsaprovenance1 cyclonedx spdxjson https://in-toto.io/attestation/vulns/v0.2 https://slsa.dev/verification_summary/v1; do
  check "cosign verify-attestation --type $type" cosign verify-attestation "${key[@]}" --type "$type" "$image"
done
COSIGN_PASSWORD='' "$bin/cosign" generate-key-pair --output-key-prefix "$work/stranger" >/dev/null 2>&1
check "cosign refuses another key" bash -c "! COSIGN_PASSWORD= '$bin/cosign' verify --key '$work/stranger.pub' --insecure-ignore-tlog=true --allow-http-registry=true '$image'"

echo "-- notation"
check "notation verify under the strict policy of the home" notation verify --insecure-registry "$image"
check "notation lists the signature" bash -c "NOTATION_CONFIG='$BULLA_HOME/trust' '$bin/notation' ls --insecure-registry '$image' | grep -q sha256"
python3 - "$work/ship.json" >"$work/evidence" <<'PY'
import json, sys
for e in json.load(open(sys.argv[1]))["evidence"]:
    if e["format"] == "sigstore-bundle" and e["kind"] != "signature":
        print(e["digest"])
PY
while read -r evidence; do
  check "notation verify evidence ${evidence:7:12}" notation verify --insecure-registry "$name@$evidence"
done <"$work/evidence"

echo "-- crane and oras"
check "crane validate" "$bin/crane" validate --insecure --remote "$image"
check "crane pull" "$bin/crane" pull --insecure "$image" "$work/image.tar"
check "crane manifest is the digest's" bash -c "[ sha256:\$('$bin/crane' manifest --insecure '$image' | sha256sum | cut -d' ' -f1) = $digest ]"
check "oras discover finds the evidence" bash -c "'$bin/oras' discover --plain-http --format json '$image' | grep -q vnd.dev.sigstore.bundle"

echo "-- to a CNCF distribution registry and back, with all evidence"
other=$(free_port)
start_distribution "$other"
check "oras copy -r to distribution" "$bin/oras" cp -r --from-plain-http --to-plain-http "$name:1.0" "127.0.0.1:$other/copy/hello:1.0"
there=127.0.0.1:$other/copy/hello@$digest
check "cosign verifies there" cosign verify "${key[@]}" "$there"
check "notation verifies there" notation verify --insecure-registry "$there"
check "bulla verifies there by key" "$bulla" verify --key "$pub" "$there"
check "bulla verifies there by trust policy" "$bulla" verify --trust-policy "$BULLA_HOME/trust/trustpolicy.json" --trust-store "$BULLA_HOME/trust/truststore" --scope "127.0.0.1:$other/copy/hello" "$there"
check "oras copy -r back" "$bin/oras" cp -r --from-plain-http --to-plain-http "127.0.0.1:$other/copy/hello:1.0" "127.0.0.1:$port/back/hello:1.0"
check "cosign verifies the copy that came back" cosign verify "${key[@]}" "127.0.0.1:$port/back/hello@$digest"
check "bulla verifies the copy that came back" "$bulla" verify --key "$pub" "127.0.0.1:$port/back/hello@$digest"

echo "-- what cosign and notation sign on distribution, Bulla accepts"
"$bin/crane" copy --insecure "$image" "127.0.0.1:$other/theirs/hello:1" >/dev/null 2>&1
theirs=127.0.0.1:$other/theirs/hello@$digest
check "cosign sign" cosign sign --key "$work/stranger.key" --yes --tlog-upload=false --use-signing-config=false --allow-http-registry=true "$theirs"
check "bulla verify --key accepts cosign's signature" "$bulla" verify --key "$work/stranger.pub" "$theirs"
refuses 3 "bulla verify refuses it under another key" "$bulla" verify --key "$pub" "$theirs"
export NOTATION_CONFIG=$work/notation
check "notation certificate generate-test" "$bin/notation" certificate generate-test --default theirs.example
check "notation sign" "$bin/notation" sign --insecure-registry "$theirs"
cat >"$work/notation/trustpolicy.json" <<JSON
{"version":"1.0","trustPolicies":[{"name":"theirs","registryScopes":["*"],"signatureVerification":{"level":"strict"},"trustStores":["ca:theirs.example"],"trustedIdentities":["*"]}]}
JSON
check "bulla verify --trust-policy accepts notation's signature" "$bulla" verify --trust-policy "$work/notation/trustpolicy.json" --trust-store "$work/notation/truststore" --scope "127.0.0.1:$other/theirs/hello" "$theirs"
refuses 3 "bulla verify refuses it under the home's trust store" "$bulla" verify --trust-policy "$BULLA_HOME/trust/trustpolicy.json" --trust-store "$BULLA_HOME/trust/truststore" --scope "127.0.0.1:$other/theirs/hello" "$theirs"

echo "-- a refused image"
unset NOTATION_CONFIG
refuses 3 "ship examples/vulnerable is refused" "$bulla" ship "$root/examples/vulnerable"
check "the refusal can be asked for" bash -c "'$bulla' ask refusals | grep -q log4j-core"
check "its tag is not there" bash -c "! '$bin/crane' digest --insecure '127.0.0.1:$port/vulnerable:1.0'"

echo "-- files, COSE and timestamps"
unset NOTATION_CONFIG
echo "a file" >"$work/file.txt"
check "cosign sign-blob" cosign sign-blob --key "$work/stranger.key" --yes --tlog-upload=false --use-signing-config=false --bundle "$work/file.sigstore.json" "$work/file.txt"
check "bulla verify-blob accepts cosign's bundle" "$bulla" verify-blob --key "$work/stranger.pub" --bundle "$work/file.sigstore.json" "$work/file.txt"
refuses 3 "bulla verify-blob refuses another file" "$bulla" verify-blob --key "$work/stranger.pub" --bundle "$work/file.sigstore.json" "$work/ship.json"
"$bin/crane" copy --insecure "$image" "127.0.0.1:$other/cose/hello:1" >/dev/null 2>&1
cose=127.0.0.1:$other/cose/hello@$digest
check "bulla sign --envelope cose" "$bulla" sign --format notation --envelope cose --expiry 24h -m stage=prod "$cose"
check "notation verifies the COSE envelope and the pair" notation verify --insecure-registry -m stage=prod "$cose"
if have timestamp-server; then
  stamps=$(free_port)
  "$bin/timestamp-server" serve --port "$stamps" --host 127.0.0.1 --include-chain-in-response --disable-ntp-monitoring >"$work/stamps.log" 2>&1 &
  pids+=($!)
  wait_for "http://127.0.0.1:$stamps/ping"
  python3 - "http://127.0.0.1:$stamps/api/v1/timestamp/certchain" >"$work/stamps.pem" <<'PY'
import sys, urllib.request
end = "-----END CERTIFICATE-----"
chain = urllib.request.urlopen(sys.argv[1]).read().decode().strip().split(end)
print(chain[-2].strip() + "\n" + end)
PY
  mkdir -p "$work/stamped/truststore/x509/tsa/stamps"
  cp -r "$BULLA_HOME/trust/truststore/." "$work/stamped/truststore/"
  cp "$work/stamps.pem" "$work/stamped/truststore/x509/tsa/stamps/root.pem"
  python3 - "$BULLA_HOME/trust/trustpolicy.json" >"$work/stamped/trustpolicy.json" <<'PY'
import json, sys
policy = json.load(open(sys.argv[1]))
for one in policy["trustPolicies"]:
    one["trustStores"].append("tsa:stamps")
    one["signatureVerification"]["verifyTimestamp"] = "always"
print(json.dumps(policy))
PY
  "$bin/crane" copy --insecure "$image" "127.0.0.1:$other/stamped/hello:1" >/dev/null 2>&1
  stamped=127.0.0.1:$other/stamped/hello@$digest
  check "bulla sign --timestamp-url" "$bulla" sign --format notation --timestamp-url "http://127.0.0.1:$stamps/api/v1/timestamp" --timestamp-root-cert "$work/stamps.pem" "$stamped"
  check "notation verifies the stamped signature" env NOTATION_CONFIG="$work/stamped" "$bin/notation" verify --insecure-registry "$stamped"
  check "bulla verifies it with notation's own directory" "$bulla" verify --notation-config "$work/stamped" "$stamped"
  refuses 3 "bulla refuses one without a timestamp there" "$bulla" verify --notation-config "$work/stamped" "$cose"
  pack=$work/stamped.tar
  check "bulla evidence pack --timestamp-url" "$bulla" evidence pack --out "$pack" --timestamp-url "http://127.0.0.1:$stamps/api/v1/timestamp" --timestamp-root-cert "$work/stamps.pem" "$image"
  check "bulla evidence verify tells when the pack existed" bash -c "'$bulla' evidence verify '$pack' --timestamp-root-cert '$work/stamps.pem' | grep -q 'existed .*at the latest'"
  if command -v openssl >/dev/null; then
    tar -xf "$pack" -C "$work/stamped" evidence-pack.json evidence-pack.tst
    check "openssl verifies the pack's stamp" openssl ts -verify -data "$work/stamped/evidence-pack.json" -in "$work/stamped/evidence-pack.tst" -token_in -CAfile "$work/stamps.pem"
  else
    skip "the pack's stamp with openssl: it is not installed"
  fi
else
  skip "timestamps: timestamp-server is not installed"
fi
summary
