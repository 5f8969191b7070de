package dev.bulla.registry.events;

import dev.bulla.core.Shown;
import dev.bulla.core.json.Json;
import java.time.Duration;
import java.time.Instant;
import tools.jackson.databind.node.ObjectNode;

/**
 * What came of sending something once.
 *
 * @param sequence of the event; 0 of a trial
 * @param status of the answer; 0 if there was none
 * @param said why there was none, or what the status means
 * @param pause that the receiver asks for; zero if it does not
 */
record Attempt(
    long sequence,
    String type,
    Instant at,
    Duration took,
    int status,
    String said,
    Duration pause) {
  private static final int MAX = 500;

  Attempt {
    said = Shown.text(said.length() > MAX ? said.substring(0, MAX) : said);
  }

  boolean delivered() {
    return status >= 200 && status < 300;
  }

  /** The receiver wants nothing any more (RFC 9110 section 15.5.11; Standard Webhooks). */
  boolean unwanted() {
    return status == 410;
  }

  ObjectNode toJson() {
    return Json.object()
        .put("event", sequence)
        .put("type", type)
        .put("at", at.toString())
        .put("milliseconds", took.toMillis())
        .put("status", status)
        .put("delivered", delivered())
        .put("said", said);
  }
}
