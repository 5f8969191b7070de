package dev.bulla.signing.notation;

/**
 * Names of envelope attributes (Notary Project signature specification 1.1 and its JWS and COSE
 * documents).
 */
final class Headers {
  static final String SCHEME = "io.cncf.notary.signingScheme";
  static final String SIGNING_TIME = "io.cncf.notary.signingTime";
  static final String AUTHENTIC_TIME = "io.cncf.notary.authenticSigningTime";
  static final String EXPIRY = "io.cncf.notary.expiry";
  static final String PLUGIN = "io.cncf.notary.verificationPlugin";
  static final String PLUGIN_VERSION = "io.cncf.notary.verificationPluginMinVersion";
  static final String TIMESTAMP = "io.cncf.notary.timestampSignature";
  static final String AGENT = "io.cncf.notary.signingAgent";
  static final String X509 = "notary.x509";
  static final String X509_AUTHORITY = "notary.x509.signingAuthority";

  private Headers() {}
}
