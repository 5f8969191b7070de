package dev.bulla.graph;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.json.Json;
import dev.bulla.inventory.Component;
import dev.bulla.inventory.Inventory;
import dev.bulla.inventory.Location;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import tools.jackson.databind.node.ArrayNode;

/**
 * The components of images, stored once for all images that share them.
 *
 * <p>An inventory is split by the layer that first brings a component, because layers are what
 * images share: the packages of a base image form one set for every image on that base. A set is
 * named by the SHA-256 of its sorted members with what is said of them (owner, licences); where the
 * members lie is a second set, named the same way, so that a moved file does not copy the
 * membership. Neither holds anything of the image itself: no name, no time, no root component. An
 * image that holds known sets costs one row for each.
 */
final class ComponentSets {
  private static final int MAX_COMPONENTS = 1_000_000;

  private final Sql sql;
  private final Packages packages;

  ComponentSets(Sql sql, Packages packages) {
    this.sql = sql;
    this.packages = packages;
  }

  /** What is said of a member; the same package found twice in one layer is one member. */
  private static final class Member {
    private boolean standsAlone;
    private String owner = "";
    private final Set<String> licences = new LinkedHashSet<>();
    private final Set<Location> places = new LinkedHashSet<>();

    void add(Component component) {
      if (component.ownedBy().isEmpty()) {
        standsAlone = true;
      } else if (owner.isEmpty()) {
        owner = PackageIdentity.text(component.ownedBy().get());
      }
      component.licences().forEach(licence -> licences.add(PackageIdentity.text(licence)));
      places.addAll(component.locations());
    }

    /** Empty as soon as one of the places belongs to no distribution package. */
    String owner() {
      return standsAlone ? "" : owner;
    }

    String licencesText() {
      return texts(licences);
    }
  }

  /** Records that {@code document} says that {@code image} holds {@code inventory}. */
  void record(long image, long document, Inventory inventory) {
    if (inventory.components().size() > MAX_COMPONENTS) {
      throw new BullaException(
          ErrorCode.INPUT_TOO_LARGE,
          "recording %s: %d components, at most %d are kept"
              .formatted(inventory.name(), inventory.components().size(), MAX_COMPONENTS));
    }
    Map<String, TreeMap<PackageIdentity, Member>> byLayer = new TreeMap<>();
    for (Component component : inventory.components()) {
      String layer =
          component.locations().stream()
              .findFirst()
              .flatMap(Location::layer)
              .map(Digest::toString)
              .orElse("");
      byLayer
          .computeIfAbsent(layer, unused -> new TreeMap<>())
          .computeIfAbsent(
              PackageIdentity.of(component, inventory.distribution()), unused -> new Member())
          .add(component);
    }
    if (byLayer.isEmpty()) {
      byLayer.put("", new TreeMap<>()); // "nothing inside" is a statement as well
    }
    for (TreeMap<PackageIdentity, Member> members : byLayer.values()) {
      sql.update(
          "INSERT INTO image_set (image_id, document_id, set_id, place_set_id)"
              + " VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
          image,
          document,
          set(members),
          places(members));
    }
  }

  private long set(TreeMap<PackageIdentity, Member> members) {
    ContentHash hash = new ContentHash();
    members.forEach((key, member) -> {
      key.parts().forEach(hash::add);
      hash.add(member.owner()).add(member.licencesText());
    });
    byte[] name = hash.bytes();
    return sql.first("SELECT id FROM component_set WHERE hash = ?", row -> row.getLong(1), name)
        .orElseGet(() -> addSet(name, members));
  }

  private long addSet(byte[] name, TreeMap<PackageIdentity, Member> members) {
    long set =
        sql.insert(
                "INSERT INTO component_set (hash, members) VALUES (?, ?) RETURNING id",
                name,
                members.size())
            .orElseThrow();
    members.forEach((key, member) ->
        sql.update(
            "INSERT INTO set_member (set_id, package_id, owner, licences) VALUES (?, ?, ?, ?)",
            set,
            packages.id(key),
            member.owner(),
            member.licencesText()));
    return set;
  }

  private long places(TreeMap<PackageIdentity, Member> members) {
    ContentHash hash = new ContentHash();
    members.forEach((key, member) -> {
      key.parts().forEach(hash::add);
      hash.add(Integer.toString(member.places.size()));
      for (Location place : member.places) {
        hash.add(place.layer().map(Digest::toString).orElse(""));
        hash.add(PackageIdentity.text(place.path()))
            .add(PackageIdentity.text(texts(place.nested())));
      }
    });
    byte[] name = hash.bytes();
    return sql.first("SELECT id FROM place_set WHERE hash = ?", row -> row.getLong(1), name)
        .orElseGet(() -> addPlaces(name, members));
  }

  private long addPlaces(byte[] name, TreeMap<PackageIdentity, Member> members) {
    long set =
        sql.insert("INSERT INTO place_set (hash) VALUES (?) RETURNING id", (Object) name)
            .orElseThrow();
    members.forEach((key, member) -> {
      int ordinal = 0;
      for (Location place : member.places) {
        sql.update(
            "INSERT INTO place (place_set_id, package_id, ordinal, layer_id, path, nested)"
                + " VALUES (?, ?, ?, ?, ?, ?)",
            set,
            packages.id(key),
            ordinal++,
            layer(place),
            place.path(),
            texts(place.nested()));
      }
    });
    return set;
  }

  private long layer(Location place) {
    return place
        .layer()
        .map(digest ->
            sql.intern(
                "SELECT id FROM layer WHERE digest = ?",
                "INSERT INTO layer (digest) VALUES (?) RETURNING id",
                digest.toString()))
        .orElse(0L);
  }

  /** A list of texts in one column: nothing, or a JSON array. */
  static String texts(Collection<String> list) {
    if (list.isEmpty()) {
      return "";
    }
    ArrayNode array = Json.array();
    list.forEach(array::add);
    return new String(Json.write(array), StandardCharsets.UTF_8);
  }

  /** The reverse of {@link #texts}. */
  static List<String> listOf(String column) {
    if (column.isEmpty()) {
      return List.of();
    }
    List<String> list = new ArrayList<>();
    Json.parse(column.getBytes(StandardCharsets.UTF_8), "list column")
        .forEach(one -> list.add(one.stringValue()));
    return list;
  }
}
