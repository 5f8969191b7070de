package dev.bulla.registry.replication;

import dev.bulla.core.Digest;
import dev.bulla.core.Reference;
import dev.bulla.core.json.Fields;
import dev.bulla.core.json.Json;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import tools.jackson.databind.node.ObjectNode;

/**
 * One change of a repository.
 *
 * @param seq 1 for the first of its repository, without gaps
 * @param digest of the manifest that it is about
 * @param tag that moved or went, or empty
 * @param mediaType of a pushed manifest, else empty
 * @param size of a pushed manifest, bytes
 * @param subject what a pushed manifest is about, or empty
 * @param at milliseconds since 1970
 * @param hash hexadecimal SHA-256 of the hash before it and of this entry: it covers everything
 *     that ever happened to the repository
 */
record FeedEntry(
    long seq,
    Type type,
    String digest,
    String tag,
    String mediaType,
    long size,
    String subject,
    long at,
    String hash) {

  /** What happened. */
  enum Type {
    PUSH,
    DELETE,
    TAG,
    UNTAG,
    /** The source shows it to readers from now on. */
    ADMIT,
    /** The source does not any longer. */
    REVOKE
  }

  /** The hash before the first entry. */
  static String genesis(String repository) {
    byte[] text = ("bulla registry feed\n" + repository).getBytes(StandardCharsets.UTF_8);
    return Digest.sha256(text).hex();
  }

  /** This entry with the hash that it has after another. */
  FeedEntry after(String hashBefore) {
    byte[] text = (hashBefore + "\n").getBytes(StandardCharsets.US_ASCII);
    byte[] own = Json.write(body());
    byte[] all = new byte[text.length + own.length];
    System.arraycopy(text, 0, all, 0, text.length);
    System.arraycopy(own, 0, all, text.length, own.length);
    return new FeedEntry(
        seq, type, digest, tag, mediaType, size, subject, at, Digest.sha256(all).hex());
  }

  FeedEntry numbered(long number) {
    return new FeedEntry(number, type, digest, tag, mediaType, size, subject, at, hash);
  }

  ObjectNode toJson() {
    return body().put("hash", hash);
  }

  private ObjectNode body() {
    ObjectNode node =
        Json.object().put("seq", seq).put("type", type.name().toLowerCase(Locale.ROOT));
    node.put("digest", digest);
    if (!tag.isEmpty()) {
      node.put("tag", tag);
    }
    if (type == Type.PUSH) {
      node.put("mediaType", mediaType).put("size", size);
    }
    if (!subject.isEmpty()) {
      node.put("subject", subject);
    }
    return node.put("at", at);
  }

  /**
   * Reads an entry; its hash is not checked here.
   *
   * @throws dev.bulla.core.BullaException {@code FIELD_INVALID}, {@code DIGEST_INVALID}
   */
  static FeedEntry parse(Fields fields) {
    Type type = null;
    for (Type one : Type.values()) {
      if (one.name().toLowerCase(Locale.ROOT).equals(fields.string("type"))) {
        type = one;
      }
    }
    if (type == null) {
      throw fields.invalid("type", "none that is known");
    }
    String tag = fields.optionalString("tag").orElse("");
    boolean tags = type == Type.TAG || type == Type.UNTAG;
    if (tags != Reference.isTag(tag) || !tags && !tag.isEmpty()) {
      throw fields.invalid("tag", "missing, out of place, or no tag");
    }
    long size = type == Type.PUSH ? fields.integer("size") : 0;
    String mediaType = type == Type.PUSH ? fields.string("mediaType") : "";
    if (size < 0 || mediaType.isEmpty() != (type != Type.PUSH)) {
      throw fields.invalid("size", "negative, or its type is empty");
    }
    return new FeedEntry(
        fields.integer("seq"),
        type,
        Digest.parse(fields.string("digest")).toString(),
        tag,
        mediaType,
        size,
        fields.optionalString("subject").orElse(""),
        fields.integer("at"),
        fields.string("hash"));
  }
}
