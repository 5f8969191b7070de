package dev.bulla.signing.sigstore;

import dev.bulla.core.BullaException;
import dev.bulla.core.json.Fields;
import dev.bulla.core.json.Json;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/**
 * A transparency log entry as a bundle carries it (protobuf-specs, {@code sigstore_rekor.proto}).
 * Nothing of it is believed before {@link LogCheck}.
 *
 * @param index in the log as a whole; of an old log with several shards, not that of the proof
 * @param logId of the log
 * @param integratedTime when the log says that it took the entry; empty for logs that do not say so
 * @param promise the log's signature over body, time, log and index (Rekor v1)
 * @param body the entry in canonical form, as the log hashed it
 */
public record LogEntry(
    long index,
    byte[] logId,
    String kind,
    String version,
    Optional<Instant> integratedTime,
    Optional<byte[]> promise,
    Optional<InclusionProof> proof,
    byte[] body) {
  private static final int MAX_BODY = 64 * 1024 * 1024;

  /**
   * @param fields with lowerCamelCase names, see {@link ProtoJson}
   * @throws BullaException if a member is missing, unknown or out of range
   */
  public static LogEntry parse(Fields fields) {
    fields.only(
        "logIndex",
        "logId",
        "kindVersion",
        "integratedTime",
        "inclusionPromise",
        "inclusionProof",
        "canonicalizedBody");
    long index = ProtoJson.number(fields, "logIndex");
    if (index < 0) {
      throw fields.invalid("logIndex", "negative");
    }
    Fields kind = fields.object("kindVersion").only("kind", "version");
    byte[] body = ProtoJson.optionalBytes(fields, "canonicalizedBody").orElse(new byte[0]);
    if (body.length > MAX_BODY) {
      throw fields.invalid("canonicalizedBody", "too long");
    }
    return new LogEntry(
        index,
        ProtoJson.bytes(fields.object("logId").only("keyId"), "keyId"),
        kind.string("kind"),
        kind.string("version"),
        time(fields),
        fields
            .optionalObject("inclusionPromise")
            .map(promise -> promise.only("signedEntryTimestamp"))
            .flatMap(promise -> ProtoJson.optionalBytes(promise, "signedEntryTimestamp")),
        fields.optionalObject("inclusionProof").map(InclusionProof::parse),
        body);
  }

  /**
   * The form in which cosign 1 and 2 stored what Rekor v1 answered: a promise, and the body that
   * says of which kind it is.
   *
   * @throws BullaException as {@link #parse}
   */
  public static LogEntry parseLegacy(Fields fields) {
    Fields payload = fields.object("Payload");
    byte[] body = ProtoJson.bytes(payload, "body");
    Fields entry = Fields.of(Json.parse(body, MAX_BODY, "log entry"), "log entry");
    long index = payload.integer("logIndex");
    if (index < 0) {
      throw payload.invalid("logIndex", "negative");
    }
    try {
      return new LogEntry(
          index,
          HexFormat.of().parseHex(payload.string("logID")),
          entry.string("kind"),
          entry.string("apiVersion"),
          time(payload),
          Optional.of(ProtoJson.bytes(fields, "SignedEntryTimestamp")),
          Optional.empty(),
          body);
    } catch (IllegalArgumentException e) {
      throw payload.invalid("logID", "not hexadecimal");
    }
  }

  /**
   * An entry as Rekor v1 answers it (rekor, {@code openapi.yaml}, "LogEntry"); hashes are
   * hexadecimal there.
   *
   * @throws BullaException as {@link #parse}
   */
  public static LogEntry parseVersion1(Fields fields) {
    byte[] body = ProtoJson.bytes(fields, "body");
    if (body.length > MAX_BODY) {
      throw fields.invalid("body", "too long");
    }
    Fields entry = Fields.of(Json.parse(body, MAX_BODY, "log entry"), "log entry");
    long index = fields.integer("logIndex");
    if (index < 0) {
      throw fields.invalid("logIndex", "negative");
    }
    Fields proven = fields.object("verification");
    return new LogEntry(
        index,
        ProtoJson.hex(fields.string("logID"), fields, "logID"),
        entry.string("kind"),
        entry.string("apiVersion"),
        time(fields),
        ProtoJson.optionalBytes(proven, "signedEntryTimestamp"),
        proven.optionalObject("inclusionProof").map(InclusionProof::parseVersion1),
        body);
  }

  /** The entry as a bundle carries it. */
  public ObjectNode toJson() {
    Base64.Encoder base64 = Base64.getEncoder();
    ObjectNode root = Json.object();
    root.put("logIndex", String.valueOf(index));
    root.putObject("logId").put("keyId", base64.encodeToString(logId));
    root.putObject("kindVersion").put("kind", kind).put("version", version);
    integratedTime.ifPresent(
        time -> root.put("integratedTime", String.valueOf(time.getEpochSecond())));
    promise.ifPresent(bytes ->
        root.putObject("inclusionPromise")
            .put("signedEntryTimestamp", base64.encodeToString(bytes)));
    proof.ifPresent(one -> root.set("inclusionProof", one.toJson()));
    root.put("canonicalizedBody", base64.encodeToString(body));
    return root;
  }

  private static Optional<Instant> time(Fields fields) {
    long seconds = ProtoJson.number(fields, "integratedTime");
    if (seconds == 0) {
      return Optional.empty();
    }
    try {
      return Optional.of(Instant.ofEpochSecond(seconds));
    } catch (DateTimeException e) {
      throw fields.invalid("integratedTime", "out of range");
    }
  }

  public boolean hasPromise() {
    return promise.isPresent();
  }

  public boolean hasProof() {
    return proof.isPresent();
  }

  /**
   * Whether this is the entry form of Rekor v2, which is rebuilt from the signature and not read
   * from the bundle.
   */
  boolean isRebuilt() {
    return kind.equals("hashedrekord") && version.equals("0.0.2");
  }

  @Override
  public String toString() {
    return "log entry %d (%s %s)".formatted(index, kind, version);
  }
}
