package dev.bulla.registry;

/**
 * Hears how far long work is. Called often; must be quick; what it throws ends the work between two
 * steps.
 */
@FunctionalInterface
public interface Progress {
  /** Somebody who does not want to know. */
  Progress UNHEARD = (stage, done, total) -> {};

  /**
   * @param stage what is being done, in a few words
   * @param done steps so far
   * @param total steps in this stage, or 0 if that is not known
   */
  void at(String stage, long done, long total);
}
