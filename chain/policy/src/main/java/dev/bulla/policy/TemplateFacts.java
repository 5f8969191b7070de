package dev.bulla.policy;

import dev.bulla.core.json.Fields;
import dev.bulla.core.json.Json;
import java.util.Locale;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The section {@code template}: what is about to be built, with every input resolved to a digest.
 */
final class TemplateFacts {
  private static final int MAX_INPUTS = 10_000;

  private TemplateFacts() {}

  static ObjectNode of(Optional<ObjectNode> given) {
    ObjectNode section = Json.object();
    section.put("present", given.isPresent());
    Fields root = Fields.of(given.orElseGet(Json::object), "template facts");
    Optional<Fields> about = root.optionalObject("template");
    section.put("name", about.map(a -> Read.text(a, "name")).orElse(""));
    section.put("digest", about.map(a -> Read.text(a, "digest")).orElse(""));
    base(root.optionalObject("base"), section.putObject("base"));
    ArrayNode inputs = section.putArray("inputs");
    ArrayNode unpinned = section.putArray("unpinned");
    for (Fields one : Read.objects(root, "inputs", MAX_INPUTS)) {
      ObjectNode input = input(one);
      inputs.add(input);
      if (input.path("remote").booleanValue() && !input.path("pinned").booleanValue()) {
        unpinned.add(input.path("uri").asString());
      }
    }
    return section;
  }

  private static void base(Optional<Fields> base, ObjectNode into) {
    String type = base.map(b -> Read.text(b, "type")).orElse("");
    String digest = base.map(b -> Read.text(b, "digest")).orElse("");
    into.put("present", !type.isEmpty() && !type.equals("Scratch"));
    into.put("type", type);
    into.put("uri", base.map(b -> Read.text(b, "uri")).orElse(""));
    into.put("digest", digest);
    into.put("pinned", pinned(base, digest));
  }

  private static ObjectNode input(Fields one) {
    String uri = Read.text(one, "uri");
    String digest = Read.text(one, "digest");
    return Json.object()
        .put("name", Read.text(one, "name"))
        .put("kind", one.string("kind"))
        .put("uri", uri)
        .put("digest", digest)
        .put("size", one.optionalInteger("size").orElse(0L))
        .put("pinned", pinned(Optional.of(one), digest))
        .put("remote", isRemote(uri));
  }

  /** Whether an input comes from outside the machine that builds. */
  static boolean isRemote(String uri) {
    String scheme = uri.toLowerCase(Locale.ROOT);
    return !(scheme.startsWith("file:") || scheme.startsWith("oci-layout:"));
  }

  /** Demanded by the template; nothing is pinned without a digest. */
  private static boolean pinned(Optional<Fields> from, String digest) {
    return !digest.isEmpty() && from.flatMap(f -> f.optionalBoolean("pinned")).orElse(false);
  }
}
