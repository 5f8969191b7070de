#!/usr/bin/env bash
# What a registry must stand: kill -9 in the middle of mixed work (KILLS=3 times, say KILLS=1000 for a night), a full disk, a read-only disk,
# thousands of open uploads, slow clients, rotten files, loss of the home and its restoration.
source "$(dirname "$0")/lib.sh"
export BULLA_HOME=$work/home
faults() { python3 "$root/interop/registry_faults.py" "$@"; }

port=$(free_port)
start_bulla "$port"
url=http://127.0.0.1:$port
echo "-- clients that misbehave"
check "10 000 open uploads of one caller are in nobody's way" faults uploads "$url" 10000
check "300 connections that never finish their request" faults loris "$url" 300
check "an upload that has ended is not there any more" faults replay "$url"

echo "-- kill -9 in the middle of pushes, mounts, deletions and collections"
acknowledged=$work/acknowledged
: >"$acknowledged"
faults mixed "$url" 1 1.5 "$acknowledged" &
load=$!
sleep 0.8
"$bulla" registry gc --grace 0s --retired 0s >/dev/null 2>&1
kill -9 "${pids[-1]}" && wait "${pids[-1]}" 2>/dev/null
wait "$load"
start_bulla "$port"
check "everything that was acknowledged is there after a kill" faults verify "$url" "$acknowledged"
check "fsck finds the store sound" "$bulla" registry fsck
check "${KILLS:-3} kills in the middle of mixed work: nothing that was acknowledged is lost, nothing that was deleted is back" \
  python3 "$root/interop/registry_soak.py" "$bulla" "$work/soak" "$(free_port)" "${KILLS:-3}"

echo "-- backup, loss, restore"
mkdir -p "$work/backup"
check "the database is copied while the server runs" python3 -c "
import sqlite3, sys
source = sqlite3.connect('file:$BULLA_HOME/records.db?mode=ro', uri=True)
target = sqlite3.connect('$work/backup/records.db')
source.backup(target)"
cp -a "$BULLA_HOME/blobs" "$BULLA_HOME/keys" "$BULLA_HOME/trust" "$work/backup/"
kill "${pids[-1]}" && wait "${pids[-1]}" 2>/dev/null
rm -rf "$BULLA_HOME" && mv "$work/backup" "$BULLA_HOME"
check "fsck finds the restored home sound" "$bulla" registry fsck
start_bulla "$port"
check "everything is there" faults verify "$url" "$acknowledged"

echo "-- bit rot"
file=$(find "$BULLA_HOME/blobs/sha256" -type f -size +1k | head -n 1)
cp "$file" "$work/good" && chmod u+w "$file" && printf X | dd of="$file" bs=1 seek=100 conv=notrunc 2>/dev/null
refuses 1 "fsck finds a changed byte" "$bulla" registry fsck
cp "$work/good" "$file"

echo "-- a disk that is full, then read-only"
disk=$work/disk
mkdir -p "$disk"
if mount -t tmpfs -o size=40m tmpfs "$disk" 2>/dev/null; then
  kill "${pids[-1]}" && wait "${pids[-1]}" 2>/dev/null
  export BULLA_HOME=$disk/home
  start_bulla "$port"
  check "a full disk refuses with 507, keeps what it has and goes on when there is room" faults full "$url" "$disk"
  if mount -o remount,ro "$disk" 2>/dev/null; then
    check "a read-only disk refuses pushes and serves pulls" faults readonly "$url"
  elif mount --bind "$BULLA_HOME/blobs" "$BULLA_HOME/blobs" 2>/dev/null && mount -o remount,bind,ro "$BULLA_HOME/blobs" 2>/dev/null; then
    # what is open for writing cannot be made read-only, but what is opened anew can
    check "read-only blobs: pushes are refused and pulls served" faults readonly "$url"
    umount "$BULLA_HOME/blobs"
  else
    skip "read-only disk: what is open for writing cannot be made read-only here"
  fi
  kill "${pids[-1]}" && wait "${pids[-1]}" 2>/dev/null
  pids=()
  umount "$disk"
else
  skip "full and read-only disk: a tmpfs cannot be mounted here"
fi
summary
