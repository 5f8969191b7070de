package dev.bulla.cli.command;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.keys.Certificates;
import dev.bulla.signing.cosign.CertificateAtHand;
import dev.bulla.signing.sigstore.DetachedTimestamp;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What somebody has beside a signature by a certificate, in cosign's words. */
final class CertificateOptions {
  @Option(
      names = {"--certificate", "--cert"},
      paramLabel = "FILE",
      description =
          "The certificate of WHO's key (PEM), for signatures of cosign 1 and 2 that carry none.")
  @Nullable String certificate;

  @Option(
      names = "--sct",
      paramLabel = "FILE",
      description =
          "The promise of a certificate log that came apart from WHO's certificate (JSON, as Fulcio"
              + " and cosign have it); it counts if the certificate holds none.")
  @Nullable String promise;

  @Option(
      names = {"--insecure-ignore-tlog", "--private-infrastructure"},
      arity = "0..1",
      paramLabel = "BOOL",
      fallbackValue = "true",
      description =
          "Demand no log entry; WHO's certificate is judged as of now where nobody proves when it"
              + " was signed.")
  String withoutLog = "false";

  /** Whether there is something that only an identity is judged by. */
  boolean given() {
    return certificate != null || promise != null;
  }

  boolean ignoresLog() {
    if (!withoutLog.equals("true") && !withoutLog.equals("false")) {
      throw new BullaException(ErrorCode.USAGE, "--insecure-ignore-tlog must be true or false");
    }
    return withoutLog.equals("true");
  }

  /**
   * @param now as of when a certificate is judged if no log is asked and no time is proven
   */
  CertificateAtHand read(Session session, Optional<Instant> now) {
    return new CertificateAtHand(
        Optional.ofNullable(certificate).map(file -> certificate(session, file)),
        Optional.ofNullable(promise)
            .map(file -> DetachedTimestamp.parse(InputFiles.read(session, file))),
        now.filter(ignored -> ignoresLog()));
  }

  private static X509Certificate certificate(Session session, String file) {
    try {
      return Certificates.parseAll(InputFiles.read(session, file), file).getFirst();
    } catch (BullaException e) {
      throw e.code() == ErrorCode.FILE_NOT_FOUND
          ? e
          : new BullaException(ErrorCode.CERTIFICATE_INVALID, e.reason(), e.nextStep(), e);
    }
  }
}
