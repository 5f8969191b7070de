#!/usr/bin/env bash
# The public TUF client suite against Bulla's client: https://github.com/theupdateframework/tuf-conformance
# TUF_CONFORMANCE  a checkout of it (no package of it is published)
# TUF_PYTHON       a Python with what its pyproject.toml demands (tuf, securesystemslib[crypto], pytest); default python3
# TUF_TESTS=all    everything, some minutes; default: the recorded repositories, expiry, rollback and keys
# Recorded repositories have expired and need the program faketime.
source "$(dirname "$0")/lib.sh"
python=${TUF_PYTHON:-python3}
suite=${TUF_CONFORMANCE:-}
if [ -z "$suite" ] || [ ! -d "$suite/tuf_conformance" ]; then
  skip "the TUF suite: no checkout of tuf-conformance (\$TUF_CONFORMANCE)"
elif ! "$python" -c 'import pytest, tuf, securesystemslib, cryptography' 2>/dev/null; then
  skip "the TUF suite: $python lacks pytest, tuf or securesystemslib (\$TUF_PYTHON)"
else
  chosen=(-k "static or expir or rollback or test_keys")
  [ "${TUF_TESTS:-}" = all ] && chosen=()
  command -v faketime >/dev/null || chosen+=(--deselect tuf_conformance/test_static_repositories.py)
  run_suite() {
    (cd "$suite" && "$python" -m pytest -q tuf_conformance --entrypoint "$root/interop/tuf-conformance/client" "${chosen[@]}")
  }
  check "the TUF suite (${TUF_TESTS:-a part of it})" run_suite
  tail -n 1 "$work/out"
fi
summary
