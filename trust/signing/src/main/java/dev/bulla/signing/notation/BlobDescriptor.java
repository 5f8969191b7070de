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
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.regex.Pattern;

/** A file as a descriptor: what a Notation signature of a file names (signature specification). */
final class BlobDescriptor {
  /** RFC 6838 section 4.2, with parameters as they come. */
  private static final Pattern MEDIA_TYPE =
      Pattern.compile("[\\w!#$&^.+-]{1,127}/[\\w!#$&^.+-]{1,127}(\\s*;.{1,255})?");

  private BlobDescriptor() {}

  /**
   * Hashes {@code file} as a stream; digest and size are of the same reading.
   *
   * @param hash the one inside the signature's algorithm
   * @throws BullaException {@link ErrorCode#FILE_NOT_FOUND}, {@link ErrorCode#INPUT_UNAVAILABLE},
   *     {@link ErrorCode#USAGE} if {@code mediaType} is none
   */
  static Descriptor of(Path file, String mediaType, Digest.Algorithm hash) {
    if (!MEDIA_TYPE.matcher(mediaType).matches()) {
      throw new BullaException(
          ErrorCode.USAGE, "'%s' is not a media type".formatted(Shown.text(mediaType)));
    }
    MessageDigest hashing = hash.newHash();
    try (InputStream in = new DigestInputStream(Files.newInputStream(file), hashing)) {
      long size = in.transferTo(java.io.OutputStream.nullOutputStream());
      return new Descriptor(mediaType, Digest.ofHash(hash, hashing.digest()), size);
    } catch (NoSuchFileException e) {
      throw new BullaException(ErrorCode.FILE_NOT_FOUND, file + ": there is no such file", e);
    } catch (IOException e) {
      throw new BullaException(
          ErrorCode.INPUT_UNAVAILABLE, file + ": cannot be read: " + e.getMessage(), e);
    }
  }
}
