package dev.bulla.signing.authority;

import dev.bulla.core.claim.SignatureRecord;
import dev.bulla.core.crypto.SignatureAlgorithm;
import dev.bulla.core.statement.PredicateTypes;
import dev.bulla.keys.PublicKeyVerifier;
import dev.bulla.signing.cosign.CosignEvidence;
import dev.bulla.signing.cosign.CosignTrust;
import dev.bulla.signing.cosign.TrustedSigner;
import dev.bulla.signing.notation.NotationEvidence;
import dev.bulla.signing.notation.NotationTrust;
import dev.bulla.signing.notation.SignatureRules;
import dev.bulla.signing.sigstore.SignerIdentity;
import dev.bulla.signing.trust.Outcomes;
import dev.bulla.signing.trust.TrustPolicy;
import dev.bulla.signing.trust.TrustStore;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * All means of the authorities of a scope, each ready to judge one piece of evidence. A piece that
 * names its key or brings a certificate is put to those who fit first; who cannot have made it is
 * asked only as long as nobody else has, so that the record can say why it is refused.
 */
final class Judges {
  /**
   * What one authority makes of a piece of evidence.
   *
   * @param identified whether it is an identity, and not a key, that it is known by
   */
  record Judgement(String authority, SignatureRecord record, boolean identified) {}

  private record CosignJudge(String authority, CosignTrust trust) {}

  private record NotationJudge(String authority, Means.Notation means, NotationTrust trust) {}

  private final List<CosignJudge> cosign = new ArrayList<>();
  private final List<NotationJudge> notation = new ArrayList<>();
  private final Map<String, String> annotations;
  private final Instant now;

  /**
   * @param algorithms that the scope names; an experimental one is believed only if it does
   */
  Judges(List<Authority> authorities, Set<String> algorithms, Conditions conditions, Instant now) {
    boolean experimental =
        algorithms.stream().anyMatch(one -> one.endsWith(SignatureAlgorithm.ML_DSA_65.id()));
    this.annotations = conditions.annotations();
    this.now = now;
    for (Authority authority : authorities) {
      for (Means means : authority.means()) {
        switch (means) {
          case Means.Key key ->
              cosign.add(new CosignJudge(authority.name(), trust(authority, key, experimental)));
          case Means.Keyless keyless ->
              cosign.add(
                  new CosignJudge(
                      authority.name(),
                      new CosignTrust(keyless.identity(), keyless.root(), authority.name())));
          case Means.Notation one ->
              notation.add(new NotationJudge(authority.name(), one, trust(one, conditions)));
        }
      }
    }
  }

  private static CosignTrust trust(Authority authority, Means.Key key, boolean experimental) {
    CosignTrust plain =
        key.second()
            .map(other ->
                new CosignTrust(new TrustedSigner.Pair(key.key(), other), authority.name()))
            .orElseGet(() -> new CosignTrust(key.key(), authority.name()));
    CosignTrust trust = experimental ? plain.withExperimental() : plain;
    CosignTrust rooted = key.root().map(trust::withTrustedRoot).orElse(trust);
    return key.hash().map(rooted::withHash).orElse(rooted);
  }

  private static NotationTrust trust(Means.Notation means, Conditions conditions) {
    return new NotationTrust(
            new TrustPolicy(List.of(means.statement())), TrustStore.of(means.certificates()), "*")
        .withRules(
            new SignatureRules(
                conditions.annotations(), conditions.revocation(), conditions.plugins(), false));
  }

  boolean readNotation() {
    return !notation.isEmpty();
  }

  boolean readCosign() {
    return !cosign.isEmpty();
  }

  /**
   * Who verifies the piece; if nobody does, the one judgement that came furthest. The demanded
   * pairs are looked for in signatures of the image only.
   */
  List<Judgement> judge(NotationEvidence piece) {
    List<Judgement> all = new ArrayList<>();
    for (NotationJudge judge : notation) {
      NotationTrust trust = piece.isAttached() ? judge.trust.withMetadata(Map.of()) : judge.trust;
      SignatureRecord record = piece.judge(judge.means.statement(), trust, now);
      all.add(new Judgement(judge.authority, record, false));
      if (!piece.isReadable()) {
        break;
      }
    }
    return verifiedOrClosest(all);
  }

  /** As above. */
  List<Judgement> judge(CosignEvidence piece) {
    List<Judgement> all = new ArrayList<>();
    Optional<PublicKeyVerifier> signer = Optional.empty();
    for (CosignJudge judge : candidates(piece)) {
      TrustedSigner asked = judge.trust.signer();
      if (signer.isPresent()
          && asked instanceof TrustedSigner.Key(PublicKeyVerifier other, var ignored)
          && !signer.get().equals(other)) {
        continue; // one key has made it
      }
      SignatureRecord record = record(piece, judge.trust);
      all.add(new Judgement(judge.authority, record, asked instanceof TrustedSigner.Certified));
      if (record.verified()
          && asked instanceof TrustedSigner.Key(PublicKeyVerifier key, var root)) {
        signer = Optional.of(key);
      }
      if (!piece.isReadable()) {
        break;
      }
    }
    return verifiedOrClosest(all);
  }

  private SignatureRecord record(CosignEvidence piece, CosignTrust trust) {
    SignatureRecord record = piece.judge(trust);
    boolean signature =
        record
            .statement()
            .map(one -> one.predicateType().equals(PredicateTypes.COSIGN_SIGN_V1))
            .orElse(true);
    return annotations.isEmpty() || !record.verified() || !signature
        ? record
        : piece.judge(trust.withAnnotations(annotations));
  }

  /**
   * Who may have made the piece, likeliest first. Of the identities that its certificate does not
   * name only one is asked, for the record, and only if it names none.
   */
  private List<CosignJudge> candidates(CosignEvidence piece) {
    Optional<X509Certificate> leaf = piece.certificate();
    List<CosignJudge> named = new ArrayList<>();
    List<CosignJudge> others = new ArrayList<>();
    List<CosignJudge> excluded = new ArrayList<>();
    for (CosignJudge judge : cosign) {
      switch (judge.trust.signer()) {
        case TrustedSigner.Key(PublicKeyVerifier key, var ignored) ->
            (piece.keyHint().filter(key.hint()::equals).isPresent() ? named : others).add(judge);
        case TrustedSigner.Pair ignored -> others.add(judge);
        case TrustedSigner.Certified(SignerIdentity identity, var ignored, var given) -> {
          if (leaf.isEmpty()) {
            others.add(judge);
          } else {
            (identity.mayBeNamedBy(leaf.get()) ? named : excluded).add(judge);
          }
        }
      }
    }
    if (named.isEmpty() && !excluded.isEmpty()) {
      named.add(excluded.getFirst());
    }
    named.addAll(others);
    return named;
  }

  private static List<Judgement> verifiedOrClosest(List<Judgement> all) {
    List<Judgement> verified = all.stream().filter(one -> one.record.verified()).toList();
    if (!verified.isEmpty()) {
      return verified;
    }
    return all.stream()
        .max(Comparator.comparingLong((Judgement one) -> Outcomes.passedChecks(one.record)))
        .map(List::of)
        .orElse(List.of());
  }
}
