package dev.bulla.registry.replication;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.envelope.DsseEnvelope;
import dev.bulla.core.json.Fields;
import dev.bulla.core.json.Json;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a source has signed about the feed of a repository: after so many entries its hash was this.
 *
 * @param size number of entries that the hash covers
 * @param head number of entries that the feed had when this was signed; at least {@code size}
 */
record Checkpoint(String repository, long size, String hash, long head, Instant signed) {
  static final String TYPE = "application/vnd.bulla.feed-checkpoint.v1+json";

  DsseEnvelope seal(Seal seal) {
    ObjectNode node = Json.object().put("repository", repository).put("size", size);
    node.put("hash", hash).put("head", head).put("signed", signed.toString());
    return seal.sign(TYPE, Json.write(node));
  }

  /**
   * @param key of the source, PEM
   * @throws BullaException {@link ErrorCode#REPLICATION_UNTRUSTED} if the signature is not by the
   *     key
   */
  static Checkpoint open(DsseEnvelope envelope, String key, String repository) {
    if (!Seal.isBy(key, TYPE, envelope)) {
      throw new BullaException(
          ErrorCode.REPLICATION_UNTRUSTED,
          "the checkpoint of " + repository + " is not signed by the key of its source",
          "Find out whether the source was replaced. If so, end the replication and begin anew.");
    }
    Fields fields =
        Fields.of(Json.parse(envelope.payload(), "checkpoint"), "checkpoint")
            .only("repository", "size", "hash", "head", "signed");
    Checkpoint opened =
        new Checkpoint(
            fields.string("repository"),
            fields.integer("size"),
            fields.string("hash"),
            fields.integer("head"),
            instant(fields));
    if (!opened.repository.equals(repository) || opened.size < 0 || opened.head < opened.size) {
      throw fields.invalid("repository", "another, or its numbers do not fit");
    }
    return opened;
  }

  private static Instant instant(Fields fields) {
    try {
      return Instant.parse(fields.string("signed"));
    } catch (DateTimeParseException e) {
      throw fields.invalid("signed", "no time");
    }
  }
}
