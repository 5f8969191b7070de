package dev.bulla.signing.notation;

import dev.bulla.core.MediaTypes;
import dev.bulla.keys.Certificates;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Writes the COSE_Sign1 of the Notary Project (RFC 9052 section 4.2). Maps are in core
 * deterministic order (RFC 8949 section 4.2.1): integers first, then texts by length.
 */
final class CoseDraft implements EnvelopeDraft {
  private static final int SIGN1 = 18;
  private static final int EPOCH_TIME = 1;
  private static final int ALGORITHM = 1;
  private static final int CRITICAL = 2;
  private static final int CONTENT_TYPE = 3;
  private static final int CHAIN = 33;

  private final SignedAttributes attributes;
  private final byte[] protectedBytes;

  CoseDraft(SignedAttributes attributes) {
    this.attributes = attributes;
    this.protectedBytes = protectedHeader(attributes);
  }

  private static byte[] protectedHeader(SignedAttributes attributes) {
    Optional<Instant> expiry = attributes.expiry();
    CborWriter out = new CborWriter();
    out.table(expiry.isPresent() ? 6 : 5);
    out.whole(ALGORITHM).whole(attributes.algorithm().coseId());
    out.whole(CRITICAL).items(expiry.isPresent() ? 2 : 1).text(Headers.SCHEME);
    expiry.ifPresent(ignored -> out.text(Headers.EXPIRY));
    out.whole(CONTENT_TYPE).text(MediaTypes.NOTATION_PAYLOAD);
    expiry.ifPresent(time -> out.text(Headers.EXPIRY).tag(EPOCH_TIME).whole(time.getEpochSecond()));
    out.text(Headers.SIGNING_TIME).tag(EPOCH_TIME).whole(attributes.signed().getEpochSecond());
    out.text(Headers.SCHEME).text(Headers.X509);
    return out.bytes();
  }

  @Override
  public byte[] toBeSigned() {
    return CoseEnvelope.toBeSigned(protectedBytes, attributes.payload());
  }

  @Override
  public byte[] finish(
      byte[] signature, List<X509Certificate> certificates, Optional<byte[]> timestamp) {
    CborWriter out = new CborWriter();
    out.tag(SIGN1).items(4).string(protectedBytes);
    out.table(timestamp.isPresent() ? 3 : 2);
    out.whole(CHAIN).items(certificates.size());
    for (X509Certificate certificate : certificates) {
      out.string(Certificates.encoded(certificate));
    }
    out.text(Headers.AGENT).text(attributes.agent());
    timestamp.ifPresent(token -> out.text(Headers.TIMESTAMP).string(token));
    out.string(attributes.payload()).string(signature);
    return out.bytes();
  }
}
