#!/usr/bin/env bash
# Every client that is installed pushes to a closed project as a robot, pulls again, and finds the same digests. What is missing is said.
source "$(dirname "$0")/lib.sh"
export BULLA_HOME=$work/home DOCKER_CONFIG=$work/docker REGCTL_CONFIG=$work/regctl.json NOTATION_CONFIG=$work/notation COSIGN_PASSWORD=''
mkdir -p "$DOCKER_CONFIG" "$work/nobody" "$NOTATION_CONFIG"

port=$(free_port)
if [ -n "${BULLA_CLIENTS_OVER_S3:-}" ] && have versitygw; then
  start_s3
  export BULLA_BLOBS=$s3
fi
start_bulla "$port"
host=127.0.0.1:$port
check "close the project" "$bulla" registry project close team
secret=$("$bulla" registry robot add ci --grant 'team/**=AcrPush')

# An image of two layers, one of 7 MiB, as an OCI layout; prints the manifest's digest.
digest=$(python3 - "$work/layout" <<'PY'
import gzip, hashlib, io, json, os, random, sys, tarfile
root = sys.argv[1]
os.makedirs(f"{root}/blobs/sha256")
def blob(data):
    name = hashlib.sha256(data).hexdigest()
    open(f"{root}/blobs/sha256/{name}", "wb").write(data)
    return {"digest": "sha256:" + name, "size": len(data)}
def layer(path, data):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        entry = tarfile.TarInfo(path)
        entry.size = len(data)
        tar.addfile(entry, io.BytesIO(data))
    return out.getvalue()
layers = [layer("hello", b"hello\n"), layer("large", random.Random(1).randbytes(7 << 20))]
config = {"architecture": "amd64", "os": "linux", "config": {"Cmd": ["/hello"]},
          "rootfs": {"type": "layers", "diff_ids": ["sha256:" + hashlib.sha256(l).hexdigest() for l in layers]}}
oci = "application/vnd.oci.image."
manifest = {"schemaVersion": 2, "mediaType": oci + "manifest.v1+json",
            "config": {"mediaType": oci + "config.v1+json", **blob(json.dumps(config).encode())},
            "layers": [{"mediaType": oci + "layer.v1.tar+gzip", **blob(gzip.compress(l, 1, mtime=0))} for l in layers]}
found = blob(json.dumps(manifest).encode())
index = {"schemaVersion": 2, "mediaType": oci + "index.v1+json", "manifests": [
    {"mediaType": oci + "manifest.v1+json", **found, "annotations": {"org.opencontainers.image.ref.name": "1"}}]}
json.dump(index, open(f"{root}/index.json", "w"))
json.dump({"imageLayoutVersion": "1.0.0"}, open(f"{root}/oci-layout", "w"))
print(found["digest"])
PY
)
# says REPOSITORY TAG DIGEST: the registry, asked as the robot, has this digest there.
says() {
  python3 - "$host" "$secret" "$@" <<'PY'
import base64, sys, urllib.request
host, secret, repository, tag, digest = sys.argv[1:]
request = urllib.request.Request(f"http://{host}/v2/{repository}/manifests/{tag}", method="HEAD")
request.add_header("Authorization", "Basic " + base64.b64encode(f"ci:{secret}".encode()).decode())
found = urllib.request.urlopen(request).headers["Docker-Content-Digest"]
sys.exit(0 if found == digest else f"{found}, expected {digest}")
PY
}
# in_layout DIRECTORY DIGEST: an OCI layout names it.
in_layout() { grep -q "${2#sha256:}" "$1/index.json"; }
nobody() { ! DOCKER_CONFIG=$work/nobody "$@" >"$work/said" 2>&1; }
system() { command -v "$1" >/dev/null 2>&1 || { skip "$1 is not installed: it is a package of the system"; return 1; }; }
peer() { have "$1" || { skip "$1 is not installed (interop/install-peers ${2:-signing})"; return 1; }; }

if peer crane; then
  check "crane logs in" "$bin/crane" auth login --insecure "$host" -u ci -p "$secret"
  check "crane pushes" "$bin/crane" push --insecure "$work/layout" "$host/team/crane:1"
  check "its digest is the image's" says team/crane 1 "$digest"
  check "crane pulls" "$bin/crane" pull --insecure --format oci "$host/team/crane:1" "$work/by-crane"
  check "the same" in_layout "$work/by-crane" "$digest"
  check "crane validates all bytes" "$bin/crane" validate --insecure --remote "$host/team/crane:1"
  check "without a credential nothing is told" nobody "$bin/crane" manifest --insecure "$host/team/crane:1"
fi
if peer oras; then
  check "oras logs in" "$bin/oras" login --plain-http "$host" -u ci -p "$secret"
  check "oras pushes" "$bin/oras" cp --from-oci-layout --to-plain-http "$work/layout:1" "$host/team/oras:1"
  check "its digest is the image's" says team/oras 1 "$digest"
  check "oras pulls" "$bin/oras" cp --from-plain-http --to-oci-layout "$host/team/oras:1" "$work/by-oras:1"
  check "the same" in_layout "$work/by-oras" "$digest"
  echo text >"$work/note.txt"
  check "oras attaches a referrer" bash -c "cd '$work' && '$bin/oras' attach --plain-http --artifact-type text/plain '$host/team/oras:1' note.txt"
  check "oras discovers it" bash -c "'$bin/oras' discover --plain-http --format json '$host/team/oras:1' | grep -q text/plain"
fi
if peer regctl clients; then
  check "regctl is told of the plain server" "$bin/regctl" registry set --tls disabled "$host"
  check "regctl logs in" bash -c "echo '$secret' | '$bin/regctl' registry login '$host' -u ci --pass-stdin"
  check "regctl pushes" "$bin/regctl" image copy "ocidir://$work/layout:1" "$host/team/regctl:1"
  check "its digest is the image's" says team/regctl 1 "$digest"
  check "regctl pulls" "$bin/regctl" image copy "$host/team/regctl:1" "ocidir://$work/by-regctl:1"
  check "the same" in_layout "$work/by-regctl" "$digest"
  check "regctl mounts what another repository has" "$bin/regctl" image copy "$host/team/regctl:1" "$host/team/regctl-copy:1"
fi
auth=(--authfile "$work/auth.json")
if system skopeo; then
  check "skopeo logs in" skopeo login "${auth[@]}" --tls-verify=false -u ci -p "$secret" "$host"
  check "skopeo pushes" skopeo copy "${auth[@]}" --dest-tls-verify=false "oci:$work/layout:1" "docker://$host/team/skopeo:1"
  check "its digest is the image's" says team/skopeo 1 "$digest"
  check "skopeo pulls" skopeo copy "${auth[@]}" --src-tls-verify=false "docker://$host/team/skopeo:1" "oci:$work/by-skopeo:1"
  check "the same" in_layout "$work/by-skopeo" "$digest"
  check "skopeo refuses without a credential" bash -c "! skopeo inspect --no-creds --tls-verify=false 'docker://$host/team/skopeo:1'"
fi
# buildah and podman keep images in a store of their own and compress layers anew when they push
for one in buildah podman; do
  system $one && system skopeo || continue
  store=($one --storage-driver vfs --root "$work/store-$one" --runroot "$work/run-$one")
  [ $one = podman ] && store+=(--cgroup-manager cgroupfs --events-backend file --tmpdir "$work/tmp-podman")
  check "$one logs in" "${store[@]}" login "${auth[@]}" --tls-verify=false -u ci -p "$secret" "$host"
  if ! "${store[@]}" pull "${auth[@]}" --tls-verify=false "docker://$host/team/skopeo:1" >"$work/out" 2>&1; then
    skip "$one cannot keep images here: $(tail -n 1 "$work/out")"
    continue
  fi
  image=$("${store[@]}" images --quiet --no-trunc | head -n 1)
  check "$one pushes" "${store[@]}" push "${auth[@]}" --tls-verify=false --digestfile "$work/digest-$one" "$image" "docker://$host/team/$one:1"
  check "its digest is the registry's" bash -c "$(declare -f says); host=$host secret=$secret; says team/$one 1 \$(cat '$work/digest-$one')"
  check "$one pulls by this digest" "${store[@]}" pull "${auth[@]}" --tls-verify=false "docker://$host/team/$one@$(cat "$work/digest-$one")"
done
if peer helm helm; then
  export HELM_REGISTRY_CONFIG=$work/helm.json HELM_CACHE_HOME=$work/helm-cache HELM_CONFIG_HOME=$work/helm-config HELM_DATA_HOME=$work/helm-data
  check "helm logs in" "$bin/helm" registry login --plain-http "$host" -u ci -p "$secret"
  check "helm makes a chart" bash -c "cd '$work' && '$bin/helm' create chart && '$bin/helm' package chart"
  check "helm pushes it" "$bin/helm" push --plain-http "$work/chart-0.1.0.tgz" "oci://$host/team/charts"
  check "helm pulls it" bash -c "mkdir '$work/pulled' && cd '$work/pulled' && '$bin/helm' pull --plain-http 'oci://$host/team/charts/chart' --version 0.1.0"
  check "the same bytes" cmp "$work/chart-0.1.0.tgz" "$work/pulled/chart-0.1.0.tgz"
fi
java=$(jdk25)
if [ -d "$bin/../jib" ] && [ -n "$java" ]; then
  check "jib-core pushes an image, and one on top of it" bash -c "'$java/bin/java' -DsendCredentialsOverHttp=true -Djava.util.logging.config.file=/dev/null \
    -cp '$bin/../jib/*' '$root/interop/JibClient.java' '$host/team/jib' ci '$secret' '$work/note.txt' >'$work/jib'"
  check "their digests are the registry's" bash -c "$(declare -f says); host=$host secret=$secret
    says team/jib 1 \$(sed -n 1p '$work/jib') && says team/jib 2 \$(sed -n 2p '$work/jib')"
else
  skip "jib-core is not installed (interop/install-peers clients)"
fi
if peer cosign && have crane; then
  "$bin/cosign" generate-key-pair --output-key-prefix "$work/key" >/dev/null 2>&1
  check "cosign signs in the closed project" "$bin/cosign" sign --yes --key "$work/key.key" --tlog-upload=false --use-signing-config=false --allow-http-registry "$host/team/crane@$digest"
  check "cosign verifies" "$bin/cosign" verify --key "$work/key.pub" --insecure-ignore-tlog=true --allow-http-registry "$host/team/crane@$digest"
  check "cosign cannot without a credential" nobody "$bin/cosign" verify --key "$work/key.pub" --insecure-ignore-tlog=true --allow-http-registry "$host/team/crane@$digest"
fi
if peer notation && have crane; then
  check "notation makes a key" "$bin/notation" cert generate-test --default interop
  cat >"$NOTATION_CONFIG/trustpolicy.json" <<JSON
{"version": "1.0", "trustPolicies": [{"name": "all", "registryScopes": ["*"], "signatureVerification": {"level": "strict"},
  "trustStores": ["ca:interop"], "trustedIdentities": ["*"]}]}
JSON
  check "notation signs in the closed project" "$bin/notation" sign --insecure-registry -u ci -p "$secret" "$host/team/crane@$digest"
  check "notation verifies" "$bin/notation" verify --insecure-registry -u ci -p "$secret" "$host/team/crane@$digest"
fi
if system containerd && system ctr && have crane; then
  mkdir -p "$work/containerd"
  printf 'version = 2\nroot = "%s/root"\nstate = "%s/state"\ndisabled_plugins = ["io.containerd.grpc.v1.cri"]\n[grpc]\naddress = "%s/sock"\n[ttrpc]\naddress = "%s/ttrpc"\n' \
    "$work/containerd" "$work/containerd" "$work/containerd" "$work/containerd" >"$work/containerd.toml"
  containerd --config "$work/containerd.toml" >"$work/containerd.log" 2>&1 &
  pids+=($!)
  ctr=(ctr --address "$work/containerd/sock")
  for _ in $(seq 50); do "${ctr[@]}" version >/dev/null 2>&1 && break || sleep 0.2; done
  if "${ctr[@]}" version >/dev/null 2>&1; then
    check "containerd fetches" "${ctr[@]}" content fetch --plain-http --user "ci:$secret" "$host/team/crane:1"
    check "the same" bash -c "${ctr[*]} images ls | grep -q '$digest'"
    check "containerd pushes" "${ctr[@]}" images push --plain-http --user "ci:$secret" "$host/team/containerd:1" "$host/team/crane:1"
    check "its digest is the image's" says team/containerd 1 "$digest"
  else
    skip "containerd does not start here: $(tail -n 1 "$work/containerd.log")"
  fi
fi
check "fsck finds the store sound" "$bulla" registry fsck
summary
