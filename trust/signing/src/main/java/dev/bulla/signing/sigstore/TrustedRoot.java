package dev.bulla.signing.sigstore;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.core.json.Fields;
import dev.bulla.keys.Certificates;
import dev.bulla.keys.KeyType;
import dev.bulla.keys.PublicKeyVerifier;
import java.io.IOException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.RSAPublicKey;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;

/**
 * Sigstore's {@code trusted_root.json} (protobuf-specs, {@code sigstore_trustroot.proto}): the logs
 * and authorities of one or several instances, with the times for which each may be believed.
 * Immutable.
 *
 * @param logs transparency logs (Rekor)
 * @param authorities certificate authorities (Fulcio)
 * @param certificateLogs certificate transparency logs
 * @param timestampAuthorities RFC 3161 authorities
 */
public record TrustedRoot(
    List<Log> logs,
    List<Authority> authorities,
    List<Log> certificateLogs,
    List<Authority> timestampAuthorities) {
  private static final String WHAT = "trusted root";
  private static final int MAX_BYTES = 4 * 1024 * 1024;
  private static final int MAX_PARTS = 256;
  private static final int MAX_CHAIN = 8;

  private static final List<String> MEDIA_TYPES =
      List.of(
          "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
          "application/vnd.dev.sigstore.trustedroot+json;version=0.2",
          "application/vnd.dev.sigstore.trustedroot.v0.1+json",
          "application/vnd.dev.sigstore.trustedroot.v0.2+json");

  /**
   * A log.
   *
   * @param baseUrl where it is; its host is the origin of a Rekor v2 log's checkpoints
   * @param id by which entries and certificates name it; nothing is derived from it
   * @param checkpointKeyId the first bytes of this mark the log's line in a checkpoint
   */
  public record Log(
      String baseUrl, byte[] id, byte[] checkpointKeyId, PublicKeyVerifier key, Validity validity) {
    public Log {
      id = id.clone();
      checkpointKeyId = checkpointKeyId.clone();
    }

    @Override
    public byte[] id() {
      return id.clone();
    }

    @Override
    public byte[] checkpointKeyId() {
      return checkpointKeyId.clone();
    }

    boolean hasId(byte[] other) {
      return Arrays.equals(id, other);
    }

    @Override
    public String toString() {
      return baseUrl;
    }
  }

  /**
   * An authority.
   *
   * @param chain from the lowest certificate that is known to the root; at least one
   */
  public record Authority(String uri, List<X509Certificate> chain, Validity validity) {
    public Authority {
      chain = List.copyOf(chain);
    }

    @Override
    public String toString() {
      return uri.isEmpty() ? chain.getLast().getSubjectX500Principal().getName() : uri;
    }
  }

  public TrustedRoot {
    logs = List.copyOf(logs);
    authorities = List.copyOf(authorities);
    certificateLogs = List.copyOf(certificateLogs);
    timestampAuthorities = List.copyOf(timestampAuthorities);
  }

  /** The same without transparency logs: nobody demands an entry. */
  public TrustedRoot withoutLogs() {
    return new TrustedRoot(List.of(), authorities, certificateLogs, timestampAuthorities);
  }

  /**
   * Reads the document. A log whose key is of a kind that cannot be verified is left out, so that
   * what it says is not believed.
   *
   * @throws BullaException {@link ErrorCode#TRUST_ROOT_INVALID}
   */
  public static TrustedRoot parse(byte[] json) {
    try {
      Fields root =
          ProtoJson.parse(json, MAX_BYTES, WHAT)
              .only(
                  "mediaType", "tlogs", "certificateAuthorities", "ctlogs", "timestampAuthorities");
      String type = root.string("mediaType");
      if (!MEDIA_TYPES.contains(type)) {
        throw invalid("the media type '%s' is not a known version".formatted(Shown.text(type)));
      }
      return new TrustedRoot(
          logs(root, "tlogs"),
          authorities(root, "certificateAuthorities"),
          logs(root, "ctlogs"),
          authorities(root, "timestampAuthorities"));
    } catch (BullaException e) {
      if (e.code() == ErrorCode.TRUST_ROOT_INVALID) {
        throw e;
      }
      throw new BullaException(ErrorCode.TRUST_ROOT_INVALID, e.reason(), e.nextStep(), e);
    }
  }

  private static List<Log> logs(Fields root, String name) {
    List<Log> all = new ArrayList<>();
    for (Fields one : limited(root.objects(name), name)) {
      one.only("baseUrl", "hashAlgorithm", "publicKey", "logId", "checkpointKeyId", "operator");
      Fields key = one.object("publicKey").only("rawBytes", "keyDetails", "validFor");
      Validity validity = validity(key.object("validFor"));
      byte[] id = ProtoJson.bytes(one.object("logId").only("keyId"), "keyId");
      byte[] checkpointKeyId =
          one.optionalObject("checkpointKeyId")
              .flatMap(fields -> ProtoJson.optionalBytes(fields.only("keyId"), "keyId"))
              .orElse(id);
      if (checkpointKeyId.length < 4) {
        throw invalid("a log in '%s' has an id of less than four bytes".formatted(name));
      }
      boolean sha256 = List.of("SHA2_256", "1").contains(text(one, "hashAlgorithm"));
      key(key)
          .filter(ignored -> sha256)
          .map(verifier -> new Log(url(one), id, checkpointKeyId, verifier, validity))
          .ifPresent(all::add);
    }
    return all;
  }

  private static String url(Fields log) {
    return log.optionalString("baseUrl").orElse("");
  }

  /** An enumeration value, by name or number. */
  private static String text(Fields fields, String name) {
    return fields.has(name) && fields.node().get(name).isIntegralNumber()
        ? String.valueOf(fields.integer(name))
        : fields.optionalString(name).orElse("");
  }

  private static Optional<PublicKeyVerifier> key(Fields key) {
    byte[] raw = ProtoJson.bytes(key, "rawBytes");
    boolean pkcs1 = text(key, "keyDetails").matches("PKCS1_RSA_PKCS1V5|1");
    try {
      return Optional.of(PublicKeyVerifier.of(pkcs1 ? fromPkcs1(raw) : raw, "key of a log"))
          .filter(one -> one.type() != KeyType.ML_DSA_65);
    } catch (BullaException e) {
      if (e.code() == ErrorCode.KEY_UNSUPPORTED) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private static byte[] fromPkcs1(byte[] der) {
    try {
      return new SubjectPublicKeyInfo(
              new AlgorithmIdentifier(PKCSObjectIdentifiers.rsaEncryption, DERNull.INSTANCE),
              RSAPublicKey.getInstance(der))
          .getEncoded();
    } catch (IOException
        | RuntimeException e) { // Bouncy Castle throws several kinds for odd structures
      throw invalid("a log has an unreadable RSA key");
    }
  }

  private static List<Authority> authorities(Fields root, String name) {
    List<Authority> all = new ArrayList<>();
    for (Fields one : limited(root.objects(name), name)) {
      one.only("subject", "uri", "certChain", "validFor", "operator");
      List<X509Certificate> chain = new ArrayList<>();
      for (Fields certificate :
          one.object("certChain").only("certificates").objects("certificates")) {
        chain.add(
            Certificates.parse(ProtoJson.bytes(certificate.only("rawBytes"), "rawBytes"), WHAT));
      }
      if (chain.isEmpty() || chain.size() > MAX_CHAIN) {
        throw invalid("an authority in '%s' has %d certificates".formatted(name, chain.size()));
      }
      all.add(
          new Authority(
              one.optionalString("uri").orElse(""), chain, validity(one.object("validFor"))));
    }
    return all;
  }

  private static Validity validity(Fields fields) {
    fields.only("start", "end");
    return new Validity(
        ProtoJson.time(fields, "start").orElseThrow(() -> fields.invalid("start", "missing")),
        ProtoJson.time(fields, "end"));
  }

  private static List<Fields> limited(List<Fields> parts, String name) {
    if (parts.size() > MAX_PARTS) {
      throw invalid(
          "'%s' has %d parts, at most %d are read".formatted(name, parts.size(), MAX_PARTS));
    }
    return parts;
  }

  private static BullaException invalid(String why) {
    return new BullaException(
        ErrorCode.TRUST_ROOT_INVALID,
        WHAT + ": " + why,
        "Give an unchanged trusted_root.json of the Sigstore instance that signed.");
  }
}
