package dev.bulla.registry;

import dev.bulla.access.Authenticator;
import dev.bulla.access.ServerToken;
import dev.bulla.core.Digest;
import dev.bulla.core.MediaTypes;
import dev.bulla.core.json.Json;
import dev.bulla.keys.KeyAlgorithm;
import dev.bulla.oci.Credential;
import dev.bulla.oci.CredentialSource;
import dev.bulla.oci.RegistryClient;
import dev.bulla.registry.ImageJudge.Clause;
import dev.bulla.registry.ImageJudge.Judgement;
import dev.bulla.registry.http.CacheRoutes;
import dev.bulla.registry.http.FeedRoutes;
import dev.bulla.registry.http.HomeRegions;
import dev.bulla.registry.http.OciErrors;
import dev.bulla.registry.http.RegistryRoutes;
import dev.bulla.registry.replication.AirGap;
import dev.bulla.registry.replication.CacheProject;
import dev.bulla.registry.replication.Feed;
import dev.bulla.registry.replication.FeedPages;
import dev.bulla.registry.replication.Glob;
import dev.bulla.registry.replication.PassReport;
import dev.bulla.registry.replication.PullThrough;
import dev.bulla.registry.replication.Regions;
import dev.bulla.registry.replication.RemoteSource;
import dev.bulla.registry.replication.Replication;
import dev.bulla.registry.replication.Replications;
import dev.bulla.registry.replication.Seal;
import dev.bulla.registry.replication.Source;
import dev.bulla.store.FilesystemBlobs;
import dev.bulla.store.Outbox;
import dev.bulla.store.Records;
import dev.bulla.store.Schema;
import dev.bulla.web.Listener;
import dev.bulla.web.WebServer;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/**
 * A region: a registry that is a source for others and a replica of others. Its judge is simple: an
 * image is admitted by a bundle beside it whose annotation names a signer that stands in the
 * binding's document.
 */
final class TrialRegion implements AutoCloseable {
  static final String BUNDLE = "application/vnd.dev.sigstore.bundle.v0.3+json";

  final Registry registry;
  final Replications replications;
  final Regions regions;
  final Records records;
  final FeedPages pages;
  final Feed feed;
  final PullThrough caches;
  final AirGap airGap;
  private final WebServer web;
  private final ServerToken token = ServerToken.random(new SecureRandom());
  private final String name;
  Optional<Source> forced = Optional.empty();

  /** Whether what it pulls is kept though nothing came of it; no server of it follows. */
  boolean follows;

  TrialRegion(String name, Path home) {
    this(name, home, InstantSource.system());
  }

  TrialRegion(String name, Path home, InstantSource clock) {
    this.name = name;
    try {
      java.nio.file.Files.createDirectories(home);
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    List<Schema> tables = List.of(Registry.SCHEMA, Replications.SCHEMA);
    TrialStores.lay(home, tables);
    records = Records.open(home.resolve("records.db"), tables);
    registry = new Registry(records, FilesystemBlobs.open(home.resolve("blobs")), clock);
    registry.trust().judgeBy(TrialRegion::judge);
    Seal seal = new Seal(KeyAlgorithm.ECDSA_P256.generate(new SecureRandom()));
    feed = new Feed(records, seal, clock);
    regions = new Regions(records, feed, clock);
    replications = new Replications(registry, records, seal, this::connect, clock);
    pages = new FeedPages(feed, regions);
    caches = new PullThrough(registry, records, cache -> client(cache.credentials()), clock);
    airGap = new AirGap(registry, feed, replications);
    Authenticator authenticator = new Authenticator(token);
    HomeRegions homes =
        new HomeRegions(
            registry,
            repo ->
                replications
                    .of(repo)
                    .map(Replication::source)
                    .or(() -> caches.of(repo).map(CacheProject::upstream)));
    web =
        WebServer.builder()
            .listen(Listener.http("127.0.0.1", 0))
            .filter(authenticator)
            .guard(authenticator)
            .routes(homes.guard(CacheRoutes.filling(RegistryRoutes.of(registry), registry, caches)))
            .routes(FeedRoutes.of(registry, feed, regions, replications::homes))
            .errors(RegistryRoutes.PREFIX, new OciErrors())
            .start();
  }

  private static Judgement judge(
      Binding binding,
      dev.bulla.oci.Repository repository,
      dev.bulla.core.Descriptor subject,
      Optional<String> tag) {
    String signers = new String(binding.trust(), StandardCharsets.UTF_8);
    boolean signed =
        repository.referrers(subject.digest(), Optional.of(BUNDLE)).stream()
            .anyMatch(one -> signers.contains(one.annotations().getOrDefault("signer", "?")));
    Clause clause = new Clause("signatures", signed ? "" : "none of " + signers + " has signed");
    return new Judgement(signed, List.of(clause), List.of(), signed ? "" : "not signed", false);
  }

  URI address() {
    return web.address();
  }

  String secret() {
    return token.reveal();
  }

  String[] owner() {
    return new String[] {"Authorization", "Bearer " + token.reveal()};
  }

  Outbox outbox() {
    return new Outbox(records);
  }

  void bind(String glob, String signer) {
    registry
        .trust()
        .bind(
            new Binding(
                glob,
                Binding.Mode.ENFORCE,
                Binding.UnsignedPush.REFUSE,
                false,
                "localhost",
                signer.getBytes(StandardCharsets.UTF_8)));
  }

  /** One pass of the replication of {@code glob} from there, with the owner's credential. */
  PassReport pull(URI from, String glob, String secret) {
    Replication one =
        replications.save(
            new Replication(
                0,
                "http://" + from.getAuthority(),
                new Glob(glob),
                follows,
                secret,
                name,
                0,
                "",
                Optional.empty(),
                ""));
    return replications.run(one, true, Progress.UNHEARD);
  }

  /** One pass from a source that is here already. */
  PassReport pull(Source source, String glob) {
    forced = Optional.of(source);
    try {
      return pull(URI.create("http://127.0.0.1:1"), glob, "");
    } finally {
      forced = Optional.empty();
    }
  }

  PassReport pull(TrialRegion from, String glob) {
    return pull(from.address(), glob, from.token.reveal());
  }

  /** In these trials the place of the credentials file holds the secret itself. */
  private Source connect(Replication one) {
    if (forced.isPresent()) {
      return forced.get();
    }
    return new RemoteSource(client(one.credentials()), RemoteSource.registryOf(one.source()));
  }

  private static RegistryClient client(String secret) {
    return RegistryClient.builder()
        .retries(1)
        .retryDelay(Duration.ofMillis(1))
        .credentials(
            new CredentialSource() {
              @Override
              public Optional<Credential> find(dev.bulla.core.Reference repository) {
                return unasked(repository).map(t -> t);
              }

              @Override
              public Optional<Credential.RegistryToken> unasked(
                  dev.bulla.core.Reference repository) {
                return secret.isEmpty()
                    ? Optional.empty()
                    : Optional.of(new Credential.RegistryToken(secret));
              }
            })
        .build();
  }

  /** An image whose blobs are stored already, without HTTP. */
  static ObjectNode image(Registry registry, String repository, int seed) {
    byte[] config = ("{\"seed\":" + seed + "}").getBytes(StandardCharsets.UTF_8);
    byte[] layer = Caller.content(500 + seed);
    store(registry, repository, config);
    store(registry, repository, layer);
    ObjectNode manifest =
        Json.object().put("schemaVersion", 2).put("mediaType", MediaTypes.OCI_MANIFEST);
    manifest.set("config", Caller.descriptor(MediaTypes.OCI_CONFIG, config));
    manifest.putArray("layers").add(Caller.descriptor(MediaTypes.OCI_LAYER_GZIP, layer));
    return manifest;
  }

  /** The same for a piece of evidence. */
  static ObjectNode bundle(
      Registry registry, String repository, dev.bulla.core.Descriptor subject, String signer) {
    byte[] empty = "{}".getBytes(StandardCharsets.UTF_8);
    store(registry, repository, empty);
    ObjectNode manifest =
        Json.object().put("schemaVersion", 2).put("mediaType", MediaTypes.OCI_MANIFEST);
    manifest.put("artifactType", BUNDLE);
    manifest.set("config", Caller.descriptor(MediaTypes.OCI_EMPTY, empty));
    manifest.putArray("layers").add(Caller.descriptor(MediaTypes.OCI_EMPTY, empty));
    manifest.set("subject", dev.bulla.oci.Manifest.toJson(subject));
    manifest.putObject("annotations").put("signer", signer);
    return manifest;
  }

  static dev.bulla.core.Descriptor describe(ObjectNode manifest) {
    return dev.bulla.core.Descriptor.of(
        manifest.path("mediaType").asString(), Json.write(manifest));
  }

  private static void store(Registry registry, String repository, byte[] content) {
    Digest digest = Digest.sha256(content);
    if (registry.stored(repository).hasBlob(new dev.bulla.core.Descriptor("any", digest, 0))) {
      return;
    }
    dev.bulla.store.Blobs.Upload upload = registry.beginUpload(repository, Digest.Algorithm.SHA256);
    try {
      upload.append(java.util.OptionalLong.of(0), new java.io.ByteArrayInputStream(content));
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    registry.commit(repository, upload, digest);
  }

  /** A piece of evidence whose blobs are pushed already. */
  static ObjectNode signature(Caller caller, String repository, ObjectNode subject, String signer) {
    ObjectNode bundle = caller.artifact(repository, BUNDLE);
    bundle.set("subject", Caller.descriptor(subject));
    bundle.putObject("annotations").put("signer", signer);
    return bundle;
  }

  /** Pushes evidence. */
  static Digest sign(Caller caller, String repository, ObjectNode subject, String signer) {
    ObjectNode bundle = signature(caller, repository, subject, signer);
    caller.putManifest(repository, Caller.digestOf(bundle).toString(), bundle);
    return Digest.sha256(Json.write(bundle));
  }

  @Override
  public void close() {
    web.close();
    caches.close();
    registry.close();
    records.close();
  }
}
