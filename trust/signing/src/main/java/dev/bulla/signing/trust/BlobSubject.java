package dev.bulla.signing.trust;

import dev.bulla.core.BullaException;
import dev.bulla.core.Descriptor;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A file whose signatures are judged, hashed as a stream when somebody asks for a hash; or only its
 * digest. Every reading of the file must find the same bytes. Not thread-safe.
 */
public final class BlobSubject {
  private static final String TYPE = "application/octet-stream";
  private static final int MAX_WHOLE = 1024 * 1024 * 1024;
  private static final int BUFFER = 64 * 1024;

  private final Optional<Path> file;
  private final Map<Digest.Algorithm, Digest> known;
  private long size;

  private BlobSubject(Optional<Path> file, Map<Digest.Algorithm, Digest> known) {
    this.file = file;
    this.known = known;
  }

  public static BlobSubject of(Path file) {
    return new BlobSubject(Optional.of(file), new EnumMap<>(Digest.Algorithm.class));
  }

  /**
   * A file of which the digest is all that is at hand. A signature over another hash of it cannot
   * be verified; its size counts as zero, for it is not known.
   */
  public static BlobSubject of(Digest digest) {
    return new BlobSubject(Optional.empty(), new EnumMap<>(Map.of(digest.algorithm(), digest)));
  }

  /** Whether the bytes are at hand. */
  public boolean isAtHand() {
    return file.isPresent();
  }

  /**
   * As records name it: by SHA-256, or by the one digest that is known.
   *
   * @throws BullaException {@link ErrorCode#FILE_NOT_FOUND}, {@link ErrorCode#INPUT_UNAVAILABLE}
   */
  public Descriptor descriptor() {
    Digest digest =
        digest(Digest.Algorithm.SHA256).orElseGet(() -> known.values().iterator().next());
    return new Descriptor(TYPE, digest, size);
  }

  /** Empty if only another digest is known. */
  public Optional<Digest> digest(Digest.Algorithm algorithm) {
    if (!known.containsKey(algorithm) && file.isPresent()) {
      read(file.get(), EnumSet.of(algorithm, Digest.Algorithm.SHA256));
    }
    return Optional.ofNullable(known.get(algorithm));
  }

  /** As a signature in Notation's format names it; zero bytes long if only a digest is known. */
  public Optional<Descriptor> descriptor(Digest.Algorithm hash, String mediaType) {
    return digest(hash).map(one -> new Descriptor(mediaType, one, size));
  }

  /**
   * All bytes, for signatures that are over the bytes themselves; empty if they are not at hand.
   *
   * @throws BullaException {@link ErrorCode#INPUT_TOO_LARGE} beyond 1 GiB
   */
  public Optional<byte[]> whole() {
    return file.map(path -> {
      try (InputStream in = Files.newInputStream(path)) {
        byte[] bytes = in.readNBytes(MAX_WHOLE + 1);
        if (bytes.length > MAX_WHOLE) {
          throw new BullaException(
              ErrorCode.INPUT_TOO_LARGE,
              "%s: a pure Ed25519 signature is over the whole file, of which at most %d bytes are read"
                  .formatted(path, MAX_WHOLE));
        }
        keep(path, Map.of(Digest.Algorithm.SHA256, Digest.sha256(bytes)));
        return bytes;
      } catch (IOException e) {
        throw unreadable(path, e);
      }
    });
  }

  private void read(Path path, Set<Digest.Algorithm> hashes) {
    Hashed hashed = hash(path, hashes);
    keep(path, hashed.digests());
    size = hashed.size();
  }

  private void keep(Path path, Map<Digest.Algorithm, Digest> found) {
    found.forEach((algorithm, digest) -> {
      Digest before = known.putIfAbsent(algorithm, digest);
      if (before != null && !before.equals(digest)) {
        throw new BullaException(
            ErrorCode.INPUT_UNAVAILABLE,
            path + ": was changed while it was verified",
            "Verify it again when nobody writes it.");
      }
    });
  }

  /** What one reading of a file has given. */
  public record Hashed(Map<Digest.Algorithm, Digest> digests, long size) {
    public Hashed {
      digests = Map.copyOf(digests);
    }
  }

  /**
   * Reads {@code file} once, as a stream.
   *
   * @throws BullaException {@link ErrorCode#FILE_NOT_FOUND}, {@link ErrorCode#INPUT_UNAVAILABLE}
   */
  public static Hashed hash(Path file, Set<Digest.Algorithm> hashes) {
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
    } catch (IOException e) {
      throw unreadable(file, e);
    }
    Map<Digest.Algorithm, Digest> digests = new EnumMap<>(Digest.Algorithm.class);
    running.forEach((hash, one) -> digests.put(hash, Digest.ofHash(hash, one.digest())));
    return new Hashed(digests, size);
  }

  private static BullaException unreadable(Path file, IOException e) {
    return e instanceof NoSuchFileException
        ? new BullaException(ErrorCode.FILE_NOT_FOUND, file + ": there is no such file", e)
        : new BullaException(
            ErrorCode.INPUT_UNAVAILABLE, file + ": cannot be read: " + e.getMessage(), e);
  }
}
