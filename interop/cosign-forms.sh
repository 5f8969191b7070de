#!/usr/bin/env bash
# Forms of cosign that are not its default any more: certificates and promises of certificate logs beside the signature, loose
# signatures and bundles of files, tags with several layers, signatures in another repository. Unmodified cosign makes and judges them.
source "$(dirname "$0")/lib.sh"
for peer in cosign crane registry; do
  have $peer || { skip "the whole suite: $peer is not installed (interop/install-peers)"; summary; exit 0; }
done
command -v openssl >/dev/null || { skip "the whole suite: no openssl"; summary; exit 0; }
export BULLA_HOME=$work/home DOCKER_CONFIG=$work/docker COSIGN_PASSWORD='' SIGSTORE_CT_LOG_PUBLIC_KEY_FILE=
unset SIGSTORE_CT_LOG_PUBLIC_KEY_FILE COSIGN_REPOSITORY 2>/dev/null || true
mkdir -p "$DOCKER_CONFIG"
cd "$work" || exit 1
cosign() { "$bin/cosign" "$@"; }
port=$(free_port)
start_distribution "$port"
registry=127.0.0.1:$port

# image NAME: an image of its own; prints its reference by digest.
image() {
  echo "$1" >layer.txt
  "$bin/crane" append --insecure --new_layer layer.txt --new_tag "$registry/$1:1" >/dev/null 2>&1
  echo "$registry/$1@$("$bin/crane" digest --insecure "$registry/$1:1")"
}
loose=(--yes --tlog-upload=false --use-signing-config=false)
old=("${loose[@]}" --new-bundle-format=false --allow-http-registry=true)
unlogged=(--insecure-ignore-tlog=true --allow-http-registry=true)

echo "-- a certificate, its chain, and the promise of a certificate log beside it"
ct_port=$(free_port)
openssl ecparam -name prime256v1 -genkey -noout -out ct.key
openssl pkey -in ct.key -pubout -out ct.pub
python3 "$root/interop/sigstore/certificate_log.py" "$ct_port" ct.key >ct.log 2>&1 &
pids+=($!)
wait_for "http://127.0.0.1:$ct_port/ct/v1/get-roots"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-384 -nodes -sha384 -days 30 -subj "/O=Interop/CN=root" \
  -addext basicConstraints=critical,CA:true,pathlen:0 -addext keyUsage=critical,keyCertSign,cRLSign -keyout ca.key -out ca.pem 2>/dev/null
printf '%s\n' basicConstraints=CA:false keyUsage=critical,digitalSignature extendedKeyUsage=codeSigning \
  subjectAltName=critical,email:alice@example.test 1.3.6.1.4.1.57264.1.8=ASN1:UTF8String:https://issuer.example.test \
  "1.3.6.1.4.1.57264.1.1=DER:$(printf https://issuer.example.test | od -An -tx1 | tr -d ' \n')" \
  subjectKeyIdentifier=hash authorityKeyIdentifier=keyid:always >leaf.ext
for name in leaf stranger; do
  openssl ecparam -name prime256v1 -genkey -noout -out $name.pem
  openssl req -new -key $name.pem -subj / -out $name.csr 2>/dev/null
  openssl x509 -req -in $name.csr -CA ca.pem -CAkey ca.key -CAcreateserial -sha384 -days 2 -extfile leaf.ext -out $name.crt 2>/dev/null
  cosign import-key-pair --key $name.pem -o $name -y >/dev/null 2>&1
  python3 - "$ct_port" $name.crt ca.pem >$name.sct <<'PY'
import base64, json, re, sys, urllib.request
chain = [re.sub(r"-----[^-]*-----|\s", "", open(one).read()) for one in sys.argv[2:]]
request = urllib.request.Request(f"http://127.0.0.1:{sys.argv[1]}/ct/v1/add-chain", json.dumps({"chain": chain}).encode())
print(urllib.request.urlopen(request, timeout=10).read().decode())
PY
done
since=$(date -u -d '-1 hour' +%Y-%m-%dT%H:%M:%SZ 2>/dev/null || date -u -v-1H +%Y-%m-%dT%H:%M:%SZ)
authority=(--fulcio="url=http://ca.example.test,certificate-chain=ca.pem,start-time=$since")
cosign trusted-root create "${authority[@]}" --ctfe="url=http://127.0.0.1:$ct_port,public-key=ct.pub,start-time=$since" --out root.json
cosign trusted-root create "${authority[@]}" --out plain.json
who=(--certificate-identity alice@example.test --certificate-oidc-issuer https://issuer.example.test)
# cosign 3.1.3 reads --sct of an image only after it has judged the certificate without it: it can judge files.
theirs() {
  env SIGSTORE_CT_LOG_PUBLIC_KEY_FILE="$work/ct.pub" "$bin/cosign" verify-blob --new-bundle-format=false --insecure-ignore-tlog \
    --certificate leaf.crt --certificate-chain ca.pem "${who[@]}" --signature file.sig "$@" file.txt
}
ours() { "$bulla" verify --insecure-ignore-tlog "${who[@]}" "$@"; }
echo "a file" >file.txt
echo "another" >other.txt
check "cosign signs a file, signature alone" cosign sign-blob "${loose[@]}" --new-bundle-format=false --key leaf.key --output-signature file.sig file.txt
blob() { "$bulla" verify-blob --insecure-ignore-tlog --certificate leaf.crt "${who[@]}" --trusted-root root.json --signature file.sig "$@" file.txt; }
check "cosign verifies the file with --certificate and --sct" theirs --sct leaf.sct
check "so does bulla" blob --sct leaf.sct
carried=$(image carried)
check "cosign signs with a certificate and its chain" cosign sign "${old[@]}" --key leaf.key --certificate leaf.crt --certificate-chain ca.pem "$carried"
check "bulla verifies the image with --certificate and --sct" ours --trusted-root root.json --certificate leaf.crt --sct leaf.sct "$carried"
check "bulla takes the certificate beside the signature" ours --trusted-root root.json --sct leaf.sct "$carried"
check "a root without a certificate log asks for no promise" ours --trusted-root plain.json "$carried"
refuses 3 "without a promise bulla refuses" ours --trusted-root root.json "$carried"
refuses 3 "also of a file" blob
refuses 1 "so does cosign" theirs
refuses 3 "the promise of another certificate: bulla" ours --trusted-root root.json --sct stranger.sct "$carried"
refuses 1 "the promise of another certificate: cosign" theirs --sct stranger.sct
refuses 3 "another certificate than the signer's" ours --trusted-root root.json --certificate stranger.crt --sct stranger.sct "$carried"
for how in timestamp id signature extensions sct_version; do
  python3 - leaf.sct $how >changed.sct <<'PY'
import base64, json, sys
sct = json.load(open(sys.argv[1]))
how = sys.argv[2]
if how in ("timestamp", "sct_version"):
    sct[how] += 1
else:
    bytes_ = bytearray(base64.b64decode(sct[how]) or b"\0")
    bytes_[-1] ^= 1
    sct[how] = base64.b64encode(bytes_).decode()
print(json.dumps(sct))
PY
  refuses 3 "$how of the promise changed: bulla" blob --sct changed.sct
  case $how in
    sct_version) ;; # cosign does not look at it
    *) refuses 1 "$how of the promise changed: cosign" theirs --sct changed.sct ;;
  esac
done
refuses 3 "another subject" "$bulla" verify --insecure-ignore-tlog --certificate-identity bob@example.test --certificate-oidc-issuer https://issuer.example.test --trusted-root plain.json "$carried"
refuses 3 "a log entry is demanded unless it is told otherwise" "$bulla" verify "${who[@]}" --trusted-root plain.json "$carried"
bare=$(image bare)
check "cosign signs without a certificate" cosign sign "${old[@]}" --key leaf.key "$bare"
check "bulla verifies with --certificate" ours --trusted-root root.json --certificate leaf.crt --sct leaf.sct "$bare"
check "bulla verifies by the certificate's key" "$bulla" verify --key leaf.crt "$bare"
openssl genrsa -out rsa.pem 2048 2>/dev/null
openssl rsa -in rsa.pem -RSAPublicKey_out -out rsa.pub 2>/dev/null
cosign import-key-pair --key rsa.pem -o rsa-imported -y >/dev/null 2>&1
cosign sign "${old[@]}" --key rsa-imported.key "$bare" >/dev/null 2>&1
check "and by an RSA key in PKCS#1 form" "$bulla" verify --key rsa.pub "$bare"
check "so does cosign" cosign verify "${unlogged[@]}" --key rsa.pub "$bare"
refuses 3 "no certificate proves no identity" ours --trusted-root root.json --sct leaf.sct "$bare"
refuses 2 "a promise without an identity" "$bulla" verify --sct leaf.sct "$bare"
refuses 2 "a promise that is not there" ours --trusted-root root.json --sct none.sct "$bare"

echo "-- files"
check "bulla verifies it" "$bulla" verify-blob --key leaf.pub --signature file.sig file.txt
refuses 3 "another file" "$bulla" verify-blob --key leaf.pub --signature file.sig other.txt
refuses 3 "another key" "$bulla" verify-blob --key stranger.pub --signature file.sig file.txt
base64 -d <file.sig >file.raw
check "bulla verifies its bytes" "$bulla" verify-blob --key leaf.pub --signature file.raw file.txt
check "cosign signs a file, bundle of its own" cosign sign-blob "${loose[@]}" --new-bundle-format=false --key leaf.key --bundle file.bundle file.txt
check "bulla verifies it" "$bulla" verify-blob --key leaf.pub --bundle file.bundle file.txt
refuses 3 "another file" "$bulla" verify-blob --key leaf.pub --bundle file.bundle other.txt
sed 's/"base64Signature":"..../"base64Signature":"MEUC/; s/"base64Signature":"\(........\)./"base64Signature":"\1A/' file.bundle >changed.bundle
cmp -s file.bundle changed.bundle || refuses 3 "a changed signature" "$bulla" verify-blob --key leaf.pub --bundle changed.bundle file.txt

echo "-- tags with several layers"
for name in one two three; do cosign generate-key-pair --output-key-prefix $name >/dev/null 2>&1; done
many=$(image many)
echo '{"bomFormat":"CycloneDX"}' >sbom.json
echo '{"found":[]}' >vuln.json
for name in one two three; do
  cosign sign "${old[@]}" --key $name.key -a by=$name "$many" >/dev/null 2>&1
  cosign attest "${old[@]}" --key $name.key --type cyclonedx --predicate sbom.json "$many" >/dev/null 2>&1
done
cosign attest "${old[@]}" --key two.key --type https://example.test/found --predicate vuln.json "$many" >/dev/null 2>&1
for name in one two three; do
  check "bulla finds the signature of $name" "$bulla" verify --key $name.pub -a by=$name "$many"
  check "bulla finds the attestation of $name" "$bulla" verify --key $name.pub --type cyclonedx "$many"
done
refuses 3 "the pair of another" "$bulla" verify --key one.pub -a by=two "$many"
check "a type that one of them attested" "$bulla" verify --key two.pub --type https://example.test/found "$many"
refuses 3 "and another did not" "$bulla" verify --key one.pub --type https://example.test/found "$many"
refuses 3 "a stranger" "$bulla" verify --key leaf.pub "$many"

echo "-- the experiment with OCI 1.1: the same manifest as a referrer, without a tag"
referred=$(image referred)
check "cosign signs" env COSIGN_EXPERIMENTAL=1 "$bin/cosign" sign "${old[@]}" --registry-referrers-mode=oci-1-1 --key one.key "$referred"
check "bulla verifies it" "$bulla" verify --key one.pub "$referred"
refuses 3 "by another key" "$bulla" verify --key two.pub "$referred"

echo "-- attestations of every type"
echo 'SPDXVersion: SPDX-2.3' >spdx.predicate
echo '{"builder":{"id":"b"},"buildType":"t"}' >slsaprovenance02.predicate
echo '{"buildDefinition":{"buildType":"t","externalParameters":{}},"runDetails":{"builder":{"id":"b"}}}' >slsaprovenance1.predicate
echo '{"scanner":{"uri":"","version":"","db":{"uri":"","version":""},"result":{}},"metadata":{}}' >vuln.predicate
echo '{"spdxVersion":"SPDX-2.3"}' >spdxjson.predicate
for name in custom openvex cyclonedx; do echo '{"a":1}' >$name.predicate; done
typed=$(image typed)
said=$(image said)
for type in custom cyclonedx openvex slsaprovenance02 slsaprovenance1 spdx spdxjson vuln; do
  cosign attest "${loose[@]}" --allow-http-registry=true --key one.key --type $type --predicate $type.predicate "$typed" >/dev/null 2>&1
  check "$type: bulla verifies cosign's" "$bulla" verify --key one.pub --type $type "$typed"
  check "$type: bulla attests" "$bulla" sign --format cosign --key one.key --type $type --predicate $type.predicate "$said"
  if [ $type = spdx ]; then
    refuses 1 "$type: cosign does not read its own" cosign verify-attestation "${unlogged[@]}" --key one.pub --type $type "$typed"
  else
    check "$type: cosign verifies bulla's" cosign verify-attestation "${unlogged[@]}" --key one.pub --type $type "$said"
  fi
done

echo "-- signatures in another repository"
kept=$registry/signatures
for form in old new; do
  name=apart-$form
  ref=$(image $name)
  digest=${ref#*@}
  if [ $form = old ]; then sign=("${old[@]}"); else sign=("${loose[@]}" --allow-http-registry=true); fi
  check "$form: cosign signs there" env COSIGN_REPOSITORY="$kept" "$bin/cosign" sign "${sign[@]}" --key one.key "$ref"
  check "$form: cosign attests there" env COSIGN_REPOSITORY="$kept" "$bin/cosign" attest "${sign[@]}" --key one.key --type cyclonedx --predicate sbom.json "$ref"
  tree=$(COSIGN_REPOSITORY="$kept" "$bulla" tree --output json "$ref" 2>/dev/null | python3 -c 'import json,sys; print(json.load(sys.stdin)["evidenceCount"])')
  check "$form: bulla tree sees both" [ "$tree" = 2 ]
  tree=$("$bulla" tree --output json "$ref" 2>/dev/null | python3 -c 'import json,sys; print(json.load(sys.stdin)["evidenceCount"])')
  check "$form: and none without being told" [ "$tree" = 0 ]
  check "$form: bulla inspect" bash -c "COSIGN_REPOSITORY='$kept' '$bulla' inspect '$ref' | grep -q cosign"
  check "$form: bulla copy" env COSIGN_REPOSITORY="$kept" "$bulla" copy "$ref" "$registry/copy/$name:1"
  check "$form: cosign verifies the copy" cosign verify "${unlogged[@]}" --key one.pub "$registry/copy/$name@$digest"
  check "$form: cosign verifies its attestation" cosign verify-attestation "${unlogged[@]}" --key one.pub --type cyclonedx "$registry/copy/$name@$digest"
  check "$form: bulla save to a file" env COSIGN_REPOSITORY="$kept" "$bulla" save "$ref" "$name.tar"
  check "$form: verified there" "$bulla" verify --key one.pub --oci-layout "$name.tar@$digest"
  check "$form: bulla save to a directory" env COSIGN_REPOSITORY="$kept" "$bulla" save "$ref" "$name"
  check "$form: verified there" "$bulla" verify --key one.pub --type cyclonedx --oci-layout "$name@$digest"
  check "$form: an evidence pack" env COSIGN_REPOSITORY="$kept" "$bulla" evidence pack --out "$name-pack.tar" --key one.pub "$ref"
  check "$form: verified without the registry" "$bulla" evidence verify "$name-pack.tar"
  if [ $form = old ]; then
    check "old: cosign copy takes the same along" env COSIGN_REPOSITORY="$kept" "$bin/cosign" copy --allow-http-registry=true "$ref" "$registry/cosign-copy/$name:1"
    check "old: both copies have the same signatures" bash -c "[ \$('$bin/crane' digest --insecure '$registry/copy/$name:${digest/:/-}.sig') = \$('$bin/crane' digest --insecure '$registry/cosign-copy/$name:${digest/:/-}.sig') ]"
    check "old: cosign tree sees them there" bash -c "COSIGN_REPOSITORY='$kept' '$bin/cosign' tree --allow-http-registry=true '$ref' | grep -q '${digest/:/-}.sig'"
    check "old: cosign signs beside the image too" cosign sign "${old[@]}" --key two.key "$ref"
    refuses 1 "old: a copy that could keep one of both only" env COSIGN_REPOSITORY="$kept" "$bulla" copy "$ref" "$registry/both/$name:1"
    refuses 1 "old: nor can a file" env COSIGN_REPOSITORY="$kept" "$bulla" save "$ref" both.tar
  fi
  check "$form: bulla clean tells what it would remove" bash -c "COSIGN_REPOSITORY='$kept' '$bulla' clean '$ref' | grep -c 'would remove' | grep -qE '[23]'"
  check "$form: bulla clean --force" env COSIGN_REPOSITORY="$kept" "$bulla" clean --force "$ref"
  refuses 3 "$form: nothing is left" env COSIGN_REPOSITORY="$kept" "$bulla" verify --key one.pub "$ref"
  check "$form: the image is" "$bin/crane" manifest --insecure "$ref"
done
summary
