package dev.bulla.signing.revocation;

import java.util.Set;

/** What revocation data may be signed with; nothing with SHA-1 or MD5. */
final class Algorithms {
  /** ECDSA, RSA (PKCS#1) with SHA-256, SHA-384 and SHA-512; Ed25519. */
  static final Set<String> ACCEPTED =
      Set.of(
          "1.2.840.10045.4.3.2",
          "1.2.840.10045.4.3.3",
          "1.2.840.10045.4.3.4",
          "1.2.840.113549.1.1.11",
          "1.2.840.113549.1.1.12",
          "1.2.840.113549.1.1.13",
          "1.3.101.112");

  private Algorithms() {}
}
