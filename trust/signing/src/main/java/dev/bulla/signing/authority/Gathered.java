package dev.bulla.signing.authority;

import dev.bulla.core.ErrorCode;
import dev.bulla.core.claim.Check;
import dev.bulla.core.claim.SignatureRecord;
import dev.bulla.core.claim.SignedBy;
import dev.bulla.core.claim.TrustDecision.Clause;
import dev.bulla.core.claim.TrustDecision.Satisfied;
import dev.bulla.core.statement.PredicateTypes;
import dev.bulla.core.statement.Statement;
import dev.bulla.signing.authority.Judges.Judgement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What was found for one scope so far: a record of each piece of evidence, and for each demand the
 * authorities that it is to be counted for. Not thread-safe.
 */
final class Gathered {
  private final ScopeRule rule;
  private final SignatureDemands demands;
  private final Set<String> keys;
  private final String kind;
  private final List<SignatureRecord> records = new ArrayList<>();
  private final Map<Requirement, DistinctSigners> counted = new LinkedHashMap<>();

  /**
   * @param keys fingerprints of the keys of all authorities
   * @param kind of what is judged: image or file
   */
  Gathered(ScopeRule rule, SignatureDemands demands, Set<String> keys, String kind) {
    this.kind = kind;
    this.rule = rule;
    this.demands = demands;
    this.keys = keys;
    rule.requirements().forEach(one -> counted.put(one, new DistinctSigners()));
  }

  List<SignatureRecord> records() {
    return List.copyOf(records);
  }

  /** Whether every demand that {@code predicateType} says something about is met. */
  boolean met(boolean ofSignatures) {
    return rule.requirements().stream()
        .filter(one -> one.predicateType().isEmpty() == ofSignatures)
        .allMatch(this::met);
  }

  private boolean met(Requirement requirement) {
    return satisfied(requirement).size() >= requirement.threshold();
  }

  private List<Satisfied> satisfied(Requirement requirement) {
    return counted
        .getOrDefault(requirement, new DistinctSigners())
        .count(requirement.authorities());
  }

  /** Takes in what was said of one piece: one verified judgement or more, or one that is not. */
  void add(List<Judgement> judgements) {
    Optional<SignatureRecord> best = Optional.empty();
    for (Judgement judgement : judgements) {
      SignatureRecord record = judge(judgement);
      if (best.isEmpty() || record.verified() && !best.get().verified()) {
        best = Optional.of(record);
      }
    }
    best.ifPresent(records::add);
  }

  private SignatureRecord judge(Judgement judgement) {
    if (!judgement.record().verified()) {
      return judgement.record();
    }
    SignatureRecord record = demands.on(judgement.record());
    if (!record.verified()) {
      return record;
    }
    Optional<String> type =
        record
            .statement()
            .map(Statement::predicateType)
            .filter(one -> !one.equals(PredicateTypes.COSIGN_SIGN_V1));
    List<Requirement> about =
        rule.requirements().stream().filter(one -> one.predicateType().equals(type)).toList();
    return about.isEmpty()
        ? record.with(believed(judgement.authority()))
        : count(about, judgement, record);
  }

  /** Counts the record for each demand that it meets; refused if there is none. */
  private SignatureRecord count(
      List<Requirement> about, Judgement judgement, SignatureRecord record) {
    Optional<SignatureRecord> accepted = Optional.empty();
    Optional<Check> refused = Optional.empty();
    for (Requirement one : about) {
      List<Check> made = checks(record, one);
      Optional<Check> failed = made.stream().filter(check -> check.code().isPresent()).findFirst();
      if (!one.authorities().contains(judgement.authority())) {
        refused = refused.or(() -> Optional.of(other(judgement.authority(), one.authorities())));
      } else if (failed.isPresent()) {
        refused = refused.or(() -> failed);
      } else {
        counted
            .computeIfAbsent(one, ignored -> new DistinctSigners())
            .add(judgement.authority(), signer(judgement), record.evidence());
        if (accepted.isEmpty()) {
          SignatureRecord all = record;
          for (Check check : made) {
            all = all.with(check);
          }
          accepted = Optional.of(all);
        }
      }
    }
    Optional<Check> why = refused;
    return accepted
        .or(() -> why.map(record::with))
        .orElseThrow(() -> new IllegalStateException("a demand neither takes nor refuses"));
  }

  private List<Check> checks(SignatureRecord record, Requirement one) {
    return Stream.concat(
            SignatureDemands.annotations(record, one).stream(), demands.age(record, one).stream())
        .toList();
  }

  /** A statement of which no demand speaks is a fact if somebody says it who signs these images. */
  private Check believed(String authority) {
    Set<String> signers =
        rule.requirements().stream()
            .filter(one -> one.predicateType().isEmpty())
            .flatMap(one -> one.authorities().stream())
            .collect(Collectors.toCollection(TreeSet::new));
    return signers.contains(authority)
        ? Check.passed("authority", authority)
        : other(authority, List.copyOf(signers));
  }

  private static Check other(String authority, List<String> wanted) {
    return Check.failed(
        "authority",
        ErrorCode.SIGNER_NOT_TRUSTED,
        wanted.isEmpty() ? "nobody, for this scope" : "one of " + String.join(", ", wanted),
        authority + ", who is believed for something else");
  }

  /**
   * As whom the signer counts: a key that an authority holds is itself, whatever certificate it
   * comes with; the key of a moment stands for the identity that it was given to.
   */
  private String signer(Judgement judgement) {
    SignatureRecord record = judgement.record();
    String key = record.signedBy().map(SignedBy::key).orElse("");
    return judgement.identified() && !keys.contains(key)
        ? "identity " + record.identity()
        : "key sha256:" + key;
  }

  List<Clause> clauses() {
    List<Clause> all = new ArrayList<>();
    for (Requirement one : rule.requirements()) {
      List<Satisfied> satisfied = satisfied(one);
      boolean met = satisfied.size() >= one.threshold();
      all.add(
          new Clause(
              one.name(),
              one.predicateType(),
              one.threshold(),
              one.authorities(),
              one.annotations(),
              satisfied,
              met ? "" : missing(one, satisfied)));
    }
    return all;
  }

  private static String pairs(Map<String, String> annotations) {
    return annotations.isEmpty()
        ? ""
        : annotations.entrySet().stream()
            .map(pair -> pair.getKey() + "=" + pair.getValue())
            .collect(Collectors.joining(", ", " with ", ""));
  }

  private String missing(Requirement one, List<Satisfied> satisfied) {
    List<String> have = satisfied.stream().map(Satisfied::authority).toList();
    List<String> absent = one.authorities().stream().filter(name -> !have.contains(name)).toList();
    String what =
        one.predicateType().map(type -> "attestation " + type).orElse("signature of the " + kind);
    return "%d of %d needed: no %s%s by %s%s"
        .formatted(
            have.size(),
            one.threshold(),
            what,
            pairs(one.annotations()),
            String.join(" or ", absent),
            have.isEmpty() ? "" : " beside " + String.join(", ", have));
  }
}
