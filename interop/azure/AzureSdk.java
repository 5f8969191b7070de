import com.azure.containers.containerregistry.ContainerRegistryClient;
import com.azure.containers.containerregistry.ContainerRegistryClientBuilder;
import com.azure.containers.containerregistry.ContainerRegistryContentClient;
import com.azure.containers.containerregistry.ContainerRegistryContentClientBuilder;
import com.azure.containers.containerregistry.ContainerRepository;
import com.azure.containers.containerregistry.RegistryArtifact;
import com.azure.containers.containerregistry.models.ArtifactManifestProperties;
import com.azure.containers.containerregistry.models.ArtifactTagOrder;
import com.azure.containers.containerregistry.models.ArtifactTagProperties;
import com.azure.containers.containerregistry.models.ContainerRepositoryProperties;
import com.azure.containers.containerregistry.models.OciDescriptor;
import com.azure.containers.containerregistry.models.OciImageManifest;
import com.azure.containers.containerregistry.models.UploadRegistryBlobResult;
import com.azure.core.credential.AccessToken;
import com.azure.core.credential.TokenCredential;
import com.azure.core.exception.HttpResponseException;
import com.azure.core.util.BinaryData;
import com.azure.core.util.Context;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.stream.Collectors;
import reactor.core.publisher.Mono;

/** Azure's own SDK for Java against a registry of ours: AzureSdk URL CREDENTIAL */
public final class AzureSdk {
  private static void expect(String what, boolean ok) {
    System.out.println((ok ? "ok " : "WRONG ") + what);
    if (!ok) {
      System.exit(1);
    }
  }

  private static boolean refused(int status, Runnable action) {
    try {
      action.run();
      return false;
    } catch (HttpResponseException e) {
      return e.getResponse().getStatusCode() == status;
    }
  }

  public static void main(String[] args) {
    TokenCredential robot =
        request -> Mono.just(new AccessToken(args[1], OffsetDateTime.now().plusHours(1)));
    String name = "team/java";
    ContainerRegistryContentClient content =
        new ContainerRegistryContentClientBuilder()
            .endpoint(args[0])
            .credential(robot)
            .repositoryName(name)
            .buildClient();
    BinaryData config = BinaryData.fromString("{\"architecture\":\"amd64\",\"os\":\"linux\"}");
    BinaryData layer = BinaryData.fromBytes(new byte[5_000_000]);
    UploadRegistryBlobResult uploadedConfig = content.uploadBlob(config);
    UploadRegistryBlobResult uploadedLayer = content.uploadBlob(layer);
    java.io.ByteArrayOutputStream down = new java.io.ByteArrayOutputStream();
    content.downloadStream(uploadedLayer.getDigest(), java.nio.channels.Channels.newChannel(down));
    expect("a blob is uploaded and downloaded", down.size() == 5_000_000);
    OciImageManifest manifest =
        new OciImageManifest()
            .setSchemaVersion(2)
            .setConfiguration(
                new OciDescriptor()
                    .setMediaType("application/vnd.oci.image.config.v1+json")
                    .setDigest(uploadedConfig.getDigest())
                    .setSizeInBytes(uploadedConfig.getSizeInBytes()))
            .setLayers(
                List.of(
                    new OciDescriptor()
                        .setMediaType("application/vnd.oci.image.layer.v1.tar")
                        .setDigest(uploadedLayer.getDigest())
                        .setSizeInBytes(uploadedLayer.getSizeInBytes())));
    String digest = content.setManifest(manifest, "one").getDigest();
    content.setManifest(manifest, "two");
    expect("a manifest is read", content.getManifest("one").getDigest().equals(digest));

    ContainerRegistryClient client =
        new ContainerRegistryClientBuilder().endpoint(args[0]).credential(robot).buildClient();
    expect("repositories", client.listRepositoryNames().stream().anyMatch(name::equals));
    ContainerRepository repository = client.getRepository(name);
    ContainerRepositoryProperties properties = repository.getProperties();
    expect("counts", properties.getManifestCount() == 1 && properties.getTagCount() == 2);
    RegistryArtifact artifact = repository.getArtifact("one");
    List<String> tags =
        artifact
            .listTagProperties(ArtifactTagOrder.LAST_UPDATED_ON_DESCENDING, Context.NONE)
            .stream()
            .map(ArtifactTagProperties::getName)
            .collect(Collectors.toList());
    expect("tags, the newest first", tags.equals(List.of("two", "one")));
    ArtifactManifestProperties described = artifact.getManifestProperties();
    expect(
        "platform",
        described.getArchitecture().toString().equals("amd64")
            && described.getDigest().equals(digest));
    artifact.updateTagProperties("one", new ArtifactTagProperties().setWriteEnabled(false));
    expect("a tag is locked", !artifact.getTagProperties("one").isWriteEnabled());
    OciImageManifest other =
        new OciImageManifest()
            .setSchemaVersion(2)
            .setConfiguration(manifest.getConfiguration())
            .setLayers(List.of());
    expect("and not moved", refused(409, () -> content.setManifest(other, "one")));
    expect("nor deleted", refused(409, () -> artifact.deleteTag("one")));
    artifact.updateTagProperties("one", new ArtifactTagProperties().setWriteEnabled(true));
    artifact.deleteTag("one");
    content.deleteManifest(digest);
    content.setManifest(other, "three");
    client.deleteRepository(name);
    expect(
        "a repository is deleted", client.listRepositoryNames().stream().noneMatch(name::equals));

    ContainerRegistryClient anonymous =
        new ContainerRegistryClientBuilder().endpoint(args[0]).buildClient();
    expect(
        "without a credential",
        anonymous.listRepositoryNames().stream().anyMatch("open/app"::equals));
    System.exit(0);
  }
}
