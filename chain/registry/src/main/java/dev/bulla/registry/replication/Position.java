package dev.bulla.registry.replication;

/**
 * How far a feed was read.
 *
 * @param seq of the last entry, 0 at the beginning
 * @param hash of the last entry
 * @param signed when the source signed the last checkpoint, milliseconds since 1970
 * @param head how long the source said that its feed is
 */
record Position(long seq, String hash, long signed, long head) {
  static Position begin(String repository) {
    return new Position(0, FeedEntry.genesis(repository), 0, 0);
  }
}
