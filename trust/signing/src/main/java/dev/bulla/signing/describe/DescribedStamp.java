package dev.bulla.signing.describe;

import dev.bulla.core.BullaException;
import dev.bulla.signing.timestamp.Rfc3161Token;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * An RFC 3161 timestamp as it presents itself.
 *
 * @param certificates that it carries
 * @param fault why it cannot be read; empty if it can
 */
public record DescribedStamp(
    Optional<Instant> time, List<X509Certificate> certificates, String fault) {
  public DescribedStamp {
    certificates = List.copyOf(certificates);
  }

  /** A token as the Notary Project stores it. */
  public static DescribedStamp token(byte[] bytes) {
    return of(() -> Rfc3161Token.parse(bytes));
  }

  /** The answer of an authority as Sigstore stores it. */
  public static DescribedStamp response(byte[] bytes) {
    return of(() -> Rfc3161Token.parseResponse(bytes));
  }

  private static DescribedStamp of(java.util.function.Supplier<Rfc3161Token> reading) {
    try {
      Rfc3161Token token = reading.get();
      return new DescribedStamp(Optional.of(token.time()), token.embedded(), "");
    } catch (BullaException e) {
      return new DescribedStamp(Optional.empty(), List.of(), e.reason());
    }
  }
}
