package dev.bulla.cli.command;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.core.crypto.Signer;
import dev.bulla.keys.CertifiedSigner;
import dev.bulla.keys.KeyFiles;
import dev.bulla.keys.KeyType;
import dev.bulla.keys.PublicKeyVerifier;
import dev.bulla.keys.SigningIdentity;
import dev.bulla.pipeline.HomeIdentity;
import dev.bulla.signing.cosign.DualSigner;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** With which key to sign: all commands that sign understand these options. */
final class KeyOptions {
  @Mixin private final KeySource source = new KeySource();

  @Option(
      names = {"--certificate", "--cert"},
      paramLabel = "FILE",
      description = "Certificate of --key, or its whole chain, leaf first; Notation needs one.")
  @Nullable String certificate;

  @Option(
      names = "--certificate-chain",
      paramLabel = "FILE",
      description = "The chain, if --certificate is the leaf only or not given.")
  @Nullable String chain;

  @Option(
      names = "--experimental",
      description = "Allow ML-DSA-65, which no other signing tool verifies yet (docs/keys.md).")
  boolean experimental;

  @Option(
      names = "--second-key",
      paramLabel = "KEY",
      description =
          "An ML-DSA-65 key that signs the same bytes as --key, an ECDSA key: a dual signature,"
              + " which takes both; with --experimental.")
  @Nullable String secondKey;

  /** Whether a key was named: otherwise the home's identity signs. */
  boolean given() {
    return source.given();
  }

  /**
   * Whether {@link #signer} would make an identity, and with it this home.
   *
   * @throws BullaException {@link ErrorCode#USAGE} if something is said of a key that is not named
   */
  boolean wouldMakeIdentity(Session session) {
    checkNothingElse();
    return !given() && !SigningIdentity.exists(session.home().keys());
  }

  /**
   * The key to sign with, with its certificate chain if there is one; without {@code --key} this
   * home's identity, made if there is none.
   */
  Signer signer(Session session) {
    String key = source.key;
    if (key == null) {
      checkNothingElse();
      return HomeIdentity.openOrCreate(session.home(), InstantSource.system(), new SecureRandom())
          .identity()
          .signer();
    }
    Signer signer = allowed(source.keys(session).open(key), key);
    List<X509Certificate> certificates = certificates(session);
    return certificates.isEmpty()
        ? signer
        : CertifiedSigner.of(
            signer, certificates, String.valueOf(certificate != null ? certificate : chain));
  }

  private void checkNothingElse() {
    source.checkNothingElse();
    if (!given() && (certificate != null || chain != null)) {
      throw new BullaException(
          ErrorCode.USAGE, "--certificate and --certificate-chain go with --key");
    }
  }

  /**
   * Who signs with two keys, if a second one is named.
   *
   * @param first the opened {@code --key}
   */
  Optional<DualSigner> dual(Session session, Optional<Signer> first) {
    if (secondKey == null) {
      return Optional.empty();
    }
    if (source.key == null || first.isEmpty()) {
      throw new BullaException(
          ErrorCode.USAGE, "--second-key goes with --key", "Give the ECDSA key: --key KEY.");
    }
    Signer second = allowed(source.keys(session).open(secondKey), secondKey);
    return Optional.of(new DualSigner(first.get(), second, InstantSource.system()));
  }

  private Signer allowed(Signer signer, String name) {
    if (!experimental && PublicKeyVerifier.of(signer.publicKey()).type() == KeyType.ML_DSA_65) {
      throw new BullaException(
          ErrorCode.USAGE,
          Shown.text(name) + ": signatures by ML-DSA keys are experimental",
          "Give --experimental, and tell whoever verifies: other tools do not verify them yet.");
    }
    return signer;
  }

  private List<X509Certificate> certificates(Session session) {
    List<X509Certificate> all = new ArrayList<>();
    if (certificate != null) {
      all.addAll(KeyFiles.certificates(session.existing(certificate)));
    }
    if (chain != null) {
      for (X509Certificate one : KeyFiles.certificates(session.existing(chain))) {
        if (!all.contains(one)) {
          all.add(one);
        }
      }
    }
    return all;
  }
}
