package dev.bulla.signing.cosign;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.MediaTypes;
import dev.bulla.core.claim.Check;
import dev.bulla.core.crypto.SignatureAlgorithm;
import dev.bulla.core.crypto.Signer;
import dev.bulla.core.envelope.DsseEnvelope;
import dev.bulla.core.envelope.Pae;
import dev.bulla.keys.KeyType;
import dev.bulla.keys.PublicKeyVerifier;
import dev.bulla.signing.keyless.EvidenceServices;
import dev.bulla.signing.keyless.KeylessIdentity;
import dev.bulla.signing.keyless.SigningEvidence;
import dev.bulla.signing.sigstore.SignedMaterial;
import dev.bulla.signing.trust.CheckList;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;

/**
 * Makes Sigstore bundles, version 0.3: over a statement, in an envelope, or over a file, of which
 * only the hash goes in. By a key of one's own, with or without timestamps and log entries; or by a
 * keyless identity, always with them.
 *
 * <p>Before a bundle is given out it is read back and verified by the trusted root as it will be
 * verified by others. Thread-safe; what asks services may be called many times at once.
 */
public final class BundleSigner {
  private final Identity identity;
  private final Optional<EvidenceServices> services;
  private final boolean prehashed;

  /** Who signs. */
  private sealed interface Identity {
    record Key(Signer signer) implements Identity {}

    record Keyless(KeylessIdentity identity) implements Identity {}
  }

  /** The key of one signature, how it signs, and who must be found to have signed. */
  private record Hand(Signer signer, Optional<X509Certificate> certificate, CosignTrust trust) {}

  private BundleSigner(Identity identity, Optional<EvidenceServices> services, boolean prehashed) {
    this.identity = identity;
    this.services = services;
    this.prehashed = prehashed;
  }

  /**
   * By a key; its certificates, if it has any, are not used: verifiers know the key.
   *
   * @throws BullaException {@link ErrorCode#KEY_UNSUPPORTED}
   */
  public static BundleSigner withKey(Signer signer) {
    PublicKeyVerifier.of(signer.publicKey());
    return new BundleSigner(new Identity.Key(signer), Optional.empty(), false);
  }

  /** By a key, with what services say of each signature. */
  public static BundleSigner withKey(Signer signer, EvidenceServices services) {
    PublicKeyVerifier.of(signer.publicKey());
    return new BundleSigner(new Identity.Key(signer), Optional.of(services), false);
  }

  public static BundleSigner keyless(KeylessIdentity identity, EvidenceServices services) {
    return new BundleSigner(new Identity.Keyless(identity), Optional.of(services), false);
  }

  /**
   * The same signer; an Ed25519 key signs the SHA-512 of what it signs (Ed25519ph), as it does for
   * a log anyway.
   *
   * @throws BullaException {@link ErrorCode#USAGE} if it has another key
   */
  public BundleSigner withPrehash() {
    if (!(identity instanceof Identity.Key(Signer signer))
        || PublicKeyVerifier.of(signer.publicKey()).type() != KeyType.ED25519) {
      throw new BullaException(
          ErrorCode.USAGE, "only an Ed25519 key signs as Ed25519ph; other algorithms hash anyway");
    }
    return new BundleSigner(identity, services, true);
  }

  /**
   * A bundle of {@code statement}, the JSON of an in-toto statement, byte for byte.
   *
   * @throws BullaException as {@link KeylessIdentity#current} and {@link EvidenceServices#about}
   */
  public byte[] seal(byte[] statement) {
    Hand hand = hand();
    PublicKeyVerifier key = PublicKeyVerifier.of(hand.signer.publicKey());
    SignatureAlgorithm algorithm = CosignAlgorithms.forSigning(key.type());
    if (algorithm == SignatureAlgorithm.ED25519 && (prehashed || hashesOnly())) {
      algorithm = SignatureAlgorithm.ED25519PH;
    }
    byte[] signature = hand.signer.sign(algorithm, Pae.encode(MediaTypes.IN_TOTO, statement));
    DsseEnvelope envelope =
        new DsseEnvelope(
            MediaTypes.IN_TOTO,
            statement,
            List.of(new DsseEnvelope.Signature(Optional.empty(), signature)));
    SignedMessage message = new SignedMessage.Enveloped(envelope);
    return finished(
        hand,
        material(hand, key, algorithm, message, signature),
        new Bundle.Content.Dsse(envelope, signature),
        message);
  }

  /**
   * A bundle of the signature over {@code file}, which is read once, as a stream.
   *
   * @throws BullaException {@link ErrorCode#FILE_NOT_FOUND}; as {@link #seal}
   */
  public byte[] sign(Path file) {
    Hand hand = hand();
    PublicKeyVerifier key = PublicKeyVerifier.of(hand.signer.publicKey());
    SignatureAlgorithm algorithm = CosignAlgorithms.forSigning(key.type());
    if (algorithm == SignatureAlgorithm.ED25519 && (prehashed || services.isPresent())) {
      algorithm = SignatureAlgorithm.ED25519PH; // a log sees the hash only
    }
    Digest.Algorithm hash = CosignAlgorithms.messageDigest(algorithm);
    MessageDigest engine = engine(hash);
    byte[] signature;
    try (InputStream in = new DigestInputStream(Files.newInputStream(file), engine)) {
      signature = hand.signer.sign(algorithm, in);
    } catch (NoSuchFileException e) {
      throw new BullaException(ErrorCode.FILE_NOT_FOUND, file + ": there is no such file", e);
    } catch (IOException e) {
      throw new BullaException(ErrorCode.INPUT_UNAVAILABLE, file + ": cannot be read: " + e, e);
    }
    Digest digest = Digest.ofHash(hash, engine.digest());
    SignedMessage message =
        new SignedMessage.Hashed(
            wanted -> Optional.of(digest).filter(one -> wanted == hash), Optional.empty());
    return finished(
        hand,
        material(hand, key, algorithm, message, signature),
        new Bundle.Content.Message(Optional.of(digest), signature),
        message);
  }

  private boolean hashesOnly() {
    return services.filter(EvidenceServices::logsHashesOnly).isPresent();
  }

  private Hand hand() {
    return switch (identity) {
      case Identity.Key(Signer signer) -> {
        CosignTrust own =
            new CosignTrust(PublicKeyVerifier.of(signer.publicKey()), "the signing key");
        yield new Hand(
            signer,
            Optional.empty(),
            services
                .filter(EvidenceServices::asksLogs)
                .map(asked -> own.withTrustedRoot(asked.root()))
                .orElse(own));
      }
      case Identity.Keyless(KeylessIdentity keyless) -> {
        KeylessIdentity.Certified now = keyless.current();
        yield new Hand(
            now.signer(),
            Optional.of(now.certificate()),
            new CosignTrust(now.identity(), services.orElseThrow().root(), keyless.toString()));
      }
    };
  }

  private static SignedMaterial material(
      Hand hand,
      PublicKeyVerifier key,
      SignatureAlgorithm algorithm,
      SignedMessage message,
      byte[] signature) {
    return new SignedMaterial(
        hand.certificate, key, algorithm, signature, message.digests(), message.envelope());
  }

  private byte[] finished(
      Hand hand, SignedMaterial signed, Bundle.Content content, SignedMessage message) {
    SigningEvidence evidence =
        services.map(asked -> asked.about(signed)).orElse(SigningEvidence.NONE);
    Bundle.Material material =
        hand.certificate
            .<Bundle.Material>map(Bundle.Material.Certificate::new)
            .orElseGet(() -> new Bundle.Material.PublicKey(signed.key().hint()));
    byte[] written =
        new Bundle(material, content, evidence.logEntries(), evidence.timestamps()).write();
    if (services.isPresent()) {
      verify(written, hand, message, signed.signature());
    }
    return written;
  }

  /** What others would not accept is not given out. */
  private static void verify(byte[] written, Hand hand, SignedMessage message, byte[] signature) {
    CheckList checks = new CheckList(Digest.sha256(written), "sigstore-bundle");
    Bundle read = Bundle.parse(written, "new bundle");
    if (!new BundleExamination(checks, hand.trust).signed(read, message, signature)) {
      Check failed =
          checks.record().checks().stream()
              .filter(check -> check.outcome() == Check.Outcome.FAILED)
              .findFirst()
              .orElseThrow();
      throw new BullaException(
          failed.code().orElse(ErrorCode.SIGNATURE_INVALID),
          "the new signature does not verify by the trusted root: %s: %s"
              .formatted(failed.name(), failed.found()),
          "Give the trusted root of the instance whose services sign.");
    }
  }

  private static MessageDigest engine(Digest.Algorithm hash) {
    try {
      return MessageDigest.getInstance(
          switch (hash) {
            case SHA256 -> "SHA-256";
            case SHA384 -> "SHA-384";
            case SHA512 -> "SHA-512";
          });
    } catch (NoSuchAlgorithmException e) {
      throw new BullaException(ErrorCode.INTERNAL, "this Java runtime lacks " + hash, e);
    }
  }
}
