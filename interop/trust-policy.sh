#!/usr/bin/env bash
# One trust policy over what unmodified cosign and notation sign, in a registry and of files: k of n, both formats, attestations, pairs, a stranger.
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

# Notation's way to attest, pairs, and files.
cat >more.yaml <<YAML
apiVersion: bulla.dev/v1
kind: TrustPolicy
metadata: {name: more, version: "1"}
spec:
  authorities:
    dev: {keys: [{file: dev/cosign.pub}]}
    ops: {notation: [{trustStore: notation/truststore, stores: ["ca:ops"], identities: ["*"]}]}
  scopes:
    - name: inventory
      images: ["127.0.0.1:$port/**"]
      attestations: [{type: spdxjson, authorities: [ops]}]
    - name: marked
      images: ["127.0.0.1:$port/team/app:marked"]
      signatures: [{authorities: [dev], annotations: {stage: prod}}, {authorities: [ops], name: ops, annotations: {stage: prod}}]
    - name: files
      blobs: ["releases/*"]
      signatures: [{authorities: [dev, ops], threshold: 2}]
YAML
more() { "$bulla" verify --trust more.yaml "$@"; }
if have oras; then
  echo '{"spdxVersion": "SPDX-2.3", "name": "app"}' >sbom.spdx.json
  "$bin/oras" attach --plain-http --artifact-type application/spdx+json "$image@$digest" sbom.spdx.json:application/spdx+json --format json >attached.json 2>&1
  artifact=$(python3 -c 'import json; print(json.load(open("attached.json"))["digest"])')
  refuses 3 "an attached document alone says nothing" more "$image@$digest"
  check "notation signs the attached document" "$bin/notation" sign --insecure-registry --key ops "$image@$artifact"
  check "and so it is an attestation" more "$image@$digest"
else
  skip "attached by oras: oras is not in $bin"
fi
"$bin/crane" append --insecure -f layer.tar -f layer.tar -t "$image:marked" >/dev/null 2>&1
marked=$("$bin/crane" digest --insecure "$image:marked")
check "bulla attests in Notation's way" "$bulla" sign --format notation --key notation/localkeys/ops.key --certificate notation/localkeys/ops.crt \
  --type spdxjson --predicate sbom.spdx.json "$image@$marked"
check "notation verifies what is attached" "$bin/notation" verify --insecure-registry \
  "$image@$("$bulla" verify --trust more.yaml --output json "$image@$marked" 2>/dev/null | python3 -c 'import json, re, sys; print(re.search(r"sha256:\w+", str([c for s in json.load(sys.stdin)["signatures"] for c in s["checks"] if c["name"] == "attached"])).group())')"
check "an attestation by bulla in Notation's way" more "$image@$marked"
sign_marked() { "$bin/cosign" sign --yes --allow-http-registry=true --use-signing-config=false --tlog-upload=false --key dev/cosign.key "$@" "$image@$marked"; }
check "cosign signs without a pair" sign_marked
check "notation signs with the pair" "$bin/notation" sign --insecure-registry --key ops -m stage=prod "$image@$marked"
refuses 3 "a signature without the demanded pair does not count" more "$image:marked"
check "cosign signs with the pair" sign_marked -a stage=prod
check "both with the pair" more "$image:marked"

echo program >app.tar
check "cosign signs a file" "$bin/cosign" sign-blob --yes --use-signing-config=false --tlog-upload=false --key dev/cosign.key --bundle dev.json app.tar
if have notation-next; then
  check "notation signs it" "$bin/notation-next" blob sign --key ops app.tar
  file() { "$bulla" verify-blob --trust more.yaml --scope releases/app "$@"; }
  refuses 3 "one of two authorities is not enough for a file" file --bundle dev.json --bundle dev.json app.tar
  check "two of two for a file" file --bundle dev.json --signature app.tar.jws.sig app.tar
  refuses 3 "without a name no scope is for it" "$bulla" verify-blob --trust more.yaml --bundle dev.json --signature app.tar.jws.sig app.tar
  echo changed >>app.tar
  refuses 3 "a file that was changed" file --bundle dev.json --signature app.tar.jws.sig app.tar
else
  skip "files by both: notation-next is not in $bin"
fi

# Signatures in another repository.
"$bin/crane" append --insecure -f layer.tar -f layer.tar -f layer.tar -t "$image:apart" >/dev/null 2>&1
apart=$("$bin/crane" digest --insecure "$image:apart")
by_dev() { env COSIGN_REPOSITORY="127.0.0.1:$port/signatures" "$bulla" verify --key dev/cosign.pub "$image@$apart"; }
sign_apart() { env COSIGN_REPOSITORY="127.0.0.1:$port/signatures" "$bin/cosign" sign --yes --allow-http-registry=true --use-signing-config=false --tlog-upload=false --key dev/cosign.key "$@" "$image@$apart"; }
refuses 3 "nothing is in the other repository" by_dev
check "cosign signs into another repository" sign_apart
check "a bundle in another repository" by_dev
refuses 3 "nobody looks there without being told" "$bulla" verify --key dev/cosign.pub "$image@$apart"
check "cosign signs there in the old format" sign_apart --new-bundle-format=false
check "both are found" by_dev
"$bin/crane" append --insecure -f layer.tar -f layer.tar -f layer.tar -f layer.tar -t "$image:apart2" >/dev/null 2>&1
apart=$("$bin/crane" digest --insecure "$image:apart2")
check "the old format alone, in another repository" sign_apart --new-bundle-format=false
check "is verified" by_dev
"$bin/crane" append --insecure -f layer.tar -f layer.tar -f layer.tar -f layer.tar -f layer.tar -t "$image:apart3" >/dev/null 2>&1
apart=$("$bin/crane" digest --insecure "$image:apart3")
check "bulla signs into another repository" env COSIGN_REPOSITORY="127.0.0.1:$port/signatures" "$bulla" sign --key dev/cosign.key "$image@$apart"
check "cosign finds it there" env COSIGN_REPOSITORY="127.0.0.1:$port/signatures" "$bin/cosign" verify --allow-http-registry=true --insecure-ignore-tlog=true --key dev/cosign.pub "$image@$apart"
check "so does bulla" by_dev
summary
