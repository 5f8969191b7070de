package dev.bulla.signing.notation;

import dev.bulla.core.BullaException;
import dev.bulla.core.Shown;
import dev.bulla.keys.Certificates;
import dev.bulla.keys.PublicKeyVerifier;
import dev.bulla.signing.plugin.PluginMetadata;
import dev.bulla.signing.plugin.RawSignature;
import java.time.Instant;

/**
 * Has a plugin sign, and believes nothing that it says: the chain must keep the rules, its leaf's
 * key must be of the kind that was described, and the signature must be over these bytes by it.
 */
final class PluginRawSigner implements RawSigner {
  private final PluginKey key;
  private final NotationAlgorithm algorithm;
  private final String agent;

  /**
   * @throws BullaException {@code PLUGIN_REFUSED}, {@code PLUGIN_FAILED}
   */
  PluginRawSigner(PluginKey key, PluginMetadata metadata) {
    this.key = key;
    String spec = key.plugin().keySpec(key.id(), key.configuration());
    this.algorithm =
        NotationAlgorithm.ofKeySpec(spec)
            .orElseThrow(() ->
                key.plugin()
                    .refused(
                        "its key is of the kind '%s', which Notation has no algorithm for"
                            .formatted(Shown.text(spec))));
    this.agent = "%s %s/%s".formatted(SignedAttributes.AGENT, metadata.name(), metadata.version());
  }

  @Override
  public NotationAlgorithm algorithm() {
    return algorithm;
  }

  @Override
  public String agent() {
    return agent;
  }

  @Override
  public Signed sign(byte[] toBeSigned, Instant now) {
    RawSignature made =
        key.plugin()
            .sign(
                key.id(),
                algorithm.keySpec(),
                algorithm.pluginHash(),
                toBeSigned,
                key.configuration());
    if (!made.algorithm().equals(algorithm.pluginAlgorithm())) {
      throw key.plugin()
          .refused(
              "it signed with '%s', expected %s"
                  .formatted(Shown.text(made.algorithm()), algorithm.pluginAlgorithm()));
    }
    try {
      CertificateRules.check(made.chain());
    } catch (BullaException e) {
      throw key.plugin().refused("its certificate chain is unusable: " + e.reason());
    }
    PublicKeyVerifier leaf = Certificates.verifier(made.chain().getFirst());
    if (NotationAlgorithm.of(leaf) != algorithm) {
      throw key.plugin().refused("its certificate is for another kind of key, " + leaf.type());
    }
    RawEnvelopeMaker.checkValidity(made.chain(), now);
    byte[] signature = inEnvelope(made.value());
    if (!verifies(leaf, toBeSigned, signature)) {
      throw key.plugin()
          .refused("its signature is not over these bytes by the key of its certificate");
    }
    return new Signed(signature, made.chain());
  }

  /** The protocol wants r‖s of ECDSA; some plugins pass on the DER of their key store. */
  private byte[] inEnvelope(byte[] signature) {
    boolean der = signature.length > 0 && signature[0] == 0x30;
    if (!der || algorithm.fieldBytes() == 0 || signature.length == 2 * algorithm.fieldBytes()) {
      return signature;
    }
    try {
      return algorithm.toEnvelope(signature);
    } catch (BullaException e) {
      return signature;
    }
  }

  private boolean verifies(PublicKeyVerifier leaf, byte[] toBeSigned, byte[] signature) {
    try {
      return leaf.verify(algorithm.algorithm(), toBeSigned, algorithm.fromEnvelope(signature));
    } catch (BullaException e) {
      return false;
    }
  }
}
