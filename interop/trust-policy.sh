#!/usr/bin/env bash
# One trust policy over what unmodified cosign and notation sign in a registry: k of n, both formats, an attestation, a stranger.
set -uo pipefail
. "$(dirname "$0")/lib.sh"
for peer in cosign notation registry crane; do
  if ! have "$peer"; then
    skip "trust policy over peers: $peer is not in $bin"
    exit 0
  fi
done
export BULLA_HOME=$work/home COSIGN_PASSWORD= NOTATION_CONFIG=$work/notation
port=$(free_port)
image=127.0.0.1:$port/team/app
start_distribution "$port"

cd "$work" || exit 1
mkdir -p layer && echo hello >layer/hello && tar -C layer -cf layer.tar hello
"$bin/crane" append --insecure -f layer.tar -t "$image:1" >/dev/null 2>&1
digest=$("$bin/crane" digest --insecure "$image:1")
for who in dev stranger; do (mkdir -p $who && cd $who && "$bin/cosign" generate-key-pair >/dev/null 2>&1); done
"$bin/notation" cert generate-test ops >/dev/null 2>&1
cat >trust.yaml <<YAML
apiVersion: bulla.dev/v1
kind: TrustPolicy
metadata: {name: peers, version: "1"}
spec:
  authorities:
    dev: {keys: [{file: dev/cosign.pub}]}
    ops: {notation: [{trustStore: notation/truststore, stores: ["ca:ops"], identities: ["*"]}]}
  scopes:
    - name: two
      images: ["127.0.0.1:$port/**"]
      signatures: [{authorities: [dev, ops], threshold: 2}]
    - name: attested
      images: ["127.0.0.1:$port/team/app:1"]
      attestations: [{type: custom, authorities: [dev]}]
YAML
verify() { "$bulla" verify --trust trust.yaml "$@"; }
sign() { "$bin/cosign" sign --yes --allow-http-registry=true --use-signing-config=false --tlog-upload=false "$@" "$image@$digest"; }

check "the policy is valid" "$bulla" trust check trust.yaml "$image@$digest"
refuses 3 "an image without signatures is refused" verify "$image@$digest"
check "cosign signs as dev" sign --key dev/cosign.key
refuses 3 "one of two authorities is not enough" verify "$image@$digest"
cp "$work/out" "$work/said"
check "the answer says who is missing" grep -q "no signature of the image by ops" "$work/said"
check "cosign signs as dev once more" sign --key dev/cosign.key
check "cosign signs as a stranger" sign --key stranger/cosign.key
refuses 3 "more signatures of one authority and of a stranger do not help" verify "$image@$digest"
check "notation signs as ops" "$bin/notation" sign --insecure-registry --key ops "$image@$digest"
check "two of two, one in each format" verify "$image@$digest"
refuses 3 "the tag's scope demands an attestation" verify "$image:1"
echo '{"review": "passed"}' >predicate.json
check "cosign attests" "$bin/cosign" attest --yes --allow-http-registry=true --use-signing-config=false --tlog-upload=false --key dev/cosign.key \
  --type custom --predicate predicate.json "$image@$digest"
check "an attestation of the demanded type" verify "$image:1"
cat >notation/trustpolicy.json <<JSON
{"version": "1.0", "trustPolicies": [{"name": "ops", "registryScopes": ["*"], "signatureVerification": {"level": "strict"},
  "trustStores": ["ca:ops"], "trustedIdentities": ["*"]}]}
JSON
check "notation accepts" "$bin/notation" verify --insecure-registry "$image@$digest"
check "notation's own policy is imported" "$bulla" trust import --from notation --out imported.yaml notation/trustpolicy.json
check "and accepts what notation accepts" "$bulla" verify --trust imported.yaml "$image@$digest"
summary
