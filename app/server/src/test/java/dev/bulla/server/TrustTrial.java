package dev.bulla.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.access.ServerFile;
import dev.bulla.core.Descriptor;
import dev.bulla.core.MediaTypes;
import dev.bulla.core.Reference;
import dev.bulla.core.json.Json;
import dev.bulla.core.statement.Statement;
import dev.bulla.keys.KeyFiles;
import dev.bulla.keys.LocalSigner;
import dev.bulla.keys.SigningIdentity;
import dev.bulla.oci.BlobSource;
import dev.bulla.oci.Manifest;
import dev.bulla.oci.RegistryClient;
import dev.bulla.oci.Repository;
import dev.bulla.signing.cosign.CosignSigner;
import dev.bulla.store.Home;
import dev.bulla.web.Listener;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** A whole server with its own clock, signers, and somebody who pushes and somebody who reads. */
final class TrustTrial implements AutoCloseable {
  private final Path directory;
  private final SecureRandom random = new SecureRandom();
  private final Map<String, SigningIdentity> signers = new HashMap<>();
  private Instant now = Instant.now();
  private BullaServer server;
  private Client reader;
  private Client owner;
  private RegistryClient registries = RegistryClient.builder().build();
  private int images;

  TrustTrial(Path directory) {
    this.directory = directory;
    open();
  }

  BullaServer server() {
    return server;
  }

  private void open() {
    Home home = new Home(directory.resolve("home"));
    ServerSettings settings =
        new ServerSettings(home, List.of(Listener.http("127.0.0.1", 0)), false, Optional.empty());
    server = BullaServer.start(settings, clock(), random);
    reader = Client.anonymous(server.addresses().getFirst());
    owner =
        reader.with("Bearer " + ServerFile.read(home.serverFile()).orElseThrow().token().reveal());
  }

  void restart() {
    server.close();
    open();
  }

  InstantSource clock() {
    return () -> now;
  }

  void pass(Duration time) {
    now = now.plus(time);
  }

  URI address() {
    return server.addresses().getFirst();
  }

  Client reader() {
    return reader;
  }

  Client owner() {
    return owner;
  }

  Path home() {
    return directory.resolve("home");
  }

  /** The client of a new robot. */
  Client robot(String name, String grant) {
    ObjectNode request = Json.object().put("name", name);
    request.putArray("grants").add(grant);
    String secret = ask("/v1/access/robots", request).path("secret").asString();
    return reader.with(
        "Basic "
            + java.util.Base64.getEncoder()
                .encodeToString((name + ":" + secret).getBytes(StandardCharsets.UTF_8)));
  }

  SigningIdentity identity(String name) {
    return signers.computeIfAbsent(
        name, one -> SigningIdentity.create(directory.resolve("key-" + one), clock(), random, one));
  }

  LocalSigner signer(String name) {
    return identity(name).signer();
  }

  /** A trust policy by which the signer {@code name} signs, with more lines of its only scope. */
  String policy(String name, String... more) {
    String pem =
        new String(KeyFiles.publicKeyPem(signer(name).verifier()), StandardCharsets.US_ASCII);
    return """
    apiVersion: bulla.dev/v1
    kind: TrustPolicy
    metadata: {name: by-%s, version: "1"}
    spec:
      authorities:
        release:
          keys: [{pem: %s}]
      scopes:
        - name: all
          images: ["**"]
          signatures: [{authorities: [release]}]
    """
            .formatted(
                name, new String(Json.write(Json.object().stringNode(pem)), StandardCharsets.UTF_8))
        + String.join("\n", more);
  }

  JsonNode bind(String glob, String mode, String trust) {
    return bind(glob, mode, trust, "", Map.of());
  }

  JsonNode bind(String glob, String mode, String trust, String bundle, Map<String, String> more) {
    ObjectNode request = Json.object().put("glob", glob).put("mode", mode);
    Path file = write("trust.yaml", trust);
    request.put("trust", text(TrustDocument.collect(file).bytes()));
    if (!bundle.isEmpty()) {
      request.put("policy", text(PolicyDocument.collect(write("gate.yaml", bundle)).bytes()));
    }
    more.forEach(request::put);
    return ask("/v1/registry/bind", request);
  }

  JsonNode ask(String path, ObjectNode request) {
    Client.Answer answer = owner.post(path, text(Json.write(request)));
    assertThat(answer.status()).as(answer.body()).isBetween(200, 201);
    return answer.json();
  }

  Path write(String name, String content) {
    try {
      return Files.writeString(directory.resolve(name), content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Repository repository(String name) {
    return registries.repository(
        Reference.parse("127.0.0.1:%d/%s:x".formatted(address().getPort(), name)));
  }

  /** Pushes a new image. */
  Descriptor image(String repository, String... tags) {
    images++;
    byte[] config =
        "{\"architecture\":\"amd64\",\"os\":\"linux\",\"config\":{\"User\":\"%d\"}}"
            .formatted(images)
            .getBytes(StandardCharsets.UTF_8);
    byte[] layer = ("layer " + images).getBytes(StandardCharsets.UTF_8);
    Descriptor configuration = Descriptor.of(MediaTypes.OCI_CONFIG, config);
    Descriptor content = Descriptor.of(MediaTypes.OCI_LAYER_GZIP, layer);
    try (Repository into = repository(repository)) {
      into.pushBlob(configuration, BlobSource.of(config));
      into.pushBlob(content, BlobSource.of(layer));
      Manifest manifest =
          Manifest.image(
              configuration, List.of(content), Optional.empty(), Optional.empty(), Map.of());
      into.pushManifest(manifest, List.of(tags));
      return manifest.descriptor();
    }
  }

  Descriptor sign(String repository, Descriptor image, String signer) {
    try (Repository into = repository(repository)) {
      return new CosignSigner(signer(signer), clock()).sign(into, image);
    }
  }

  Descriptor attest(String repository, Descriptor image, String signer, Statement statement) {
    try (Repository into = repository(repository)) {
      return new CosignSigner(signer(signer), clock()).attest(into, image, statement);
    }
  }

  /** What a reader is told when he asks for a manifest. */
  int pull(String repository, String reference) {
    return reader.get("/v2/%s/manifests/%s".formatted(repository, reference)).status();
  }

  int pull(String repository, Descriptor image) {
    return pull(repository, image.digest().toString());
  }

  /** How things stand with a manifest, as its owner sees it. */
  JsonNode trust(String repository, Descriptor image) {
    return owner.get("/v2/%s/_trust/%s".formatted(repository, image.digest())).json();
  }

  String state(String repository, Descriptor image) {
    return trust(repository, image).path("state").asString("");
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    registries.close();
    reader.http().close();
    server.close();
  }
}
