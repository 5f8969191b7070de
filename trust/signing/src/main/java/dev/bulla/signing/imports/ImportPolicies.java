package dev.bulla.signing.imports;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.core.json.Json;
import dev.bulla.core.json.Yaml;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/**
 * Carries trust policies of other programs over into a Bulla trust policy. What cannot be said
 * there is listed, and never left out in silence; a scope whose demands are all lost refuses.
 */
public final class ImportPolicies {
  private static final Pattern SEPARATOR = Pattern.compile("(?m)^---(?=\\s|\\z)");
  private static final int MAX_BYTES = 4 * 1024 * 1024;

  /** Whose policies. */
  public enum Source {
    NOTATION,
    CLUSTERIMAGEPOLICY,
    KYVERNO
  }

  private final Source source;
  private final Draft draft;
  private final String trustStore;
  private int found;

  /**
   * @param trustStore Notation's trust store directory, as the new document is to name it
   * @param trustedRoot trusted root of the Sigstore instance, as the new document is to name it
   */
  public ImportPolicies(Source source, String trustStore, Optional<String> trustedRoot) {
    this.source = source;
    this.trustStore = trustStore;
    this.draft = new Draft(trustedRoot);
  }

  /**
   * Reads one file: a {@code trustpolicy.json}, or YAML with Kubernetes objects.
   *
   * @param name of the file, for the list of what was lost
   * @throws BullaException {@link ErrorCode#TRUST_POLICY_INVALID} if it cannot be read
   */
  public void add(byte[] bytes, String name) {
    if (bytes.length > MAX_BYTES) {
      throw invalid(name, "larger than %d bytes".formatted(MAX_BYTES));
    }
    try {
      if (source == Source.NOTATION) {
        new NotationImport(draft, trustStore).add(bytes, name);
        found++;
        return;
      }
      if (name.endsWith(".json")) {
        object(Json.parse(bytes, name), name);
        return;
      }
      for (String one : SEPARATOR.split(new String(bytes, StandardCharsets.UTF_8), -1)) {
        if (!one.lines().allMatch(line -> line.isBlank() || line.startsWith("#"))) {
          object(Yaml.parse(one.getBytes(StandardCharsets.UTF_8), name), name);
        }
      }
    } catch (BullaException e) {
      throw e.code() == ErrorCode.TRUST_POLICY_INVALID
          ? e
          : new BullaException(ErrorCode.TRUST_POLICY_INVALID, e.reason(), e.nextStep(), e);
    }
  }

  private void object(JsonNode node, String file) {
    String kind = node.path("kind").asString("");
    String path = file + " " + kind + "/" + node.path("metadata").path("name").asString("");
    switch (kind) {
      case "List", "ClusterPolicyList", "ClusterImagePolicyList" ->
          node.path("items").forEach(item -> object(item, file));
      case "ClusterImagePolicy" ->
          taken(
              Source.CLUSTERIMAGEPOLICY,
              path,
              () -> new ClusterImagePolicyImport(draft).add(node, path));
      case "ClusterPolicy", "Policy" ->
          taken(Source.KYVERNO, path, () -> new KyvernoRuleImport(draft).add(node, path));
      case "ImageValidatingPolicy", "NamespacedImageValidatingPolicy" ->
          taken(Source.KYVERNO, path, () -> new ImageValidatingImport(draft).add(node, path));
      default -> draft.weaker(path, "an object of a kind that is not read");
    }
  }

  private void taken(Source of, String path, Runnable step) {
    if (of != source) {
      draft.weaker(path, "not a policy of " + Shown.text(source.name().toLowerCase(Locale.ROOT)));
      return;
    }
    found++;
    step.run();
  }

  /**
   * The document.
   *
   * @throws BullaException {@link ErrorCode#TRUST_POLICY_INVALID} if there was no policy in any
   *     file
   */
  public Imported finish(String name) {
    if (found == 0) {
      throw new BullaException(
          ErrorCode.TRUST_POLICY_INVALID,
          "there is no policy of %s in it".formatted(source.name().toLowerCase(Locale.ROOT)),
          "Check --from and the files.");
    }
    return draft.finish(name, source != Source.NOTATION);
  }

  /** The document as YAML. */
  public static byte[] yaml(Imported imported) {
    return Yaml.write(imported.document());
  }

  /** The kinds of objects that are read, for help texts. */
  public static List<String> kinds() {
    return List.of("ClusterImagePolicy", "ClusterPolicy", "Policy", "ImageValidatingPolicy");
  }

  private static BullaException invalid(String name, String why) {
    return new BullaException(
        ErrorCode.TRUST_POLICY_INVALID, "%s: %s".formatted(Shown.text(name), why));
  }
}
