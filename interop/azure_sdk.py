"""Azure's own SDK for Python against a registry of ours: azure.py URL CREDENTIAL SIGNED-REPOSITORY"""

import io
import json
import hashlib
import sys
import time

from azure.containerregistry import ArtifactTagOrder, ContainerRegistryClient
from azure.core.credentials import AccessToken
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError

url, credential, signed = sys.argv[1:4]


class Robot:
    """Where Azure has an identity of Entra, the robot's name and secret."""

    def get_token(self, *scopes, **kwargs):
        return AccessToken(credential, int(time.time()) + 3600)


def expect(what, ok):
    print(("ok " if ok else "WRONG ") + what)
    if not ok:
        sys.exit(1)


def refused(status, action, *arguments, **options):
    try:
        action(*arguments, **options)
    except HttpResponseError as e:
        return e.status_code == status
    return False


client = ContainerRegistryClient(url, Robot())
repository = "team/python"
config = json.dumps({"architecture": "arm64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": []}}).encode()
layer = b"layer" * 1000 * 1000  # more than one chunk of the SDK
config_digest, config_size = client.upload_blob(repository, io.BytesIO(config))
layer_digest, layer_size = client.upload_blob(repository, io.BytesIO(layer))
expect("a blob is uploaded in chunks", layer_digest == "sha256:" + hashlib.sha256(layer).hexdigest())
expect("and downloaded", b"".join(client.download_blob(repository, layer_digest)) == layer)
manifest = {
    "schemaVersion": 2,
    "mediaType": "application/vnd.oci.image.manifest.v1+json",
    "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": config_digest, "size": config_size},
    "layers": [{"mediaType": "application/vnd.oci.image.layer.v1.tar", "digest": layer_digest, "size": layer_size}],
}
digest = client.set_manifest(repository, manifest, tag="one")
for tag in ("two", "three", "four"):
    client.set_manifest(repository, manifest, tag=tag)
expect("a manifest is read by tag", client.get_manifest(repository, "one").digest == digest)

expect("repositories", repository in list(client.list_repository_names(results_per_page=1)))
properties = client.get_repository_properties(repository)
expect("counts", (properties.manifest_count, properties.tag_count) == (1, 4))
tags = [tag.name for tag in client.list_tag_properties(repository, results_per_page=2, order_by=ArtifactTagOrder.LAST_UPDATED_ON_DESCENDING)]
expect("tags, the newest first, over two pages", tags == ["four", "three", "two", "one"])
artifact = client.get_manifest_properties(repository, "one")
expect("platform and size", (str(artifact.architecture), artifact.operating_system) in (("arm64", "linux"), ("ArtifactArchitecture.ARM64", "linux")) and artifact.size_in_bytes > layer_size)
expect("tags of a manifest", sorted(artifact.tags) == ["four", "one", "three", "two"])
expect("manifests", [one.digest for one in client.list_manifest_properties(repository)] == [digest])

locked = client.update_tag_properties(repository, "one", can_write=False)
expect("a tag is locked", locked.can_write is False and locked.can_read is True)
other = dict(manifest, annotations={"other": "yes"})
expect("and not moved", refused(409, client.set_manifest, repository, other, tag="one"))
expect("nor deleted", refused(409, client.delete_tag, repository, "one"))
expect("nor with its manifest", refused(409, client.delete_manifest, repository, digest))
expect("nor with its repository", refused(409, client.delete_repository, repository))
client.update_tag_properties(repository, "one", can_write=True)
client.update_manifest_properties(repository, digest, can_read=False)
expect("what cannot be read is not there", refused(404, client.get_manifest, repository, "one"))
client.update_manifest_properties(repository, digest, can_read=True)
client.update_repository_properties(repository, can_list=False)
expect("what is not listed is not listed", repository not in list(client.list_repository_names()))
expect("but there", client.get_repository_properties(repository).can_list is False)
client.update_repository_properties(repository, can_list=True)

client.delete_tag(repository, "two")
client.delete_tag(repository, "never")
expect("a tag is deleted", sorted(tag.name for tag in client.list_tag_properties(repository)) == ["four", "one", "three"])
try:
    client.get_tag_properties(repository, "two")
    expect("a tag that is gone", False)
except ResourceNotFoundError:
    expect("a tag that is gone", True)
client.delete_manifest(repository, digest)
client.set_manifest(repository, other, tag="last")
client.delete_repository(repository)
expect("a repository is deleted", repository not in list(client.list_repository_names()))

anonymous = ContainerRegistryClient(url)
names = list(anonymous.list_repository_names())
expect("without a credential, open projects only", "open/app" in names and signed not in names)
expect("no locks without a credential", refused(401, anonymous.update_tag_properties, "open/app", "1", can_write=False))
