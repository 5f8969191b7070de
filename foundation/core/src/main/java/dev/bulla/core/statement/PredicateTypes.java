package dev.bulla.core.statement;

/** Predicate type URIs that Bulla writes or reads; compared exactly. */
public final class PredicateTypes {
  public static final String SLSA_PROVENANCE_V1 = "https://slsa.dev/provenance/v1";
  public static final String VERIFICATION_SUMMARY_V1 = "https://slsa.dev/verification_summary/v1";
  public static final String VULNERABILITIES_V02 = "https://in-toto.io/attestation/vulns/v0.2";
  public static final String CYCLONEDX = "https://cyclonedx.org/bom";
  public static final String SPDX = "https://spdx.dev/Document";

  /** What {@code cosign sign} writes: the statement that somebody signed this image. */
  public static final String COSIGN_SIGN_V1 = "https://sigstore.dev/cosign/sign/v1";

  private PredicateTypes() {}
}
