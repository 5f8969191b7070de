package dev.bulla.registry;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Has judged what a push may have changed, at the pace that one manifest may claim. */
final class PushJudging {
  private static final System.Logger LOG = System.getLogger("bulla.registry");

  private final ManifestTable manifests;
  private final AdmissionTable admissions;
  private final Bindings bindings;
  private final Decisions decisions;
  private final JudgingPace pace;

  PushJudging(
      ManifestTable manifests,
      AdmissionTable admissions,
      Bindings bindings,
      Decisions decisions,
      Background background) {
    this.manifests = manifests;
    this.admissions = admissions;
    this.bindings = bindings;
    this.decisions = decisions;
    this.pace = new JudgingPace(background);
  }

  /** The manifest itself, and what it is evidence of. */
  void pushed(String repository, Digest digest, Optional<String> subject, List<String> tags) {
    if (bindings.current().of(repository).filter(Binding::decides).isEmpty()) {
      return;
    }
    List<String> affected = new ArrayList<>();
    affected.add(digest.toString());
    subject.ifPresent(affected::add);
    tags.stream().filter(EvidenceRule::isTag).map(EvidenceRule::subjectOf).forEach(affected::add);
    for (String one : affected) {
      try {
        Digest about = Digest.parse(one);
        if (manifests.byDigest(repository, about).isPresent()) {
          pace.judge(
              repository,
              about,
              () -> judge(repository, about),
              () -> admissions.doubt(repository, about) > 0);
        }
      } catch (BullaException e) {
        notJudged(repository, one, e);
      }
    }
  }

  /** Whether something of a repository waits to be judged. */
  boolean owes(String repository) {
    return pace.owes(repository);
  }

  private void judge(String repository, Digest digest) {
    try {
      decisions.decideAnew(repository, digest);
    } catch (BullaException e) {
      notJudged(repository, digest.toString(), e);
    } catch (IllegalStateException e) {
      LOG.log(System.Logger.Level.DEBUG, "the records were closed meanwhile", e);
    }
  }

  /** The push itself is done; whoever pulls is told why it is not admitted. */
  private static void notJudged(String repository, String digest, BullaException e) {
    LOG.log(System.Logger.Level.WARNING, "judging " + repository + "@" + digest, e);
  }
}
