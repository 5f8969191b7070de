package dev.bulla.registry;

import dev.bulla.registry.IncomingManifest.Child;
import dev.bulla.registry.IncomingManifest.Role;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;

/**
 * What manifests are made of, in a transaction of others. An index of 4 MiB names 25 000 parts:
 * nobody else writes meanwhile, so they are looked up and stored many at a time.
 */
record Parts(Handle handle, long repository) {
  /** So few are asked for one by one, by a statement that the database has prepared. */
  private static final int FEW = 16;

  private static final int AT_ONCE = 500;

  private static final String BLOBS =
      """
      SELECT l.digest FROM link l JOIN blob b ON b.digest = l.digest
       WHERE l.repository = ? AND b.damaged = 0 AND l.digest\
      """;

  private static final String MANIFESTS =
      "SELECT digest FROM manifest WHERE repository = ? AND digest";

  /** Those that the repository does not have and must have, each once. */
  List<String> missing(List<Child> children) {
    Set<Child> wanted =
        children.stream()
            .filter(child -> !child.optional())
            .collect(Collectors.toCollection(LinkedHashSet::new));
    Set<String> blobs = present(BLOBS, wanted, false);
    Set<String> manifests = present(MANIFESTS, wanted, true);
    return wanted.stream()
        .filter(
            child -> !(child.role() == Role.MANIFEST ? manifests : blobs).contains(child.digest()))
        .map(Child::digest)
        .distinct()
        .toList();
  }

  private Set<String> present(String select, Set<Child> wanted, boolean manifests) {
    List<String> digests =
        wanted.stream()
            .filter(child -> manifests == (child.role() == Role.MANIFEST))
            .map(Child::digest)
            .distinct()
            .toList();
    Set<String> found = new HashSet<>();
    if (digests.size() <= FEW) {
      for (String digest : digests) {
        found.addAll(handle.select(select + " = ?", repository, digest).mapTo(String.class).list());
      }
      return found;
    }
    for (int from = 0; from < digests.size(); from += AT_ONCE) {
      List<Object> values = new ArrayList<>(List.of((Object) repository));
      values.addAll(digests.subList(from, Math.min(digests.size(), from + AT_ONCE)));
      String some = " IN (?" + ", ?".repeat(values.size() - 2) + ")";
      found.addAll(handle.select(select + some, values.toArray()).mapTo(String.class).list());
    }
    return found;
  }

  /** Notes what a new manifest is made of. */
  static void insert(Handle handle, long manifest, List<Child> children) {
    if (children.isEmpty()) {
      return;
    }
    PreparedBatch batch =
        handle.prepareBatch(
            "INSERT INTO edge (manifest, child, role) VALUES (?, ?, ?) ON CONFLICT DO NOTHING");
    children.stream()
        .map(child -> List.of(child.digest(), child.role().name()))
        .distinct()
        .forEach(edge -> batch.add(manifest, edge.get(0), edge.get(1)));
    batch.execute();
  }
}
