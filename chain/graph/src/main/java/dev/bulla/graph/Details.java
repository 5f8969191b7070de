package dev.bulla.graph;

import dev.bulla.core.Digest;
import dev.bulla.graph.Answer.Source;
import dev.bulla.inventory.Location;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What every answer about a component says besides: where it lies and which believed documents say
 * so.
 */
final class Details {
  private final Sql sql;
  private final Trust minTrust;

  Details(Sql sql, Trust minTrust) {
    this.sql = sql;
    this.minTrust = minTrust;
  }

  List<Location> places(long image, long component) {
    record Place(String layer, String path, String nested) {}
    Set<Location> places = new LinkedHashSet<>();
    for (Place place :
        sql.list(
            "SELECT coalesce(l.digest, ''), p.path, p.nested"
                + " FROM image_set AS s"
                + " CROSS JOIN attachment AS a ON a.image_id = s.image_id"
                + " AND a.document_id = s.document_id AND a.trust >= ?1"
                + " CROSS JOIN set_member AS m ON m.set_id = s.set_id AND m.package_id = ?3"
                + " CROSS JOIN place AS p ON p.place_set_id = s.place_set_id AND p.package_id = ?3"
                + " LEFT JOIN layer AS l ON l.id = p.layer_id"
                + " WHERE s.image_id = ?2 ORDER BY p.path, p.nested, l.digest",
            row -> new Place(row.getString(1), row.getString(2), row.getString(3)),
            minTrust.level(),
            image,
            component)) {
      places.add(
          new Location(
              place.layer().isEmpty() ? Optional.empty() : Optional.of(Digest.parse(place.layer())),
              place.path(),
              ComponentSets.listOf(place.nested())));
    }
    return List.copyOf(places);
  }

  List<Source> sources(long image, long component) {
    return sql
        .list(
            "SELECT DISTINCT s.document_id FROM image_set AS s"
                + " CROSS JOIN attachment AS a ON a.image_id = s.image_id"
                + " AND a.document_id = s.document_id AND a.trust >= ?1"
                + " CROSS JOIN set_member AS m ON m.set_id = s.set_id AND m.package_id = ?3"
                + " WHERE s.image_id = ?2 ORDER BY s.document_id",
            row -> row.getLong(1),
            minTrust.level(),
            image,
            component)
        .stream()
        .map(document -> source(image, document))
        .toList();
  }

  /** A document about an image at its best: the most trusted carrier, the newest of equals. */
  Source source(long image, long document) {
    return sql.first(
            "SELECT d.digest, d.kind, e.trust, e.authority, e.identity"
                + " FROM evidence AS e JOIN document AS d ON d.id = e.document_id"
                + " WHERE e.image_id = ? AND e.document_id = ?"
                + " ORDER BY e.trust DESC, e.last_at DESC, e.id LIMIT 1",
            row ->
                new Source(
                    Digest.parse(row.getString(1)),
                    row.getString(2),
                    Trust.ofLevel(row.getInt(3)),
                    row.getString(4),
                    row.getString(5)),
            image,
            document)
        .orElseThrow(() -> new IllegalStateException("document " + document + " has no evidence"));
  }

  /** The licences that believed documents state for a component. */
  List<String> licences(long image, long component) {
    Set<String> licences = new LinkedHashSet<>();
    sql.list(
            "SELECT DISTINCT m.licences FROM image_set AS s"
                + " CROSS JOIN attachment AS a ON a.image_id = s.image_id"
                + " AND a.document_id = s.document_id AND a.trust >= ?1"
                + " CROSS JOIN set_member AS m ON m.set_id = s.set_id AND m.package_id = ?3"
                + " WHERE s.image_id = ?2 ORDER BY m.licences",
            row -> row.getString(1),
            minTrust.level(),
            image,
            component)
        .forEach(column -> licences.addAll(ComponentSets.listOf(column)));
    return List.copyOf(licences);
  }
}
