package dev.bulla.oci;

import dev.bulla.core.BullaException;
import dev.bulla.core.Descriptor;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.MediaTypes;
import dev.bulla.core.Reference;
import dev.bulla.core.Shown;
import dev.bulla.core.VerifyingInputStream;
import dev.bulla.core.json.Fields;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/** One repository of a registry over the OCI distribution API 1.1. */
final class RegistryRepository implements Repository {
  static final String ACCEPT =
      String.join(
          ", ",
          MediaTypes.OCI_MANIFEST,
          MediaTypes.OCI_INDEX,
          MediaTypes.DOCKER_MANIFEST,
          MediaTypes.DOCKER_MANIFEST_LIST,
          MediaTypes.OCI_ARTIFACT);

  /** Tags under which signatures, and lists of them, are found. */
  private static final Pattern EVIDENCE_TAG =
      Pattern.compile("sha(256|384|512)-[0-9a-f]{40,128}(\\..+)?");

  private static final int MAX_READ = 8;
  private static final int MAX_READ_BYTES = 512 * 1024;
  private static final int MAX_PAGES = 10_000;
  private static final int PAGE_BYTES = 16 * 1024 * 1024;

  private final Transport transport;
  private final Reference name;
  private final Endpoint endpoint;
  private final long chunk;
  private final ReferrersTag referrersTag;

  /** Manifests that came with the answer to what a tag stands for. */
  private final Map<Digest, byte[]> read = new ConcurrentHashMap<>();

  /**
   * @param chunk blobs above this many bytes go in chunks of it
   */
  RegistryRepository(Transport transport, Reference name, Endpoint endpoint, long chunk) {
    this.transport = transport;
    this.name = name.name();
    this.endpoint = endpoint;
    this.chunk = chunk;
    this.referrersTag = new ReferrersTag(this);
  }

  Reference reference() {
    return name;
  }

  @Override
  public String name() {
    return name.toString();
  }

  @Override
  public Optional<Descriptor> resolve(String tagOrDigest) {
    String what = "manifest " + Shown.text(tagOrDigest) + " of " + name;
    Optional<Digest> wanted =
        tagOrDigest.indexOf(':') >= 0 ? Optional.of(Digest.parse(tagOrDigest)) : Optional.empty();
    if (wanted.isEmpty() && !Reference.isTag(tagOrDigest)) {
      throw new BullaException(
          ErrorCode.REFERENCE_INVALID, "'" + Shown.text(tagOrDigest) + "' is not a tag");
    }
    String path = "/manifests/" + tagOrDigest;
    // what holds evidence is read next: asked for at once it costs one request less
    boolean whole = EVIDENCE_TAG.matcher(tagOrDigest).matches();
    Response answer =
        endpoint.ask(base ->
            Call.pull(whole ? "GET" : "HEAD", address(base, path), what, name)
                .header("Accept", ACCEPT));
    if (answer.status() == 404) {
      answer.discard();
      return Optional.empty();
    }
    Optional<Descriptor> told = answer.status() == 200 ? announced(answer, what) : Optional.empty();
    told.filter(one -> whole && one.size() <= MAX_READ_BYTES && read.size() < MAX_READ)
        .ifPresentOrElse(
            one -> read.put(one.digest(), answer.bytes(MAX_READ_BYTES, what)), answer::discard);
    Optional<Descriptor> found =
        told.isPresent() ? told : fetchToResolve(address(path), what, wanted);
    if (wanted.isPresent() && found.isPresent() && !found.get().digest().equals(wanted.get())) {
      throw new BullaException(
          ErrorCode.DIGEST_MISMATCH,
          "%s: the registry says it is %s".formatted(what, found.get().digest()),
          "The registry is not to be trusted with this content; use another source.");
    }
    return found;
  }

  private static Optional<Descriptor> announced(Response head, String what) {
    Optional<String> type = head.contentType();
    Optional<String> digest = head.header("Docker-Content-Digest");
    long size = head.length();
    if (type.isEmpty() || digest.isEmpty() || size <= 0) {
      return Optional.empty();
    }
    try {
      return Optional.of(new Descriptor(type.get(), Digest.parse(digest.get()), size));
    } catch (BullaException e) {
      throw new BullaException(
          ErrorCode.REGISTRY_PROTOCOL, what + ": unusable headers: " + e.reason(), e);
    }
  }

  /** For a registry that tells too little about a manifest without sending it. */
  private Optional<Descriptor> fetchToResolve(URI address, String what, Optional<Digest> wanted) {
    Call get = Call.pull("GET", address, what, name).header("Accept", ACCEPT);
    Response response = transport.send(get);
    if (response.status() != 200) {
      if (response.status() == 404) {
        response.discard();
        return Optional.empty();
      }
      throw Failures.of(get, response, ErrorCode.MANIFEST_NOT_FOUND);
    }
    String type = response.contentType().orElse(MediaTypes.OCI_MANIFEST);
    byte[] bytes = response.bytes(Manifest.MAX_BYTES, what);
    Digest.Algorithm algorithm = wanted.map(Digest::algorithm).orElse(Digest.Algorithm.SHA256);
    return Optional.of(new Descriptor(type, Digest.of(algorithm, bytes), bytes.length));
  }

  @Override
  public Manifest manifest(Descriptor descriptor) {
    String what = "manifest " + descriptor.digest() + " of " + name;
    byte[] bytes = read.remove(descriptor.digest());
    if (bytes != null) {
      return Contents.manifest(bytes, descriptor, what);
    }
    URI address = address("/manifests/" + descriptor.digest());
    Call get =
        Call.pull("GET", address, what, name)
            .header("Accept", descriptor.mediaType() + ", " + ACCEPT);
    Response response = transport.send(get);
    if (response.status() != 200) {
      throw Failures.of(get, response, ErrorCode.MANIFEST_NOT_FOUND);
    }
    return Contents.manifest(response.bytes(Manifest.MAX_BYTES, what), descriptor, what);
  }

  @Override
  public InputStream blob(Descriptor descriptor) {
    String what = "blob " + descriptor.digest() + " of " + name;
    Call get = Call.pull("GET", blobAddress(descriptor), what, name);
    return new VerifyingInputStream(
        ResumingDownload.open(transport, get, descriptor),
        descriptor.digest(),
        descriptor.size(),
        what);
  }

  @Override
  public InputStream blobFrom(Descriptor descriptor, long offset) {
    String what = "blob " + descriptor.digest() + " of " + name;
    Call get = Call.pull("GET", blobAddress(descriptor), what, name);
    return offset == 0
        ? ResumingDownload.open(transport, get, descriptor)
        : ResumingDownload.from(transport, get, descriptor, offset);
  }

  @Override
  public byte[] blobBytes(Descriptor descriptor, int maxBytes) {
    return Contents.small(this, descriptor, maxBytes);
  }

  @Override
  public boolean hasBlob(Descriptor descriptor) {
    String what = "blob " + descriptor.digest() + " of " + name;
    Call head = Call.pull("HEAD", blobAddress(descriptor), what, name);
    Response response = transport.send(head);
    if (response.status() == 200) {
      response.discard();
      return true;
    }
    if (response.status() == 404) {
      response.discard();
      return false;
    }
    throw Failures.of(head, response, ErrorCode.BLOB_NOT_FOUND);
  }

  @Override
  public void pushBlob(Descriptor descriptor, BlobSource source) {
    if (!hasBlob(descriptor)) {
      upload(descriptor, source, Optional.empty());
    }
  }

  /**
   * Stores a blob that is known to be absent.
   *
   * @param from a repository of the same registry that has it
   * @return whether the registry linked it instead of taking the bytes
   */
  boolean upload(Descriptor descriptor, BlobSource source, Optional<Reference> from) {
    String what = "upload of blob " + descriptor.digest() + " to " + name;
    URI uploads = address("/blobs/uploads/");
    Call template = Call.push("POST", uploads, what, name);
    Call start = template;
    if (from.isPresent()) {
      String query = "?mount=" + descriptor.digest() + "&from=" + encoded(from.get().repository());
      start =
          Call.push("POST", URI.create(uploads + query), what, name)
              .scope("repository:" + from.get().repository() + ":pull");
    }
    Response opened = transport.send(start);
    if (from.isPresent() && opened.status() == 201) {
      opened.discard();
      return true;
    }
    try (BlobUpload upload =
        new BlobUpload(transport, template, descriptor, source, chunk, opened)) {
      upload.run();
    }
    return false;
  }

  @Override
  public void pushManifest(Manifest manifest, Collection<String> tags) {
    Set<String> targets = new TreeSet<>(tags);
    for (String tag : targets) {
      if (!Reference.isTag(tag)) {
        throw new BullaException(
            ErrorCode.REFERENCE_INVALID, "'" + Shown.text(tag) + "' is not a tag");
      }
    }
    if (targets.isEmpty()) {
      targets.add(manifest.descriptor().digest().toString());
    }
    boolean registryKnowsSubject = true;
    for (String target : targets) {
      registryKnowsSubject &= put(manifest, target);
    }
    if (manifest.subject().isPresent() && !registryKnowsSubject) {
      referrersTag.add(manifest.subject().get().digest(), Contents.referrer(manifest));
    }
  }

  /** Whether the registry said that it has filed the manifest under its subject. */
  private boolean put(Manifest manifest, String target) {
    String what = "manifest " + manifest.descriptor().digest() + " to " + name + " as " + target;
    byte[] bytes = manifest.bytes();
    Call put =
        Call.push("PUT", address("/manifests/" + target), what, name)
            .header("Content-Type", manifest.descriptor().mediaType())
            .body(Body.of(bytes));
    Response response = transport.send(put);
    if (response.status() != 201 && response.status() != 200) {
      throw Failures.of(put, response);
    }
    response.discard();
    Optional<String> stored = response.header("Docker-Content-Digest");
    Digest digest = manifest.descriptor().digest();
    if (stored.isPresent()
        && stored.get().startsWith(digest.algorithm().id() + ":")
        && !stored.get().equals(digest.toString())) {
      throw new BullaException(
          ErrorCode.DIGEST_MISMATCH,
          "%s: the registry stored it as %s".formatted(what, Shown.text(stored.get())));
    }
    return response.header("OCI-Subject").isPresent();
  }

  /**
   * By digest: a tag that names it goes with it. Where the registry keeps no list of referrers, the
   * entry of the fallback list goes too.
   */
  @Override
  public boolean delete(Manifest manifest) {
    String what = "manifest " + manifest.descriptor().digest() + " of " + name;
    Call delete =
        Call.of(
            "DELETE",
            address("/manifests/" + manifest.descriptor().digest()),
            what,
            name,
            "pull,push,delete");
    Response response = transport.send(delete);
    if (response.status() != 404 && response.status() / 100 != 2) {
      throw Failures.of(delete, response, ErrorCode.MANIFEST_NOT_FOUND);
    }
    response.discard();
    manifest
        .subject()
        .ifPresent(
            subject -> referrersTag.remove(subject.digest(), manifest.descriptor().digest()));
    return response.status() != 404;
  }

  @Override
  public List<Descriptor> referrers(Digest subject, Optional<String> artifactType) {
    String what = "referrers of " + subject + " in " + name;
    String query = artifactType.map(type -> "?artifactType=" + encoded(type)).orElse("");
    Call first =
        Call.pull("GET", address("/referrers/" + subject + query), what, name)
            .header("Accept", MediaTypes.OCI_INDEX);
    ReferrersList found = new ReferrersList(this, subject, artifactType);
    Response response = transport.send(first);
    if (response.status() == 200
        && response.contentType().filter(MediaTypes.OCI_INDEX::equals).isPresent()) {
      pages(first, response, page -> found.addAll(page));
      return found.all();
    }
    boolean unsupported = Set.of(200, 400, 404, 405).contains(response.status());
    if (!unsupported) {
      throw Failures.of(first, response);
    }
    response.discard();
    referrersTag.read(subject).forEach(found::add);
    return found.all();
  }

  @Override
  public List<String> tags() {
    Call first = Call.pull("GET", address("/tags/list?n=1000"), "tags of " + name, name);
    Response response = transport.send(first);
    if (response.status() != 200) {
      throw Failures.of(first, response, ErrorCode.REPOSITORY_NOT_FOUND);
    }
    Set<String> tags = new TreeSet<>();
    pages(first, response, page -> tags.addAll(page.strings("tags")));
    return List.copyOf(tags);
  }

  /** Reads a list page by page, following {@code Link} within the same authority only. */
  private void pages(Call first, Response response, Consumer<Fields> each) {
    Call call = first;
    Response current = response;
    Set<URI> seen = new HashSet<>();
    while (true) {
      byte[] bytes = current.bytes(PAGE_BYTES, call.what());
      each.accept(Contents.fields(bytes, call.what()));
      Optional<String> next = Links.next(current.headers("Link"));
      if (next.isEmpty()) {
        return;
      }
      URI target = Transport.resolve(call, next.get());
      boolean away = !Wire.authority(target).equals(Wire.authority(first.uri()));
      if (away || !seen.add(target) || seen.size() > MAX_PAGES) {
        throw new BullaException(
            ErrorCode.REGISTRY_PROTOCOL,
            "%s: the next page '%s' is elsewhere, was read before or is one too many"
                .formatted(call.what(), Shown.text(next.get())));
      }
      call = first.to("GET", target);
      current = transport.send(call);
      if (current.status() != 200) {
        throw Failures.of(call, current);
      }
    }
  }

  private URI address(String path) {
    return address(endpoint.base(), path);
  }

  private URI address(URI base, String path) {
    return URI.create(base + "/v2/" + name.repository() + path);
  }

  private URI blobAddress(Descriptor descriptor) {
    return address("/blobs/" + descriptor.digest());
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  /** The connections belong to the client; there is nothing to close. */
  @Override
  public void close() {}
}
