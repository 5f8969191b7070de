package dev.bulla.registry;

/**
 * How thoroughly a registry is checked.
 *
 * @param contents reads every byte of every blob; otherwise only their lengths are compared
 * @param bytesPerSecond at which blobs are read; 0 as fast as the disk gives
 * @param repair takes damaged blobs out of sight, and fetches them from where they may still be
 */
public record CheckRules(boolean contents, long bytesPerSecond, boolean repair) {
  public static final CheckRules STANDARD = new CheckRules(true, 0, false);

  public CheckRules {
    if (bytesPerSecond < 0) {
      throw new IllegalArgumentException("a negative rate");
    }
  }
}
