package dev.bulla.pipeline;

import dev.bulla.core.statement.PredicateTypes;

/** The Bulla trust policy of a home: what {@code ship} signs and attests, by its own identity. */
final class HomeTrust {
  private HomeTrust() {}

  /** The document; its files are those that a home has. */
  static String yaml(String authority, String store) {
    return """
    # Who is believed about images that were shipped from this home (docs/trust-policy.md).
    # bulla verify --trust THIS-FILE REF
    apiVersion: bulla.dev/v1
    kind: TrustPolicy
    metadata:
      name: AUTHORITY
      version: "1"
    spec:
      authorities:
        AUTHORITY:
          description: The signing identity of this home; a signature in either format is enough.
          keys:
            - file: ../keys/signing.pub
          notation:
            - trustStore: truststore
              stores: ["ca:STORE"]
              identities: ["*"]
      scopes:
        - name: shipped
          images: ["**"]
          signatures:
            - authorities: [AUTHORITY]
          attestations:
            - name: provenance
              type: PROVENANCE
              authorities: [AUTHORITY]
            - name: inventory
              type: INVENTORY
              authorities: [AUTHORITY]
            - name: scan
              type: SCAN
              authorities: [AUTHORITY]
            - name: verdict
              type: VERDICT
              authorities: [AUTHORITY]
    """
        .replace("AUTHORITY", authority)
        .replace("STORE", store)
        .replace("PROVENANCE", PredicateTypes.SLSA_PROVENANCE_V1)
        .replace("INVENTORY", PredicateTypes.CYCLONEDX)
        .replace("SCAN", PredicateTypes.VULNERABILITIES_V02)
        .replace("VERDICT", PredicateTypes.VERIFICATION_SUMMARY_V1);
  }
}
