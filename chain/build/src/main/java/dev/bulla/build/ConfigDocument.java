package dev.bulla.build;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Platform;
import dev.bulla.core.json.Fields;
import dev.bulla.core.json.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Writes an image configuration (OCI image specification, "OCI Image Configuration"): members in
 * the order of the specification, the template's created time, the base image's settings with the
 * template's over them.
 */
final class ConfigDocument {
  private static final String[] BASE_PLATFORM = {"os.version", "os.features", "variant"};

  private final Template template;
  private final Optional<Fields> base;
  private final List<Digest> diffIds = new ArrayList<>();
  private final ArrayNode history = Json.array();

  ConfigDocument(Template template, Optional<byte[]> baseConfig) {
    this.template = template;
    this.base =
        baseConfig.map(
            bytes -> Fields.of(Json.parse(bytes, "base image config"), "base image config"));
    base.ifPresent(this::start);
  }

  private void start(Fields fields) {
    fields.object("rootfs").strings("diff_ids").forEach(id -> diffIds.add(Digest.parse(id)));
    for (Fields one : fields.objects("history")) {
      history.add(one.node());
    }
  }

  List<Digest> diffIds() {
    return List.copyOf(diffIds);
  }

  void addLayer(String step, Digest diffId) {
    diffIds.add(diffId);
    historyOf(step);
  }

  /** A step that changed nothing leaves a trace in the history only. */
  void addEmpty(String step) {
    historyOf(step).put("empty_layer", true);
  }

  private ObjectNode historyOf(String step) {
    return history
        .addObject()
        .put("created", template.created().toString())
        .put("created_by", "bulla customize " + step);
  }

  /** The document's bytes. */
  byte[] write() {
    ObjectNode root = Json.object();
    root.put("created", template.created().toString());
    putPlatform(root);
    root.set("config", settings());
    ObjectNode rootfs = root.putObject("rootfs").put("type", "layers");
    ArrayNode ids = rootfs.putArray("diff_ids");
    diffIds.forEach(id -> ids.add(id.toString()));
    root.set("history", history);
    return Json.write(root);
  }

  private void putPlatform(ObjectNode root) {
    if (base.isEmpty()) {
      Platform platform = template.platform().orElse(ResolveBase.DEFAULT_PLATFORM);
      root.put("architecture", platform.architecture()).put("os", platform.os());
      platform.variant().ifPresent(variant -> root.put("variant", variant));
      return;
    }
    Fields fields = base.get();
    Platform found = new Platform(fields.string("os"), fields.string("architecture"));
    if (template
        .platform()
        .filter(p -> !p.os().equals(found.os()) || !p.architecture().equals(found.architecture()))
        .isPresent()) {
      throw new BullaException(
          ErrorCode.PLATFORM_NOT_FOUND,
          "the base image is for %s, expected %s".formatted(found, template.platform().get()),
          "Change 'platform' or 'source' in the template.");
    }
    root.put("architecture", found.architecture()).put("os", found.os());
    for (String name : BASE_PLATFORM) {
      JsonNode value = fields.node().get(name);
      if (value != null) {
        root.set(name, value);
      }
    }
  }

  private ObjectNode settings() {
    ObjectNode settings =
        base.flatMap(fields -> fields.optionalObject("config"))
            .map(fields -> fields.node().deepCopy())
            .orElseGet(Json::object);
    ImageConfig wanted = template.config();
    wanted.user().ifPresent(user -> settings.put("User", user));
    if (!wanted.exposedPorts().isEmpty()) {
      ObjectNode ports = child(settings, "ExposedPorts");
      wanted.exposedPorts().forEach(ports::putObject);
    }
    if (!wanted.env().isEmpty()) {
      putEnv(settings, wanted);
    }
    wanted.entrypoint().ifPresent(list -> settings.remove("Cmd"));
    wanted.entrypoint().ifPresent(list -> put(settings, "Entrypoint", list));
    wanted.cmd().ifPresent(list -> put(settings, "Cmd", list));
    wanted.workingDir().ifPresent(place -> settings.put("WorkingDir", place));
    if (!wanted.labels().isEmpty()) {
      ObjectNode labels = child(settings, "Labels");
      wanted.labels().forEach(labels::put);
    }
    return settings;
  }

  private static void putEnv(ObjectNode settings, ImageConfig wanted) {
    TreeMap<String, String> left = new TreeMap<>(wanted.env());
    List<String> all = new ArrayList<>();
    for (String line : Fields.of(settings, "base image config").strings("Env")) {
      String name = line.replaceFirst("(?s)=.*", "");
      String value = left.remove(name);
      all.add(value == null ? line : name + "=" + value);
    }
    left.forEach((name, value) -> all.add(name + "=" + value));
    put(settings, "Env", all);
  }

  private static ObjectNode child(ObjectNode parent, String name) {
    return parent.get(name) instanceof ObjectNode present ? present : parent.putObject(name);
  }

  private static void put(ObjectNode node, String name, List<String> values) {
    ArrayNode array = node.putArray(name);
    values.forEach(array::add);
  }
}
