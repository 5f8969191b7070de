package dev.bulla.build;

import dev.bulla.build.layer.Entry;
import dev.bulla.build.layer.ImagePath;
import dev.bulla.core.Digest;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What must hold of the finished image. Checks are data: nothing of the image is run.
 *
 * @param continueDistributeOnFailure report a failed check, but hand the image on all the same
 */
public record Validation(boolean continueDistributeOnFailure, List<Assertion> checks) {
  public static final Validation NONE = new Validation(false, List.of());

  public Validation {
    checks = List.copyOf(checks);
  }

  /** One check. */
  public sealed interface Assertion {
    String name();
  }

  /**
   * Something about a path; a link is followed.
   *
   * @param exists false demands that there is nothing
   */
  public record FileAssertion(
      String name,
      ImagePath path,
      boolean exists,
      Optional<Digest> sha256,
      Optional<Integer> mode,
      Optional<Entry.Owner> owner)
      implements Assertion {}

  /** Something about the image's configuration; what is empty is not checked. */
  public record ConfigAssertion(
      String name,
      Optional<String> user,
      Optional<List<String>> entrypoint,
      Optional<List<String>> cmd,
      Optional<String> workingDir,
      Map<String, String> labels)
      implements Assertion {
    public ConfigAssertion {
      entrypoint = entrypoint.map(List::copyOf);
      cmd = cmd.map(List::copyOf);
      labels = Map.copyOf(labels);
    }
  }

  /** At most so many bytes of compressed layers together. */
  public record SizeAssertion(String name, long maxSizeBytes) implements Assertion {}
}
