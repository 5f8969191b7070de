package dev.bulla.signing.pack;

import dev.bulla.core.BullaException;
import dev.bulla.core.Descriptor;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.core.json.Fields;
import dev.bulla.core.json.Json;
import dev.bulla.oci.Manifest;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code evidence-pack.json}: what an evidence pack is about, when it was made, what it is judged
 * by, and every other file in it (docs/evidence-pack.md).
 *
 * @param created by the packer's clock, in whole seconds
 * @param reference how the image was named; empty if it came from a layout
 * @param image its index or manifest
 * @param withImage whether all blobs of the image are there
 * @param recursive whether its children must be accepted too
 * @param trust by what it is judged, in order
 * @param files every file but this one, its sum and its stamp, each once
 */
public record PackManifest(
    Instant created,
    Optional<String> reference,
    Descriptor image,
    boolean withImage,
    boolean recursive,
    List<TrustOption> trust,
    List<PackedFile> files) {

  /** The file's name in the pack. */
  public static final String NAME = "evidence-pack.json";

  /** The file with the SHA-256 of that one, in hexadecimal. */
  public static final String SUM = "evidence-pack.sha256";

  /** The file with an RFC 3161 token over {@link #NAME}, if an authority has stamped the pack. */
  public static final String STAMP = "evidence-pack.tst";

  static final int MAX_BYTES = 16 * 1024 * 1024;
  static final int MAX_FILES = 100_000;

  private static final String KIND = "bulla-evidence-pack";
  private static final long VERSION = 1;
  private static final int MAX_OPTIONS = 1000;

  /**
   * One setting of what the image is judged by, named as the option of {@code bulla verify}.
   *
   * @param file whether the value is the name of a file or directory in the pack
   */
  public record TrustOption(String name, String value, boolean file) {}

  /** One file of the pack. */
  public record PackedFile(String name, long size, Digest digest) {}

  public PackManifest {
    created = created.truncatedTo(ChronoUnit.SECONDS);
    trust = List.copyOf(trust);
    files = List.copyOf(files);
  }

  /**
   * @throws BullaException {@link ErrorCode#EVIDENCE_PACK_INVALID}; JSON errors as {@link
   *     Json#parse}
   */
  static PackManifest parse(byte[] bytes) {
    Fields root = Fields.of(Json.parse(bytes, MAX_BYTES, NAME), NAME);
    String kind = root.optionalString("kind").orElse("");
    if (!kind.equals(KIND) || root.integer("formatVersion") != VERSION) {
      throw invalid(
          "%s is '%s' of version %d, expected '%s' of version %d"
              .formatted(
                  NAME,
                  Shown.text(kind),
                  root.optionalInteger("formatVersion").orElse(0L),
                  KIND,
                  VERSION));
    }
    try {
      return read(root);
    } catch (BullaException e) {
      throw e.code() == ErrorCode.EVIDENCE_PACK_INVALID
          ? e
          : new BullaException(ErrorCode.EVIDENCE_PACK_INVALID, e.reason(), e);
    }
  }

  private static PackManifest read(Fields root) {
    root.only(
        "kind",
        "formatVersion",
        "created",
        "reference",
        "image",
        "withImage",
        "recursive",
        "trust",
        "files");
    List<TrustOption> trust = new ArrayList<>();
    for (Fields one : root.objects("trust")) {
      one.only("name", "value", "file");
      trust.add(
          new TrustOption(
              one.string("name"), one.string("value"), one.optionalBoolean("file").orElse(false)));
    }
    List<PackedFile> files = new ArrayList<>();
    Set<String> names = new HashSet<>(Set.of(NAME, SUM, STAMP));
    for (Fields one : root.objects("files")) {
      one.only("name", "size", "digest");
      PackedFile file =
          new PackedFile(
              one.string("name"), one.integer("size"), Digest.parse(one.string("digest")));
      if (!names.add(file.name) || file.size < 0) {
        throw invalid(
            "the file '%s' is listed twice or has no size".formatted(Shown.text(file.name)));
      }
      files.add(file);
    }
    if (trust.size() > MAX_OPTIONS || files.size() > MAX_FILES) {
      throw invalid("more than %d settings or %d files".formatted(MAX_OPTIONS, MAX_FILES));
    }
    return new PackManifest(
        time(root),
        root.optionalString("reference"),
        Manifest.descriptorOf(root.object("image").only("mediaType", "digest", "size")),
        root.optionalBoolean("withImage").orElse(false),
        root.optionalBoolean("recursive").orElse(false),
        trust,
        files);
  }

  private static Instant time(Fields root) {
    try {
      return Instant.parse(root.string("created"));
    } catch (DateTimeException e) {
      throw root.invalid("created", "not a time of RFC 3339");
    }
  }

  byte[] toJson() {
    ObjectNode root = Json.object();
    root.put("kind", KIND);
    root.put("formatVersion", VERSION);
    root.put("created", created.toString());
    reference.ifPresent(name -> root.put("reference", name));
    root.set("image", Manifest.toJson(image.bare()));
    root.put("withImage", withImage);
    root.put("recursive", recursive);
    ArrayNode options = root.putArray("trust");
    for (TrustOption one : trust) {
      ObjectNode node = options.addObject().put("name", one.name).put("value", one.value);
      if (one.file) {
        node.put("file", true);
      }
    }
    ArrayNode listed = root.putArray("files");
    for (PackedFile one : files) {
      listed
          .addObject()
          .put("name", one.name)
          .put("size", one.size)
          .put("digest", one.digest.toString());
    }
    return Json.pretty(root);
  }

  static BullaException invalid(String why) {
    return new BullaException(ErrorCode.EVIDENCE_PACK_INVALID, "evidence pack: " + why);
  }
}
