package dev.bulla.registry.replication;

import tools.jackson.databind.node.ObjectNode;

/** The documents by which a source and its replicas talk, for a protocol face. Thread-safe. */
public final class FeedPages {
  private final Feed feed;
  private final Regions regions;

  public FeedPages(Feed feed, Regions regions) {
    this.feed = feed;
    this.regions = regions;
  }

  /** Entries of a feed after {@code after}, with the checkpoint that stands behind them. */
  public ObjectNode page(String repository, long after, int limit) {
    return feed.page(repository, after, limit).toJson();
  }

  /** The signed checkpoint behind the whole feed. */
  public ObjectNode checkpoint(String repository) {
    return feed.page(repository, Long.MAX_VALUE, 1).checkpoint().toJson();
  }

  /** Takes what a region reports. */
  public void accept(String repository, byte[] report) {
    regions.accept(repository, report);
  }
}
