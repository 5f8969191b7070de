package dev.bulla.signing.sigstore;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.crypto.SignatureAlgorithm;
import dev.bulla.keys.Certificates;
import dev.bulla.keys.KeyType;
import java.io.ByteArrayOutputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1OctetString;

/**
 * The signed certificate timestamps inside a certificate or beside it (RFC 6962 sections 3.2 and
 * 3.3): promises of certificate logs that the certificate is public.
 *
 * <p>A timestamp beside the certificate is over the certificate as it is. For one inside, a log
 * signs the certificate as it was before the timestamps were put in: the to-be-signed part with
 * exactly that one extension cut out and the lengths around it corrected. Nothing else is written
 * anew, or other bytes would be checked than were signed.
 */
final class CertificateTimestamps {
  private static final String OID = "1.3.6.1.4.1.11129.2.4.2";
  private static final byte[] OID_DER = HexFormat.of().parseHex("060a2b06010401d679020402");
  private static final int SEQUENCE = 0x30;
  private static final int EXTENSIONS = 0xa3;
  private static final int MAX_TIMESTAMPS = 32;
  private static final int SHA256 = 4;
  private static final int PRECERTIFICATE = 1;
  private static final int RSA = 1;
  private static final int ECDSA = 3;

  private CertificateTimestamps() {}

  /** One promise, inside a certificate or beside it. */
  record Timestamp(
      byte[] logId, long millis, byte[] extensions, int hash, int kind, byte[] signature) {}

  /**
   * The log of the trusted root that has promised to publish {@code leaf}.
   *
   * @param issuer of the leaf
   * @param beside what came with the certificate; it counts only if there is nothing inside, as for
   *     cosign
   * @throws BullaException {@link ErrorCode#CERTIFICATE_NOT_LOGGED} if no timestamp is by such a
   *     log
   */
  static TrustedRoot.Log check(
      X509Certificate leaf,
      X509Certificate issuer,
      Optional<DetachedTimestamp> beside,
      TrustedRoot root) {
    boolean inside = leaf.getExtensionValue(OID) != null;
    List<Timestamp> timestamps =
        !inside && beside.isPresent() ? List.of(beside.get().timestamp()) : parse(leaf);
    byte[] entry = inside ? precertificate(leaf, issuer) : certificate(leaf);
    BullaException last =
        notLogged("its certificate timestamps are of logs that are not in the trusted root");
    for (Timestamp timestamp : timestamps) {
      for (TrustedRoot.Log log : root.certificateLogs()) {
        if (log.hasId(timestamp.logId)) {
          if (!log.validity().covers(Instant.ofEpochMilli(timestamp.millis))) {
            last =
                notLogged(
                    "its certificate timestamp is of %s, the log %s is trusted %s"
                        .formatted(Instant.ofEpochMilli(timestamp.millis), log, log.validity()));
          } else if (verifies(timestamp, log, entry)) {
            return log;
          } else {
            last =
                notLogged("the certificate timestamp of the log %s does not verify".formatted(log));
          }
        }
      }
    }
    throw last;
  }

  /** The kind of entry and the entry of a certificate that was logged as it is. */
  private static byte[] certificate(X509Certificate leaf) {
    return entry(0, new byte[0], Certificates.encoded(leaf));
  }

  private static byte[] precertificate(X509Certificate leaf, X509Certificate issuer) {
    byte[] issuerKey = Digest.sha256(issuer.getPublicKey().getEncoded()).bytes();
    return entry(PRECERTIFICATE, issuerKey, withoutTimestamps(leaf));
  }

  private static byte[] entry(int kind, byte[] issuerKey, byte[] bytes) {
    return ByteBuffer.allocate(2 + issuerKey.length + 3 + bytes.length)
        .putShort((short) kind)
        .put(issuerKey)
        .put((byte) (bytes.length >> 16))
        .putShort((short) bytes.length)
        .put(bytes)
        .array();
  }

  private static boolean verifies(Timestamp timestamp, TrustedRoot.Log log, byte[] entry) {
    boolean rsa = log.key().type() == KeyType.RSA;
    if (timestamp.hash != SHA256 || timestamp.kind != (rsa ? RSA : ECDSA)) {
      return false;
    }
    ByteBuffer signed = ByteBuffer.allocate(10 + entry.length + 2 + timestamp.extensions.length);
    signed.put((byte) 0).put((byte) 0).putLong(timestamp.millis).put(entry);
    signed.putShort((short) timestamp.extensions.length).put(timestamp.extensions);
    SignatureAlgorithm algorithm =
        switch (log.key().type()) {
          case EC_P256 -> SignatureAlgorithm.ECDSA_P256_SHA256;
          case EC_P384 -> SignatureAlgorithm.ECDSA_P384_SHA256;
          case EC_P521 -> SignatureAlgorithm.ECDSA_P521_SHA256;
          case RSA -> SignatureAlgorithm.RSA_PKCS1_SHA256;
          case ED25519 -> SignatureAlgorithm.ED25519;
          case ML_DSA_65 -> SignatureAlgorithm.ML_DSA_65;
        };
    return log.key().verify(algorithm, signed.array(), timestamp.signature);
  }

  private static List<Timestamp> parse(X509Certificate leaf) {
    byte[] extension = leaf.getExtensionValue(OID);
    if (extension == null) {
      throw notLogged("it carries no certificate timestamp");
    }
    try {
      byte[] outer = ASN1OctetString.getInstance(extension).getOctets();
      ByteBuffer list = ByteBuffer.wrap(ASN1OctetString.getInstance(outer).getOctets());
      if (Short.toUnsignedInt(list.getShort()) != list.remaining()) {
        throw notLogged("its list of certificate timestamps is malformed");
      }
      List<Timestamp> all = new ArrayList<>();
      while (list.hasRemaining() && all.size() < MAX_TIMESTAMPS) {
        ByteBuffer one = ByteBuffer.wrap(vector(list));
        if (one.get() == 0) { // another version says nothing
          all.add(timestamp(one));
        }
      }
      return all;
    } catch (BufferUnderflowException | IllegalArgumentException | ClassCastException e) {
      throw new BullaException(
          ErrorCode.CERTIFICATE_NOT_LOGGED, "its certificate timestamps are malformed", e);
    }
  }

  private static Timestamp timestamp(ByteBuffer in) {
    byte[] logId = new byte[32];
    in.get(logId);
    return new Timestamp(logId, in.getLong(), vector(in), in.get(), in.get(), vector(in));
  }

  static byte[] vector(ByteBuffer in) {
    int length = Short.toUnsignedInt(in.getShort());
    if (length > in.remaining()) {
      throw new BufferUnderflowException();
    }
    byte[] bytes = new byte[length];
    in.get(bytes);
    return bytes;
  }

  private static byte[] withoutTimestamps(X509Certificate leaf) {
    try {
      ByteArrayOutputStream parts = new ByteArrayOutputStream();
      for (Der part : Der.parse(leaf.getTBSCertificate()).children()) {
        parts.writeBytes(part.tag() == EXTENSIONS ? withoutTimestamps(part) : part.encoded());
      }
      return Der.encode(SEQUENCE, parts.toByteArray());
    } catch (CertificateEncodingException e) {
      throw new BullaException(
          ErrorCode.CERTIFICATE_NOT_LOGGED, "its certificate cannot be encoded", e);
    }
  }

  private static byte[] withoutTimestamps(Der extensions) {
    ByteArrayOutputStream kept = new ByteArrayOutputStream();
    for (Der extension : Der.parse(extensions.content()).children()) {
      byte[] content = extension.content();
      boolean timestamps =
          content.length > OID_DER.length
              && Arrays.equals(content, 0, OID_DER.length, OID_DER, 0, OID_DER.length);
      if (!timestamps) {
        kept.writeBytes(extension.encoded());
      }
    }
    return Der.encode(EXTENSIONS, Der.encode(SEQUENCE, kept.toByteArray()));
  }

  static BullaException notLogged(String why) {
    return new BullaException(
        ErrorCode.CERTIFICATE_NOT_LOGGED, "the certificate is not known to be public: " + why);
  }
}
