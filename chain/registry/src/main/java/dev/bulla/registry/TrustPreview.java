package dev.bulla.registry;

import dev.bulla.core.Digest;
import dev.bulla.registry.Binding.Mode;
import dev.bulla.registry.ImageJudge.Judgement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What a binding would change, without changing it. Thread-safe. */
public final class TrustPreview {
  private static final int MAX = 1_000;

  private final Registry registry;
  private final Decisions decisions;

  TrustPreview(Registry registry, Decisions decisions) {
    this.registry = registry;
    this.decisions = decisions;
  }

  /**
   * @param visible whether readers would see it
   */
  public record Change(
      String repository, String tag, Digest digest, boolean visible, String reason) {}

  /** Tagged manifests that readers see now and would not, or the other way round. */
  List<Change> of(Binding candidate) {
    decisions.check(candidate);
    List<Change> changes = new ArrayList<>();
    for (String repository : registry.repositories("", 10_000, false).entries()) {
      if (!candidate.matches(repository)) {
        continue;
      }
      for (String tag : registry.tags(repository, "", 10_000).entries()) {
        if (changes.size() >= MAX) {
          return changes;
        }
        if (!EvidenceRule.isTag(tag)) {
          change(candidate, repository, tag).ifPresent(changes::add);
        }
      }
    }
    return changes;
  }

  private Optional<Change> change(Binding candidate, String repository, String tag) {
    StoredManifest manifest = registry.manifest(repository, tag);
    if (EvidenceRule.isEvidence(manifest.bytes())) {
      return Optional.empty();
    }
    boolean now = registry.trust().isVisible(repository, manifest.digest());
    Judgement would = decisions.judge(candidate, repository, manifest, Optional.of(tag));
    boolean visible = candidate.mode() != Mode.ENFORCE || would.admitted();
    return now == visible && would.admitted() == visible
        ? Optional.empty()
        : Optional.of(new Change(repository, tag, manifest.digest(), visible, would.reason()));
  }
}
