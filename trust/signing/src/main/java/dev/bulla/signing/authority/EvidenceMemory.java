package dev.bulla.signing.authority;

import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.claim.Check;
import dev.bulla.core.claim.SignatureRecord;
import dev.bulla.signing.authority.Judges.Judgement;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What was made of pieces of evidence, for somebody who judges the same images again and again: one
 * more piece then costs one verification, however many are there already.
 *
 * <p>Only what cannot change is kept: a piece is named by its digest and belongs to the rules and
 * the subject by which it was judged, and whatever depends on the moment (certificates that end,
 * revocation, ages) is judged anew each time. So Cosign's evidence is kept, which is verified by
 * the times that are in it, and of Notation's what no later moment could make better. What could
 * not be found is looked for again.
 *
 * <p>Bounded; what was used least lately goes. Thread-safe.
 */
public final class EvidenceMemory {
  /** Failures of these checks stay. */
  private static final Set<String> FINAL =
      Set.of("integrity", "certificates", "authenticity", "digest");

  /** What was there may be mended or brought back. */
  private static final Set<ErrorCode> LACKED =
      Set.of(
          ErrorCode.BLOB_NOT_FOUND,
          ErrorCode.MANIFEST_NOT_FOUND,
          ErrorCode.DIGEST_MISMATCH,
          ErrorCode.SIZE_MISMATCH);

  private static final int ENTRY = 2_048;
  private static final int TREE = 4;

  private record Key(Digest rules, String scope, Digest subject, Digest evidence, int part) {}

  private record Entry(List<Judgement> judgements, long weight) {}

  private final long maxBytes;
  private final Map<Key, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);
  private long bytes;

  /**
   * @param maxBytes that are kept at most, roughly
   */
  public EvidenceMemory(long maxBytes) {
    this.maxBytes = maxBytes;
  }

  /**
   * The part of it for one set of rules.
   *
   * @param rules digest of everything by which is judged: policy, keys, certificates, roots
   */
  public Part of(Digest rules) {
    return new Part(this, rules);
  }

  /** What was made of evidence by one set of rules. */
  public static final class Part {
    private final EvidenceMemory memory;
    private final Digest rules;

    private Part(EvidenceMemory memory, Digest rules) {
      this.memory = memory;
      this.rules = rules;
    }

    Optional<List<Judgement>> find(String scope, Digest subject, Digest evidence, int part) {
      return memory.find(new Key(rules, scope, subject, evidence, part));
    }

    void keep(String scope, Digest subject, Digest evidence, int part, List<Judgement> judgements) {
      memory.keep(new Key(rules, scope, subject, evidence, part), judgements);
    }
  }

  private synchronized Optional<List<Judgement>> find(Key key) {
    return Optional.ofNullable(entries.get(key)).map(Entry::judgements);
  }

  private void keep(Key key, List<Judgement> judgements) {
    Entry entry = new Entry(List.copyOf(judgements), weight(judgements));
    if (entry.weight > maxBytes / 16) {
      return;
    }
    synchronized (this) {
      Entry before = entries.put(key, entry);
      bytes += entry.weight - (before == null ? 0 : before.weight);
      var eldest = entries.entrySet().iterator();
      while (bytes > maxBytes && eldest.hasNext()) {
        bytes -= eldest.next().getValue().weight;
        eldest.remove();
      }
    }
  }

  private static long weight(List<Judgement> judgements) {
    return judgements.stream()
        .mapToLong(one ->
            ENTRY + one.record().statement().map(s -> (long) TREE * s.toJson().length).orElse(0L))
        .sum();
  }

  /** Whether what was made of a piece in Cosign's formats stays: its bytes were there. */
  static boolean isFinal(List<Judgement> judgements) {
    return judgements.stream().noneMatch(one -> lacked(one.record()));
  }

  /** Whether a Notation signature is refused for good. */
  static boolean isRefusedForGood(List<Judgement> judgements) {
    return !judgements.isEmpty()
        && judgements.stream()
            .map(Judgement::record)
            .allMatch(record ->
                !lacked(record) && record.checks().stream().anyMatch(EvidenceMemory::isForGood));
  }

  private static boolean isForGood(Check check) {
    return check.outcome() == Check.Outcome.FAILED && FINAL.contains(check.name());
  }

  private static boolean lacked(SignatureRecord record) {
    return record.checks().stream()
        .flatMap(check -> check.code().stream())
        .anyMatch(LACKED::contains);
  }
}
