package dev.bulla.signing.authority;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.json.Fields;
import dev.bulla.keys.Certificates;
import dev.bulla.signing.trust.DistinguishedName;
import dev.bulla.signing.trust.KeyFacts;
import java.security.cert.X509Certificate;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Finds, as far as a policy shows it, one signer behind two authorities of one demand: k of n
 * counts parties, and one party under two names is one. What only a signature can show is left to
 * {@link DistinctSigners}.
 */
final class SharedSigners {
  private SharedSigners() {}

  /**
   * @throws BullaException {@link ErrorCode#TRUST_POLICY_INVALID} naming both and what they share
   */
  static void refuse(Fields place, List<Authority> among) {
    for (int i = 0; i < among.size(); i++) {
      for (int j = i + 1; j < among.size(); j++) {
        Authority one = among.get(i);
        Authority other = among.get(j);
        Optional<String> shared = shared(one, other).or(() -> notation(one, other));
        shared.ifPresent(what -> {
          throw new BullaException(
              ErrorCode.TRUST_POLICY_INVALID,
              "%s: the authorities '%s' and '%s' share %s"
                  .formatted(place.pointer(), one.name(), other.name(), what),
              "They would be one signer that counts twice. Make them one authority.");
        });
      }
    }
  }

  private static Optional<String> shared(Authority one, Authority other) {
    Map<String, String> mine = marks(one);
    return marks(other).entrySet().stream()
        .filter(mark -> mine.containsKey(mark.getKey()))
        .map(Map.Entry::getValue)
        .findFirst();
  }

  /** What is the same if it is one signer: fingerprints of keys, and identities as written. */
  private static Map<String, String> marks(Authority authority) {
    Map<String, String> all = new HashMap<>();
    for (Means means : authority.means()) {
      switch (means) {
        case Means.Key key -> {
          String print = KeyFacts.fingerprint(key.key());
          all.put(print, "the key " + print);
          key.second().map(KeyFacts::fingerprint).ifPresent(one -> all.put(one, "the key " + one));
        }
        case Means.Keyless keyless ->
            all.put(keyless.identity().toString(), "the identity " + keyless.identity());
        case Means.Notation notation ->
            notation.certificates().entrySet().stream()
                .filter(entry -> !entry.getKey().type().equals("tsa"))
                .flatMap(entry -> entry.getValue().stream())
                .filter(certificate -> certificate.getBasicConstraints() < 0)
                .forEach(certificate -> {
                  String print = KeyFacts.fingerprint(Certificates.verifier(certificate));
                  all.put(print, "the key " + print);
                });
      }
    }
    return all;
  }

  private static Optional<String> notation(Authority one, Authority other) {
    for (Means.Notation mine : notation(one)) {
      for (Means.Notation theirs : notation(other)) {
        Optional<X509Certificate> root = sharedRoot(mine, theirs);
        if (root.isPresent() && mayNameOne(mine, theirs)) {
          return Optional.of(
              "signers under the certificate '%s'"
                  .formatted(root.get().getSubjectX500Principal().getName()));
        }
      }
    }
    return Optional.empty();
  }

  private static List<Means.Notation> notation(Authority authority) {
    return authority.means().stream()
        .filter(Means.Notation.class::isInstance)
        .map(Means.Notation.class::cast)
        .toList();
  }

  /** A certificate that both trust, or that one trusts and that the other's has issued. */
  private static Optional<X509Certificate> sharedRoot(Means.Notation one, Means.Notation other) {
    List<X509Certificate> theirs = roots(other);
    return roots(one).stream()
        .filter(mine ->
            theirs.stream()
                .anyMatch(their ->
                    mine.equals(their)
                        || Certificates.isIssuedBy(mine, their)
                        || Certificates.isIssuedBy(their, mine)))
        .findFirst();
  }

  private static List<X509Certificate> roots(Means.Notation means) {
    return means.certificates().entrySet().stream()
        .filter(entry -> !entry.getKey().type().equals("tsa"))
        .flatMap(entry -> entry.getValue().stream())
        .toList();
  }

  private static boolean mayNameOne(Means.Notation one, Means.Notation other) {
    if (one.statement().anyIdentity() || other.statement().anyIdentity()) {
      return true;
    }
    return one.statement().identities().stream()
        .anyMatch(mine ->
            other.statement().identities().stream().anyMatch(theirs -> compatible(mine, theirs)));
  }

  /** Whether one subject can have all attributes of both. */
  private static boolean compatible(DistinguishedName one, DistinguishedName other) {
    return one.attributes().entrySet().stream()
        .allMatch(attribute ->
            attribute
                .getValue()
                .equals(other.attributes().getOrDefault(attribute.getKey(), attribute.getValue())));
  }
}
