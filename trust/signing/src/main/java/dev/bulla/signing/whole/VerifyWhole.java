package dev.bulla.signing.whole;

import dev.bulla.core.BullaException;
import dev.bulla.core.Descriptor;
import dev.bulla.core.Digest;
import dev.bulla.core.claim.Verification;
import dev.bulla.oci.Repository;
import dev.bulla.oci.WholeImage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Verifies an index and all its children: a good signature of the index alone is not enough.
 *
 * <p>Every index and every image below the root must be accepted on its own. Attestation manifests
 * of BuildKit are no images: the signed index vouches for them, so none of their own is demanded.
 * Thread-safe if the judge is.
 */
public final class VerifyWhole {
  private final Judge judge;

  /** Whether one manifest is signed as the caller demands. */
  @FunctionalInterface
  public interface Judge {
    Verification verify(Repository repository, Descriptor subject);
  }

  public VerifyWhole(Judge judge) {
    this.judge = judge;
  }

  /**
   * One part of the image.
   *
   * @param verification empty for a part of which no signature is demanded
   */
  public record Answer(WholeImage.Part part, Optional<Verification> verification) {
    public boolean accepted() {
      return verification.map(Verification::accepted).orElse(true);
    }
  }

  /**
   * The answers about all parts, the root first.
   *
   * @param answers at least one
   */
  public record Result(List<Answer> answers) {
    public Result {
      answers = List.copyOf(answers);
    }

    public boolean accepted() {
      return answers.stream().allMatch(Answer::accepted);
    }

    /** The parts that are not accepted, in order. */
    public List<Answer> refused() {
      return answers.stream().filter(answer -> !answer.accepted()).toList();
    }

    /**
     * The answer about the whole: that of the root, refused if a part is, with each such part
     * named.
     */
    public Verification whole() {
      Verification root = answers.getFirst().verification().orElseThrow();
      List<Answer> refused = refused();
      if (!root.accepted() || refused.isEmpty()) {
        return root;
      }
      Verification.Failure first =
          refused.getFirst().verification().flatMap(Verification::failure).orElseThrow();
      String names =
          refused.stream().map(answer -> answer.part().name()).collect(Collectors.joining(", "));
      return new Verification(
          root.subject(),
          false,
          Optional.of(
              new Verification.Failure(
                  first.code(),
                  "%s: %d of %d parts not accepted: %s; the first: %s"
                      .formatted(
                          root.subject().digest(),
                          refused.size(),
                          answers.size(),
                          names,
                          first.reason()),
                  first.nextStep().isEmpty()
                      ? "Sign the index with all its children: bulla sign --recursive."
                      : first.nextStep())),
          root.signatures(),
          root.note(),
          root.decision(),
          root.verdict());
    }
  }

  /** The answer about the root alone, in the form of an answer about all parts. */
  public static Result single(Descriptor root, Verification verification) {
    return new Result(List.of(new Answer(WholeImage.only(root.bare()), Optional.of(verification))));
  }

  /**
   * @throws BullaException if the repository cannot be reached, or an index cannot be read; as
   *     {@link WholeImage#of}
   */
  public Result verify(Repository repository, Descriptor root) {
    List<Answer> answers = new ArrayList<>();
    Map<Digest, Verification> known = new HashMap<>();
    for (WholeImage.Part part : WholeImage.of(repository, root).parts()) {
      if (part.kind() == WholeImage.Kind.ATTESTATION) {
        answers.add(new Answer(part, Optional.empty()));
      } else {
        Descriptor subject = part.descriptor().bare();
        Verification answer = known.get(subject.digest());
        if (answer == null) {
          answer = judge.verify(repository, subject);
          known.put(subject.digest(), answer);
        }
        answers.add(new Answer(part, Optional.of(answer)));
      }
    }
    return new Result(answers);
  }
}
