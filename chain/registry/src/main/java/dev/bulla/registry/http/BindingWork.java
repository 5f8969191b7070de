package dev.bulla.registry.http;

import dev.bulla.core.json.Fields;
import dev.bulla.core.json.Json;
import dev.bulla.registry.Binding;
import dev.bulla.registry.Registry;
import dev.bulla.registry.TrustPreview;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Bindings as JSON: what is asked for, and what came of it. */
public final class BindingWork {
  private BindingWork() {}

  /** The binding that a JSON document asks for. */
  public static Binding binding(JsonNode document) {
    Fields fields =
        Fields.of(document, "request")
            .only("glob", "mode", "unsignedPush", "hide", "name", "trust", "policy", "dryRun");
    return new Binding(
        fields.string("glob"),
        Binding.parse(Binding.Mode.class, "mode", fields.string("mode")),
        Binding.parse(
            Binding.UnsignedPush.class,
            "unsignedPush",
            fields.optionalString("unsignedPush").orElse("pend")),
        fields.optionalBoolean("hide").orElse(false),
        fields.optionalString("name").orElse("localhost"),
        fields.string("trust").getBytes(StandardCharsets.UTF_8),
        fields.optionalString("policy").orElse("").getBytes(StandardCharsets.UTF_8));
  }

  /** Binds, or says what binding would change. */
  public static ObjectNode bind(Registry registry, Binding binding, boolean dryRun) {
    ObjectNode body = Json.object().put("glob", binding.glob()).put("dryRun", dryRun);
    ArrayNode changes = body.putArray("changes");
    for (TrustPreview.Change change : registry.trust().preview(binding)) {
      changes
          .addObject()
          .put("repository", change.repository())
          .put("tag", change.tag())
          .put("digest", change.digest().toString())
          .put("visible", change.visible())
          .put("reason", change.reason());
    }
    if (!dryRun) {
      registry.trust().bind(binding);
    }
    return body;
  }

  public static ObjectNode describeBindings(Registry registry) {
    ObjectNode body = Json.object();
    ArrayNode all = body.putArray("bindings");
    for (Binding one : registry.trust().bindings()) {
      all.addObject()
          .put("glob", one.glob())
          .put("mode", lower(one.mode()))
          .put("unsignedPush", lower(one.unsignedPush()))
          .put("hide", one.hide())
          .put("name", one.name())
          .put("policy", one.policy().length > 0)
          .put("digest", one.digest().toString());
    }
    return body;
  }

  public static ObjectNode unbind(Registry registry, String glob) {
    return Json.object().put("glob", glob).put("unbound", registry.trust().unbind(glob));
  }

  static String lower(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }
}
