#!/usr/bin/env bash
# Whole images: what Bulla signs, copies, saves and packs, unmodified cosign, notation, oras and crane verify and read; what they sign, copy and save, Bulla
# verifies and loads without losing a signature.
source "$(dirname "$0")/lib.sh"
for peer in cosign notation oras crane registry; do
  have $peer || { skip "the whole suite: $peer is not installed (interop/install-peers)"; summary; exit 0; }
done
export BULLA_HOME=$work/home DOCKER_CONFIG=$work/docker NOTATION_CONFIG=$work/notation COSIGN_PASSWORD=''
mkdir -p "$DOCKER_CONFIG"
cd "$work" || exit 1
cosign=$bin/cosign notation=$bin/notation oras=$bin/oras crane=$bin/crane

# an index for three platforms
python3 - <<'PY'
import gzip, hashlib, io, json, os, tarfile
os.makedirs('image/blobs/sha256')
def blob(data):
    digest = hashlib.sha256(data).hexdigest()
    open('image/blobs/sha256/' + digest, 'wb').write(data)
    return {'digest': 'sha256:' + digest, 'size': len(data)}
manifests = []
for architecture in ('amd64', 'arm64', 's390x'):
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode='w') as archive:
        member = tarfile.TarInfo('hello'); member.size = len(architecture)
        archive.addfile(member, io.BytesIO(architecture.encode()))
    layer = gzip.compress(tar.getvalue(), mtime=0)
    config = {'architecture': architecture, 'os': 'linux', 'config': {}, 'history': [{'created_by': 'test'}],
              'rootfs': {'type': 'layers', 'diff_ids': ['sha256:' + hashlib.sha256(tar.getvalue()).hexdigest()]}}
    manifest = {'schemaVersion': 2, 'mediaType': 'application/vnd.oci.image.manifest.v1+json',
                'config': {'mediaType': 'application/vnd.oci.image.config.v1+json', **blob(json.dumps(config).encode())},
                'layers': [{'mediaType': 'application/vnd.oci.image.layer.v1.tar+gzip', **blob(layer)}]}
    manifests.append({'mediaType': manifest['mediaType'], **blob(json.dumps(manifest).encode()),
                      'platform': {'os': 'linux', 'architecture': architecture}})
index = {'schemaVersion': 2, 'mediaType': 'application/vnd.oci.image.index.v1+json', 'manifests': manifests}
entry = {'mediaType': index['mediaType'], **blob(json.dumps(index).encode()), 'annotations': {'org.opencontainers.image.ref.name': '1'}}
json.dump({'schemaVersion': 2, 'manifests': [entry]}, open('image/index.json', 'w'))
json.dump({'imageLayoutVersion': '1.0.0'}, open('image/oci-layout', 'w'))
open('digests', 'w').write('\n'.join([entry['digest']] + [one['digest'] for one in manifests]) + '\n')
PY
mapfile -t digests <digests

port=$(free_port)
start_distribution "$port"
registry=127.0.0.1:$port
"$cosign" generate-key-pair --output-key-prefix key >/dev/null 2>&1
sign=("$cosign" sign --recursive --key key.key --yes --tlog-upload=false --use-signing-config=false --allow-http-registry=true)
verify=("$cosign" verify --key key.pub --insecure-ignore-tlog=true --allow-http-registry=true)
# bash words for `bash -c`
count='python3 -c "import json,sys; p=json.load(sys.stdin)[\"proof\"]; sys.exit(0 if p[\"complete\"] and p[\"source\"]==p[\"destination\"]=='

echo "-- signed recursively by cosign, verified whole by bulla; and the other way round"
for name in bundles legacy ours; do
  "$bulla" load image:1 "$registry/$name" >/dev/null 2>&1
done
refuses 3 "an unsigned index is refused" "$bulla" verify --recursive --key key.pub "$registry/bundles:1"
check "cosign sign --recursive (bundles)" "${sign[@]}" "$registry/bundles:1"
check "cosign sign --recursive (tags)" "${sign[@]}" --new-bundle-format=false "$registry/legacy:1"
echo '{}' >predicate.json
check "cosign attest (tags)" "$cosign" attest --key key.key --yes --tlog-upload=false --use-signing-config=false --new-bundle-format=false --allow-http-registry=true --type custom --predicate predicate.json "$registry/legacy:1"
check "bulla verify --recursive of both" "$bulla" verify --recursive --key key.pub "$registry/bundles:1" "$registry/legacy:1"
check "notation certificate generate-test" "$notation" certificate generate-test --default whole.example
cat >notation/trustpolicy.json <<'JSON'
{"version":"1.0","trustPolicies":[{"name":"whole","registryScopes":["*"],"signatureVerification":{"level":"strict"},"trustStores":["ca:whole.example"],"trustedIdentities":["*"]}]}
JSON
check "bulla sign --recursive with cosign's key" "$bulla" sign --recursive --key key.key "$registry/ours:1"
for digest in "${digests[@]}"; do
  check "notation sign ${digest:7:12}" "$notation" sign --insecure-registry "$registry/ours@$digest"
done
for digest in "${digests[@]}"; do
  check "cosign verifies ${digest:7:12}" "${verify[@]}" "$registry/ours@$digest"
done
check "bulla verifies notation's four by notation's configuration" "$bulla" verify --recursive --notation-config notation "$registry/ours:1"
check "a child's signature removed with bulla clean" "$bulla" clean --force "$registry/bundles@${digests[2]}"
refuses 3 "an index with an unsigned child is refused" "$bulla" verify --recursive --key key.pub "$registry/bundles:1"
check "and the child's platform is named" bash -c "'$bulla' verify --recursive --key key.pub '$registry/bundles:1' | grep -q 'not accepted: linux/arm64'"
check "cosign signs it again" "${sign[@]}" "$registry/bundles@${digests[2]}"

echo "-- copied, saved and loaded by bulla, verified by peers"
for name in bundles:4 legacy:5 ours:8; do
  from=${name%:*} pieces=${name#*:}
  check "copy $from, $pieces pieces found again" bash -c "'$bulla' copy --output json '$registry/$from:1' '$registry/copy/$from:1' | $count$pieces else 1)\""
  check "cosign verifies the copy" "${verify[@]}" "$registry/copy/$from:1"
  check "save $from" bash -c "'$bulla' save --output json '$registry/$from:1' '$from.tar' | $count$pieces else 1)\""
  check "load $from" bash -c "'$bulla' load --output json '$from.tar' '$registry/loaded/$from' | $count$pieces else 1)\""
  check "cosign verifies what was loaded" "${verify[@]}" "$registry/loaded/$from@${digests[3]}"
done
for digest in "${digests[@]}"; do
  check "notation verifies the loaded ${digest:7:12}" "$notation" verify --insecure-registry "$registry/loaded/ours@$digest"
done
check "crane validates a copy" "$crane" validate --insecure --remote "$registry/copy/bundles:1"
check "oras takes the saved file, referrers included" "$oras" cp --no-tty -r --from-oci-layout --to-plain-http bundles.tar:1 "$registry/oras/bundles:1"
check "bulla verifies what oras took" "$bulla" verify --recursive --key key.pub "$registry/oras/bundles:1"
check "save to a directory" "$bulla" save "$registry/legacy:1" legacy
check "cosign load takes the directory" "$cosign" load --dir legacy --allow-http-registry=true "$registry/cosign/legacy:1"
check "cosign verifies what it took" "${verify[@]}" "$registry/cosign/legacy:1"
if "$cosign" save --dir own --allow-http-registry=true "$registry/bundles:1" >out 2>&1 && "$cosign" load --dir own --allow-http-registry=true "$registry/cosign/own:1" >out 2>&1; then
  check "save bundles to a directory" "$bulla" save "$registry/bundles:1" bundles
  check "cosign load takes bundles too" "$cosign" load --dir bundles --allow-http-registry=true "$registry/cosign/bundles:1"
else
  skip "cosign load of bundles: this cosign cannot load what it saved itself"
fi

echo "-- copied and saved by peers, verified and loaded by bulla"
check "oras cp -r to a layout" "$oras" cp --no-tty -r --from-plain-http --to-oci-layout "$registry/ours:1" theirs:1
check "bulla verifies the layout" "$bulla" verify --recursive --key key.pub --oci-layout theirs:1
check "bulla load of the layout, 8 pieces" bash -c "'$bulla' load --output json theirs:1 '$registry/back/ours' | ${count}8 else 1)\""
check "cosign copy" "$cosign" copy --allow-http-registry=true "$registry/legacy:1" "$registry/their/legacy:1"
check "bulla verifies cosign's copy" "$bulla" verify --key key.pub "$registry/their/legacy:1"
for name in bundles:1 legacy:2; do
  from=${name%:*} pieces=${name#*:}
  check "cosign save $from" "$cosign" save --dir "saved-$from" --allow-http-registry=true "$registry/$from:1"
  check "bulla verifies cosign's directory" "$bulla" verify --key key.pub --oci-layout "saved-$from"
  check "bulla loads it, $pieces pieces" bash -c "'$bulla' load --output json 'saved-$from' '$registry/from-cosign/$from:1' | $count$pieces else 1)\""
  check "cosign verifies what bulla loaded" "${verify[@]}" "$registry/from-cosign/$from:1"
done

echo "-- seen by both"
check "cosign tree sees what bulla wrote" bash -c "'$cosign' tree --allow-http-registry=true '$registry/copy/ours:1' | grep -q 'cosign/sign/v1'"
check "oras discover sees as many as bulla tree" bash -c "[ \$('$oras' discover --plain-http --format json '$registry/ours@${digests[0]}' | grep -c '\"digest\"') -ge 3 ]"
check "bulla tree" bash -c "'$bulla' tree '$registry/ours:1' | grep -q '8 pieces of evidence'"
check "bulla inspect decodes notation's signature" bash -c "'$bulla' inspect --output json '$registry/ours:1' | grep -q notation-go"

echo "-- kept for years"
check "evidence pack by notation's configuration" "$bulla" evidence pack --recursive --with-image --out pack.tar --notation-config notation "$registry/ours:1"
kill "${pids[0]}" && wait "${pids[0]}" 2>/dev/null
check "verified without the registry, by the pack's own trust" "$bulla" evidence verify pack.tar
check "verified by notation's configuration" "$bulla" evidence verify pack.tar --notation-config notation
check "verified by cosign's key" "$bulla" evidence verify pack.tar --key key.pub
refuses 3 "ten years later the certificate has ended" "$bulla" evidence verify pack.tar --at 2036-01-01
check "oras reads the pack as a layout" "$oras" manifest fetch --oci-layout "pack.tar@${digests[0]}"
python3 - <<'PY'
data = bytearray(open('pack.tar', 'rb').read())
data[len(data) // 2 // 512 * 512 + 3] ^= 1
open('broken.tar', 'wb').write(data)
PY
refuses 3 "a changed pack is refused" bash -c "'$bulla' evidence verify broken.tar; case \$? in 1|3) exit 3 ;; esac"
summary
