package dev.bulla.signing.keyless;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.signing.http.ServiceClient;
import dev.bulla.signing.timestamp.Rfc3161Token;
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
 * Asks an authority for a timestamp (RFC 3161 section 3.4) and keeps its whole answer, as a bundle
 * holds it: over SHA-256, with a random nonce, which proves that the answer is to this question.
 */
final class StampClient {
  private static final Duration TIME = Duration.ofSeconds(30);
  private static final int NONCE_BITS = 64;

  private final ServiceClient.Service service;
  private final ServiceClient client;
  private final boolean certificates;
  private final SecureRandom random;

  /**
   * @param certificates whether the answer is to carry the authority's certificates, for a trusted
   *     root that does not name its signer
   */
  StampClient(URI authority, boolean certificates, ServiceClient client, SecureRandom random) {
    this.service =
        new ServiceClient.Service(
            "the timestamp authority", authority, Rfc3161Token.MAX_BYTES, TIME);
    this.client = client;
    this.certificates = certificates;
    this.random = random;
  }

  /**
   * A DER TimeStampResp over {@code signature}; who made it is not looked at.
   *
   * @throws BullaException {@link ErrorCode#TIMESTAMP_INVALID} if it is no answer to the question
   */
  byte[] stamp(byte[] signature) {
    TimeStampRequestGenerator generator = new TimeStampRequestGenerator();
    generator.setCertReq(certificates);
    try {
      TimeStampRequest question =
          generator.generate(
              NISTObjectIdentifiers.id_sha256,
              Digest.sha256(signature).bytes(),
              new BigInteger(NONCE_BITS, random));
      byte[] answer =
          client.ask(
              service,
              HttpRequest.newBuilder()
                  .header("Content-Type", "application/timestamp-query")
                  .header("Accept", "application/timestamp-reply")
                  .POST(HttpRequest.BodyPublishers.ofByteArray(question.getEncoded())));
      check(question, answer);
      return answer;
    } catch (IOException e) {
      throw new BullaException(
          ErrorCode.INTERNAL, "a timestamp request cannot be made: " + e.getMessage(), e);
    }
  }

  static void check(TimeStampRequest question, byte[] answer) {
    try {
      new TimeStampResponse(answer).validate(question);
      Rfc3161Token.parseResponse(answer);
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
