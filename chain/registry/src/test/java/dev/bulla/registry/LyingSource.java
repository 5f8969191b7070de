package dev.bulla.registry;

import dev.bulla.core.BullaException;
import dev.bulla.core.Descriptor;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.json.Json;
import dev.bulla.oci.BlobSource;
import dev.bulla.oci.Manifest;
import dev.bulla.oci.Repository;
import dev.bulla.registry.replication.Glob;
import dev.bulla.registry.replication.Source;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What lies between a source and its replica on a bad day: cuts, changed bytes, entries in another
 * order, twice or left out, old answers repeated, evidence withheld, sizes that are not so.
 */
class LyingSource implements Source {
  private final TrialRegion source;
  private final Random random;
  private final List<byte[]> old = new ArrayList<>();
  private boolean lies;
  private String last = "";

  LyingSource(TrialRegion source, Random random) {
    this.source = source;
    this.random = random;
  }

  void lies(boolean value) {
    lies = value;
    last = "";
  }

  /** What it did, for the message of a failure. */
  String last() {
    return last;
  }

  private boolean now(String what, int oneIn) {
    boolean does = lies && random.nextInt(oneIn) == 0;
    if (does) {
      last += what + "; ";
    }
    return does;
  }

  private void cut() {
    if (now("cut", 12)) {
      throw new BullaException(ErrorCode.REGISTRY_UNAVAILABLE, "the connection broke");
    }
  }

  @Override
  public Optional<Feeds> feeds(Glob glob, long since, int waitSeconds) {
    cut();
    return Optional.of(new Feeds(source.feed.written(), source.feed.sizes()));
  }

  @Override
  public byte[] page(String repository, long after) {
    cut();
    byte[] page = Json.write(source.pages.page(repository, after, 1 + random.nextInt(20)));
    if (!old.isEmpty() && now("replay", 8)) {
      return old.get(random.nextInt(old.size()));
    }
    old.add(page);
    if (now("corrupt", 10)) {
      page = page.clone();
      page[random.nextInt(page.length)] ^= 1;
      return page;
    }
    ObjectNode changed = Json.parseObject(page, "page");
    ArrayNode entries = (ArrayNode) changed.get("entries");
    if (entries.size() > 1 && now("reorder", 8)) {
      JsonNode first = entries.remove(0);
      entries.add(first);
    }
    if (!entries.isEmpty() && now("duplicate", 8)) {
      entries.add(entries.get(random.nextInt(entries.size())).deepCopy());
    }
    if (!entries.isEmpty() && now("drop", 8)) {
      entries.remove(random.nextInt(entries.size()));
    }
    if (!entries.isEmpty() && now("size", 8)) {
      ((ObjectNode) entries.get(random.nextInt(entries.size()))).put("size", 7);
    }
    return Json.write(changed);
  }

  @Override
  public List<String> repositories(Glob glob) {
    return List.copyOf(source.feed.sizes().keySet());
  }

  @Override
  public Repository repository(String name) {
    cut();
    return new Content(source.registry.stored(name));
  }

  @Override
  public void report(String repository, byte[] report) {
    cut();
    source.pages.accept(repository, report);
  }

  @Override
  public void close() {
    // nothing is held
  }

  /** Verifies what it gives, as a client does; faults come before that. */
  private final class Content implements Repository {
    private final Repository real;

    Content(Repository real) {
      this.real = real;
    }

    @Override
    public String name() {
      return real.name();
    }

    @Override
    public Optional<Descriptor> resolve(String tagOrDigest) {
      return real.resolve(tagOrDigest);
    }

    @Override
    public Manifest manifest(Descriptor descriptor) {
      cut();
      if (now("withhold", 8)) {
        throw new BullaException(
            ErrorCode.MANIFEST_NOT_FOUND, descriptor.digest() + " is not there");
      }
      Manifest manifest = real.manifest(descriptor);
      byte[] bytes = manifest.bytes();
      if (now("corrupt manifest", 12)) {
        bytes[random.nextInt(bytes.length)] ^= 1;
      }
      descriptor.digest().verify(bytes, "manifest");
      return manifest;
    }

    @Override
    public InputStream blob(Descriptor descriptor) throws IOException {
      cut();
      byte[] bytes;
      try (InputStream in = real.blob(descriptor)) {
        bytes = in.readAllBytes();
      }
      if (now("corrupt blob", 12)) {
        bytes[random.nextInt(bytes.length)] ^= 1;
      }
      return new dev.bulla.core.VerifyingInputStream(
          new ByteArrayInputStream(bytes), descriptor.digest(), descriptor.size(), "blob");
    }

    @Override
    public byte[] blobBytes(Descriptor descriptor, int maxBytes) {
      return real.blobBytes(descriptor, maxBytes);
    }

    @Override
    public boolean hasBlob(Descriptor descriptor) {
      return real.hasBlob(descriptor);
    }

    @Override
    public void pushBlob(Descriptor descriptor, BlobSource from) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void pushManifest(Manifest manifest, Collection<String> tags) {
      throw new UnsupportedOperationException();
    }

    @Override
    public List<Descriptor> referrers(Digest subject, Optional<String> artifactType) {
      return real.referrers(subject, artifactType);
    }

    @Override
    public List<String> tags() {
      return real.tags();
    }

    @Override
    public void close() {
      real.close();
    }
  }
}
