package dev.bulla.build;

import dev.bulla.core.Digest;
import dev.bulla.core.json.Json;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The normalised form of a template: every default spelled out, members in one order, nothing of
 * the machine it was read on.
 */
final class TemplateWriter {
  private TemplateWriter() {}

  static ObjectNode write(Template template) {
    ObjectNode root = Json.object();
    root.put("name", template.name());
    root.set("source", source(template.source()));
    ArrayNode customize = root.putArray("customize");
    template.customize().forEach(step -> customize.add(step(step)));
    root.set("validate", validation(template.validation()));
    ArrayNode distribute = root.putArray("distribute");
    template.distribute().forEach(target -> distribute.add(target(target)));
    ObjectNode tags = root.putObject("artifactTags");
    template.artifactTags().forEach(tags::put);
    root.put("buildTimeoutInMinutes", template.buildTimeout().toMinutes());
    root.set("config", config(template.config()));
    template.platform().ifPresent(platform -> root.put("platform", platform.toString()));
    root.put("created", template.created().toString());
    return root;
  }

  private static ObjectNode source(Source source) {
    ObjectNode node = Json.object();
    switch (source) {
      case Source.Scratch scratch -> node.put("type", "Scratch");
      case Source.OciLayout layout -> {
        node.put("type", "OciLayout").put("path", layout.path());
        layout.reference().ifPresent(reference -> node.put("reference", reference));
        layout.digest().ifPresent(digest -> node.put("digest", digest.toString()));
      }
      case Source.Image image -> {
        node.put("type", "Image").put("reference", image.reference().toString());
        image.digest().ifPresent(digest -> node.put("digest", digest.toString()));
      }
    }
    return node;
  }

  private static ObjectNode step(FileStep step) {
    ObjectNode node = Json.object();
    node.put("type", "File").put("name", step.name()).put("sourceUri", step.sourceUri());
    step.sha256Checksum().map(Digest::hex).ifPresent(hex -> node.put("sha256Checksum", hex));
    boolean slash = step.intoDirectory() && !step.destination().isRoot();
    node.put("destination", step.destination() + (slash ? "/" : ""));
    step.mode().ifPresent(mode -> node.put("mode", octal(mode)));
    return node.put("owner", step.owner().toString()).put("unpack", step.unpack());
  }

  private static ObjectNode validation(Validation validation) {
    ObjectNode node = Json.object();
    node.put("continueDistributeOnFailure", validation.continueDistributeOnFailure());
    ArrayNode checks = node.putArray("checks");
    for (Validation.Assertion check : validation.checks()) {
      ObjectNode one = checks.addObject();
      switch (check) {
        case Validation.FileAssertion file -> {
          one.put("type", "File").put("name", file.name()).put("path", file.path().toString());
          one.put("exists", file.exists());
          file.sha256().map(Digest::hex).ifPresent(hex -> one.put("sha256", hex));
          file.mode().ifPresent(mode -> one.put("mode", octal(mode)));
          file.owner().ifPresent(owner -> one.put("owner", owner.toString()));
        }
        case Validation.ConfigAssertion config -> {
          one.put("type", "Config").put("name", config.name());
          config.user().ifPresent(user -> one.put("user", user));
          config.entrypoint().ifPresent(list -> put(one, "entrypoint", list));
          config.cmd().ifPresent(list -> put(one, "cmd", list));
          config.workingDir().ifPresent(place -> one.put("workingDir", place));
          ObjectNode labels = one.putObject("labels");
          new java.util.TreeMap<>(config.labels()).forEach(labels::put);
        }
        case Validation.SizeAssertion size ->
            one.put("type", "Size")
                .put("name", size.name())
                .put("maxSizeBytes", size.maxSizeBytes());
      }
    }
    return node;
  }

  private static ObjectNode target(Distribution target) {
    ObjectNode node = Json.object();
    switch (target) {
      case Distribution.Registry registry ->
          node.put("type", "Registry").put("repository", registry.repository());
      case Distribution.OciLayout layout ->
          node.put("type", "OciLayout").put("path", layout.path());
    }
    put(node, "tags", target.tags());
    return node.put("runOutputName", target.runOutputName());
  }

  private static ObjectNode config(ImageConfig config) {
    ObjectNode node = Json.object();
    config.entrypoint().ifPresent(list -> put(node, "entrypoint", list));
    config.cmd().ifPresent(list -> put(node, "cmd", list));
    ObjectNode env = node.putObject("env");
    config.env().forEach(env::put);
    config.workingDir().ifPresent(place -> node.put("workingDir", place));
    config.user().ifPresent(user -> node.put("user", user));
    put(node, "exposedPorts", config.exposedPorts());
    ObjectNode labels = node.putObject("labels");
    config.labels().forEach(labels::put);
    return node;
  }

  private static void put(ObjectNode node, String name, List<String> values) {
    ArrayNode array = node.putArray(name);
    values.forEach(array::add);
  }

  private static String octal(int mode) {
    return "%04o".formatted(mode);
  }
}
