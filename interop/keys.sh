#!/usr/bin/env bash
# Keys of every kind, in both directions with unmodified cosign: what one makes and signs, the other verifies. Tokens (SoftHSM) and
# sigstore-kms programs are used by both.
source "$(dirname "$0")/lib.sh"
for peer in cosign crane registry; do
  have $peer || { skip "the whole suite: $peer is not installed (interop/install-peers)"; summary; exit 0; }
done
command -v openssl >/dev/null || { skip "the whole suite: openssl is not installed"; summary; exit 0; }
export BULLA_HOME=$work/home COSIGN_PASSWORD=geheim DOCKER_CONFIG=$work/docker
mkdir -p "$DOCKER_CONFIG" "$work/bin"
cd "$work"
cosign() { "$bin/cosign" "$@"; }
# what cosign writes on a transparency log is not asked for here
offline=(--yes --tlog-upload=false --use-signing-config=false)
unlogged=(--insecure-ignore-tlog=true)

port=$(free_port)
start_distribution "$port"
printf 'a layer' | gzip >layer.gz 2>/dev/null
"$bin/crane" append --insecure --new_layer layer.gz --new_tag "127.0.0.1:$port/base:1" >/dev/null 2>&1 || {
  mkdir tree && echo hello >tree/file && tar -cf layer.tar -C tree . && "$bin/crane" append --insecure -f layer.tar -t "127.0.0.1:$port/base:1" >/dev/null 2>&1
}
digest=$("$bin/crane" digest --insecure "127.0.0.1:$port/base:1")
# image NAME: a copy of the image in a repository of its own, by digest.
image() {
  "$bin/crane" copy --insecure "127.0.0.1:$port/base:1" "127.0.0.1:$port/$1:1" >/dev/null 2>&1
  printf '127.0.0.1:%s/%s@%s' "$port" "$1" "$digest"
}
echo "a file" >file.txt
echo "another file" >other.txt

# images NAME KEY PUB: an image signed by one with KEY is verified by the other with PUB.
images() {
  local name=$1 key=$2 pub=$3 ref
  ref=$(image "$name/ours")
  check "$name: bulla signs an image" "$bulla" sign --format cosign --key "$key" "$ref"
  case $name in
    *p384 | *p521) refuses 1 "$name: cosign refuses it, as it refuses its own (it hashes with SHA-256 when it verifies)" cosign verify --key "$pub" "${unlogged[@]}" --allow-http-registry=true "$ref" ;;
    *) check "$name: cosign verifies it" cosign verify --key "$pub" "${unlogged[@]}" --allow-http-registry=true "$ref" ;;
  esac
  ref=$(image "$name/theirs")
  check "$name: cosign signs an image" cosign sign --key "$key" "${offline[@]}" --allow-http-registry=true "$ref"
  check "$name: bulla verifies it" "$bulla" verify --key "$pub" "$ref"
}

# files NAME KEY PUB: the same for a file.
files() {
  local name=$1 key=$2 pub=$3
  check "$name: cosign signs a file" cosign sign-blob --key "$key" "${offline[@]}" --bundle "$name.theirs.json" file.txt
  check "$name: bulla signs a file" "$bulla" sign-blob --key "$key" --bundle "$name.ours.json" file.txt
  case $name in
    *p384 | *p521)
      check "$name: bulla verifies cosign's" "$bulla" verify-blob --key "$pub" --bundle "$name.theirs.json" file.txt
      refuses 1 "$name: cosign refuses its own" cosign verify-blob --key "$pub" "${unlogged[@]}" --bundle "$name.theirs.json" file.txt
      ;;
    *ed25519)
      check "$name: bulla verifies bulla's" "$bulla" verify-blob --key "$pub" --bundle "$name.ours.json" file.txt
      refuses 3 "$name: bulla refuses cosign's, which says nothing of the file" "$bulla" verify-blob --key "$pub" --bundle "$name.theirs.json" file.txt
      refuses 1 "$name: so does cosign" cosign verify-blob --key "$pub" "${unlogged[@]}" --bundle "$name.theirs.json" file.txt
      ;;
    *)
      check "$name: bulla verifies cosign's" "$bulla" verify-blob --key "$pub" --bundle "$name.theirs.json" file.txt
      check "$name: cosign verifies bulla's" cosign verify-blob --key "$pub" "${unlogged[@]}" --bundle "$name.ours.json" file.txt
      refuses 3 "$name: bulla refuses another file" "$bulla" verify-blob --key "$pub" --bundle "$name.theirs.json" other.txt
      ;;
  esac
}

echo "-- key pairs that bulla made"
for algorithm in ecdsa-p256 ecdsa-p384 ecdsa-p521 ed25519 rsa-2048 rsa-3072 rsa-4096; do
  check "$algorithm: bulla key generate" "$bulla" key generate --algorithm $algorithm -o $algorithm
  check "$algorithm: cosign prints the same public key" bash -c "'$bin/cosign' public-key --key $algorithm.key | diff - $algorithm.pub"
  images $algorithm $algorithm.key $algorithm.pub
  case $algorithm in rsa-3072 | rsa-4096) ;; *) files $algorithm $algorithm.key $algorithm.pub ;; esac
done

echo "-- key pairs that cosign made, and imports"
check "cosign generate-key-pair" cosign generate-key-pair --output-key-prefix theirs
check "bulla key public prints the same" bash -c "'$bulla' key public --key theirs.key | diff - theirs.pub"
images cosign-pair theirs.key theirs.pub
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out plain.pem 2>/dev/null
chmod 600 plain.pem
check "bulla key import" "$bulla" key import --key plain.pem -o imported
check "cosign import-key-pair of the same key" cosign import-key-pair --key plain.pem -o imported-theirs -y
check "both have the same public key" diff imported.pub imported-theirs.pub
check "cosign opens what bulla imported" bash -c "'$bin/cosign' public-key --key imported.key | diff - imported.pub"
check "bulla opens what cosign imported" bash -c "'$bulla' key public --key imported-theirs.key | diff - imported.pub"
refuses 2 "a wrong password is told" env COSIGN_PASSWORD=wrong "$bulla" key public --key theirs.key
refuses 1 "an existing pair is not replaced" "$bulla" key generate -o imported

echo "-- containers of openssl"
openssl pkcs8 -topk8 -in plain.pem -out encrypted.pem -passout pass:geheim
openssl req -x509 -newkey rsa:3072 -nodes -keyout root.key -out root.crt -subj "/C=NZ/ST=Otago/O=Interop/CN=root" -days 30 -addext keyUsage=critical,keyCertSign 2>/dev/null
openssl req -new -key plain.pem -out leaf.csr -subj "/C=NZ/ST=Otago/O=Interop/CN=signer" 2>/dev/null
printf 'keyUsage=critical,digitalSignature\nextendedKeyUsage=codeSigning\nbasicConstraints=CA:false\n' >leaf.ext
openssl x509 -req -in leaf.csr -CA root.crt -CAkey root.key -set_serial 2 -days 20 -extfile leaf.ext -out leaf.crt 2>/dev/null
cat leaf.crt root.crt >chain.pem
openssl pkcs12 -export -inkey plain.pem -in leaf.crt -certfile root.crt -out release.p12 -passout pass:geheim
ref=$(image containers)
check "encrypted PKCS#8 signs" "$bulla" sign --format cosign --key encrypted.pem "$ref"
check "cosign verifies it" cosign verify --key imported.pub "${unlogged[@]}" --allow-http-registry=true "$ref"
ref=$(image p12)
check "PKCS#12 signs in both formats, with the chain in it" "$bulla" sign --key release.p12 "$ref"
check "cosign verifies it" cosign verify --key imported.pub "${unlogged[@]}" --allow-http-registry=true "$ref"
mkdir -p notation/truststore/x509/ca/interop
cp root.crt notation/truststore/x509/ca/interop/
cat >notation/trustpolicy.json <<JSON
{"version":"1.0","trustPolicies":[{"name":"all","registryScopes":["*"],"signatureVerification":{"level":"strict"},"trustStores":["ca:interop"],"trustedIdentities":["x509.subject:C=NZ,ST=Otago,O=Interop,CN=signer"]}]}
JSON
# notation_verifies NAME REF
notation_verifies() {
  if have notation; then
    check "$1: notation verifies it" env NOTATION_CONFIG="$work/notation" "$bin/notation" verify --insecure-registry "$2"
  else
    skip "$1: notation is not installed"
  fi
}
notation_verifies PKCS#12 "$ref"
ref=$(image chain)
check "a chain in a file beside the key" "$bulla" sign --format notation --key plain.pem --certificate leaf.crt --certificate-chain root.crt "$ref"
notation_verifies "chain beside the key" "$ref"
refuses 2 "a chain of another key is told" "$bulla" sign --key theirs.key --certificate-chain chain.pem "$ref"

echo "-- a sigstore-kms program, used by both"
cat >bin/sigstore-kms-lab <<'PY'
#!/usr/bin/env python3
# Keys are PEM files NAME.pem in $LAB_KEYS; openssl does the work.
import base64, json, os, subprocess, sys
request = json.loads(sys.argv[2])
key = os.path.join(os.environ["LAB_KEYS"], request["initOptions"]["keyResourceID"] + ".pem")
run = lambda *words, data=b"": subprocess.run(["openssl", *words], input=data, capture_output=True).stdout
text = lambda value: base64.b64encode(value).decode()
hashes = {5: "sha256", 6: "sha384", 7: "sha512"}
method = request["methodName"]
if sys.argv[1] != "v1" or not os.path.exists(key):
    answer = {"errorMessage": "no such key or protocol"}
elif method == "publicKey":
    answer = {method: {"publicKeyPEM": text(run("pkey", "-in", key, "-pubout"))}}
elif method == "signMessage":
    hash = hashes[request["initOptions"]["hashFunc"]]
    answer = {method: {"signature": text(run("dgst", "-" + hash, "-sign", key, data=sys.stdin.buffer.read()))}}
else:
    answer = {"errorMessage": "cannot " + method}
print(json.dumps(answer))
PY
chmod 755 bin bin/sigstore-kms-lab
export PATH=$work/bin:$PATH LAB_KEYS=$work
check "bulla key public of the program's key" bash -c "'$bulla' key public --key lab://plain | diff - imported.pub"
check "cosign public-key of the program's key" bash -c "'$bin/cosign' public-key --key lab://plain | diff - imported.pub"
images kms lab://plain imported.pub
files kms lab://plain imported.pub
check "kms: bulla verifies cosign's file, asking the program for the key" "$bulla" verify-blob --key lab://plain --bundle kms.theirs.json file.txt
check "kms: bulla verifies the image the same way" "$bulla" verify --key lab://plain "$(image kms/theirs)"
check "env://: bulla verifies with the key in a variable" env PUB="$(cat imported.pub)" "$bulla" verify-blob --key env://PUB --bundle kms.theirs.json file.txt
check "env://: so does cosign" env PUB="$(cat imported.pub)" "$bin/cosign" verify-blob --key env://PUB "${unlogged[@]}" --bundle kms.theirs.json file.txt
chmod 777 bin/sigstore-kms-lab
refuses 2 "kms: a program that others can write is not run" "$bulla" key public --key lab://plain
chmod 755 bin/sigstore-kms-lab
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384 -out p384.pem 2>/dev/null
openssl pkey -in p384.pem -pubout -out p384.pub
ref=$(image kms-p384)
check "kms: bulla asks for the hash of a P-384 key" "$bulla" sign --format cosign --key lab://p384 "$ref"
check "kms: bulla verifies it" "$bulla" verify --key p384.pub "$ref"
refuses 2 "kms: a key that the program does not have is told" "$bulla" key public --key lab://absent
refuses 2 "kms: a program that is not there is told" "$bulla" key public --key absent://key

echo "-- PKCS#11"
module=
for place in /usr/lib/softhsm/libsofthsm2.so /usr/lib64/pkcs11/libsofthsm2.so /opt/homebrew/lib/softhsm/libsofthsm2.so; do
  [ -e "$place" ] && module=$place && break
done
if [ -n "$module" ] && command -v softhsm2-util >/dev/null; then
  mkdir -p tokens
  export SOFTHSM2_CONF=$work/softhsm2.conf
  echo "directories.tokendir = $work/tokens" >"$SOFTHSM2_CONF"
  check "softhsm2-util makes a token" softhsm2-util --init-token --free --label release --pin 2468 --so-pin 1357
  (umask 077 && echo 2468 >pin)
  number=1
  for algorithm in EC:P-256 EC:P-384 EC:P-521 RSA:3072; do
    case $algorithm in
      EC:*) openssl genpkey -algorithm EC -pkeyopt "ec_paramgen_curve:${algorithm#*:}" -out token.pem 2>/dev/null ;;
      RSA:*) openssl genpkey -algorithm RSA -pkeyopt "rsa_keygen_bits:${algorithm#*:}" -out token.pem 2>/dev/null ;;
    esac
    softhsm2-util --import token.pem --token release --label "$algorithm" --id "0$number" --pin 2468 >/dev/null
    openssl pkey -in token.pem -pubout -out token.pub
    uri="pkcs11:token=release;id=%0$number;type=private?module-path=$module&pin-source=file:$work/pin"
    check "$algorithm in the token: bulla key public" bash -c "'$bulla' key public --key '$uri' | diff - token.pub"
    ref=$(image "token-$number")
    check "$algorithm in the token: bulla signs an image" "$bulla" sign --format cosign --key "$uri" "$ref"
    check "$algorithm in the token: bulla verifies it with the token, which wants no PIN for that" "$bulla" verify --key "pkcs11:token=release;id=%0$number?module-path=$module" "$ref"
    case $algorithm in
      *P-384 | *P-521) check "$algorithm in the token: bulla verifies it" "$bulla" verify --key token.pub "$ref" ;;
      *) check "$algorithm in the token: cosign verifies it" cosign verify --key token.pub "${unlogged[@]}" --allow-http-registry=true "$ref" ;;
    esac
    openssl req -new -key token.pem -out leaf.csr -subj "/C=NZ/ST=Otago/O=Interop/CN=signer" 2>/dev/null
    openssl x509 -req -in leaf.csr -CA root.crt -CAkey root.key -set_serial "1$number" -days 20 -extfile leaf.ext -out token.crt 2>/dev/null
    cat token.crt root.crt >token-chain.pem
    check "$algorithm in the token: bulla signs in Notation's format, chain in a file" "$bulla" sign --format notation --key "$uri" --certificate-chain token-chain.pem "$ref"
    notation_verifies "$algorithm in the token" "$ref"
    number=$((number + 1))
  done
  if command -v pkcs11-tool >/dev/null; then
    pkcs11-tool --module "$module" --login --pin 2468 --token-label release --keypairgen --key-type EC:prime256v1 --label born-there --id 77 >/dev/null 2>&1
    uri="pkcs11:token=release;object=born-there?module-path=$module&pin-source=file:$work/pin"
    ref=$(image token-born)
    check "a key that was made in the token and has no certificate signs" "$bulla" sign --key "$uri" "$ref"
    "$bulla" key public --key "$uri" --outfile born.pub
    check "cosign verifies it" cosign verify --key born.pub "${unlogged[@]}" --allow-http-registry=true "$ref"
  else
    skip "a key made in the token: pkcs11-tool (opensc) is not installed"
  fi
  (umask 077 && echo 9999 >wrong)
  refuses 2 "a wrong PIN is told" "$bulla" sign-blob --bundle wrong.json --key "pkcs11:token=release;id=%01?module-path=$module&pin-source=file:$work/wrong" file.txt
  refuses 2 "a PIN in the URI is refused" "$bulla" key public --key "pkcs11:token=release;id=%01?module-path=$module&pin-value=2468"
  skip "cosign signing with the token: its released build has no PKCS#11"
else
  skip "PKCS#11: SoftHSM is not installed (.ci/setup)"
fi
summary
