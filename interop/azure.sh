#!/usr/bin/env bash
# Azure Container Registry's own SDKs for Python and Java, unmodified, over HTTPS.
source "$(dirname "$0")/lib.sh"
here=$root/interop
python=$bin/../azure-python/bin/python
java_sdk=$bin/../azure-java
for peer in crane cosign; do
  have $peer || { skip "the whole suite: $peer is not installed (interop/install-peers)"; summary; exit 0; }
done
[ -x "$python" ] || [ -d "$java_sdk" ] || { skip "the whole suite: no SDK is installed (interop/install-peers azure)"; summary; exit 0; }
export BULLA_HOME=$work/home DOCKER_CONFIG=$work/docker COSIGN_PASSWORD=''
mkdir -p "$DOCKER_CONFIG" "$work/layer"
port=$(free_port) tls=$(free_port)
"$bulla" serve --listen "http://127.0.0.1:$port" --listen "https://127.0.0.1:$tls" >"$work/bulla.log" 2>&1 &
pids+=($!)
wait_for "http://127.0.0.1:$port/health/ready" || { cat "$work/bulla.log"; exit 1; }
host=127.0.0.1:$port url=https://localhost:$tls
authority=$BULLA_HOME/keys/tls/authority.crt
export REQUESTS_CA_BUNDLE=$authority

echo hello >"$work/layer/hello" && tar -C "$work/layer" -cf "$work/layer.tar" hello
check "an image in an open project" "$bin/crane" append --insecure --new_layer "$work/layer.tar" --new_tag "$host/open/app:1"
"$bulla" registry project close team >/dev/null
secret=$("$bulla" registry robot add ci --grant 'team/*=AcrPush,AcrDelete')
check "the challenge names the scope" bash -c "python3 - <<'PY'
import ssl, urllib.request, urllib.error
try:
    urllib.request.urlopen('$url/acr/v1/_catalog', context=ssl.create_default_context(cafile='$authority'))
except urllib.error.HTTPError as e:
    assert e.code == 401 and 'scope=\"registry:catalog:*\"' in e.headers['WWW-Authenticate'], e.headers
PY"
if [ -x "$python" ]; then
  check "the SDK for Python" "$python" "$here/azure_sdk.py" "$url" "ci:$secret" team/signed
else
  skip "the SDK for Python is not installed (interop/install-peers azure)"
fi

# signed is computed from verification, not from presence
"$bin/cosign" generate-key-pair --output-key-prefix "$work/release" >/dev/null 2>&1
"$bin/cosign" generate-key-pair --output-key-prefix "$work/stranger" >/dev/null 2>&1
cat >"$work/trust.yaml" <<YML
apiVersion: bulla.dev/v1
kind: TrustPolicy
metadata: {name: release, version: "1"}
spec:
  authorities: {release: {keys: [{file: release.pub}]}}
  scopes: [{name: all, images: ["**"], signatures: [{authorities: [release]}]}]
YML
"$bin/crane" auth login --insecure "$host" -u ci -p "$secret" >/dev/null 2>&1
check "a bound repository" "$bulla" registry bind 'team/*' --trust "$work/trust.yaml" --mode audit
check "an image" "$bin/crane" append --insecure --new_layer "$work/layer.tar" --new_tag "$host/team/signed:1"
digest=$("$bin/crane" digest --insecure "$host/team/signed:1")
sign() { "$bin/cosign" sign --yes --key "$work/$1.key" --use-signing-config=false --tlog-upload=false --allow-http-registry=true "$host/team/signed@$digest"; }
signed() { curl -sf --cacert "$authority" -u "ci:$secret" "$url/acr/v1/team/signed/_tags/1" | grep -q "\"signed\":$1"; }
check "it is not signed" signed false
check "a stranger signs it" sign stranger
check "it is still not signed" signed false
check "the right one signs it" sign release
check "now it is signed" signed true

jdk=$(jdk25)
if [ -d "$java_sdk" ] && [ -n "$jdk" ]; then
  "$jdk/bin/keytool" -importcert -noprompt -alias bulla -file "$authority" -keystore "$work/trust.p12" -storetype PKCS12 -storepass changeit >/dev/null 2>&1
  check "the SDK for Java" "$jdk/bin/java" --enable-native-access=ALL-UNNAMED -Djavax.net.ssl.trustStore="$work/trust.p12" -Djavax.net.ssl.trustStorePassword=changeit \
    --class-path "$java_sdk/*" "$here/azure/AzureSdk.java" "$url" "ci:$secret"
else
  skip "the SDK for Java is not installed (interop/install-peers azure)"
fi
summary
