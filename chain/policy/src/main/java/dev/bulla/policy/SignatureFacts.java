package dev.bulla.policy;

import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.claim.SignatureRecord;
import dev.bulla.core.statement.PredicateTypes;
import dev.bulla.core.statement.Statement;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The lists {@code signatures} (over the image itself) and {@code attestations} (statements about
 * it).
 */
final class SignatureFacts {
  private SignatureFacts() {}

  static void write(List<SignatureRecord> records, Optional<Digest> subject, ObjectNode document) {
    ArrayNode signatures = document.putArray("signatures");
    ArrayNode attestations = document.putArray("attestations");
    for (SignatureRecord one : records) {
      String type = one.statement().map(Statement::predicateType).orElse("");
      boolean ofImage = type.isEmpty() || type.equals(PredicateTypes.COSIGN_SIGN_V1);
      boolean counts =
          ofImage && type.isEmpty() ? one.verified() : VerifiedStatement.counts(one, subject);
      ObjectNode node = (ofImage ? signatures : attestations).addObject();
      if (!ofImage) {
        node.put("predicateType", type);
      }
      node.put("format", one.format());
      node.put("verified", counts);
      node.put("authority", one.authority());
      node.put("identity", one.identity());
      node.put("signedAt", Read.shown(one.signedAt()));
      node.put("evidence", one.evidence().toString());
      node.put("failCode", failCode(one, counts));
    }
  }

  private static String failCode(SignatureRecord one, boolean counts) {
    if (counts) {
      return "";
    }
    return one.failure()
        .map(ErrorCode::id)
        .orElse(
            one.verified()
                ? ErrorCode.SIGNATURE_DIGEST_MISMATCH.id()
                : ErrorCode.SIGNATURE_INVALID.id());
  }
}
