#!/usr/bin/env bash
# Webhooks and the feed: crane pushes and cosign signs; an independent receiver verifies every message; kill -9 of the server in between loses none.
source "$(dirname "$0")/lib.sh"
export BULLA_HOME=$work/home
for program in crane cosign; do
  have "$program" || { skip "$program is not installed"; summary; exit; }
done
port=$(free_port)
hook=$(free_port)
start_bulla "$port"
registry=127.0.0.1:$port
got=$work/events.jsonl
: >"$got"
"$bulla" registry webhook key >"$work/hook.pem"
secret=$("$bulla" registry webhook add all "http://127.0.0.1:$hook/hook" --repository 'team/*' --type 'registry.*')
check "a webhook can be listed" grep -q all <("$bulla" registry webhook list)
refuses 2 "a webhook into a private network is refused" "$bulla" registry webhook add inside https://10.0.0.1/hook
refuses 2 "plain http beyond this machine is refused" "$bulla" registry webhook add plain http://8.8.8.8/hook
receive() { python3 "$root/interop/receiver.py" "$hook" "$got" "$work/hook.pem" "$secret" "$@" & receiver=$!; pids+=($receiver); }

image() { # NAME: an image of one small layer
  local dir=$work/layer-$RANDOM
  mkdir -p "$dir" && echo "$1" >"$dir/file" && tar -C "$dir" -cf "$dir.tar" file
  "$bin/crane" append --insecure -f "$dir.tar" -t "$registry/$1"
}
check "crane pushes while nobody receives" image team/app:1
receive 500 503
sleep 0.5
check "a webhook that waits can be told to try now" "$bulla" registry webhook resume all
export COSIGN_PASSWORD=
(cd "$work" && "$bin/cosign" generate-key-pair >/dev/null 2>&1)
digest=$("$bin/crane" digest --insecure "$registry/team/app:1")
check "cosign signs" "$bin/cosign" sign --yes --key "$work/cosign.key" --tlog-upload=false --use-signing-config=false --allow-insecure-registry "$registry/team/app@$digest"
kill "$receiver"; wait "$receiver" 2>/dev/null
check "crane pushes again" image team/app:2
kill -9 "${pids[0]}"; wait "${pids[0]}" 2>/dev/null
start_bulla "$port"
check "crane deletes a tag" "$bin/crane" delete --insecure "$registry/team/app:2"
receive
sleep 0.5
"$bulla" registry webhook resume all >/dev/null

complete() { # the feed and the receiver have the same
  "$bulla" registry events --repository 'team/*' --output json >"$work/feed.json"
  python3 - "$work/feed.json" "$got" <<'PY'
import json, sys
feed = [e["id"] for e in json.load(open(sys.argv[1]))["events"]]
got = [json.loads(line)["id"] for line in open(sys.argv[2])]
sys.exit(0 if feed and [i for i in dict.fromkeys(got)] == feed else "feed %s, received %s" % (feed, got))
PY
}
arrived() { for _ in $(seq 150); do complete 2>/dev/null && return; sleep 0.2; done; complete; }
check "every event arrives, in the order of the feed, over failures and a kill" arrived
check "every message is signed by the registry's key and by the secret" python3 "$root/interop/receiver.py" check "$got"
check "who did it is in the event" grep -q '"authtype": "unauthenticated"' "$got"
last=$(python3 -c 'import json,sys; print(json.load(open(sys.argv[1]))["last"])' "$work/feed.json")
check "one event can be sent again" "$bulla" registry webhook redeliver all --event "$last"
check "deliveries are listed with their failures" grep -qE "answered 50|refused" <("$bulla" registry webhook deliveries all)
check "a trial is sent" "$bulla" registry webhook test all

echo "-- the feed for others"
"$bulla" registry robot add reader --grant 'team/*=AcrPull' >"$work/reader.secret"
"$bulla" registry robot add other --grant 'other/*=AcrPull' >"$work/other.secret"
"$bulla" registry project close team >/dev/null
check "a robot is told of what it may read" grep -q team/app <("$bulla" registry events --as reader --secret-file "$work/reader.secret")
nothing() { ! "$bulla" registry events --as other --secret-file "$work/other.secret" | grep -q team/; }
check "and of nothing else" nothing
token=$(python3 -c "
import base64, json, sys, urllib.request
secret = open(sys.argv[2]).read().strip()
request = urllib.request.Request('http://%s/token?service=bulla&scope=registry:reading:*' % sys.argv[1])
request.add_header('Authorization', 'Basic ' + base64.b64encode(('reader:' + secret).encode()).decode())
print(json.load(urllib.request.urlopen(request))['token'])" "$registry" "$work/reader.secret")
check "a token for reading does too" grep -q team/app <(curl -sf -H "Authorization: Bearer $token" "http://$registry/v2/_events")
refuses 22 "nobody in particular is told nothing" curl -sf "http://$registry/v1/registry/events"
check "extensions are discoverable" grep -q _policy <(curl -sf "http://$registry/v2/_oci/ext/discover")
summary
