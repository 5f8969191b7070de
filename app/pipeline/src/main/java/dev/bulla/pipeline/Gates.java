package dev.bulla.pipeline;

import dev.bulla.build.ResolvedTemplate;
import dev.bulla.core.claim.Verification;
import dev.bulla.core.verdict.Verdict;
import dev.bulla.policy.EvaluatePolicy;
import dev.bulla.policy.Facts;
import dev.bulla.policy.FactsBuilder;
import dev.bulla.policy.Phase;
import dev.bulla.policy.PolicyBundle;
import dev.bulla.policy.SubjectFacts;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/**
 * The two decisions of a run: over the template before it is built, over the verified statements
 * before it is signed.
 */
final class Gates {
  private final EvaluatePolicy policies = new EvaluatePolicy();
  private final List<PolicyBundle> own;
  private final InstantSource clock;

  /**
   * @param files the user's bundles; each is read and compiled now, so that a mistake is found
   *     before any work
   */
  Gates(List<Path> files, InstantSource clock) {
    this.own = files.stream().map(PolicyBundle::load).toList();
    this.clock = clock;
    own.forEach(policies::check);
  }

  /** Loads the rule language while the caller does something else. */
  void warm() {
    Thread.ofVirtual().name("warm-policy").start(policies::warm);
  }

  Verdict beforeBuild(ResolvedTemplate resolved, Instant now) {
    Facts facts = new FactsBuilder(Phase.BUILD_PRE, now).template(resolved.facts()).build();
    return judge(Phase.BUILD_PRE, facts);
  }

  Verdict afterBuild(SubjectFacts subject, Verification statements, Instant now) {
    Facts facts =
        new FactsBuilder(Phase.BUILD_POST, now).subject(subject).verification(statements).build();
    return judge(Phase.BUILD_POST, facts);
  }

  private Verdict judge(Phase phase, Facts facts) {
    List<PolicyBundle> bundles = new ArrayList<>();
    bundles.add(PolicyBundle.builtin(phase.id()));
    bundles.addAll(own);
    return policies.evaluate(bundles, facts, clock.instant());
  }
}
