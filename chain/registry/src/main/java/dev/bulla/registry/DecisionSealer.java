package dev.bulla.registry;

import dev.bulla.core.Descriptor;
import dev.bulla.oci.Repository;
import java.util.List;
import java.util.Optional;

/** Signs what was decided, so that others can rely on it without asking this registry. */
@FunctionalInterface
public interface DecisionSealer {
  /** For a registry that nobody gave a key: writes nothing. */
  DecisionSealer NONE = (binding, repository, subject, decision, waivers) -> Optional.empty();

  /**
   * Writes a signed summary beside the manifest that was decided about.
   *
   * @param repository may be written
   * @param waivers that the decision needs
   * @return the manifest of the summary
   */
  Optional<Descriptor> seal(
      Binding binding,
      Repository repository,
      Descriptor subject,
      Admission decision,
      List<Waiver> waivers);
}
