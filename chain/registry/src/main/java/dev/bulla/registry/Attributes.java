package dev.bulla.registry;

/**
 * What may be done with a repository, a manifest or a tag (Azure Container Registry, {@code
 * changeableAttributes}).
 *
 * @param deleteEnabled false: neither a caller nor upkeep deletes it
 * @param writeEnabled false: it stays as it is: a tag points where it does, a repository takes no
 *     pushes; and it is not deleted either
 * @param readEnabled false: it cannot be pulled, as if it were not there
 * @param listEnabled false: lists leave it out
 */
public record Attributes(
    boolean deleteEnabled, boolean writeEnabled, boolean readEnabled, boolean listEnabled) {

  /** Those of everything whose attributes nobody has changed. */
  public static final Attributes ALL = new Attributes(true, true, true, true);

  /** Whether it may go. */
  boolean deletable() {
    return deleteEnabled && writeEnabled;
  }

  /** In words, for refusals. */
  String locks() {
    return !writeEnabled ? "writeEnabled is false" : "deleteEnabled is false";
  }
}
