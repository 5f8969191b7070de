#!/usr/bin/env bash
# Valid signatures changed at random, judged by unmodified cosign and notation and by Bulla: Bulla accepts nothing that they refuse,
# and refuses what they accept only for the reasons in differential/justified.txt.
# CHANGES  how many (default 250)
# SEED     of the changes (default: a new one for each day)
source "$(dirname "$0")/lib.sh"
for peer in cosign notation; do
  have $peer || { skip "the whole suite: $peer is not installed (interop/install-peers)"; summary; exit 0; }
done
lib=${BULLA_LIB:-$root/dist/target/bulla/lib}
jdk=$(jdk25)
if [ -z "$jdk" ]; then skip "no JDK 25 with a compiler found (\$JAVA_HOME)"; summary; exit 0; fi
seed=${SEED:-$(date +%Y%m%d)}
"$jdk/bin/javac" -d "$work/classes" -cp "$lib/*" "$root"/interop/differential/*.java || exit 1
differential() {
  "$jdk/bin/java" --enable-native-access=ALL-UNNAMED -XX:+UseSerialGC -cp "$work/classes:$lib/*" Differential \
    "$root/trust/signing/src/test/resources/dev/bulla/signing" "$bin" "${CHANGES:-250}" "$seed" "$root/interop/differential/justified.txt"
}
differential >"$work/differential.log" 2>&1
code=$?
grep -v '^WARNING' "$work/differential.log"
check "${CHANGES:-250} changes, seed $seed" test "$code" = 0
summary
