package dev.bulla.registry.events;

import java.time.Instant;
import tools.jackson.databind.node.ObjectNode;

/**
 * How far a webhook is.
 *
 * @param sequence the last event that was dealt with
 * @param dead whether nothing is sent any more
 * @param failing since when nothing gets through, in milliseconds since 1970; 0 if it does
 * @param attempts since then
 * @param retry nothing is sent before this time, in milliseconds since 1970
 * @param said what came of the last attempt; empty before the first
 */
record WebhookState(
    long sequence, boolean dead, long failing, long attempts, long retry, String said) {

  /** In one word. */
  String word() {
    return dead ? "dead" : failing > 0 ? "failing" : "active";
  }

  void describe(ObjectNode node) {
    node.put("state", word()).put("last", sequence).put("attempts", attempts);
    if (failing > 0) {
      node.put("failingSince", Instant.ofEpochMilli(failing).toString());
    }
    if (retry > 0 && !dead) {
      node.put("nextAttempt", Instant.ofEpochMilli(retry).toString());
    }
    node.put("said", said);
  }
}
