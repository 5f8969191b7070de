package dev.bulla.registry;

import dev.bulla.core.json.Json;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * How much space is used by what.
 *
 * @param projects by name
 * @param repositories by name
 * @param storedBytes of all blob files, each once
 * @param manifestBytes in the records
 * @param retiredBytes of files in the trash
 * @param uploads that are open
 * @param deletedManifests that can be restored
 */
public record Usage(
    List<Project> projects,
    List<Repository> repositories,
    long storedBytes,
    long manifestBytes,
    long retiredBytes,
    long uploads,
    long deletedManifests) {

  /**
   * @param bytes of the blobs that its repositories link, each once
   */
  public record Project(String name, long repositories, long bytes, Quota quota) {}

  /**
   * @param bytes of the blobs that it links, shared ones included
   */
  public record Repository(String name, long manifests, long tags, long blobs, long bytes) {}

  public Usage {
    projects = List.copyOf(projects);
    repositories = List.copyOf(repositories);
  }

  public ObjectNode toJson() {
    ObjectNode node = Json.object();
    node.put("storedBytes", storedBytes);
    node.put("manifestBytes", manifestBytes);
    node.put("retiredBytes", retiredBytes);
    node.put("openUploads", uploads);
    node.put("deletedManifests", deletedManifests);
    ArrayNode byProject = node.putArray("projects");
    for (Project one : projects) {
      ObjectNode project = byProject.addObject();
      project
          .put("name", one.name())
          .put("repositories", one.repositories())
          .put("bytes", one.bytes());
      if (!one.quota().equals(Quota.NONE)) {
        project.set("quota", one.quota().toJson());
      }
    }
    ArrayNode byRepository = node.putArray("repositories");
    for (Repository one : repositories) {
      byRepository
          .addObject()
          .put("name", one.name())
          .put("manifests", one.manifests())
          .put("tags", one.tags())
          .put("blobs", one.blobs())
          .put("bytes", one.bytes());
    }
    return node;
  }
}
