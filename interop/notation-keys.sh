#!/usr/bin/env bash
# Keys and settings that unmodified notation has written down: Bulla signs with the same names, notation verifies.
source "$(dirname "$0")/lib.sh"
for peer in notation crane registry; do
  have $peer || { skip "the whole suite: $peer is not installed (interop/install-peers)"; summary; exit 0; }
done
export BULLA_HOME=$work/home DOCKER_CONFIG=$work/docker NOTATION_CONFIG=$work/notation
mkdir -p "$DOCKER_CONFIG" "$work/bin" "$work/tree"
cd "$work"
notation() { "$bin/notation" "$@"; }

port=$(free_port)
start_distribution "$port"
echo hello >tree/file && tar -cf layer.tar -C tree .
"$bin/crane" append --insecure -f layer.tar -t "127.0.0.1:$port/base:1" >/dev/null 2>&1
image() { "$bin/crane" copy --insecure "127.0.0.1:$port/base:1" "127.0.0.1:$port/$1:1" >/dev/null 2>&1; printf '127.0.0.1:%s/%s@%s' "$port" "$1" "$("$bin/crane" digest --insecure "127.0.0.1:$port/base:1")"; }

check "notation generates two keys" bash -c "'$bin/notation' cert generate-test --default first && '$bin/notation' cert generate-test second"
cat >"$NOTATION_CONFIG/trustpolicy.json" <<JSON
{"version":"1.0","trustPolicies":[{"name":"all","registryScopes":["*"],"signatureVerification":{"level":"strict"},
 "trustStores":["ca:first","ca:second"],"trustedIdentities":["*"]}]}
JSON
ref=$(image default)
check "bulla signs with notation's default key" "$bulla" sign --notation-default-key "$ref"
check "notation verifies it" notation verify --insecure-registry "$ref"
ref=$(image named)
check "bulla signs with a key that notation knows by name" "$bulla" sign --notation-key second "$ref"
check "notation verifies it" notation verify --insecure-registry "$ref"
check "notation says the second key has signed" bash -c "'$bin/notation' inspect --insecure-registry '$ref' | grep -q 'CN=second'"
check "notation makes the second key its default" notation key update --default second
ref=$(image changed)
check "bulla signs with the new default" "$bulla" sign --notation-config "$NOTATION_CONFIG" "$ref"
check "notation says the second key has signed" bash -c "'$bin/notation' inspect --insecure-registry '$ref' | grep -q 'CN=second'"
check "bulla verifies by the same directory" "$bulla" verify "$ref"
refuses 2 "a name that notation does not know is told" "$bulla" sign --notation-key third "$ref"

echo "-- settings"
host=$(hostname)
echo '{"signatureFormat":"cose","insecureRegistries":["'"$host:$port"'"],"credHelpers":{"'"$host:$port"'":"lab"}}' >"$NOTATION_CONFIG/config.json"
printf '#!/bin/sh\necho asked >>%s/asked\necho "{\\"ServerURL\\":\\"x\\",\\"Username\\":\\"u\\",\\"Secret\\":\\"p\\"}"\n' "$work" >bin/docker-credential-lab
chmod 755 bin/docker-credential-lab
export PATH=$work/bin:$PATH
ref=$(image cose)
check "bulla signs" "$bulla" sign --notation-default-key "$ref"
check "in COSE, as the settings say; notation says so too" bash -c "'$bin/notation' inspect --insecure-registry '$ref' | grep -q 'application/cose'"
check "notation verifies it" notation verify --insecure-registry "$ref"
if curl -s -o /dev/null "http://$host:$port/v2/"; then
  far=${ref/127.0.0.1/$host}
  # notation 1.3.2 reads config.json before it looks at $NOTATION_CONFIG, so only out of its usual directory
  mkdir -p xdg && ln -s "$NOTATION_CONFIG" xdg/notation
  check "a registry without TLS, named in the settings: notation verifies" env -u NOTATION_CONFIG XDG_CONFIG_HOME="$work/xdg" "$bin/notation" verify "$far"
  check "bulla verifies" "$bulla" verify "$far"
  check "bulla signs" "$bulla" sign --notation-default-key "$far"
else
  skip "insecureRegistries: the name of this machine does not lead to its registry"
fi

echo "-- a key behind a plugin, written down by notation"
place=$NOTATION_CONFIG/plugins/interop
mkdir -p "$place/keys"
install -m 755 "$root/interop/notation-plugin.py" "$place/notation-interop"
chmod 755 "$NOTATION_CONFIG" "$NOTATION_CONFIG/plugins" "$place"
cp "$NOTATION_CONFIG/localkeys/first.key" "$place/keys/rsa2048.key"
cp "$NOTATION_CONFIG/localkeys/first.crt" "$place/keys/rsa2048.crt"
check "notation writes the plugin's key down" notation key add --plugin interop --id rsa2048 --plugin-config vault=one held
check "notation lists all three" bash -c "'$bin/notation' key list | grep -q held"
ref=$(image plugin)
check "bulla signs with it" "$bulla" sign --notation-key held "$ref"
check "notation verifies it" notation verify --insecure-registry "$ref"
summary
