package dev.bulla.registry.http;

import dev.bulla.access.Permission;
import dev.bulla.access.Principal;
import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.registry.Registry;
import dev.bulla.registry.UploadBody;
import dev.bulla.store.Blobs;
import dev.bulla.web.Exchange;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Writing blobs (specification 1.1, "Pushing blobs").
 *
 * <p>The offset is checked before a byte of the request is read, so a refused chunk changes
 * nothing. An address of an upload stays good until the upload ends: a client that lost an answer
 * can ask where it stands and go on. Its name leads to it in its own repository only: who sees it
 * cannot take the content elsewhere.
 */
final class UploadRoutes {
  private static final int MAX_SOURCES = 100;

  private final Registry registry;
  private final SecureRandom random = new SecureRandom();
  private final OpenUploads open;

  UploadRoutes(Registry registry) {
    this.registry = registry;
    this.open = new OpenUploads(InstantSource.system(), this::isDropped);
  }

  /** POST: mounts, takes the whole blob, or opens an upload. */
  void begin(Exchange exchange) throws IOException {
    String repository = RegistryRoutes.repository(exchange);
    Optional<String> mount = exchange.query("mount");
    if (mount.isPresent() && mount(exchange, repository, Digest.parse(mount.get()))) {
      return;
    }
    Optional<Digest> whole = exchange.query("digest").map(Digest::parse);
    Digest.Algorithm likely =
        whole
            .or(() -> mount.map(Digest::parse))
            .map(Digest::algorithm)
            .or(() -> exchange.query("digest-algorithm").map(Digest.Algorithm::parse))
            .orElse(Digest.Algorithm.SHA256);
    if (whole.isEmpty()) {
      String caller = caller(exchange);
      open.require(caller);
      String name = newName();
      Blobs.Upload upload = registry.beginUpload(repository, idOf(repository, name), likely);
      open.begin(caller, repository, upload.id());
      accepted(exchange, repository, name, upload);
      return;
    }
    Blobs.Upload upload = registry.beginUpload(repository, likely);
    boolean done = false;
    try {
      take(exchange, repository, upload, whole);
      finish(exchange, repository, upload, whole.get());
      done = true;
    } finally {
      if (!done) {
        abandon(repository, upload);
      }
    }
  }

  /** Nobody knows of an upload that failed in one request. */
  private void abandon(String repository, Blobs.Upload upload) {
    try {
      registry.uploads().abort(repository, upload);
    } catch (BullaException e) {
      // it has ended by itself, or the collection will drop it; the failure before is the one to
      // report
    }
  }

  /** Drops an upload without content; false if it has some. */
  private boolean isDropped(String repository, String id) {
    try {
      Blobs.Upload upload = registry.upload(repository, id);
      if (upload.offset() > 0) {
        return false;
      }
      registry.uploads().abort(repository, upload);
      return true;
    } catch (BullaException e) {
      return e.code() == ErrorCode.UPLOAD_NOT_FOUND;
    }
  }

  /** GET: where the upload stands. */
  void state(Exchange exchange) throws IOException {
    String repository = RegistryRoutes.repository(exchange);
    Blobs.Upload upload = registry.upload(repository, idOf(repository, exchange.pathParam("id")));
    UploadPlace.of(repository, exchange.pathParam("id"), upload)
        .describe(exchange)
        .status(204)
        .send();
  }

  /** PATCH: takes the next chunk. */
  void append(Exchange exchange) throws IOException {
    String repository = RegistryRoutes.repository(exchange);
    Blobs.Upload upload = registry.upload(repository, idOf(repository, exchange.pathParam("id")));
    open.touch(upload.id());
    takeInPlace(exchange, repository, upload, Optional.empty());
    accepted(exchange, repository, exchange.pathParam("id"), upload);
  }

  /** PUT: takes the last chunk, if any, and ends the upload. */
  void commit(Exchange exchange) throws IOException {
    String repository = RegistryRoutes.repository(exchange);
    Blobs.Upload upload = registry.upload(repository, idOf(repository, exchange.pathParam("id")));
    Digest digest =
        exchange
            .query("digest")
            .map(Digest::parse)
            .orElseThrow(() ->
                new BullaException(
                    ErrorCode.DIGEST_INVALID, "the upload cannot end without a digest parameter"));
    takeInPlace(exchange, repository, upload, Optional.of(digest));
    finish(exchange, repository, upload, digest);
  }

  void cancel(Exchange exchange) throws IOException {
    String repository = RegistryRoutes.repository(exchange);
    Blobs.Upload upload = registry.upload(repository, idOf(repository, exchange.pathParam("id")));
    registry.uploads().abort(repository, upload);
    open.end(upload.id());
    exchange.status(204).send();
  }

  /** Without {@code from}, any repository that the caller may use will do. */
  private boolean mount(Exchange exchange, String repository, Digest digest) throws IOException {
    Optional<String> from = exchange.query("from").filter(name -> !name.isEmpty());
    List<String> sources =
        from.map(List::of).orElseGet(() -> registry.repositoriesWith(digest, MAX_SOURCES));
    boolean mounted =
        sources.stream()
            .filter(source -> mayRead(exchange, source, digest))
            .anyMatch(source -> registry.mount(repository, digest, source));
    if (mounted) {
      created(exchange, repository, digest);
    }
    return mounted;
  }

  /** Nobody gets by a mount what he may not pull. */
  private boolean mayRead(Exchange exchange, String source, Digest digest) {
    return RegistryRoutes.may(registry, exchange, Permission.PULL, source)
        && (RegistryRoutes.seesAll(exchange, source)
            || registry.trust().isBlobVisible(source, digest));
  }

  /** Refusing what does not belong at the end of the upload, it says where that is. */
  private void takeInPlace(
      Exchange exchange, String repository, Blobs.Upload upload, Optional<Digest> whole)
      throws IOException {
    try {
      take(exchange, repository, upload, whole);
    } catch (BullaException e) {
      if (e.code() == ErrorCode.RANGE_INVALID) {
        exchange.attribute(
            UploadPlace.class, UploadPlace.of(repository, exchange.pathParam("id"), upload));
      }
      throw e;
    }
  }

  private void take(
      Exchange exchange, String repository, Blobs.Upload upload, Optional<Digest> whole)
      throws IOException {
    UploadBody body = body(exchange, whole);
    Principal principal = Principal.of(exchange);
    if (principal.local() || principal.isOwner()) {
      registry.uploads().append(repository, upload, body);
      return;
    }
    String caller = caller(exchange);
    open.enter(caller);
    try {
      registry.uploads().append(repository, upload, body);
    } finally {
      open.leave(caller);
    }
  }

  /** Who has the uploads: a name, or the address of somebody without one. */
  private static String caller(Exchange exchange) {
    Principal principal = Principal.of(exchange);
    return principal.isAnonymous() ? exchange.remoteAddress().getHostAddress() : principal.name();
  }

  private static UploadBody body(Exchange exchange, Optional<Digest> whole) throws IOException {
    Optional<ContentRange> range = ContentRange.of(exchange);
    InputStream bytes = exchange.body();
    return range.isEmpty()
        ? new UploadBody(OptionalLong.empty(), bytes, exchange.contentLength(), whole)
        : new UploadBody(
            OptionalLong.of(range.get().first()),
            new ChunkStream(bytes, range.get().length()),
            OptionalLong.of(range.get().length()),
            whole);
  }

  private void finish(Exchange exchange, String repository, Blobs.Upload upload, Digest digest)
      throws IOException {
    try {
      registry.commit(repository, upload, digest);
    } finally {
      open.end(upload.id());
    }
    created(exchange, repository, digest);
  }

  private static void created(Exchange exchange, String repository, Digest digest)
      throws IOException {
    exchange
        .status(201)
        .setHeader("Location", "/v2/" + repository + "/blobs/" + digest)
        .setHeader("Docker-Content-Digest", digest.toString())
        .send();
  }

  private String newName() {
    byte[] name = new byte[16];
    random.nextBytes(name);
    return HexFormat.of().formatHex(name);
  }

  /** By another repository's name the same upload cannot be found. */
  private static String idOf(String repository, String name) {
    byte[] both = (repository + "/" + name).getBytes(StandardCharsets.UTF_8);
    return Digest.sha256(both).hex().substring(0, 32);
  }

  private static void accepted(
      Exchange exchange, String repository, String name, Blobs.Upload upload) throws IOException {
    UploadPlace.of(repository, name, upload).describe(exchange).status(202).send();
  }
}
