#!/usr/bin/env bash
# Notation's formats in both directions: every algorithm, both envelopes, in a registry, in a layout and beside files; a plugin
# that unmodified notation and Bulla both use; and what has been tampered with, which both refuse.
source "$(dirname "$0")/lib.sh"
for peer in notation oras registry; do
  have $peer || { skip "the whole suite: $peer is not installed (interop/install-peers)"; summary; exit 0; }
done
command -v openssl >/dev/null || { skip "the whole suite: openssl is not installed"; summary; exit 0; }
command -v python3 >/dev/null || { skip "the whole suite: python3 is not installed"; summary; exit 0; }
export BULLA_HOME=$work/home DOCKER_CONFIG=$work/docker NOTATION_CONFIG=$work/notation NOTATION_EXPERIMENTAL=1
mkdir -p "$DOCKER_CONFIG" "$NOTATION_CONFIG/truststore/x509/ca/interop" "$work/keys"
notation() { "$bin/notation" "$@"; }
kinds=(ec256 ec384 ec521 rsa2048 rsa3072 rsa4096)

# A root and a signer for each algorithm; all signers are known to notation by name.
cd "$work/keys"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout root.pem -out root.crt -days 2 \
  -subj "/C=ZZ/ST=Local/O=Interop/CN=root" -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign 2>/dev/null
printf 'keyUsage=critical,digitalSignature\nextendedKeyUsage=codeSigning\n' >leaf.ext
for kind in "${kinds[@]}"; do
  case $kind in
    ec*) bits=${kind#ec}; openssl genpkey -algorithm EC -pkeyopt "ec_paramgen_curve:P-$bits" -out "$kind.key" 2>/dev/null ;;
    rsa*) openssl genpkey -algorithm RSA -pkeyopt "rsa_keygen_bits:${kind#rsa}" -out "$kind.key" 2>/dev/null ;;
  esac
  openssl req -new -key "$kind.key" -subj "/C=ZZ/ST=Local/O=Interop/CN=$kind" -out leaf.csr 2>/dev/null
  openssl x509 -req -in leaf.csr -CA root.crt -CAkey root.pem -days 1 -extfile leaf.ext -out "$kind.leaf" 2>/dev/null
  cat "$kind.leaf" root.crt >"$kind.crt"
done
chmod 600 ./*.key
cp root.crt "$NOTATION_CONFIG/truststore/x509/ca/interop/root.crt"
python3 - "$work/keys" "${kinds[@]}" >"$NOTATION_CONFIG/signingkeys.json" <<'PY'
import json, sys
place, kinds = sys.argv[1], sys.argv[2:]
keys = [{"name": k, "keyPath": f"{place}/{k}.key", "certPath": f"{place}/{k}.crt"} for k in kinds]
print(json.dumps({"default": kinds[0], "keys": keys}))
PY
statement='"signatureVerification":{"level":"strict"},"trustStores":["ca:interop"],"trustedIdentities":["x509.subject: C=ZZ, ST=Local, O=Interop"]'
echo '{"version":"1.0","trustPolicies":[{"name":"all","registryScopes":["*"],'"$statement"'}]}' >"$NOTATION_CONFIG/trustpolicy.json"
echo '{"version":"1.0","trustPolicies":[{"name":"all","globalPolicy":true,'"$statement"'}]}' >"$NOTATION_CONFIG/trustpolicy.blob.json"
cd "$work"

port=$(free_port)
start_distribution "$port"
registry=127.0.0.1:$port
api=$(free_port)
start_bulla "$api"

# push NAME: a small artifact in both registries and in a layout of its own; prints its digest.
push() {
  echo "$1" >"$1.txt"
  local annotation=org.opencontainers.image.created=2026-01-01T00:00:00Z
  "$bin/oras" push --plain-http --annotation $annotation "$registry/$1:1" "$1.txt:text/plain" >/dev/null
  "$bin/oras" push --plain-http --annotation $annotation "127.0.0.1:$api/$1:1" "$1.txt:text/plain" >/dev/null
  "$bin/oras" push --oci-layout --annotation $annotation "layout-$1:1" "$1.txt:text/plain" >/dev/null
  "$bin/oras" resolve --plain-http "$registry/$1:1"
}

echo "-- Bulla signs, notation verifies"
for kind in "${kinds[@]}"; do
  for envelope in jws cose; do
    name=ours-$kind-$envelope
    digest=$(push "$name")
    key=(--key "$work/keys/$kind.key" --certificate "$work/keys/$kind.crt" --format notation --envelope $envelope -m "kind=$kind")
    check "$name: bulla sign, in two registries" "$bulla" sign "${key[@]}" "$registry/$name@$digest" "127.0.0.1:$api/$name@$digest"
    check "$name: notation verify, by referrers tag" notation verify --insecure-registry -m "kind=$kind" "$registry/$name@$digest"
    check "$name: notation verify, by referrers API" notation verify --insecure-registry -m "kind=$kind" "127.0.0.1:$api/$name@$digest"
    "$bin/oras" cp -r --from-plain-http --to-oci-layout "$registry/$name:1" "layout-$name:1" >/dev/null
    check "$name: notation verify, in a layout" notation verify --oci-layout --scope local/layout -m "kind=$kind" "layout-$name@$digest"
  done
done

echo "-- notation signs, Bulla verifies"
remote=() layouts=() wrong=()
for kind in "${kinds[@]}"; do
  for envelope in jws cose; do
    name=theirs-$kind-$envelope
    digest=$(push "$name")
    sign=(notation sign --key "$kind" --signature-format $envelope -m "stage=prod")
    check "$name: notation sign, by referrers tag" "${sign[@]}" --insecure-registry "$registry/$name@$digest"
    check "$name: notation sign, by referrers API" "${sign[@]}" --insecure-registry --force-referrers-tag=false "127.0.0.1:$api/$name@$digest"
    check "$name: notation sign, in a layout" "${sign[@]}" --oci-layout "layout-$name@$digest"
    remote+=("$registry/$name@$digest" "127.0.0.1:$api/$name@$digest")
    layouts+=("layout-$name@$digest")
  done
done
check "bulla verify ${#remote[@]} images, by notation's own configuration" "$bulla" verify -m stage=prod "${remote[@]}"
check "bulla verify ${#layouts[@]} layouts" "$bulla" verify -m stage=prod --scope local/layout --oci-layout "${layouts[@]}"
refuses 3 "bulla refuses them without the pair" "$bulla" verify -m stage=test "${remote[@]}"
mkdir -p "$work/empty/truststore/x509/ca/interop"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout other.pem -out "$work/empty/truststore/x509/ca/interop/other.crt" -days 2 \
  -subj "/C=ZZ/ST=Local/O=Interop/CN=other" -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign 2>/dev/null
refuses 3 "bulla refuses them under another trust store" "$bulla" verify --trust-policy "$NOTATION_CONFIG/trustpolicy.json" --trust-store "$work/empty/truststore" "${remote[0]}"

echo "-- tampered layouts, which both refuse"
cat >tamper.py <<'PY'
import hashlib, json, os, sys
layout, how = sys.argv[1:]
def path(digest): return os.path.join(layout, "blobs", *digest.split(":"))
def put(data):
    digest = "sha256:" + hashlib.sha256(data).hexdigest()
    open(path(digest), "wb").write(data)
    return digest, len(data)
index = json.load(open(os.path.join(layout, "index.json")))
for entry in index["manifests"]:
    manifest = json.load(open(path(entry["digest"])))
    if "subject" not in manifest:
        continue
    layer = manifest["layers"][0]
    envelope = bytearray(open(path(layer["digest"]), "rb").read())
    if how == "byte":
        envelope[len(envelope) // 3] ^= 1
    elif how == "signature":
        envelope[-40] ^= 1
    elif how == "kind":
        layer["mediaType"] = "application/cose" if "jose" in layer["mediaType"] else "application/jose+json"
    layer["digest"], layer["size"] = put(bytes(envelope))
    entry["digest"], entry["size"] = put(json.dumps(manifest).encode())
json.dump(index, open(os.path.join(layout, "index.json"), "w"))
PY
for envelope in jws cose; do
  for how in byte signature kind; do
    name=theirs-ec256-$envelope
    rm -rf tampered
    cp -r "layout-$name" tampered
    digest=$("$bin/oras" resolve --oci-layout "layout-$name:1")
    python3 tamper.py tampered $how
    refuses 1 "$name, $how changed: notation refuses" notation verify --oci-layout --scope local/layout "tampered@$digest"
    refuses 3 "$name, $how changed: bulla refuses" "$bulla" verify --scope local/layout --oci-layout "tampered@$digest"
  done
done

echo "-- a plugin that both use"
for plugin in interop interop-envelope interop-verify; do
  place=$NOTATION_CONFIG/plugins/$plugin
  mkdir -p "$place/keys"
  cp "$work"/keys/*.key "$work"/keys/*.crt "$place/keys/"
  install -m 755 "$root/interop/notation-plugin.py" "$place/notation-$plugin"
done
for kind in ec384 rsa2048; do
  for envelope in jws cose; do
    name=plugin-$kind-$envelope
    digest=$(push "$name")
    check "$name: bulla signs with the plugin" "$bulla" sign --plugin interop --id $kind --envelope $envelope "$registry/$name@$digest"
    check "$name: notation verifies" notation verify --insecure-registry "$registry/$name@$digest"
    check "$name: notation signs with the plugin" notation sign --plugin interop --id $kind --signature-format $envelope --oci-layout "layout-$name@$digest"
    check "$name: bulla verifies" "$bulla" verify --scope local/layout --oci-layout "layout-$name@$digest"
  done
done
refuses 4 "a key that the plugin has not: bulla tells" "$bulla" sign --plugin interop --id none "$registry/$name@$digest"
name=plugin-envelope
digest=$(push $name)
check "bulla signs with an envelope plugin" "$bulla" sign --plugin interop-envelope --id ec256 "$registry/$name@$digest"
check "notation signs with an envelope plugin" notation sign --plugin interop-envelope --id ec256 --oci-layout "layout-$name@$digest"
check "notation asks the verification plugin" notation verify --insecure-registry "$registry/$name@$digest"
check "bulla asks the verification plugin" "$bulla" verify "$registry/$name@$digest"
check "bulla asks it about notation's signature" "$bulla" verify --scope local/layout --oci-layout "layout-$name@$digest"
for denied in TRUSTED_IDENTITY REVOCATION_CHECK; do
  refuses 1 "notation: the plugin denies $denied" notation verify --insecure-registry --plugin-config deny=$denied "$registry/$name@$digest"
  refuses 3 "bulla: the plugin denies $denied" "$bulla" verify --plugin-config deny=$denied "$registry/$name@$digest"
done
chmod g+w "$NOTATION_CONFIG/plugins/interop-verify/notation-interop-verify"
refuses 3 "bulla does not run a plugin that others can write" "$bulla" verify "$registry/$name@$digest"

echo "-- signatures of files"
if have notation-next; then
  next() { "$bin/notation-next" blob "$@"; }
  echo "a file" >file.txt
  for kind in "${kinds[@]}"; do
    for envelope in jws cose; do
      check "file, $kind, $envelope: bulla sign-blob" "$bulla" sign-blob --format notation --force --key "$work/keys/$kind.key" --certificate "$work/keys/$kind.crt" --envelope $envelope -m a=b --media-type text/plain file.txt
      check "file, $kind, $envelope: notation blob verify" next verify -s "file.txt.$envelope.sig" -m a=b --media-type text/plain file.txt
      mkdir -p theirs
      check "file, $kind, $envelope: notation blob sign" next sign --force --key "$kind" --signature-format $envelope --signature-directory theirs -m a=b file.txt
      check "file, $kind, $envelope: bulla verify-blob" "$bulla" verify-blob -s "theirs/file.txt.$envelope.sig" -m a=b file.txt
    done
  done
  check "file: bulla sign-blob with the plugin" "$bulla" sign-blob --format notation --force --plugin interop --id rsa2048 file.txt
  check "file: notation blob verify" next verify -s file.txt.jws.sig file.txt
  for envelope in jws cose; do
    for at in 5 300 700 -30; do
      python3 -c 'import sys; d = bytearray(open(sys.argv[1], "rb").read()); d[int(sys.argv[2])] ^= 1; open(sys.argv[3], "wb").write(d)' "theirs/file.txt.$envelope.sig" $at "bad.$envelope.sig"
      refuses 1 "file, $envelope, byte $at changed: notation refuses" next verify -s "bad.$envelope.sig" file.txt
      refuses 3 "file, $envelope, byte $at changed: bulla refuses" "$bulla" verify-blob -s "bad.$envelope.sig" file.txt
    done
  done
  echo "another file" >file.txt
  refuses 1 "another file: notation refuses" next verify -s theirs/file.txt.jws.sig file.txt
  refuses 3 "another file: bulla refuses" "$bulla" verify-blob -s theirs/file.txt.jws.sig file.txt
else
  skip "signatures of files: notation-next is not installed (notation's main branch: git clone, go build -o notation-next ./cmd/notation)"
fi
summary
