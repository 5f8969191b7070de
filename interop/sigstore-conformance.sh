#!/usr/bin/env bash
# The bundles of the public suite sigstore/sigstore-conformance through the client of its protocol: each by file and by digest.
# Environment: SIGSTORE_CONFORMANCE, a directory with bundle-verify/ and a.txt as the suite's test/assets has them, and
# production-trusted_root.json for the cases that have no trusted root of their own.
source "$(dirname "$0")/lib.sh"
data=${SIGSTORE_CONFORMANCE:-$root/../shared/fixtures/sigstore-conformance}
client=$root/interop/sigstore-conformance/client
if [ ! -d "$data/bundle-verify" ]; then
  skip "the whole suite: no $data/bundle-verify (set SIGSTORE_CONFORMANCE)"
  summary
  exit 0
fi
export BULLA_TRUSTED_ROOT=$data/production-trusted_root.json BULLA_HOME=$work/home
who=https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/.github/workflows/extremely-dangerous-oidc-beacon.yml@refs/heads/main
issuer=https://token.actions.githubusercontent.com

# judge CASE INPUT: writes what the client said of it; a name that ends with _fail must be refused (3), not break.
judge() {
  local case=$1 input=$2 want=0 code=0 signer
  case ${case##*/} in
    *_fail) want=3 ;;
  esac
  if [ -f "$case/key.pub" ]; then
    signer=(--key "$case/key.pub")
  else
    signer=(--certificate-identity "$(cat "$case/identity" 2>/dev/null || printf %s "$who")")
    signer+=(--certificate-oidc-issuer "$(cat "$case/issuer" 2>/dev/null || printf %s "$issuer")")
  fi
  [ ! -f "$case/trusted_root.json" ] || signer+=(--trusted-root "$case/trusted_root.json")
  "$client" verify-bundle --bundle "$case/bundle.sigstore.json" "${signer[@]}" "$input" >"$3" 2>&1 || code=$?
  if [ "$code" = "$want" ]; then echo ok; else printf 'FAIL  %s %s: exit code %s, expected %s\n' "${case##*/}" "${input##*/}" "$code" "$want"; fi
}

half() { # REMAINDER: every second case
  local n=0 case artifact
  for case in "$data"/bundle-verify/*/; do
    case=${case%/}
    n=$((n + 1))
    [ $((n % 2)) = "$1" ] || continue
    artifact=$case/artifact
    [ -f "$artifact" ] || artifact=$data/a.txt
    [ -f "$artifact" ] || artifact=$data/bundle-verify/a.txt
    judge "$case" "$artifact" "$work/said-$1"
    judge "$case" "sha256:$(sha256sum "$artifact" | cut -d' ' -f1)" "$work/said-$1"
  done
}
# two at a time: a start takes most of the time
half 0 >"$work/even" &
half 1 >"$work/odd"
wait $!
passed=$(cat "$work/even" "$work/odd" | grep -c '^ok$' || true)
failed=$(cat "$work/even" "$work/odd" | grep -c '^FAIL' || true)
cat "$work/even" "$work/odd" | grep '^FAIL' || true
printf 'ok    %s of %s checks of the public suite\n' "$passed" "$((passed + failed))"
check "there are 140 of them" [ "$((passed + failed))" = 140 ]
summary
