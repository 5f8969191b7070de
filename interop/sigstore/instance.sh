# A private Sigstore on loopback, of the real servers: Fulcio (once with a certificate log, once without), a timestamp authority, Rekor 2.
# Sourced by bash after lib.sh. start_sigstore DIR leaves there trusted_root.json, signing_config.json, the same with -plain for the
# authority without a certificate log, and sets $issuer, $stranger (an issuer that Fulcio does not know) and $log_port, $tsa_port.
# have_sigstore says whether the programs are there.

have_sigstore() { have fulcio && have timestamp-server && have rekor-server-posix && have cosign; }

# chain NAME EKU: NAME-root.pem, NAME-ca.pem (signs), NAME-chain.pem, on P-384; NAME-ca.enc is the key with the password 'test'.
chain() {
  local name=$1 purpose=$2
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-384 -nodes -sha384 -days 30 -subj "/O=Interop/CN=$name root" \
    -addext basicConstraints=critical,CA:true,pathlen:1 -addext keyUsage=critical,keyCertSign,cRLSign \
    -keyout "$name-root.key" -out "$name-root.pem" 2>/dev/null
  issue "$name-ca" "$name-root" P-384 "basicConstraints=critical,CA:true,pathlen:0
keyUsage=critical,keyCertSign,cRLSign
extendedKeyUsage=$purpose"
  cat "$name-ca.pem" "$name-root.pem" >"$name-chain.pem"
}

# issue NAME ISSUER CURVE EXTENSIONS: NAME.pem, NAME.key and NAME.enc, certified by ISSUER.
issue() {
  openssl req -new -newkey ec -pkeyopt "ec_paramgen_curve:$3" -nodes -sha384 -subj "/O=Interop/CN=$1" -keyout "$1.key" -out "$1.csr" 2>/dev/null
  printf '%s\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid:always\n' "$4" >"$1.ext"
  openssl x509 -req -in "$1.csr" -CA "$2.pem" -CAkey "$2.key" -CAcreateserial -sha384 -days 20 -extfile "$1.ext" -out "$1.pem" 2>/dev/null
  openssl pkcs8 -topk8 -in "$1.key" -v2 aes-256-cbc -passout pass:test -out "$1.enc"
}

# fulcio NAME PORT CT-URL
fulcio() {
  local grpc metrics
  grpc=$(free_port) metrics=$(free_port)
  "$bin/fulcio" serve --log_type=prod --host=127.0.0.1 --port="$2" --grpc-host=127.0.0.1 --grpc-port="$grpc" --metrics-port="$metrics" \
    --legacy-unix-domain-socket="$PWD/$1.sock" --ca=fileca --fileca-cert="$1-chain.pem" --fileca-key="$1-ca.enc" --fileca-key-passwd=test \
    --config-path=fulcio.yaml --ct-log-url="$3" >"$1.log" 2>&1 &
  pids+=($!)
}

start_sigstore() {
  local here issuer_port stranger_port ct_port ca_port plain_port grpc metrics since
  here=$root/interop/sigstore
  mkdir -p "$1"
  pushd "$1" >/dev/null || return 1
  issuer_port=$(free_port) stranger_port=$(free_port) ct_port=$(free_port) ca_port=$(free_port) plain_port=$(free_port)
  tsa_port=$(free_port) log_port=$(free_port) grpc=$(free_port) metrics=$(free_port)
  issuer=http://127.0.0.1:$issuer_port stranger=http://127.0.0.1:$stranger_port
  chain authority codeSigning
  chain plain codeSigning
  chain stamper timeStamping
  issue stamper-leaf stamper-ca P-256 "basicConstraints=CA:false
keyUsage=critical,digitalSignature
extendedKeyUsage=critical,timeStamping"
  cat stamper-leaf.pem stamper-chain.pem >stamper-all.pem
  openssl genpkey -algorithm ed25519 -out log.key
  openssl pkey -in log.key -pubout -out log.pub
  openssl ecparam -name prime256v1 -genkey -noout -out ct.key
  openssl pkey -in ct.key -pubout -out ct.pub
  printf 'oidc-issuers:\n  %s:\n    issuer-url: %s\n    client-id: sigstore\n    type: email\n' "$issuer" "$issuer" >fulcio.yaml
  python3 "$here/issuer.py" "$issuer_port" issuer.key >issuer.log 2>&1 &
  pids+=($!)
  python3 "$here/issuer.py" "$stranger_port" stranger.key >stranger.log 2>&1 &
  pids+=($!)
  python3 "$here/certificate_log.py" "$ct_port" ct.key >ct.log 2>&1 &
  pids+=($!)
  "$bin/timestamp-server" serve --host=127.0.0.1 --port="$tsa_port" --scheme=http --timestamp-signer=file --file-signer-key-path=stamper-leaf.enc \
    --file-signer-passwd=test --certificate-chain-path=stamper-all.pem --disable-ntp-monitoring --log-type=prod >tsa.log 2>&1 &
  pids+=($!)
  "$bin/rekor-server-posix" serve --http-address=127.0.0.1 --http-port="$log_port" --grpc-address=127.0.0.1 --grpc-port="$grpc" \
    --http-metrics-port="$metrics" --hostname=127.0.0.1 --storage-dir="$PWD/log-tiles" --signer-filepath=log.key --persistent-antispam=false \
    --checkpoint-interval=1s >log.log 2>&1 &
  pids+=($!)
  wait_for "$issuer/keys" && wait_for "http://127.0.0.1:$ct_port/ct/v1/get-roots" || return 1
  fulcio authority "$ca_port" "http://127.0.0.1:$ct_port"
  fulcio plain "$plain_port" ""
  wait_for "http://127.0.0.1:$ca_port/healthz" && wait_for "http://127.0.0.1:$plain_port/healthz" &&
    wait_for "http://127.0.0.1:$tsa_port/ping" && wait_for "http://127.0.0.1:$log_port/healthz" || { tail -n 3 ./*.log; return 1; }
  since=$(date -u -d '-1 minute' +%Y-%m-%dT%H:%M:%SZ 2>/dev/null || date -u -v-1M +%Y-%m-%dT%H:%M:%SZ)
  trust "http://127.0.0.1:$ca_port" authority "--ctfe=url=http://127.0.0.1:$ct_port,public-key=ct.pub,start-time=$since" trusted_root.json
  trust "http://127.0.0.1:$plain_port" plain "" trusted_root-plain.json
  services "http://127.0.0.1:$ca_port" signing_config.json
  services "http://127.0.0.1:$plain_port" signing_config-plain.json
  popd >/dev/null || return 1
}

# trust FULCIO NAME CTFE FILE
trust() {
  "$bin/cosign" trusted-root create --fulcio="url=$1,certificate-chain=$2-chain.pem,start-time=$since" ${3:+"$3"} \
    --rekor="url=http://127.0.0.1:$log_port,public-key=log.pub,start-time=$since,origin=127.0.0.1" \
    --tsa="url=http://127.0.0.1:$tsa_port/api/v1/timestamp,certificate-chain=stamper-all.pem,start-time=$since" --out "$4"
}

# services FULCIO FILE
services() {
  local common="start-time=$since,operator=interop"
  "$bin/cosign" signing-config create --fulcio="url=$1,api-version=1,$common" --oidc-provider="url=$issuer,api-version=1,$common" \
    --rekor="url=http://127.0.0.1:$log_port,api-version=2,$common" --rekor-config=ANY \
    --tsa="url=http://127.0.0.1:$tsa_port/api/v1/timestamp,api-version=1,$common" --tsa-config=ANY --out "$2"
}

# token WHERE NAME=VALUE...: a token by an issuer.
token() {
  python3 - "$@" <<'PY'
import sys, urllib.parse, urllib.request
query = urllib.parse.urlencode(dict(one.split("=", 1) for one in sys.argv[2:]))
sys.stdout.write(urllib.request.urlopen(sys.argv[1] + "/token?" + query, timeout=10).read().decode())
PY
}
