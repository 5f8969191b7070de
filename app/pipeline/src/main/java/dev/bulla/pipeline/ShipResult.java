package dev.bulla.pipeline;

import dev.bulla.core.Digest;
import dev.bulla.core.Reference;
import dev.bulla.core.verdict.Verdict;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What a run came to.
 *
 * @param references where the image is, tags included; empty if it was refused
 * @param image empty if it was refused before it was built
 * @param reproduced whether a tag already stood for exactly this image
 * @param verdicts of the gates, in order
 * @param advisories which set was used, in words
 */
public record ShipResult(
    List<Reference> references,
    Optional<Digest> image,
    boolean reproduced,
    List<StageTime> stages,
    List<SealedDocument> evidence,
    List<Verdict> verdicts,
    String advisories) {

  /** How long a stage took and what it said. */
  public record StageTime(Stage stage, Duration took, String result) {}

  /**
   * Evidence that was made or taken over.
   *
   * @param kind predicate type, or {@code signature}
   * @param format {@code sigstore-bundle} or {@code notation-jws}
   * @param signer what the signature proves: certificate subject, or the key's fingerprint
   * @param digest of the manifest that carries it
   * @param subject digest of the manifest that it is about
   */
  public record SealedDocument(
      String kind, String format, String signer, Digest digest, Digest subject) {}

  public ShipResult {
    references = List.copyOf(references);
    stages = List.copyOf(stages);
    evidence = List.copyOf(evidence);
    verdicts = List.copyOf(verdicts);
  }

  public boolean refused() {
    return verdicts.stream().anyMatch(verdict -> !verdict.allowed());
  }
}
