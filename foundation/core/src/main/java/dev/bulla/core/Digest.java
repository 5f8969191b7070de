package dev.bulla.core;

import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;

/**
 * The hash of some bytes, printed as {@code sha256:<lower-case hex>} (OCI image specification,
 * "Digests").
 *
 * @param algorithm one of the registered algorithms that Bulla accepts
 * @param hex lower-case hexadecimal of exactly the algorithm's length
 */
public record Digest(Algorithm algorithm, String hex) implements Comparable<Digest> {

  /** A hash function; all of the SHA-2 family, computed by the JDK. */
  public enum Algorithm {
    SHA256("SHA-256", 64),
    SHA384("SHA-384", 96),
    SHA512("SHA-512", 128);

    private final String jcaName;
    private final int hexLength;

    Algorithm(String jcaName, int hexLength) {
      this.jcaName = jcaName;
      this.hexLength = hexLength;
    }

    /** The name in a digest string and in in-toto digest sets: {@code sha256}. */
    public String id() {
      return name().toLowerCase(Locale.ROOT);
    }

    public int hexLength() {
      return hexLength;
    }

    /** A new hash state; not thread-safe. */
    public MessageDigest newHash() {
      try {
        return MessageDigest.getInstance(jcaName);
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException("this Java runtime lacks " + jcaName, e);
      }
    }

    /**
     * @throws BullaException {@link ErrorCode#DIGEST_INVALID} if Bulla does not know the algorithm
     */
    public static Algorithm parse(String id) {
      for (Algorithm algorithm : values()) {
        if (algorithm.id().equals(id)) {
          return algorithm;
        }
      }
      throw new BullaException(
          ErrorCode.DIGEST_INVALID,
          "digest algorithm '" + Shown.text(id) + "' is not one of sha256, sha384, sha512");
    }
  }

  /** Validates the length and the alphabet. */
  public Digest {
    if (hex.length() != algorithm.hexLength || !isLowerHex(hex)) {
      throw new BullaException(
          ErrorCode.DIGEST_INVALID,
          "digest '%s:%s' is not %d lower-case hexadecimal characters"
              .formatted(algorithm.id(), Shown.text(hex), algorithm.hexLength));
    }
  }

  /**
   * Parses {@code algorithm:hex}.
   *
   * @throws BullaException {@link ErrorCode#DIGEST_INVALID} if the text is not a digest
   */
  public static Digest parse(String text) {
    int colon = text.indexOf(':');
    if (colon < 0) {
      throw new BullaException(
          ErrorCode.DIGEST_INVALID,
          "'" + Shown.text(text) + "' is not a digest: expected ALGORITHM:HEX");
    }
    return new Digest(Algorithm.parse(text.substring(0, colon)), text.substring(colon + 1));
  }

  /** The SHA-256 of {@code bytes}. */
  public static Digest sha256(byte[] bytes) {
    return of(Algorithm.SHA256, bytes);
  }

  public static Digest of(Algorithm algorithm, byte[] bytes) {
    return ofHash(algorithm, algorithm.newHash().digest(bytes));
  }

  /** A digest from an already computed hash of the algorithm's length. */
  public static Digest ofHash(Algorithm algorithm, byte[] hash) {
    return new Digest(algorithm, HexFormat.of().formatHex(hash));
  }

  /** The digest of all that is left in {@code in}; does not close it. */
  public static Digest of(Algorithm algorithm, InputStream in) throws IOException {
    MessageDigest hash = algorithm.newHash();
    byte[] buffer = new byte[64 * 1024];
    for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
      hash.update(buffer, 0, n);
    }
    return ofHash(algorithm, hash.digest());
  }

  public byte[] bytes() {
    return HexFormat.of().parseHex(hex);
  }

  /** Whether {@code content} has this digest. */
  public boolean matches(byte[] content) {
    return Arrays.equals(bytes(), algorithm.newHash().digest(content));
  }

  /**
   * Returns {@code content} if it has this digest.
   *
   * @throws BullaException {@link ErrorCode#DIGEST_MISMATCH} naming {@code what} otherwise
   */
  public byte[] verify(byte[] content, String what) {
    Digest found = of(algorithm, content);
    if (!found.equals(this)) {
      throw mismatch(what, found);
    }
    return content;
  }

  BullaException mismatch(String what, Digest found) {
    return new BullaException(
        ErrorCode.DIGEST_MISMATCH,
        "%s: the bytes have digest %s, expected %s".formatted(what, found, this),
        "The content was changed or damaged on its way; fetch it again or from another source.");
  }

  /** The first 12 hexadecimal characters, for people. */
  public String shortHex() {
    return hex.substring(0, 12);
  }

  @Override
  public int compareTo(Digest other) {
    int byAlgorithm = algorithm.compareTo(other.algorithm);
    return byAlgorithm != 0 ? byAlgorithm : hex.compareTo(other.hex);
  }

  @Override
  public String toString() {
    return algorithm.id() + ":" + hex;
  }

  private static boolean isLowerHex(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if ((c < '0' || c > '9') && (c < 'a' || c > 'f')) {
        return false;
      }
    }
    return true;
  }
}
