package dev.bulla.signing.authority;

import dev.bulla.core.Digest;
import dev.bulla.keys.PublicKeyVerifier;
import dev.bulla.signing.sigstore.SignerIdentity;
import dev.bulla.signing.sigstore.TrustedRoot;
import dev.bulla.signing.trust.TrustStatement;
import dev.bulla.signing.trust.TrustStore;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** One way in which an authority can be known by its signatures. */
public sealed interface Means {

  /** Whether its signatures can be found in a transparency log. */
  boolean logged();

  /** For people. */
  String describe();

  /**
   * A public key, for Cosign's formats.
   *
   * @param source the file, for people
   * @param second of a dual signature: the ML-DSA key that must have signed the same bytes
   * @param hash the only hash to accept; empty for what belongs to the key
   * @param root if given, a log that it names must have an entry, and its timestamps are believed
   */
  record Key(
      PublicKeyVerifier key,
      String source,
      Optional<PublicKeyVerifier> second,
      Optional<Digest.Algorithm> hash,
      Optional<TrustedRoot> root)
      implements Means {
    @Override
    public boolean logged() {
      return root.filter(one -> !one.logs().isEmpty()).isPresent();
    }

    @Override
    public String describe() {
      return "key %s (%s)%s"
          .formatted(
              key.fingerprint().substring(0, 12),
              source,
              second
                  .map(one -> " with " + one.type() + " " + one.fingerprint().substring(0, 12))
                  .orElse(""));
    }
  }

  /** An identity with certificates of a Sigstore instance. */
  record Keyless(SignerIdentity identity, TrustedRoot root) implements Means {
    @Override
    public boolean logged() {
      return true;
    }

    @Override
    public String describe() {
      return "identity " + identity;
    }
  }

  /**
   * Subjects of certificates under roots, for Notation's formats.
   *
   * @param statement the same in Notation's words, for every repository
   * @param certificates the roots, of all its stores
   */
  record Notation(
      TrustStatement statement, Map<TrustStore.Name, List<X509Certificate>> certificates)
      implements Means {
    public Notation {
      certificates = Map.copyOf(certificates);
    }

    @Override
    public boolean logged() {
      return false;
    }

    @Override
    public String describe() {
      return "certificates under %s, %s"
          .formatted(
              statement.stores(),
              statement.anyIdentity() ? "any subject" : "subjects " + statement.identities());
    }
  }
}
