package dev.bulla.store;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.json.Fields;
import dev.bulla.core.json.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * All that is known of an upload under way, as the bucket holds it.
 *
 * @param revision differs each time that the state is written; it tells a writer whose answer was
 *     lost that it was his
 * @param likely the algorithm of the digest that is expected
 * @param segments in the order of the content; an object of a segment is written once
 * @param digest of all bytes, if whoever wrote the state had hashed them all
 */
record S3UploadState(
    String revision, Digest.Algorithm likely, List<Segment> segments, Optional<Digest> digest) {
  /** 10,000 segments take less. */
  static final int MAX_BYTES = 1024 * 1024;

  private static final long LARGEST = 1L << 40;
  private static final Pattern NAME = Pattern.compile("[0-9]{5}-[0-9a-f]{16}");
  private static final Pattern REVISION = Pattern.compile("[0-9a-f]{16}");

  /** Some bytes of the content; {@code name} is the last component of its key. */
  record Segment(String name, long size) {
    Segment {
      if (!NAME.matcher(name).matches() || size <= 0 || size > LARGEST) {
        throw malformed("a segment '" + dev.bulla.core.Shown.text(name) + "' of " + size);
      }
    }
  }

  S3UploadState {
    segments = List.copyOf(segments);
    if (!REVISION.matcher(revision).matches() || segments.size() > S3Sizes.MAX_PARTS) {
      throw malformed("no revision, or too many segments");
    }
  }

  /** Bytes that have been taken. */
  long offset() {
    return segments.stream().mapToLong(Segment::size).sum();
  }

  byte[] bytes() {
    ObjectNode node =
        Json.object().put("version", 1).put("revision", revision).put("likely", likely.id());
    digest.ifPresent(d -> node.put("digest", d.toString()));
    ArrayNode list = node.putArray("segments");
    segments.forEach(s -> list.addObject().put("name", s.name()).put("size", s.size()));
    return Json.write(node);
  }

  /**
   * @throws BullaException {@link ErrorCode#STORE_CORRUPT} if they are no state
   */
  static S3UploadState parse(byte[] bytes) {
    try {
      Fields fields =
          Fields.of(Json.parse(bytes, MAX_BYTES, "the state of an upload"), "the upload's state")
              .only("version", "revision", "likely", "digest", "segments");
      if (fields.integer("version") != 1) {
        throw malformed("version " + fields.integer("version"));
      }
      List<Segment> segments = new ArrayList<>();
      for (Fields one : fields.objects("segments")) {
        segments.add(new Segment(one.only("name", "size").string("name"), one.integer("size")));
      }
      return new S3UploadState(
          fields.string("revision"),
          Digest.Algorithm.parse(fields.string("likely")),
          segments,
          fields.optionalString("digest").map(Digest::parse));
    } catch (BullaException e) {
      throw e.code() == ErrorCode.STORE_CORRUPT ? e : malformed(e.reason());
    }
  }

  private static BullaException malformed(String what) {
    return new BullaException(
        ErrorCode.STORE_CORRUPT,
        "the state of an upload is not what Bulla writes: " + what,
        "Nothing else may write below the prefix of the blobs; begin the upload again.");
  }
}
