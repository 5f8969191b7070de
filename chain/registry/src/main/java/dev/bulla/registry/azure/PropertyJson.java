package dev.bulla.registry.azure;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.json.Json;
import dev.bulla.registry.Admission;
import dev.bulla.registry.Attributes;
import dev.bulla.registry.Binding;
import dev.bulla.registry.Registry;
import dev.bulla.registry.RegistryProperties.ManifestRow;
import dev.bulla.registry.RegistryProperties.RepositoryRow;
import dev.bulla.registry.RegistryProperties.TagRow;
import dev.bulla.registry.StoredManifest;
import dev.bulla.store.Blob;
import dev.bulla.web.Exchange;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The documents of Azure's interface. */
final class PropertyJson {
  /** Larger configurations are not read for the platform alone. */
  private static final int MAX_CONFIG = 256 * 1024;

  private static final int MAX_VIA = 8;

  private final Registry registry;

  PropertyJson(Registry registry) {
    this.registry = registry;
  }

  /** The registry's name: the authority by which the caller addressed it. */
  static String host(Exchange exchange) {
    return exchange.origin().replaceFirst("^https?://", "");
  }

  ObjectNode head(Exchange exchange, String repository) {
    return Json.object().put("registry", host(exchange)).put("imageName", repository);
  }

  ObjectNode repository(Exchange exchange, RepositoryRow row) {
    ObjectNode node = head(exchange, row.name());
    node.put("createdTime", row.created().toString());
    node.put("lastUpdateTime", row.updated().toString());
    node.put("manifestCount", row.manifests());
    node.put("tagCount", row.tags());
    node.set("changeableAttributes", attributes(row.attributes()));
    return node;
  }

  ObjectNode tag(String repository, TagRow row) {
    ObjectNode node = Json.object();
    node.put("name", row.name());
    node.put("digest", row.digest().toString());
    node.put("createdTime", row.created().toString());
    node.put("lastUpdateTime", row.moved().toString());
    boolean signed = isSigned(repository, row.digest());
    node.put("signed", signed);
    node.set("changeableAttributes", attributes(row.attributes()).put("signed", signed));
    return node;
  }

  /**
   * @param whole also which platforms an index has
   */
  ObjectNode manifest(String repository, ManifestRow row, boolean whole) {
    ObjectNode node = Json.object();
    node.put("digest", row.digest().toString());
    node.put("imageSize", row.size());
    node.put("createdTime", row.pushed().toString());
    node.put("lastUpdateTime", row.pushed().toString());
    content(repository, row.digest())
        .ifPresent(content -> describe(node, repository, content, whole));
    node.put("mediaType", row.mediaType());
    ArrayNode tags = node.putArray("tags");
    row.tags().forEach(tags::add);
    ObjectNode attributes = attributes(row.attributes());
    quarantine(attributes, repository, row.digest());
    node.set("changeableAttributes", attributes);
    return node;
  }

  private static ObjectNode attributes(Attributes attributes) {
    return Json.object()
        .put("deleteEnabled", attributes.deleteEnabled())
        .put("writeEnabled", attributes.writeEnabled())
        .put("readEnabled", attributes.readEnabled())
        .put("listEnabled", attributes.listEnabled());
  }

  // What verification says

  /**
   * Whether a trust policy has accepted evidence about a manifest, or about the index that it is a
   * part of. That something lies beside it which looks like a signature does not count, nor does a
   * policy that asks for none.
   */
  private boolean isSigned(String repository, Digest digest) {
    Digest about = digest;
    for (int i = 0; i < MAX_VIA; i++) {
      Optional<Admission> admission = admission(repository, about);
      if (admission.filter(one -> one.state() == Admission.State.ADMITTED).isEmpty()) {
        return false;
      }
      if (!admission.get().evidence().isEmpty()) {
        return true;
      }
      if (admission.get().via().isEmpty()) {
        return false;
      }
      about = Digest.parse(admission.get().via());
    }
    return false;
  }

  private void quarantine(ObjectNode attributes, String repository, Digest digest) {
    admission(repository, digest)
        .filter(one -> registry.trust().enforced(repository))
        .ifPresent(admission -> {
          String state =
              switch (admission.state()) {
                case ADMITTED, EVIDENCE -> "Passed";
                case PENDING -> "Quarantined";
                case REJECTED, EXPIRED, REVOKED -> "Failed";
              };
          attributes.put("quarantineState", state);
          ObjectNode details =
              Json.object()
                  .put("state", admission.state().name())
                  .put("reason", admission.visible() ? "" : admission.unmet());
          attributes.put(
              "quarantineDetails", new String(Json.write(details), StandardCharsets.UTF_8));
        });
  }

  /** What was decided; empty if no binding decides, or it cannot be decided. */
  private Optional<Admission> admission(String repository, Digest digest) {
    boolean bound =
        registry
            .trust()
            .binding(repository)
            .filter(one -> one.mode() != Binding.Mode.OPEN)
            .isPresent();
    try {
      return bound ? Optional.of(registry.trust().admission(repository, digest)) : Optional.empty();
    } catch (BullaException e) {
      return Optional.empty();
    }
  }

  // What content says

  private Optional<JsonNode> content(String repository, Digest digest) {
    try {
      StoredManifest stored = registry.manifest(repository, digest.toString());
      return Optional.of(Json.parse(stored.bytes(), "manifest"));
    } catch (BullaException e) {
      return Optional.empty(); // locked against reading, or gone meanwhile
    }
  }

  private void describe(ObjectNode node, String repository, JsonNode content, boolean whole) {
    if (content.has("config")) {
      node.put("configMediaType", content.path("config").path("mediaType").asString(""));
      platform(node, repository, content.path("config"));
    }
    if (whole && content.has("manifests")) {
      ArrayNode references = node.putArray("references");
      for (JsonNode one : content.path("manifests")) {
        ObjectNode reference = references.addObject();
        reference.put("digest", one.path("digest").asString(""));
        reference.put("architecture", one.path("platform").path("architecture").asString(""));
        reference.put("os", one.path("platform").path("os").asString(""));
      }
    }
  }

  /** The configuration of an image names its platform; that of other artifacts does not. */
  private void platform(ObjectNode node, String repository, JsonNode config) {
    String type = config.path("mediaType").asString("");
    long size = config.path("size").asLong(0);
    if (!type.contains("image") || size < 2 || size > MAX_CONFIG) {
      return;
    }
    try (Blob blob = registry.blob(repository, Digest.parse(config.path("digest").asString("")));
        InputStream in = Channels.newInputStream(blob.from(0))) {
      JsonNode image = Json.parse(in.readNBytes(MAX_CONFIG), "image configuration");
      for (String member : new String[] {"architecture", "os"}) {
        if (image.path(member).isString()) {
          node.put(member, image.path(member).stringValue());
        }
      }
    } catch (IOException | BullaException e) {
      // the platform is not known then
    }
  }
}
