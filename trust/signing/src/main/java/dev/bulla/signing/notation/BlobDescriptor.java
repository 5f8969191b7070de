package dev.bulla.signing.notation;

import dev.bulla.core.BullaException;
import dev.bulla.core.Descriptor;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.signing.trust.BlobSubject;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** A file as a descriptor: what a Notation signature of a file names (signature specification). */
final class BlobDescriptor {
  /** RFC 6838 section 4.2, with parameters as they come. */
  private static final Pattern MEDIA_TYPE =
      Pattern.compile("[\\w!#$&^.+-]{1,127}/[\\w!#$&^.+-]{1,127}(\\s*;.{1,255})?");

  private BlobDescriptor() {}

  /** What one reading of a file has given. */
  record Hashed(Map<Digest.Algorithm, Digest> digests, long size) {
    Hashed {
      digests = Map.copyOf(digests);
    }

    Descriptor descriptor(Digest.Algorithm hash, String mediaType) {
      Digest digest = digests.get(hash);
      if (digest == null) {
        throw new IllegalArgumentException("not hashed by " + hash);
      }
      return new Descriptor(mediaType, digest, size);
    }
  }

  /**
   * Reads {@code file} once, as a stream.
   *
   * @throws BullaException {@link ErrorCode#FILE_NOT_FOUND}, {@link ErrorCode#INPUT_UNAVAILABLE}
   */
  static Hashed hash(Path file, Set<Digest.Algorithm> hashes) {
    BlobSubject.Hashed hashed = BlobSubject.hash(file, hashes);
    return new Hashed(hashed.digests(), hashed.size());
  }

  /**
   * @throws BullaException {@link ErrorCode#USAGE} if {@code text} is not a media type
   */
  static String mediaType(String text) {
    if (!MEDIA_TYPE.matcher(text).matches()) {
      throw new BullaException(
          ErrorCode.USAGE, "'%s' is not a media type".formatted(Shown.text(text)));
    }
    return text;
  }
}
