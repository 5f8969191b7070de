package dev.bulla.core.statement;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.json.Fields;
import dev.bulla.core.json.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * An in-toto statement: a predicate of some type about one or more digests (in-toto attestation
 * framework, Statement v1; v0.1 is read too, as cosign still writes it).
 *
 * @param predicate an object, possibly empty; of an SPDX document also a text, for cosign carries
 *     one in tag-value form as such
 */
public record Statement(List<Subject> subjects, String predicateType, JsonNode predicate) {
  public static final String TYPE_V1 = "https://in-toto.io/Statement/v1";
  public static final String TYPE_V01 = "https://in-toto.io/Statement/v0.1";

  private static final int MAX_SUBJECTS = 1024;

  public Statement {
    subjects = List.copyOf(subjects);
    if (subjects.isEmpty()) {
      throw new BullaException(ErrorCode.STATEMENT_INVALID, "a statement has no subject");
    }
    if (predicateType.isEmpty()) {
      throw new BullaException(ErrorCode.STATEMENT_INVALID, "a statement has no predicate type");
    }
    predicate = predicate.deepCopy();
  }

  public static Statement about(Digest digest, String predicateType, JsonNode predicate) {
    return new Statement(List.of(Subject.of(digest)), predicateType, predicate);
  }

  /** Whether one of the subjects names {@code digest}. */
  public boolean isAbout(Digest digest) {
    return subjects.stream().anyMatch(subject -> subject.matches(digest));
  }

  /** Compact Statement v1 JSON; these are the bytes to seal, made once. */
  public byte[] toJson() {
    ObjectNode root = Json.object();
    root.put("_type", TYPE_V1);
    ArrayNode all = root.putArray("subject");
    for (Subject subject : subjects) {
      ObjectNode one = all.addObject();
      subject.name().ifPresent(name -> one.put("name", name));
      ObjectNode digest = one.putObject("digest");
      new TreeMap<>(subject.digests()).forEach(digest::put);
      if (!subject.annotations().isEmpty()) {
        ObjectNode annotations = one.putObject("annotations");
        new TreeMap<>(subject.annotations()).forEach(annotations::put);
      }
    }
    root.put("predicateType", predicateType);
    root.set("predicate", predicate);
    return Json.write(root);
  }

  /**
   * Parses the payload of a verified envelope.
   *
   * @throws BullaException {@link ErrorCode#STATEMENT_INVALID} if it is no statement; JSON errors
   *     as {@link Json#parse}
   */
  public static Statement parse(byte[] payload) {
    Fields root = Fields.of(Json.parse(payload, "statement"), "statement");
    String type = root.optionalString("_type").orElse("");
    if (!type.equals(TYPE_V1) && !type.equals(TYPE_V01)) {
      throw new BullaException(
          ErrorCode.STATEMENT_INVALID,
          "statement: _type is '%s', expected %s"
              .formatted(dev.bulla.core.Shown.text(type), TYPE_V1));
    }
    List<Fields> listed = root.objects("subject");
    if (listed.size() > MAX_SUBJECTS) {
      throw new BullaException(
          ErrorCode.STATEMENT_INVALID,
          "statement: %d subjects, at most %d are read".formatted(listed.size(), MAX_SUBJECTS));
    }
    List<Subject> subjects = new ArrayList<>();
    for (Fields one : listed) {
      subjects.add(
          new Subject(one.optionalString("name"), one.stringMap("digest"), annotations(one)));
    }
    String predicateType = root.string("predicateType");
    return new Statement(subjects, predicateType, predicate(root, predicateType));
  }

  private static JsonNode predicate(Fields root, String predicateType) {
    JsonNode written = root.node().path("predicate");
    return written.isString() && predicateType.equals(PredicateTypes.SPDX)
        ? written
        : root.optionalObject("predicate")
            .map(fields -> (JsonNode) fields.node())
            .orElseGet(Json::object);
  }

  private static java.util.Map<String, String> annotations(Fields subject) {
    return subject.stringMap("annotations");
  }
}
