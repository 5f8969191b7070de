package dev.bulla.policy;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.core.json.Json;
import dev.bulla.core.json.Nearest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Rules with their parameters (docs/policy.md has the document). What a bundle says about the facts
 * is decided by {@link EvaluatePolicy}; parsing checks everything but the expressions, which {@link
 * EvaluatePolicy#check} does.
 *
 * @param phases in which it decides; at least one
 * @param params values that rules read as {@code params.NAME}
 * @param rules at least one, ids distinct
 * @param digest of the document's bytes; of bytes and parameters together once {@link #withParams}
 *     changed any
 */
public record PolicyBundle(
    String name,
    String version,
    Set<Phase> phases,
    ObjectNode params,
    List<PolicyRule> rules,
    Digest digest) {

  public PolicyBundle {
    phases = Set.copyOf(phases);
    rules = List.copyOf(rules);
    params = params.deepCopy();
  }

  @Override
  public ObjectNode params() {
    return params.deepCopy();
  }

  /**
   * The gate of a phase as Bulla brings it along: {@code build.pre} or {@code build.post}. The gate
   * of {@code deploy} is that of {@code build.post}.
   *
   * @throws BullaException {@link ErrorCode#POLICY_INVALID} if there is no such phase
   */
  public static PolicyBundle builtin(String phase) {
    String resource =
        switch (Phase.parse(phase)) {
          case BUILD_PRE -> "build.pre.yaml";
          case BUILD_POST, DEPLOY -> "build.post.yaml";
        };
    try (InputStream in = PolicyBundle.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException("the resource " + resource + " is missing");
      }
      return parse(in.readAllBytes(), resource);
    } catch (IOException e) {
      throw new BullaException(ErrorCode.INTERNAL, "reading the resource " + resource, e);
    }
  }

  /**
   * Reads a bundle from a YAML or JSON file of at most 1 MiB.
   *
   * @throws BullaException {@link ErrorCode#FILE_NOT_FOUND}; {@link ErrorCode#POLICY_INVALID},
   *     {@link ErrorCode#FIELD_UNKNOWN} or {@link ErrorCode#FIELD_INVALID} for a document of
   *     another shape; JSON errors as {@link Json#parse}
   */
  public static PolicyBundle load(Path file) {
    try {
      if (Files.size(file) > PolicyReader.MAX_BYTES) {
        throw PolicyReader.tooLarge(file.toString());
      }
      return parse(Files.readAllBytes(file), file.toString());
    } catch (NoSuchFileException e) {
      throw new BullaException(
          ErrorCode.FILE_NOT_FOUND,
          "policy file " + file + " does not exist",
          "Check the path given to --policy.",
          e);
    } catch (IOException e) {
      throw new BullaException(
          ErrorCode.FILE_NOT_FOUND,
          "policy file " + file + " cannot be read: " + e.getMessage(),
          e);
    }
  }

  /**
   * As {@link #load}, from bytes; {@code what} names them in messages, and is taken for JSON if it
   * ends in .json.
   */
  public static PolicyBundle parse(byte[] bytes, String what) {
    return PolicyReader.read(bytes, what);
  }

  /**
   * This bundle with some parameters replaced.
   *
   * @throws BullaException {@link ErrorCode#POLICY_INVALID} if a parameter does not exist or is of
   *     another type
   */
  public PolicyBundle withParams(ObjectNode replacing) {
    ObjectNode merged = params.deepCopy();
    for (String key : replacing.propertyNames()) {
      JsonNode old = merged.get(key);
      JsonNode value = replacing.get(key);
      if (old == null) {
        throw new BullaException(
            ErrorCode.POLICY_INVALID,
            "policy %s has no parameter '%s'".formatted(name, Shown.text(key)),
            Nearest.to(key, merged.propertyNames())
                .map(near -> "Did you mean '" + near + "'?")
                .orElse("Parameters: " + String.join(", ", merged.propertyNames()) + "."));
      }
      if (old.getNodeType() != value.getNodeType()) {
        throw new BullaException(
            ErrorCode.POLICY_INVALID,
            "policy %s: parameter '%s' is of type %s, expected %s"
                .formatted(name, key, value.getNodeType(), old.getNodeType()));
      }
      merged.set(key, value);
    }
    if (merged.equals(params)) {
      return this;
    }
    ObjectNode both = Json.object().put("bundle", digest.toString());
    both.set("params", merged);
    return new PolicyBundle(
        name, version, phases, merged, rules, Digest.sha256(Json.canonical(both)));
  }
}
