package dev.bulla.signing.whole;

import dev.bulla.core.BullaException;
import dev.bulla.core.Descriptor;
import dev.bulla.core.Digest;
import dev.bulla.oci.Repository;
import dev.bulla.oci.WholeImage;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Removes what lies beside an image and its children; the image itself is out of reach. */
public final class CleanEvidence {
  private final Repository repository;

  public CleanEvidence(Repository repository) {
    this.repository = repository;
  }

  /**
   * The evidence of these kinds, and whatever is about it, farthest from the image first.
   *
   * @throws BullaException as {@link FindEvidence#of}
   */
  public List<Evidence> choose(Descriptor root, Set<Evidence.Kind> kinds) {
    FindEvidence.Found found = new FindEvidence(repository, FindEvidence.MAX_DEPTH).of(root);
    Set<Digest> image = new HashSet<>();
    for (WholeImage.Part part : found.image().parts()) {
      image.add(part.descriptor().digest());
    }
    List<Evidence> chosen = new ArrayList<>();
    Set<Digest> gone = new HashSet<>();
    for (Evidence one : found.evidence()) {
      boolean wanted = kinds.contains(one.kind()) || gone.contains(one.subject());
      if (wanted && !image.contains(one.digest())) {
        chosen.add(one);
        gone.add(one.digest());
      }
    }
    return chosen.reversed();
  }

  /**
   * @throws BullaException if the repository does not allow it
   */
  public void remove(Evidence one) {
    repository.delete(one.manifest());
  }
}
