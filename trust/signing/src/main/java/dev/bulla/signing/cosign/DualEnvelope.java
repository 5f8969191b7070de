package dev.bulla.signing.cosign;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.envelope.DsseEnvelope;
import dev.bulla.core.json.Fields;
import dev.bulla.core.json.Json;
import dev.bulla.signing.trust.CheckList;

/**
 * A dual signature: a statement in a DSSE envelope with two signatures over the same bytes, the
 * first by an ECDSA key, the second by an ML-DSA-65 key. It is no Sigstore bundle, for a bundle's
 * envelope has exactly one signature (docs/adr/0010-dual-signatures.md).
 */
record DualEnvelope(DsseEnvelope envelope, Digest subject) implements CosignEvidence.Content {
  static final String FORMAT = "bulla-dual";
  static final int MAX_BYTES = 64 * 1024 * 1024;

  private static final String WHAT = "dual signature";

  /**
   * @throws BullaException {@link ErrorCode#SIGNATURE_MALFORMED} and JSON errors
   */
  static DualEnvelope parse(byte[] json, Digest subject) {
    Fields root = Fields.of(Json.parse(json, MAX_BYTES, WHAT), WHAT);
    root.only("payload", "payloadType", "signatures");
    return new DualEnvelope(DsseEnvelope.parse(root.node(), WHAT), subject);
  }

  /** Whether a document is meant as one, and not as a bundle; cheap, and proves nothing. */
  static boolean looksLikeOne(byte[] json) {
    try {
      Fields root = Fields.of(Json.parse(json, MAX_BYTES, WHAT), WHAT);
      return root.has("payloadType") && !root.has("mediaType");
    } catch (BullaException e) {
      return false; // said by whoever reads it as a bundle
    }
  }

  @Override
  public void examine(CheckList checks, CosignTrust trust) {
    new BundleExamination(checks, trust).dual(envelope, subject);
  }
}
