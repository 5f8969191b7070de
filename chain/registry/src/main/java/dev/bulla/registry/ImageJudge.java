package dev.bulla.registry;

import dev.bulla.core.Descriptor;
import dev.bulla.oci.Repository;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Decides whether an image may be seen, by the evidence beside it. The registry stores what it
 * says; how signatures are verified is not the registry's business.
 */
@FunctionalInterface
public interface ImageJudge {
  /** For a registry that nobody gave a judge: refuses to decide. */
  ImageJudge NONE =
      (binding, repository, subject, tag) -> {
        throw new dev.bulla.core.BullaException(
            dev.bulla.core.ErrorCode.INTERNAL, "this registry has nobody who judges by a binding");
      };

  /**
   * @param repository everything that is stored, also what readers do not see
   * @param subject need not be stored yet
   * @param tag by which it was pushed, if there is one
   * @throws dev.bulla.core.BullaException if it cannot decide; nothing is admitted then
   */
  Judgement judge(Binding binding, Repository repository, Descriptor subject, Optional<String> tag);

  /**
   * Whether it could judge by this binding at all, asked before the binding counts.
   *
   * @throws dev.bulla.core.BullaException if its policy cannot be read
   */
  default void check(Binding binding) {}

  /**
   * @param admitted whether readers may see it
   * @param clauses what was demanded, in the order of the policy
   * @param evidence digests of what satisfied them
   * @param reason why not, in one sentence; empty exactly if admitted
   * @param rejected whether no evidence could change the answer
   * @param until when the answer may change without anybody doing anything: something becomes too
   *     old, a certificate ends; empty if that is not known to happen
   */
  record Judgement(
      boolean admitted,
      List<Clause> clauses,
      List<String> evidence,
      String reason,
      boolean rejected,
      Optional<Instant> until) {
    public Judgement(
        boolean admitted,
        List<Clause> clauses,
        List<String> evidence,
        String reason,
        boolean rejected) {
      this(admitted, clauses, evidence, reason, rejected, Optional.empty());
    }

    public Judgement {
      clauses = List.copyOf(clauses);
      evidence = List.copyOf(evidence);
      if (admitted != reason.isEmpty()) {
        throw new IllegalArgumentException("a judgement has a reason exactly if it refuses");
      }
    }
  }

  /**
   * One demand.
   *
   * @param missing in one sentence; empty if it is met
   */
  record Clause(String name, String missing) {
    public boolean met() {
      return missing.isEmpty();
    }
  }
}
