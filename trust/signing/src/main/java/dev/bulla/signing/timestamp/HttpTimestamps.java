package dev.bulla.signing.timestamp;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.signing.http.BoundedHttp;
import java.io.IOException;
import java.math.BigInteger;
import java.net.URI;
import java.net.http.HttpRequest;
import java.security.SecureRandom;
import java.time.Duration;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.tsp.TSPException;
import org.bouncycastle.tsp.TimeStampRequest;
import org.bouncycastle.tsp.TimeStampRequestGenerator;
import org.bouncycastle.tsp.TimeStampResponse;

/**
 * Asks an authority over HTTP (RFC 3161 section 3.4), with a random nonce and for its certificates;
 * five seconds, and an answer of at most 1 MiB.
 */
public final class HttpTimestamps implements TimestampSource {
  private static final Duration TIME = Duration.ofSeconds(5);

  private final URI authority;
  private final SecureRandom random;

  /**
   * @param authority {@code http} or {@code https}; the answer is signed, so that either will do
   * @throws BullaException {@link ErrorCode#USAGE} for another address
   */
  public HttpTimestamps(URI authority, SecureRandom random) {
    String scheme = authority.getScheme() == null ? "" : authority.getScheme();
    if (!scheme.equals("http") && !scheme.equals("https") || authority.getHost() == null) {
      throw new BullaException(
          ErrorCode.USAGE, "'%s' is no address of a timestamp authority".formatted(authority));
    }
    this.authority = authority;
    this.random = random;
  }

  @Override
  public byte[] stamp(byte[] signature, Digest.Algorithm algorithm) {
    TimeStampRequestGenerator generator = new TimeStampRequestGenerator();
    generator.setCertReq(true);
    try {
      TimeStampRequest question =
          generator.generate(
              switch (algorithm) {
                case SHA256 -> NISTObjectIdentifiers.id_sha256;
                case SHA384 -> NISTObjectIdentifiers.id_sha384;
                case SHA512 -> NISTObjectIdentifiers.id_sha512;
              },
              Digest.of(algorithm, signature).bytes(),
              new BigInteger(64, random));
      return answer(question, ask(question.getEncoded()));
    } catch (IOException e) {
      throw new BullaException(
          ErrorCode.INTERNAL, "a timestamp request cannot be made: " + e.getMessage(), e);
    }
  }

  private byte[] ask(byte[] question) {
    return BoundedHttp.ask(
            HttpRequest.newBuilder(authority)
                .timeout(TIME)
                .header("Content-Type", "application/timestamp-query")
                .header("Accept", "application/timestamp-reply")
                .POST(HttpRequest.BodyPublishers.ofByteArray(question))
                .build(),
            Rfc3161Token.MAX_BYTES,
            TIME)
        .orElseThrow(() ->
            new BullaException(
                ErrorCode.SERVER_UNAVAILABLE,
                "the timestamp authority %s gives no answer".formatted(authority),
                "Check the address, or name another authority."));
  }

  /** Checks that the answer is to this question: status, nonce, hash, policy. */
  private static byte[] answer(TimeStampRequest question, byte[] response) {
    try {
      TimeStampResponse read = new TimeStampResponse(response);
      read.validate(question);
      if (read.getTimeStampToken() == null) {
        throw new TSPException("status " + read.getStatus() + ", no stamp");
      }
      return read.getTimeStampToken().getEncoded();
    } catch (TSPException
        | IOException
        | RuntimeException e) { // Bouncy Castle throws several kinds
      throw new BullaException(
          ErrorCode.TIMESTAMP_INVALID,
          "the timestamp authority's answer is none: " + e.getMessage(),
          e);
    }
  }
}
