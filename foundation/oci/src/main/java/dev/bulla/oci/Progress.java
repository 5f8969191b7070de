package dev.bulla.oci;

import dev.bulla.core.Descriptor;

/**
 * Hears how a transfer gets on. Called from several threads at once; calls for one blob come in
 * order.
 */
public interface Progress {

  /**
   * Some more bytes of a blob are through.
   *
   * @param done bytes of {@code blob} transferred so far; its size is {@code blob.size()}
   */
  void advanced(Descriptor blob, long done);

  /**
   * The blob or manifest is at its destination.
   *
   * @param copied false if it was there already
   */
  void finished(Descriptor blob, boolean copied);

  /** Hears nothing. */
  static Progress none() {
    return new Progress() {
      @Override
      public void advanced(Descriptor blob, long done) {}

      @Override
      public void finished(Descriptor blob, boolean copied) {}
    };
  }
}
