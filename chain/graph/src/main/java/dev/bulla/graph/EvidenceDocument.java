package dev.bulla.graph;

import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.claim.SignatureRecord;
import java.time.Instant;
import java.util.Optional;

/**
 * A document about an image and what verification made of it.
 *
 * @param digest of the document's bytes as they were verified
 * @param manifest the evidence manifest that carries it, if it was attached to the image
 * @param mediaType of the bytes
 * @param kind what the document states: the predicate type, or what else people call it
 * @param size bytes
 * @param format of the seal: {@code notation-jws}, {@code sigstore-bundle}; empty if unsigned
 * @param authority the configured name of who is believed; empty if none was
 * @param identity what the signature proves about the signer; empty if nothing
 * @param code why it is not verified; empty if it is, or if there was nothing to verify
 * @param verifiedAt when it was looked at
 */
public record EvidenceDocument(
    Digest digest,
    Optional<Digest> manifest,
    String mediaType,
    String kind,
    long size,
    String format,
    Trust trust,
    String authority,
    String identity,
    Optional<ErrorCode> code,
    Instant verifiedAt) {

  public EvidenceDocument {
    if (trust == Trust.VERIFIED && code.isPresent()) {
      throw new IllegalArgumentException(digest + ": a verified document has no error code");
    }
    if (trust == Trust.VERIFIED && identity.isEmpty() && authority.isEmpty()) {
      throw new IllegalArgumentException(digest + ": a verified document names who is believed");
    }
  }

  /** A document that carries no signature. */
  public static EvidenceDocument unsigned(
      Digest digest, String mediaType, String kind, long size, Instant at) {
    return new EvidenceDocument(
        digest,
        Optional.empty(),
        mediaType,
        kind,
        size,
        "",
        Trust.UNVERIFIED,
        "",
        "",
        Optional.empty(),
        at);
  }

  /** A signed document, at the trust that {@code signature} earned. */
  public static EvidenceDocument signed(
      SignatureRecord signature,
      Digest digest,
      String mediaType,
      String kind,
      long size,
      Instant at) {
    return new EvidenceDocument(
        digest,
        Optional.of(signature.evidence()),
        mediaType,
        kind,
        size,
        signature.format(),
        signature.verified() ? Trust.VERIFIED : Trust.REJECTED,
        signature.authority(),
        signature.identity(),
        signature.verified()
            ? Optional.empty()
            : signature.failure().or(() -> Optional.of(ErrorCode.SIGNATURE_INVALID)),
        at);
  }
}
