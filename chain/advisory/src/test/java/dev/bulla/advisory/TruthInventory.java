package dev.bulla.advisory;

import dev.bulla.core.Digest;
import dev.bulla.core.json.Json;
import dev.bulla.inventory.Component;
import dev.bulla.inventory.Inventory;
import dev.bulla.inventory.Inventory.Distribution;
import dev.bulla.inventory.Location;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * Inventories made from the truth files of the test images, so that matching is tested without
 * cataloguers.
 */
final class TruthInventory {
  private TruthInventory() {}

  static Inventory of(String image) {
    JsonNode truth = resource("/images/" + image + ".truth.json");
    List<Component> components = new ArrayList<>();
    for (String type : List.of("deb", "rpm", "apk")) {
      for (JsonNode one : truth.path(type)) {
        if (one.path("status").asString("installed").equals("installed")) {
          components.add(packaged(type, one));
        }
      }
    }
    for (String type : List.of("maven", "npm", "pypi", "golang", "cargo")) {
      for (JsonNode one : truth.path(type)) {
        if (one.has("purl")) {
          components.add(language(type, one));
        }
      }
    }
    JsonNode os = truth.path("os");
    return new Inventory(
        Optional.of(Digest.sha256(image.getBytes(StandardCharsets.UTF_8))),
        image,
        Optional.of(
            new Distribution(
                os.path("ID").asString(),
                os.path("VERSION_ID").asString(),
                Optional.empty(),
                image)),
        components,
        List.of());
  }

  private static Component packaged(String type, JsonNode one) {
    String version = one.path("version").asString();
    String full =
        one.path("epoch").isNumber() ? one.path("epoch").asInt() + ":" + version : version;
    String source =
        one.has("source") ? one.path("source").asString() : one.path("origin").asString("");
    Optional<String> purl =
        one.has("purl") ? Optional.of(one.path("purl").asString()) : Optional.empty();
    return component(
        type,
        one.path("name").asString(),
        full,
        purl,
        Optional.of(source).filter(text -> !text.isEmpty()),
        one.has("sourceVersion")
            ? Optional.of(one.path("sourceVersion").asString())
            : Optional.empty(),
        Optional.empty(),
        "/var/lib/" + type);
  }

  private static Component language(String type, JsonNode one) {
    PackageUrl purl = PackageUrl.parse(one.path("purl").asString());
    Optional<String> owner =
        one.path("owner").isString()
            ? Optional.of("pkg:deb/debian/" + one.path("owner").asString())
            : Optional.empty();
    return component(
        type,
        purl.advisoryName(),
        purl.version(),
        Optional.of(one.path("purl").asString()),
        Optional.empty(),
        Optional.empty(),
        owner,
        one.path("path").asString());
  }

  static Component component(String type, String name, String version) {
    return component(
        type,
        name,
        version,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        "/app/" + name);
  }

  static Component component(
      String type,
      String name,
      String version,
      Optional<String> purl,
      Optional<String> sourceName,
      Optional<String> sourceVersion,
      Optional<String> ownedBy,
      String path) {
    return new Component(
        type,
        name,
        version,
        purl,
        List.of(),
        sourceName,
        sourceVersion,
        ownedBy,
        List.of(new Location(Optional.empty(), path, List.of())),
        Map.of(),
        Map.of());
  }

  static JsonNode resource(String name) {
    return Json.parse(bytes(name), name);
  }

  static byte[] bytes(String name) {
    try (InputStream in =
        Objects.requireNonNull(TruthInventory.class.getResourceAsStream(name), name)) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
