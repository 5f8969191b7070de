package dev.bulla.oci;

import dev.bulla.core.BullaException;
import dev.bulla.core.Descriptor;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.VerifyingInputStream;
import dev.bulla.core.json.Fields;
import dev.bulla.core.json.Json;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** What all kinds of repositories do with the bytes they are given. */
final class Contents {
  private Contents() {}

  /** Verifies the bytes against {@code expected} before anything in them is read. */
  static Manifest manifest(byte[] bytes, Descriptor expected, String what) {
    expected.digest().verify(bytes, what);
    if (bytes.length != expected.size()) {
      throw new BullaException(
          ErrorCode.SIZE_MISMATCH,
          "%s: found %d bytes, expected %d".formatted(what, bytes.length, expected.size()));
    }
    return Manifest.parse(bytes, expected.mediaType(), expected.digest().algorithm());
  }

  /** The whole of a blob. */
  static byte[] small(Repository repository, Descriptor blob, int maxBytes) {
    String what = "blob " + blob.digest() + " of " + repository.name();
    if (blob.size() > maxBytes) {
      throw new BullaException(
          ErrorCode.INPUT_TOO_LARGE,
          "%s: %d bytes, at most %d are read".formatted(what, blob.size(), maxBytes));
    }
    try (InputStream in = repository.blob(blob)) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new BullaException(
          ErrorCode.REGISTRY_UNAVAILABLE, "%s: %s".formatted(what, e.getMessage()), e);
    }
  }

  /**
   * {@code in} as a stream that fails at its end unless the bytes are those of {@code blob}; hashed
   * only once.
   */
  static InputStream verified(InputStream in, Descriptor blob, String what) {
    boolean already =
        (in instanceof VerifyingInputStream own && own.verifies(blob.digest(), blob.size()))
            || (in instanceof CountingStream counting && counting.verifies(blob));
    return already ? in : new VerifyingInputStream(in, blob.digest(), blob.size(), what);
  }

  /** A manifest as a list of referrers names it: with its artifact type and its annotations. */
  static Descriptor referrer(Manifest manifest) {
    Descriptor bare = manifest.descriptor().bare();
    Descriptor annotated = bare.withAnnotations(manifest.annotations());
    return manifest.effectiveArtifactType().map(annotated::withArtifactType).orElse(annotated);
  }

  /** A field that does not hold what it should makes the whole document invalid. */
  static <T> T orInvalid(Supplier<T> reading) {
    try {
      return reading.get();
    } catch (BullaException e) {
      boolean content = e.code() == ErrorCode.FIELD_INVALID || e.code() == ErrorCode.DIGEST_INVALID;
      throw content ? new BullaException(ErrorCode.MANIFEST_INVALID, e.reason(), e) : e;
    }
  }

  static Fields fields(byte[] bytes, String what) {
    return Fields.of(Json.parse(bytes, what), what);
  }

  /** A selector that can only be a digest: tags have no colon. */
  static Optional<Digest> digest(String tagOrDigest) {
    return tagOrDigest.indexOf(':') < 0 ? Optional.empty() : Optional.of(Digest.parse(tagOrDigest));
  }

  static Map<String, String> with(Map<String, String> annotations, String name, String value) {
    Map<String, String> more = new java.util.TreeMap<>(annotations);
    more.put(name, value);
    return more;
  }

  static Map<String, String> without(Map<String, String> annotations, String name) {
    Map<String, String> fewer = new java.util.TreeMap<>(annotations);
    fewer.remove(name);
    return fewer;
  }
}
