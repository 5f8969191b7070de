package dev.bulla.signing.notation;

import dev.bulla.core.BullaException;
import dev.bulla.core.Descriptor;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** A file as a descriptor: what a Notation signature of a file names (signature specification). */
final class BlobDescriptor {
  /** RFC 6838 section 4.2, with parameters as they come. */
  private static final Pattern MEDIA_TYPE =
      Pattern.compile("[\\w!#$&^.+-]{1,127}/[\\w!#$&^.+-]{1,127}(\\s*;.{1,255})?");

  private static final int BUFFER = 64 * 1024;

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
    Map<Digest.Algorithm, MessageDigest> running = new EnumMap<>(Digest.Algorithm.class);
    hashes.forEach(one -> running.put(one, one.newHash()));
    long size = 0;
    try (InputStream in = Files.newInputStream(file)) {
      byte[] buffer = new byte[BUFFER];
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        for (MessageDigest one : running.values()) {
          one.update(buffer, 0, read);
        }
        size += read;
      }
    } catch (NoSuchFileException e) {
      throw new BullaException(ErrorCode.FILE_NOT_FOUND, file + ": there is no such file", e);
    } catch (IOException e) {
      throw new BullaException(
          ErrorCode.INPUT_UNAVAILABLE, file + ": cannot be read: " + e.getMessage(), e);
    }
    Map<Digest.Algorithm, Digest> digests = new EnumMap<>(Digest.Algorithm.class);
    running.forEach((hash, one) -> digests.put(hash, Digest.ofHash(hash, one.digest())));
    return new Hashed(digests, size);
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
