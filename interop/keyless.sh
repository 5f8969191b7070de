#!/usr/bin/env bash
# Signing without a key against a private Sigstore of the real servers: what Bulla signs cosign verifies, and the other way round;
# what the services refuse or do not do ends with the right code.
source "$(dirname "$0")/lib.sh"
source "$root/interop/sigstore/instance.sh"
have_sigstore && have registry || { skip "the whole suite: Fulcio, Rekor, the timestamp server, cosign or a registry is not installed (interop/install-peers sigstore)"; summary; exit 0; }
command -v openssl >/dev/null || { skip "the whole suite: no openssl"; summary; exit 0; }
export BULLA_HOME=$work/home DOCKER_CONFIG=$work/docker COSIGN_PASSWORD='' BULLA
mkdir -p "$DOCKER_CONFIG"
unset SIGSTORE_ID_TOKEN ACTIONS_ID_TOKEN_REQUEST_URL ACTIONS_ID_TOKEN_REQUEST_TOKEN 2>/dev/null || true
sigstore=$work/sigstore
start_sigstore "$sigstore" || { echo "the private instance does not start"; exit 1; }
port=$(free_port)
start_distribution "$port"
cd "$work" || exit 1
trusted=(--trusted-root "$sigstore/trusted_root.json")
services=(--signing-config "$sigstore/signing_config.json" "${trusted[@]}")
who=(--certificate-identity alice@example.test --certificate-oidc-issuer "$issuer")
alice=(email=alice@example.test email_verified=true)
token "$issuer" "${alice[@]}" ttl=1200 >alice.jwt
keyless=(--identity-token alice.jwt "${services[@]}")
cosign() { "$bin/cosign" "$@"; }

echo "-- files"
for n in 1 2 3 4 5; do echo "file $n" >"file$n.txt"; done
check "bulla sign-blob: five files, one certificate" "$bulla" sign-blob "${keyless[@]}" file1.txt file2.txt file3.txt file4.txt file5.txt
check "they share the certificate" python3 - <<'PY'
import json
assert len({json.load(open(f"file{n}.txt.sigstore.json"))["verificationMaterial"]["certificate"]["rawBytes"] for n in range(1, 6)}) == 1
PY
for n in 1 5; do check "cosign verify-blob file $n" cosign verify-blob --bundle "file$n.txt.sigstore.json" "${who[@]}" "${trusted[@]}" "file$n.txt"; done
check "bulla verify-blob" "$bulla" verify-blob --bundle file2.txt.sigstore.json "${who[@]}" "${trusted[@]}" file2.txt
refuses 3 "bulla verify-blob refuses another file" "$bulla" verify-blob --bundle file2.txt.sigstore.json "${who[@]}" "${trusted[@]}" file3.txt
echo '{"components":[]}' >predicate.json
check "bulla sign-blob --type" "$bulla" sign-blob "${keyless[@]}" --type cyclonedx --predicate predicate.json --bundle attested.json file1.txt
check "cosign verify-blob-attestation" cosign verify-blob-attestation --bundle attested.json --type cyclonedx "${who[@]}" "${trusted[@]}" file1.txt
check "an authority without a certificate log" "$bulla" sign-blob --identity-token alice.jwt --signing-config "$sigstore/signing_config-plain.json" --trusted-root "$sigstore/trusted_root-plain.json" --bundle plain.json file1.txt
check "cosign verify-blob --insecure-ignore-sct" cosign verify-blob --insecure-ignore-sct --bundle plain.json "${who[@]}" --trusted-root "$sigstore/trusted_root-plain.json" file1.txt

echo "-- images"
head -c 2000 /dev/urandom >layer
"$bin/crane" append --insecure --new_layer layer --new_tag "127.0.0.1:$port/app:1" >/dev/null 2>&1
"$bin/crane" append --insecure --new_layer file1.txt --new_tag "127.0.0.1:$port/lib:1" >/dev/null 2>&1
app=127.0.0.1:$port/app@$("$bin/crane" digest --insecure "127.0.0.1:$port/app:1")
lib=127.0.0.1:$port/lib@$("$bin/crane" digest --insecure "127.0.0.1:$port/lib:1")
check "bulla sign: two images at once" "$bulla" sign "${keyless[@]}" -a stage=prod "$app" "$lib"
for image in "$app" "$lib"; do
  check "cosign verify ${image:16:4}" cosign verify --allow-http-registry=true -a stage=prod "${who[@]}" "${trusted[@]}" "$image"
  check "bulla verify ${image:16:4}" "$bulla" verify -a stage=prod "${who[@]}" "${trusted[@]}" "$image"
done
check "bulla sign --type" "$bulla" sign "${keyless[@]}" --type cyclonedx --predicate predicate.json "$app"
check "cosign verify-attestation" cosign verify-attestation --allow-http-registry=true --type cyclonedx "${who[@]}" "${trusted[@]}" "$app"

echo "-- with a key, stamped and logged"
cosign generate-key-pair --output-key-prefix mine >/dev/null 2>&1
check "bulla sign-blob --key --signing-config" "$bulla" sign-blob --key mine.key "${services[@]}" --bundle mine.json file1.txt
check "cosign verify-blob --key" cosign verify-blob --key mine.pub "${trusted[@]}" --bundle mine.json file1.txt
check "bulla verify-blob --key --require-log --require-timestamp" "$bulla" verify-blob --key mine.pub "${trusted[@]}" --require-log --require-timestamp --bundle mine.json file1.txt

echo "-- cosign signs"
export SIGSTORE_ID_TOKEN
SIGSTORE_ID_TOKEN=$(cat alice.jwt)
check "cosign sign" cosign sign --yes --allow-http-registry=true "${services[@]}" "$lib"
check "cosign sign-blob" cosign sign-blob --yes "${services[@]}" --bundle theirs.json file4.txt
check "bulla verify-blob" "$bulla" verify-blob --bundle theirs.json "${who[@]}" "${trusted[@]}" file4.txt
check "bulla verify finds two" bash -c "'$bulla' verify -v --certificate-identity alice@example.test --certificate-oidc-issuer '$issuer' --trusted-root '$sigstore/trusted_root.json' '$lib' | grep -c '^ *ok' | grep -qx 2"

echo "-- tokens that lie ready"
check "SIGSTORE_ID_TOKEN" "$bulla" sign-blob "${services[@]}" --bundle ambient.json file1.txt
unset SIGSTORE_ID_TOKEN
check "GitHub Actions" env ACTIONS_ID_TOKEN_REQUEST_URL="$issuer/actions?email=alice@example.test&email_verified=true" ACTIONS_ID_TOKEN_REQUEST_TOKEN=run "$bulla" sign-blob "${services[@]}" --bundle actions.json file1.txt
check "cosign verify-blob" cosign verify-blob --bundle actions.json "${who[@]}" "${trusted[@]}" file1.txt
refuses 2 "no token" "$bulla" sign-blob "${services[@]}" --bundle none.json file1.txt

echo "-- what does not work"
token "$issuer" "${alice[@]}" ttl=1 >short.jwt
token "$issuer" "${alice[@]}" aud=other >audience.jwt
token "$stranger" "${alice[@]}" >stranger.jwt
sleep 1.5
sign() { local with=$1; shift; "$bulla" sign-blob --identity-token "$with" "${trusted[@]}" --bundle none.json "$@" file1.txt; }
refused() { # CODE WORDS NAME TOKEN CONFIG
  local code=0
  sign "$4" --signing-config "$5" >"$work/out" 2>&1 || code=$?
  cp "$work/out" "$work/words"
  check "$3: ends with $1" [ "$code" = "$1" ]
  check "$3: says '$2'" grep -qF "$2" "$work/words"
}
config=$sigstore/signing_config.json
refused 1 "it ran out at" "expired token" short.jwt "$config"
refused 1 "audience [other]" "token for another audience" audience.jwt "$config"
refused 1 "refuses with status 400" "issuer that the authority does not know" stranger.jwt "$config"
nobody=$(free_port)
sed "s/:$log_port\"/:$nobody\"/" "$config" >no-log.json
sed "s/:$tsa_port\//:$nobody\//" "$config" >no-stamp.json
refused 4 "the transparency log http://127.0.0.1:$nobody" "log that is down" alice.jwt no-log.json
refused 4 "the timestamp authority http://127.0.0.1:$nobody" "timestamp authority that is down" alice.jwt no-stamp.json
refused 3 "no authority of the trusted root" "authority that the root does not name" alice.jwt "$sigstore/signing_config-plain.json"
check "nothing was written" [ ! -e none.json ]

echo "-- the protocol of the public suite"
client=$root/interop/sigstore-conformance/client
check "sign-bundle" "$client" sign-bundle --identity-token "$(cat alice.jwt)" --bundle suite.json "${trusted[@]}" --signing-config "$config" file1.txt
check "verify-bundle" "$client" verify-bundle --bundle suite.json "${who[@]}" "${trusted[@]}" file1.txt
check "cosign verify-blob" cosign verify-blob --bundle suite.json "${who[@]}" "${trusted[@]}" file1.txt
digest=$(sha256sum file1.txt | cut -d' ' -f1)
printf '{"_type":"https://in-toto.io/Statement/v1","subject":[{"name":"file1.txt","digest":{"sha256":"%s"}}],"predicateType":"https://example.test/p","predicate":{}}' "$digest" >statement.json
check "sign-bundle --in-toto" "$client" sign-bundle --in-toto --identity-token "$(cat alice.jwt)" --bundle statement.bundle "${trusted[@]}" --signing-config "$config" statement.json
check "verify-bundle by digest" "$client" verify-bundle --bundle statement.bundle "${who[@]}" "${trusted[@]}" "sha256:$digest"
refuses 3 "verify-bundle refuses another digest" "$client" verify-bundle --bundle statement.bundle "${who[@]}" "${trusted[@]}" "sha256:${digest/[0-7]/8}"
summary
