package dev.bulla.signing.authority;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.signing.notation.VerificationPlugins;
import dev.bulla.signing.revocation.RevocationSource;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * What a caller demands beside the trust policy, and what he lends it. It can only make the answer
 * stricter.
 *
 * @param annotations pairs that signatures of the image must carry
 * @param requireTimestamp as in a scope
 * @param requireLog as in a scope
 * @param at the moment as of which to judge: what was signed later, or at no known time, counts for
 *     nothing
 * @param everything whether all statements are read, and not only as many as the policy needs, for
 *     facts that a policy bundle judges
 * @param maxSignatures how many pieces of evidence are looked at, 1 to 1000
 * @param revocation where OCSP responses and CRLs come from, for Notation's signatures
 * @param plugins that may be asked about Notation's signatures
 */
public record Conditions(
    Map<String, String> annotations,
    boolean requireTimestamp,
    boolean requireLog,
    Optional<Instant> at,
    boolean everything,
    int maxSignatures,
    RevocationSource revocation,
    Optional<VerificationPlugins> plugins) {
  public static final int DEFAULT_MAX_SIGNATURES = 100;

  /** Nothing beside the policy; nobody is asked about revocation. */
  public static final Conditions NONE =
      new Conditions(
          Map.of(),
          false,
          false,
          Optional.empty(),
          false,
          DEFAULT_MAX_SIGNATURES,
          RevocationSource.none(),
          Optional.empty());

  public Conditions {
    annotations = Map.copyOf(annotations);
    if (maxSignatures < 1 || maxSignatures > 1000) {
      throw new BullaException(
          ErrorCode.USAGE, "the limit of signatures is " + maxSignatures + ", expected 1 to 1000");
    }
  }

  public Conditions withEverything() {
    return new Conditions(
        annotations, requireTimestamp, requireLog, at, true, maxSignatures, revocation, plugins);
  }

  public Conditions withRevocation(RevocationSource source) {
    return new Conditions(
        annotations, requireTimestamp, requireLog, at, everything, maxSignatures, source, plugins);
  }

  public Conditions withAnnotations(Map<String, String> demanded) {
    return new Conditions(
        demanded, requireTimestamp, requireLog, at, everything, maxSignatures, revocation, plugins);
  }

  public Conditions withMaxSignatures(int limit) {
    return new Conditions(
        annotations, requireTimestamp, requireLog, at, everything, limit, revocation, plugins);
  }

  public Conditions withPlugins(VerificationPlugins value) {
    return new Conditions(
        annotations,
        requireTimestamp,
        requireLog,
        at,
        everything,
        maxSignatures,
        revocation,
        Optional.of(value));
  }
}
