package dev.bulla.registry.replication;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.envelope.DsseEnvelope;
import dev.bulla.core.json.Fields;
import dev.bulla.core.json.Json;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A part of a feed with the checkpoint that stands after its last entry.
 *
 * @param key of the source, PEM; believed only by who knows no other
 */
record FeedPage(String repository, List<FeedEntry> entries, DsseEnvelope checkpoint, String key) {
  /** The largest page that is read. */
  static final int MAX_BYTES = 4 * 1024 * 1024;

  static final int MAX_ENTRIES = 1_000;

  FeedPage {
    entries = List.copyOf(entries);
  }

  ObjectNode toJson() {
    ObjectNode body = Json.object().put("repository", repository);
    ArrayNode all = body.putArray("entries");
    entries.forEach(one -> all.add(one.toJson()));
    body.set("checkpoint", checkpoint.toJson());
    return body.put("key", key);
  }

  static FeedPage parse(byte[] bytes) {
    Fields fields =
        Fields.of(Json.parse(bytes, MAX_BYTES, "feed"), "feed")
            .only("repository", "entries", "checkpoint", "key");
    List<FeedEntry> entries = new ArrayList<>();
    for (Fields one : fields.objects("entries")) {
      if (entries.size() == MAX_ENTRIES) {
        throw new BullaException(
            ErrorCode.INPUT_TOO_LARGE, "feed: more than " + MAX_ENTRIES + " entries in one page");
      }
      entries.add(FeedEntry.parse(one));
    }
    return new FeedPage(
        fields.string("repository"),
        entries,
        DsseEnvelope.parse(fields.object("checkpoint").node(), "checkpoint"),
        fields.string("key"));
  }

  /**
   * The key that came with the page, for a reader who knows none yet: it has at least signed what
   * came with it, so that a damaged answer is never believed for good.
   *
   * @throws BullaException {@code REPLICATION_UNTRUSTED} if it has not
   */
  String ownKey(String repository) {
    Checkpoint.open(checkpoint, key, repository);
    return key;
  }

  /**
   * The checkpoint, after it has been shown that these entries follow what is known and lead to it.
   * A feed only grows, so an old answer is one whose feed is shorter than it was; when it was
   * signed does not count, since clocks are set back, too.
   *
   * @param known where the reader is
   * @throws BullaException {@code REPLICATION_UNTRUSTED}, {@code REPLICATION_REWOUND}, {@code
   *     REPLICATION_FORKED}
   */
  Checkpoint verify(String repository, String trustedKey, Position known) {
    Checkpoint end = Checkpoint.open(checkpoint, trustedKey, repository);
    if (end.size() < known.seq() || end.head() < Math.max(known.seq(), known.head())) {
      throw new BullaException(
          ErrorCode.REPLICATION_REWOUND,
          "the feed of %s has %d entries, and had %d before"
              .formatted(repository, end.head(), Math.max(known.seq(), known.head())),
          "The source shows an older state than it did, as after a restored backup or an attack. If"
              + " it is meant, end the replication and begin anew.");
    }
    String hash = known.hash();
    long seq = known.seq();
    for (FeedEntry entry : entries) {
      FeedEntry followed = entry.after(hash);
      if (entry.seq() != seq + 1 || !followed.hash().equals(entry.hash())) {
        throw forked(repository, seq + 1);
      }
      hash = followed.hash();
      seq++;
    }
    if (seq != end.size() || !hash.equals(end.hash())) {
      throw forked(repository, seq);
    }
    return end;
  }

  private static BullaException forked(String repository, long at) {
    return new BullaException(
        ErrorCode.REPLICATION_FORKED,
        "the feed of %s is not a continuation of what was read before: entry %d does not follow"
            .formatted(repository, at),
        "The source tells different replicas different stories, or its records were changed. If it"
            + " is meant, end the replication and begin anew.");
  }
}
