#!/usr/bin/env bash
# The same template gives the same image digest under another JDK, umask, locale, time zone and user directory order.
source "$(dirname "$0")/lib.sh"
digest_of() { # LABEL ENV...
  local home=$work/home-$1
  shift
  env "$@" BULLA_HOME="$home" "$bulla" build --output json "$root/examples/hello" --to "$home-layout" 2>"$work/err" |
    python3 -c 'import json,sys; print(json.load(sys.stdin)["digest"])'
}
plain=$(digest_of plain)
check "a digest comes out" test -n "$plain"
check "another locale and time zone" test "$plain" = "$(digest_of locale LC_ALL=tr_TR.UTF-8 TZ=Pacific/Apia BULLA_JAVA_OPTS='-Duser.language=tr -Duser.timezone=Pacific/Apia')"
check "another umask" test "$plain" = "$(umask 077; digest_of umask)"
other=
for dir in /usr/lib/jvm/*; do
  if [ -x "$dir/bin/java" ] && grep -q '^JAVA_VERSION="2[6-9]' "$dir/release" 2>/dev/null; then other=$dir; fi
done
vendors=$(for dir in /usr/lib/jvm/*; do grep -h '^IMPLEMENTOR=' "$dir/release" 2>/dev/null; done | sort -u | wc -l)
if [ -n "$other" ]; then
  check "another JDK ($other)" test "$plain" = "$("$other/bin/java" -cp "$root/dist/target/bulla/lib/bulla-cli.jar" dev.bulla.cli.Main build --output json "$root/examples/hello" --to "$work/other-layout" 2>/dev/null | python3 -c 'import json,sys; print(json.load(sys.stdin)["digest"])')"
else
  skip "a second JDK that runs the program (25 or newer) is not installed; $vendors vendor(s) found. The layer writer's own test compares two JDKs where it can"
fi
summary
