package dev.bulla.cli.command;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.core.json.Yaml;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/**
 * The images that Kubernetes manifests, or what Helm makes of a chart, would run.
 *
 * <p>Whatever the kind of an object (Pod, Deployment, CronJob, List, or one of an operator), the
 * images of {@code containers}, {@code initContainers} and {@code ephemeralContainers} anywhere in
 * it are taken, those of image volumes, and every other text that an object calls its {@code
 * image}, as operators do. A document that cannot be read, or a container without an image, is a
 * problem: nobody can say what it would run. Aliases and merge keys are written out, as kubectl
 * does.
 *
 * @param images as written, each with the places that name it, in order
 * @param withoutImages documents that name none, for people
 */
record KubernetesImages(
    Map<String, List<String>> images, List<Problem> problems, List<String> withoutImages) {
  private static final Pattern SEPARATOR =
      Pattern.compile("(?m)^(?:---|\\.\\.\\.)(?=[ \\t\\r\\n]|\\z)");
  private static final List<String> CONTAINERS =
      List.of("initContainers", "containers", "ephemeralContainers");

  /** What is named {@code image} in these is data, what runs already, or a disk of Ceph. */
  private static final Set<String> DATA_KINDS =
      Set.of("ConfigMap", "Secret", "CustomResourceDefinition");

  private static final Set<String> DATA_FIELDS = Set.of("status", "rbd");
  private static final String RENDER =
      " (a template is rendered first: helm template CHART | bulla verify --manifests -)";
  private static final int MAX_DOCUMENTS = 10_000;

  /** A document, or a place in it, of which nobody can say what it would run. */
  record Problem(String where, ErrorCode code, String reason) {}

  static KubernetesImages none() {
    return new KubernetesImages(new LinkedHashMap<>(), new ArrayList<>(), new ArrayList<>());
  }

  /** Adds all documents of one file. */
  void read(byte[] bytes, String source) {
    List<String> documents = split(new String(bytes, StandardCharsets.UTF_8));
    if (documents.size() > MAX_DOCUMENTS) {
      throw new BullaException(
          ErrorCode.INPUT_TOO_LARGE, "%s: more than %d documents".formatted(source, MAX_DOCUMENTS));
    }
    int number = 0;
    for (String document : documents) {
      if (isBlank(document)) {
        continue;
      }
      number++;
      String where = source + " document " + number;
      try {
        JsonNode root = Yaml.parseWithAliases(document.getBytes(StandardCharsets.UTF_8), where);
        if (root.isNull()) {
          continue;
        }
        take(root, where);
      } catch (BullaException e) {
        boolean template = document.contains("{{");
        problems.add(new Problem(where, e.code(), e.reason() + (template ? RENDER : "")));
      }
    }
  }

  /** A line of three dashes or dots ends a document wherever it stands (YAML 1.2, 9.1.2). */
  private static List<String> split(String text) {
    List<String> documents = new ArrayList<>();
    Matcher matcher = SEPARATOR.matcher(text);
    int start = 0;
    while (matcher.find()) {
      documents.add(text.substring(start, matcher.start()));
      start = matcher.end();
    }
    documents.add(text.substring(start));
    return documents;
  }

  private static boolean isBlank(String document) {
    return document
        .lines()
        .map(String::strip)
        .allMatch(line -> line.isEmpty() || line.startsWith("#") || line.startsWith("%"));
  }

  private void take(JsonNode root, String where) {
    String name = where + describe(root);
    int before = total();
    if (!root.isObject()) {
      problems.add(new Problem(where, ErrorCode.FIELD_INVALID, "not an object of Kubernetes"));
      return;
    }
    walk(root, name, true);
    if (total() == before) {
      withoutImages.add(name);
    }
  }

  private int total() {
    return images.values().stream().mapToInt(List::size).sum() + problems.size();
  }

  /**
   * @param named whether what is called {@code image} is one
   */
  private void walk(JsonNode node, String where, boolean named) {
    if (node.isArray()) {
      for (JsonNode item : node) {
        walk(item, item.path("kind").isString() ? where + describe(item) : where, named);
      }
    }
    if (!node.isObject()) {
      return;
    }
    boolean here = named && !DATA_KINDS.contains(node.path("kind").asString(""));
    for (String field : new TreeSet<>(node.propertyNames())) {
      JsonNode value = node.get(field);
      if (CONTAINERS.contains(field) && value.isArray()) {
        value.forEach(container -> container(container, where + " " + field));
      } else if (field.equals("volumes") && value.isArray()) {
        value.forEach(volume -> volume(volume, where));
      } else if (here && field.equals("image") && !value.asString("").isBlank()) {
        image(value, where);
      } else {
        walk(value, where, here && !DATA_FIELDS.contains(field));
      }
    }
  }

  private void container(JsonNode container, String where) {
    String name = container.path("name").asString("");
    image(container.path("image"), where + " " + (name.isEmpty() ? "without a name" : name));
  }

  private void volume(JsonNode volume, String where) {
    Optional.ofNullable(volume.get("image"))
        .ifPresent(image ->
            image(
                image.path("reference"),
                where + " volume " + volume.path("name").asString("without a name")));
  }

  private void image(JsonNode image, String where) {
    String shown = Shown.text(where);
    if (image.asString("").contains("{{")) {
      problems.add(
          new Problem(shown, ErrorCode.FIELD_INVALID, Shown.text(image.asString()) + RENDER));
    } else if (image.isString() && !image.asString().isBlank()) {
      images.computeIfAbsent(image.asString().strip(), any -> new ArrayList<>()).add(shown);
    } else {
      problems.add(new Problem(shown, ErrorCode.FIELD_INVALID, "it names no image"));
    }
  }

  private static String describe(JsonNode object) {
    String kind = object.path("kind").asString("");
    String name = object.path("metadata").path("name").asString("");
    String namespace = object.path("metadata").path("namespace").asString("");
    String full = namespace.isEmpty() ? name : namespace + "/" + name;
    return kind.isEmpty() ? "" : Shown.text(" " + kind + (full.isEmpty() ? "" : " " + full));
  }
}
