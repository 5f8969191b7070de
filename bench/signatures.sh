#!/usr/bin/env bash
# Verifications a second for each algorithm, in Java and by native code. Needs a built program (dist/target/bulla).
set -euo pipefail
cd "$(dirname "$0")/.."
java=${JAVA_HOME:+$JAVA_HOME/bin/}java
exec "$java" --enable-native-access=ALL-UNNAMED -cp 'dist/target/bulla/lib/*' bench/Signatures.java
