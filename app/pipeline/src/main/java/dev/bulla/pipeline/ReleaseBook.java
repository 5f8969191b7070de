package dev.bulla.pipeline;

import dev.bulla.core.Digest;
import dev.bulla.core.Reference;
import dev.bulla.core.verdict.Verdict;

/** Where the outcome of a run is written down: the graph, by way of the server that owns it. */
public interface ReleaseBook {
  /** An image was published; whoever keeps the book reads and verifies its evidence there. */
  void released(Reference reference, Digest image);

  /**
   * An image was refused; its evidence lies beside {@code image} in the repository of {@code kept}.
   */
  void refused(Reference kept, Digest image);

  /** A template was refused before there was an image. */
  void refused(Verdict verdict);
}
