package dev.bulla.registry.http;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.core.json.Fields;
import dev.bulla.core.json.Json;
import dev.bulla.registry.Binding;
import dev.bulla.registry.Page;
import dev.bulla.registry.Registry;
import dev.bulla.registry.TrustChange;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Bindings as JSON: what is asked for, and what came of it. */
public final class BindingWork {
  private static final int PAGE = 1_000;
  private static final Pattern HOST =
      Pattern.compile("([A-Za-z0-9][A-Za-z0-9._-]{0,253}|\\[[0-9A-Fa-f:.]{2,45}])(:[0-9]{1,5})?");

  private BindingWork() {}

  /** The binding that a JSON document asks for. */
  public static Binding binding(JsonNode document) {
    Fields fields =
        Fields.of(document, "request")
            .only(
                "glob",
                "mode",
                "unsignedPush",
                "hide",
                "name",
                "trust",
                "policy",
                "dryRun",
                "after");
    String glob = fields.string("glob");
    if (glob.contains("//") || glob.endsWith("/")) {
      throw new BullaException(
          ErrorCode.USAGE,
          "no repository has a name like '%s'".formatted(Shown.text(glob)),
          "Write repositories without host, for example 'team/*' or 'team/**'.");
    }
    String name = fields.optionalString("name").orElse("localhost");
    if (!HOST.matcher(name).matches()) {
      throw new BullaException(
          ErrorCode.USAGE,
          "'%s' is not the name of a registry".formatted(Shown.text(name)),
          "Write HOST or HOST:PORT, as the scopes of the trust policy have it.");
    }
    return new Binding(
        glob,
        Binding.parse(Binding.Mode.class, "mode", fields.string("mode")),
        Binding.parse(
            Binding.UnsignedPush.class,
            "unsignedPush",
            fields.optionalString("unsignedPush").orElse("pend")),
        fields.optionalBoolean("hide").orElse(false),
        name,
        fields.string("trust").getBytes(StandardCharsets.UTF_8),
        fields.optionalString("policy").orElse("").getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Binds, or says what binding would change.
   *
   * @param after as {@code next} of the part of the list before, or empty
   */
  public static ObjectNode bind(Registry registry, Binding binding, boolean dryRun, String after) {
    ObjectNode body = Json.object().put("glob", binding.glob()).put("dryRun", dryRun);
    list(body, registry.trust().preview(binding, place(after), PAGE));
    if (!dryRun) {
      registry.trust().bind(binding);
    }
    return body;
  }

  private static void list(ObjectNode body, Page<TrustChange> page) {
    ArrayNode changes = body.putArray("changes");
    page.entries().forEach(one -> changes.add(one.toJson()));
    if (page.more()) {
      TrustChange last = page.entries().getLast();
      body.put("next", last.repository() + "@" + last.digest());
    }
  }

  private static Optional<TrustChange.Place> place(String after) {
    if (after.isEmpty()) {
      return Optional.empty();
    }
    int at = after.indexOf('@');
    if (at <= 0) {
      throw new BullaException(
          ErrorCode.FIELD_INVALID,
          "after is '%s', expected what 'next' was".formatted(Shown.text(after)));
    }
    return Optional.of(new TrustChange.Place(after.substring(0, at), after.substring(at + 1)));
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

  /** Takes a binding away, or says what that would change. */
  public static ObjectNode unbind(Registry registry, String glob, boolean dryRun, String after) {
    ObjectNode body = Json.object().put("glob", glob).put("dryRun", dryRun);
    boolean there = registry.trust().bindings().stream().anyMatch(one -> one.glob().equals(glob));
    if (dryRun) {
      list(body, registry.trust().previewWithout(glob, place(after), PAGE));
      return body.put("bound", there);
    }
    return body.put("unbound", registry.trust().unbind(glob));
  }

  static String lower(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }
}
