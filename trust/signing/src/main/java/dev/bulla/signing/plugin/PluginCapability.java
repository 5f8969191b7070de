package dev.bulla.signing.plugin;

import java.util.Optional;
import java.util.stream.Stream;

/** What a plugin can do, of that which this host knows (plugin-extensibility.md). */
public enum PluginCapability {
  /** Signs bytes; the host makes the envelope. */
  RAW_SIGNATURE("SIGNATURE_GENERATOR.RAW"),
  /** Makes the whole envelope. */
  ENVELOPE("SIGNATURE_GENERATOR.ENVELOPE"),
  /** Decides who the signer is, instead of the certificate's subject. */
  TRUSTED_IDENTITY("SIGNATURE_VERIFIER.TRUSTED_IDENTITY"),
  /** Decides whether something was revoked, instead of OCSP and CRL. */
  REVOCATION_CHECK("SIGNATURE_VERIFIER.REVOCATION_CHECK");

  private final String id;

  PluginCapability(String id) {
    this.id = id;
  }

  public String id() {
    return id;
  }

  static Optional<PluginCapability> named(String id) {
    return Stream.of(values()).filter(one -> one.id.equals(id)).findFirst();
  }

  boolean verifies() {
    return this == TRUSTED_IDENTITY || this == REVOCATION_CHECK;
  }
}
