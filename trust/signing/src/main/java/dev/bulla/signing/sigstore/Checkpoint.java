package dev.bulla.signing.sigstore;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.core.crypto.SignatureAlgorithm;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A log's signed tree head as a note (C2SP signed-note and tlog-checkpoint): origin, size, root
 * hash, possibly more lines, an empty line, signature lines.
 */
record Checkpoint(String origin, long size, byte[] rootHash, byte[] text, List<Line> lines) {
  private static final int MAX_TEXT = 64 * 1024;
  private static final int MAX_LINES = 64;
  private static final int HINT = 4;
  private static final String DASH = "\u2014 ";

  /**
   * A signature line.
   *
   * @param hint the first four bytes of the signer's key id
   */
  record Line(String name, byte[] hint, byte[] signature) {}

  /**
   * @throws BullaException {@link ErrorCode#LOG_ENTRY_INVALID}
   */
  static Checkpoint parse(String note) {
    int end = note.lastIndexOf("\n\n");
    if (note.length() > MAX_TEXT || end < 0) {
      throw invalid("not a signed note");
    }
    String text = note.substring(0, end + 1);
    String[] head = text.split("\n", -1);
    if (head.length < 4 || head[0].isEmpty() || !head[1].matches("0|[1-9][0-9]{0,17}")) {
      throw invalid("it does not begin with origin, size and root hash");
    }
    byte[] rootHash = base64(head[2]);
    if (rootHash.length != 32) {
      throw invalid("the root hash has %d bytes, expected 32".formatted(rootHash.length));
    }
    return new Checkpoint(
        head[0],
        Long.parseLong(head[1]),
        rootHash,
        text.getBytes(StandardCharsets.UTF_8),
        lines(note.substring(end + 2)));
  }

  private static List<Line> lines(String signatures) {
    List<Line> lines = new ArrayList<>();
    for (String line : signatures.lines().toList()) {
      int space = line.lastIndexOf(' ');
      if (!line.startsWith(DASH) || space <= DASH.length() || lines.size() == MAX_LINES) {
        throw invalid("a signature line is malformed, or there are more than " + MAX_LINES);
      }
      byte[] signature = base64(line.substring(space + 1));
      if (signature.length <= HINT) {
        throw invalid("a signature line is too short");
      }
      lines.add(
          new Line(
              line.substring(DASH.length(), space),
              Arrays.copyOf(signature, HINT),
              Arrays.copyOfRange(signature, HINT, signature.length)));
    }
    return lines;
  }

  /**
   * Checks that the log signed it. Lines of others, such as witnesses, say nothing; but every line
   * that claims to be the log's must be.
   */
  void checkSignedBy(TrustedRoot.Log log) {
    byte[] hint = Arrays.copyOf(log.checkpointKeyId(), HINT);
    List<Line> own =
        lines.stream()
            .filter(line -> Arrays.equals(line.hint, hint))
            .filter(line -> origin.equals(line.name) || origin.startsWith(line.name + " - "))
            .toList();
    if (own.isEmpty()) {
      throw invalid("no signature line of the log " + Shown.text(log.toString()));
    }
    SignatureAlgorithm algorithm = algorithm(log);
    if (!own.stream().allMatch(line -> log.key().verify(algorithm, text, line.signature))) {
      throw invalid(
          "the signature of the log %s does not verify".formatted(Shown.text(log.toString())));
    }
  }

  /**
   * With which algorithm a log signs promises, checkpoints and certificate timestamps: fixed by its
   * key.
   */
  static SignatureAlgorithm algorithm(TrustedRoot.Log log) {
    return switch (log.key().type()) {
      case EC_P256 -> SignatureAlgorithm.ECDSA_P256_SHA256;
      case EC_P384 -> SignatureAlgorithm.ECDSA_P384_SHA384;
      case EC_P521 -> SignatureAlgorithm.ECDSA_P521_SHA512;
      case RSA -> SignatureAlgorithm.RSA_PKCS1_SHA256;
      case ED25519 -> SignatureAlgorithm.ED25519;
      case ML_DSA_65 -> SignatureAlgorithm.ML_DSA_65;
    };
  }

  private static byte[] base64(String text) {
    return ProtoJson.decode(text).orElseThrow(() -> invalid("not base64"));
  }

  private static BullaException invalid(String why) {
    return new BullaException(ErrorCode.LOG_ENTRY_INVALID, "checkpoint: " + why);
  }
}
