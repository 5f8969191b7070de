#!/usr/bin/env bash
# A server with a certificate of its own at 0.0.0.0, reached over loopback addresses only: curl, crane and oras as robot, as workload by an identity
# token of an issuer, by a client certificate, and as nobody; HTTP/2; slow and lying callers.
source "$(dirname "$0")/lib.sh"
for program in openssl curl; do
  command -v $program >/dev/null || { skip "the whole suite: $program is not there"; summary; exit 0; }
done
for peer in crane oras; do
  have $peer || { skip "the whole suite: $peer is not installed (interop/install-peers)"; summary; exit 0; }
done
here=$(cd "$(dirname "$0")" && pwd)
export BULLA_HOME=$work/home DOCKER_CONFIG=$work/docker
mkdir -p "$DOCKER_CONFIG" "$work/nobody"
cd "$work" || exit 1

# authority NAME: NAME.crt and NAME.key; certificate NAME AUTHORITY EXTENSIONS
authority() {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "/CN=$1" -keyout "$1.key" -out "$1.crt" 2>/dev/null
}
certificate() {
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$1" -keyout "$1.key" -out "$1.csr" 2>/dev/null
  openssl x509 -req -in "$1.csr" -CA "$2.crt" -CAkey "$2.key" -CAcreateserial -days 2 -extfile <(printf '%s\n' "$3") -out "$1.crt" 2>/dev/null
  chmod 600 "$1.key"
}
authority servers
authority clients
authority strangers
certificate server servers 'subjectAltName=DNS:localhost,IP:127.0.0.1,IP:127.0.0.2'
certificate issuer servers 'subjectAltName=IP:127.0.0.1'
certificate node clients $'subjectAltName=DNS:n1.nodes.example\nextendedKeyUsage=clientAuth'
certificate other clients $'subjectAltName=DNS:n1.evil.example\nextendedKeyUsage=clientAuth'
certificate stranger strangers $'subjectAltName=DNS:n1.nodes.example\nextendedKeyUsage=clientAuth'
cp server.crt tls.crt && cp server.key tls.key && chmod 600 tls.key
# revocations: clients.crl anew, after the certificates in index.txt
revocations() {
  openssl ca -gencrl -config <(printf '[ca]\ndefault_ca=d\n[d]\ndatabase=index.txt\ndefault_md=sha256\ndefault_crl_days=1\n') \
    -keyfile clients.key -cert clients.crt -out fresh.crl 2>/dev/null && mv fresh.crl clients.crl
}
: >index.txt && revocations

outside=$(free_port) inside=$(free_port) at=$(free_port)
export SSL_CERT_FILE=$work/servers.crt
"$bulla" serve --listen "https://0.0.0.0:$outside" --listen "http://127.0.0.1:$inside" --tls-certificate tls.crt --tls-key tls.key \
  --tls-client-ca clients.crt --tls-client-crl clients.crl --rate-limit 500 >bulla.log 2>&1 &
pids+=($!)
wait_for "http://127.0.0.1:$inside/health/ready" || { cat bulla.log; exit 1; }
python3 "$here/sigstore/issuer.py" "$at" issuer-token.key issuer.crt issuer.key >issuer.log 2>&1 &
pids+=($!)
host=127.0.0.1:$outside
issuer=https://127.0.0.1:$at

# answers CODE CURL-ARGUMENTS...: the status of an answer
answers() {
  local want=$1 got
  shift
  got=$(curl -sS -o body -w '%{http_code}' --cacert servers.crt "$@") || return 1
  [ "$got" = "$want" ] || { echo "answered $got, expected $want"; cat body; return 1; }
}
mkdir layer && echo hello >layer/hello && tar -C layer -cf layer.tar hello

check "HTTPS at 127.0.0.1" answers 200 "https://$host/health/ready"
check "HTTPS at 127.0.0.2" answers 200 "https://127.0.0.2:$outside/health/ready"
check "by HTTP/2" bash -c "[ \"\$(curl -sS --cacert servers.crt -o /dev/null -w '%{http_version}' https://$host/health/ready)\" = 2 ]"
check "by HTTP/2 in the clear" bash -c "[ \"\$(curl -sS --http2-prior-knowledge -o /dev/null -w '%{http_version}' http://127.0.0.1:$inside/v2/)\" = 2 ]"
check "an upgrade is not done" bash -c "[ \"\$(curl -sS --http2 -o /dev/null -w '%{http_version}' http://127.0.0.1:$inside/v2/)\" = 1.1 ]"
check "another name is refused" answers 403 -H 'Host: evil.example' "https://$host/v2/"
check "over HTTP/2 too" answers 403 --resolve "evil.example:$outside:127.0.0.1" -k "https://evil.example:$outside/v2/"
check "plain HTTP beyond loopback is refused" bash -c "'$bulla' --home $work/none serve --listen http://0.0.0.0:0 2>&1 | grep -q 'plain HTTP'"
check "TLS 1.1 is not spoken" bash -c "! curl -sS --tls-max 1.1 --cacert servers.crt https://$host/health/ready"
check "nobody from elsewhere gets in" answers 401 "https://$host/v2/team/app/tags/list"
check "nor to the metrics" answers 401 "https://$host/metrics"
check "on this machine an open project is open" "$bin/crane" append --insecure --new_layer layer.tar --new_tag "127.0.0.1:$inside/base/os:1"
check "a header does not make a caller local" answers 401 -H 'X-Forwarded-For: 127.0.0.1' "https://$host/v2/base/os/tags/list"
check "a forwarded caller is not local" answers 401 -H 'X-Forwarded-For: 127.0.0.1' "http://127.0.0.1:$inside/v2/base/os/tags/list"
refuses 1 "nobody pulls" env DOCKER_CONFIG="$work/nobody" "$bin/crane" manifest "$host/base/os:1"
check "anonymous pull is enabled" "$bulla" registry project set base --anonymous-pull on
check "everybody pulls" env DOCKER_CONFIG="$work/nobody" "$bin/crane" pull "$host/base/os:1" pulled.tar
refuses 1 "and does not push" env DOCKER_CONFIG="$work/nobody" "$bin/crane" append --new_layer layer.tar --new_tag "$host/base/os:2"

secret=$("$bulla" registry robot add ci --grant 'team/*=AcrPush')
check "crane logs in as a robot" "$bin/crane" auth login "$host" -u ci -p "$secret"
check "and pushes" "$bin/crane" append --new_layer layer.tar --new_tag "$host/team/app:1.0"
refuses 1 "only where it may" "$bin/crane" append --new_layer layer.tar --new_tag "$host/prod/app:1.0"
check "a robot at an owner's route is told 403" answers 403 -u "ci:$secret" "https://$host/v1/status"
check "oras logs in as a robot" bash -c "echo '$secret' | '$bin/oras' login --ca-file servers.crt -u ci --password-stdin $host"
check "and pushes" "$bin/oras" push --ca-file servers.crt --disable-path-validation "$host/team/file:1" layer.tar

token() { curl -sS --cacert servers.crt "$issuer/token?aud=bulla&$1"; }
check "an issuer is trusted" "$bulla" registry issuer add "$issuer" --audience bulla --ca servers.crt
check "a rule" "$bulla" registry rule add acme --issuer "$issuer" --claim 'repository=acme/*' --claim 'ref=refs/tags/*' --grant 'acme/*=AcrPush'
jwt=$(token 'repository=acme/app&ref=refs/tags/v1')
check "crane logs in with an identity token" "$bin/crane" auth login "$host" -u github -p "$jwt"
check "and pushes" "$bin/crane" append --new_layer layer.tar --new_tag "$host/acme/app:1.0"
check "the token as bearer" answers 200 -H "Authorization: Bearer $jwt" "https://$host/v2/acme/app/tags/list"
check "token exchange" answers 200 -d grant_type=urn:ietf:params:oauth:grant-type:token-exchange -d "subject_token=$jwt" "https://$host/token"
check "not elsewhere" answers 403 -H "Authorization: Bearer $jwt" "https://$host/v2/team/app/tags/list"
check "of another branch" answers 403 -H "Authorization: Bearer $(token 'repository=acme/app&ref=refs/heads/x')" "https://$host/v2/acme/app/tags/list"
check "for another audience" answers 401 -H "Authorization: Bearer $(curl -sS --cacert servers.crt "$issuer/token?repository=acme/app&ref=refs/tags/v1&aud=other")" "https://$host/v2/acme/app/tags/list"
check "run out" answers 401 -H "Authorization: Bearer $(token 'repository=acme/app&ref=refs/tags/v1&ttl=-120')" "https://$host/v2/acme/app/tags/list"
check "no algorithm" answers 401 -H "Authorization: Bearer eyJhbGciOiJub25lIn0.$(cut -d. -f2 <<<"$jwt").x" "https://$host/v2/acme/app/tags/list"
check "the issuer is trusted no longer" "$bulla" registry issuer remove "$issuer"
check "its tokens are refused" answers 401 -H "Authorization: Bearer $jwt" "https://$host/v2/acme/app/tags/list"

check "a rule for certificates" "$bulla" registry rule add nodes --certificate --claim 'dns=*.nodes.example' --grant 'team/*=AcrPull'
check "a node pulls by its certificate" answers 200 --cert node.crt --key node.key "https://$host/v2/team/app/manifests/1.0"
check "and does not push" answers 403 --cert node.crt --key node.key -X POST "https://$host/v2/team/app/blobs/uploads/"
check "a certificate of whom no rule speaks gives nothing" answers 401 --cert other.crt --key other.key "https://$host/v2/team/app/manifests/1.0"
check "one of another authority ends the handshake" bash -c "! curl -sS --cacert servers.crt --cert stranger.crt --key stranger.key https://$host/health/ready"

printf 'R\t%s\t%s\t%s\tunknown\t/CN=node\n' "$(date -u -d +1day +%y%m%d%H%M%SZ)" "$(date -u +%y%m%d%H%M%SZ)" "$(openssl x509 -in node.crt -noout -serial | cut -d= -f2)" >index.txt
sleep 1.2 && revocations && sleep 1.2
check "a revoked certificate ends the handshake" bash -c "! curl -sS --cacert servers.crt --cert node.crt --key node.key https://$host/health/ready"
check "others do not" answers 200 --cert other.crt --key other.key "https://$host/health/ready"

certificate server servers 'subjectAltName=DNS:localhost,IP:127.0.0.1,IP:127.0.0.2'
serial=$(openssl x509 -in server.crt -noout -serial)
cp server.crt tls.crt && cp server.key tls.key && sleep 1.2
check "a renewed certificate is used" bash -c "openssl s_client -connect $host </dev/null 2>/dev/null | openssl x509 -noout -serial | grep -qx '$serial'"

cat >callers.py <<'PY'
import socket, sys
port, kind = int(sys.argv[1]), sys.argv[2]
head = f"POST /v2/bad/app/blobs/uploads/?digest=sha256:{'0' * 64} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
s = socket.create_connection(("127.0.0.1", port), timeout=20)
if kind == "longer":  # than it says: the rest is no request
    s.sendall((head + "Content-Length: 3\r\n\r\nabcdefgh\r\n\r\n").encode())
    answer = b""
    while chunk := s.recv(4096):
        answer += chunk
    assert answer.count(b"HTTP/1.1 4") >= 1 and b"HTTP/1.1 2" not in answer, answer
elif kind == "shorter":  # and gone
    s.sendall((head + "Content-Length: 1000\r\n\r\nabc").encode())
    s.close()
elif kind == "two":
    s.sendall((head + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n").encode())
    assert b" 400 " in s.recv(4096)
PY
check "a body longer than it says" python3 callers.py "$inside" longer
check "a body shorter than it says" python3 callers.py "$inside" shorter
check "two lengths" python3 callers.py "$inside" two
check "the server is well" answers 200 "https://$host/health/ready"
summary
