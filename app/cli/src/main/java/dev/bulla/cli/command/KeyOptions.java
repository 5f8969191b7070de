package dev.bulla.cli.command;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.crypto.Signer;
import dev.bulla.keys.CertifiedSigner;
import dev.bulla.keys.KeyFiles;
import dev.bulla.keys.PasswordSource;
import dev.bulla.pipeline.HomeIdentity;
import dev.bulla.signing.SigningKeys;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** With which key to sign: all commands that sign understand these options. */
final class KeyOptions {
  @Option(
      names = "--key",
      paramLabel = "KEY",
      description = "Private key: PEM (PKCS#8, PKCS#1, SEC 1) or cosign's encrypted form.")
  @Nullable String key;

  @Option(
      names = "--password-file",
      paramLabel = "FILE",
      description = "First line: the key's password (default: $$COSIGN_PASSWORD).")
  @Nullable String passwordFile;

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

  /** Whether a key was named: otherwise the home's identity signs. */
  boolean given() {
    return key != null;
  }

  /**
   * The key to sign with, with its certificate chain if there is one; without {@code --key} this
   * home's identity, made if there is none.
   */
  Signer signer(Session session) {
    if (key == null) {
      if (passwordFile != null || certificate != null || chain != null) {
        throw new BullaException(
            ErrorCode.USAGE,
            "--password-file, --certificate and --certificate-chain go with --key");
      }
      return HomeIdentity.openOrCreate(session.home(), InstantSource.system(), new SecureRandom())
          .identity()
          .signer();
    }
    Signer signer = keys(session).open(key);
    List<X509Certificate> certificates = certificates(session);
    return certificates.isEmpty()
        ? signer
        : CertifiedSigner.of(
            signer, certificates, String.valueOf(certificate != null ? certificate : chain));
  }

  private SigningKeys keys(Session session) {
    Map<String, String> environment = session.invocation().environment();
    return new SigningKeys(
        session.invocation().workingDirectory(),
        passwordFile == null
            ? PasswordSource.environment(environment)
            : PasswordSource.file(session.existing(passwordFile)));
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
