package dev.bulla.registry;

import dev.bulla.core.json.Json;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Something that is not as it should be.
 *
 * @param what a digest, or a repository with a tag
 * @param repositories where it can be seen
 * @param detail in words
 * @param repaired whether it is right again
 */
public record CheckFinding(
    Kind kind, String what, List<String> repositories, String detail, boolean repaired) {

  /** What is wrong. */
  public enum Kind {
    /** A recorded blob has no file. */
    BLOB_MISSING(true),
    /** The file of a blob holds other bytes. */
    BLOB_DAMAGED(true),
    /** The stored bytes of a manifest are not those of its digest. */
    MANIFEST_DAMAGED(true),
    /** What is recorded of a manifest's parts, subject or tags does not follow from its bytes. */
    RECORD_WRONG(true),
    /** The records themselves do not hold together, says the database. */
    DATABASE_DAMAGED(true),
    /** A part of a manifest is not in its repository; somebody may have deleted it. */
    MANIFEST_INCOMPLETE(false),
    /** A file that no record knows, left by a crash; the next collection takes it. */
    STRAY_FILE(false);

    private final boolean damage;

    Kind(boolean damage) {
      this.damage = damage;
    }

    /** Whether something that was acknowledged is lost unless it is repaired. */
    public boolean isDamage() {
      return damage;
    }
  }

  public CheckFinding {
    repositories = List.copyOf(repositories);
  }

  public ObjectNode toJson() {
    ObjectNode node = Json.object();
    node.put("kind", kind.name().toLowerCase(java.util.Locale.ROOT).replace('_', '-'));
    node.put("damage", kind.isDamage());
    node.put("what", what);
    ArrayNode names = node.putArray("repositories");
    repositories.forEach(names::add);
    node.put("detail", detail);
    node.put("repaired", repaired);
    return node;
  }
}
