package dev.bulla.signing.notation;

import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * What a JWS or COSE envelope of the Notary Project says, read and checked for shape, its signature
 * not yet verified.
 *
 * @param algorithm as declared; must be the one of the leaf's key
 * @param contentType of the payload
 * @param toBeSigned the bytes that the signature is over
 * @param signature RSA, or ECDSA as r‖s
 * @param chain leaf first
 * @param scheme how the signing time came about
 * @param signingTime by the scheme: the signer's word, or the signing authority's
 * @param unknownCritical critical attributes that nothing here understands, with their values
 * @param verificationPlugin the plugin that the signer demands
 * @param pluginVersion the oldest version of it that may be used
 * @param timestamp an RFC 3161 token over the signature
 * @param agent the program that signed; informative
 */
record Envelope(
    String format,
    NotationAlgorithm algorithm,
    String contentType,
    byte[] payload,
    byte[] toBeSigned,
    byte[] signature,
    List<X509Certificate> chain,
    Scheme scheme,
    Instant signingTime,
    Optional<Instant> expiry,
    Map<String, JsonNode> unknownCritical,
    Optional<String> verificationPlugin,
    Optional<String> pluginVersion,
    Optional<byte[]> timestamp,
    String agent) {

  static final String JWS = "notation-jws";
  static final String COSE = "notation-cose";

  /** The two signing schemes. */
  enum Scheme {
    X509(Headers.X509, "ca"),
    SIGNING_AUTHORITY(Headers.X509_AUTHORITY, "signingAuthority");

    private final String id;
    private final String storeType;

    Scheme(String id, String storeType) {
      this.id = id;
      this.storeType = storeType;
    }

    String id() {
      return id;
    }

    /** The type of trust store that its roots come from. */
    String storeType() {
      return storeType;
    }
  }

  Envelope {
    chain = List.copyOf(chain);
    unknownCritical = Collections.unmodifiableMap(new LinkedHashMap<>(unknownCritical));
  }

  X509Certificate leaf() {
    return chain.getFirst();
  }
}
