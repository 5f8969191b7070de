package dev.bulla.registry.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.json.Json;
import dev.bulla.keys.KeyAlgorithm;
import dev.bulla.registry.replication.FeedEntry.Type;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a reader of a feed refuses. */
class FeedPageTest {
  private static final String APP = "team/app";
  private static final Instant NOON = Instant.parse("2026-11-21T12:00:00Z");
  private final Seal seal = new Seal(KeyAlgorithm.ECDSA_P256.generate(new SecureRandom()));
  private final Seal other = new Seal(KeyAlgorithm.ECDSA_P256.generate(new SecureRandom()));
  private final List<FeedEntry> feed = entries(6, "a");

  @Test
  void aContinuationIsBelievedAndItsTextSurvivesTheWay() {
    FeedPage page = FeedPage.parse(Json.write(page(feed, 0, 4, seal, NOON).toJson()));
    Checkpoint end = page.verify(APP, seal.key(), Position.begin(APP));
    assertThat(end.size()).isEqualTo(4);
    Position at = new Position(4, end.hash(), NOON.toEpochMilli(), 6);
    FeedPage setBack = page(feed, 4, 6, seal, NOON.minusSeconds(60));
    assertThat(setBack.verify(APP, seal.key(), at).size()).as("a clock set back").isEqualTo(6);
  }

  @Test
  void anotherPastAnOlderAnswerAndAnotherKeyAreRefused() {
    Position begin = Position.begin(APP);
    Position at = new Position(4, feed.get(3).hash(), NOON.toEpochMilli(), 6);
    List<FeedEntry> changed = entries(6, "b");
    List<FeedEntry> left = new ArrayList<>(feed);
    left.remove(1);
    List<FeedEntry> twice = new ArrayList<>(feed);
    twice.add(1, feed.get(1));

    refuses(ErrorCode.REPLICATION_UNTRUSTED, page(feed, 0, 4, other, NOON), begin);
    refuses(ErrorCode.REPLICATION_FORKED, page(changed, 4, 6, seal, NOON), at);
    refuses(ErrorCode.REPLICATION_FORKED, with(left, page(feed, 0, 6, seal, NOON)), begin);
    refuses(ErrorCode.REPLICATION_FORKED, with(twice, page(feed, 0, 6, seal, NOON)), begin);
    refuses(ErrorCode.REPLICATION_FORKED, with(List.of(), page(feed, 4, 6, seal, NOON)), at);
    refuses(ErrorCode.REPLICATION_REWOUND, page(feed, 0, 2, seal, NOON), at);
    Position longer = new Position(4, feed.get(3).hash(), NOON.toEpochMilli(), 7);
    refuses(ErrorCode.REPLICATION_REWOUND, page(feed, 4, 6, seal, NOON.plusSeconds(1)), longer);
    assertThatThrownBy(() ->
            page(feed, 0, 4, seal, NOON)
                .verify("team/other", seal.key(), Position.begin("team/other")))
        .isInstanceOf(BullaException.class);
  }

  private void refuses(ErrorCode code, FeedPage page, Position at) {
    assertThatThrownBy(() -> page.verify(APP, seal.key(), at))
        .isInstanceOfSatisfying(BullaException.class, e -> assertThat(e.code()).isEqualTo(code));
  }

  private static FeedPage with(List<FeedEntry> entries, FeedPage page) {
    return new FeedPage(page.repository(), entries, page.checkpoint(), page.key());
  }

  private static FeedPage page(List<FeedEntry> all, int from, int to, Seal by, Instant at) {
    Checkpoint end = new Checkpoint(APP, to, all.get(to - 1).hash(), Math.max(to, 6), at);
    return new FeedPage(APP, all.subList(from, to), end.seal(by), by.key());
  }

  private static List<FeedEntry> entries(int count, String salt) {
    List<FeedEntry> all = new ArrayList<>();
    String hash = FeedEntry.genesis(APP);
    for (int i = 1; i <= count; i++) {
      String digest =
          Digest.sha256((salt + i).getBytes(java.nio.charset.StandardCharsets.UTF_8)).toString();
      FeedEntry plain = new FeedEntry(i, Type.PUSH, digest, "", "application/x", i, "", i, "");
      FeedEntry one = plain.after(hash);
      all.add(one);
      hash = one.hash();
    }
    return all;
  }
}
