package dev.bulla.graph;

import dev.bulla.advisory.PackageQuery;
import dev.bulla.core.json.Json;
import dev.bulla.graph.Answer.Content;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;

/**
 * Which releases hold a package, and what a release holds.
 *
 * <p>The statements name their indexes: a plan that would walk a whole table fails in the tests
 * instead of in the hundred thousandth release. {@code CROSS JOIN} fixes the order of the joins in
 * SQLite: from the few to the many. With 100 000 releases a package of 500 of them is found in 1 ms
 * of processor time, one of 20 000 in 25 ms, one that is in all in 0.13 s (2026, one core, SQLite
 * 3.40).
 */
final class ContentQuestions {
  /** Package versions to releases, newest first, what was shipped before what was refused. */
  static final String HOLDERS =
      "SELECT DISTINCT r.shipped, r.id, m.package_id FROM json_each(?1) AS wanted CROSS JOIN"
          + " set_member AS m INDEXED BY set_member_package ON m.package_id = wanted.value CROSS"
          + " JOIN image_set AS s INDEXED BY image_set_set ON s.set_id = m.set_id CROSS JOIN"
          + " attachment AS a ON a.image_id = s.image_id AND a.document_id = s.document_id AND"
          + " a.trust >= ?2 CROSS JOIN release AS r INDEXED BY release_image ON r.image_id ="
          + " s.image_id WHERE (r.shipped, r.id, m.package_id) < (?3, ?4, ?5) ORDER BY r.shipped"
          + " DESC, r.id DESC, m.package_id DESC LIMIT ?6";

  /** The components of an image in the order of their names. */
  static final String CONTENTS =
      "SELECT DISTINCT n.type, n.name, v.version, v.id FROM image_set AS s"
          + " CROSS JOIN attachment AS a ON a.image_id = s.image_id"
          + " AND a.document_id = s.document_id AND a.trust >= ?1"
          + " CROSS JOIN set_member AS m ON m.set_id = s.set_id"
          + " CROSS JOIN package_version AS v ON v.id = m.package_id"
          + " CROSS JOIN package_name AS n ON n.id = v.name_id"
          + " WHERE s.image_id = ?2 AND (n.type, n.name, v.version, v.id) > (?3, ?4, ?5, ?6)"
          + " ORDER BY n.type, n.name, v.version, v.id LIMIT ?7";

  private final Sql sql;
  private final Ask ask;
  private final Releases releases;
  private final Details details;

  ContentQuestions(Sql sql, Ask ask) {
    this.sql = sql;
    this.ask = ask;
    this.releases = new Releases(sql);
    this.details = new Details(sql, ask.minTrust());
  }

  private record Holder(long shipped, long release, long component) {}

  Page<Content> holders(PackageQuery query) {
    PackageSelection selection = new PackageSelection(sql);
    List<Long> components = selection.of(query);
    if (components.isEmpty()) {
      return Page.empty(selection.advice(query));
    }
    String question = "releases-with " + query;
    List<Object> from = Cursor.read(question, ask.cursor(), 2L, Long.MAX_VALUE, Long.MAX_VALUE);
    List<Holder> found =
        sql.list(
            HOLDERS,
            row -> new Holder(row.getLong(1), row.getLong(2), row.getLong(3)),
            idList(components),
            ask.minTrust().level(),
            from.get(0),
            from.get(1),
            from.get(2),
            ask.limit() + 1);
    return Paging.page(
        ask,
        found,
        holder -> content(releases.byId(holder.release()), holder.component()),
        holder -> Cursor.write(question, holder.shipped(), holder.release(), holder.component()),
        found.isEmpty() && ask.cursor().isEmpty()
            ? "Only documents that are not believed name such a package."
            : "");
  }

  private record Named(String type, String name, String version, long id) {}

  Page<Content> contents(String text) {
    Releases.Row release = releases.resolve(text);
    String question = "contents " + release.release().image();
    List<Object> from = Cursor.read(question, ask.cursor(), "", "", "", 0L);
    List<Named> found =
        sql.list(
            CONTENTS,
            row -> new Named(row.getString(1), row.getString(2), row.getString(3), row.getLong(4)),
            ask.minTrust().level(),
            release.image(),
            from.get(0),
            from.get(1),
            from.get(2),
            from.get(3),
            ask.limit() + 1);
    return Paging.page(
        ask,
        found,
        named -> content(release, named.id()),
        named -> Cursor.write(question, named.type(), named.name(), named.version(), named.id()),
        found.isEmpty() && ask.cursor().isEmpty() ? gap(release) : "");
  }

  private Content content(Releases.Row release, long component) {
    return new Content(
        release.release(),
        Packages.read(sql, component),
        details.licences(release.image(), component),
        details.places(release.image(), component),
        details.sources(release.image(), component));
  }

  /**
   * What is missing for an answer about the contents of a release; empty if nothing is. "Nothing
   * inside" and "nobody said what is inside" must not look the same.
   */
  String gap(Releases.Row release) {
    record Documents(long all, long believed, long members) {}
    Documents documents =
        sql.first(
                "SELECT count(DISTINCT a.document_id),"
                    + " count(DISTINCT CASE WHEN a.trust >= ?1 THEN a.document_id END),"
                    + " coalesce(sum(CASE WHEN a.trust >= ?1 THEN c.members ELSE 0 END), 0)"
                    + " FROM image_set AS s CROSS JOIN attachment AS a ON a.image_id = s.image_id"
                    + " AND a.document_id = s.document_id"
                    + " CROSS JOIN component_set AS c ON c.id = s.set_id WHERE s.image_id = ?2",
                row -> new Documents(row.getLong(1), row.getLong(2), row.getLong(3)),
                ask.minTrust().level(),
                release.image())
            .orElseThrow();
    if (documents.members() > 0) {
      return "";
    }
    if (documents.all() == 0) {
      return "No document says what %s contains.".formatted(release.release().reference());
    }
    return documents.believed() == 0
        ? "The documents that say what %s contains are not verified; they are not used."
            .formatted(release.release().reference())
        : "The inventory of %s lists no component.".formatted(release.release().reference());
  }

  /**
   * How many components of a release the current advisories cannot judge, as a sentence; empty if
   * there are none.
   */
  String unjudged(Releases.Row release) {
    long count =
        sql.first(
                "SELECT count(DISTINCT m.package_id) FROM image_set AS s"
                    + " CROSS JOIN attachment AS a ON a.image_id = s.image_id"
                    + " AND a.document_id = s.document_id AND a.trust >= ?1"
                    + " CROSS JOIN set_member AS m ON m.set_id = s.set_id"
                    + " CROSS JOIN package_version AS v ON v.id = m.package_id AND v.matched = ?3"
                    + " WHERE s.image_id = ?2",
                row -> row.getLong(1),
                ask.minTrust().level(),
                release.image(),
                CurrentAdvisories.NO_RECORDS)
            .orElse(0L);
    return count == 0
        ? ""
        : "%d components of %s are of a kind for which these advisories have no record."
            .formatted(count, release.release().reference());
  }

  static String idList(Collection<Long> ids) {
    ArrayNode array = Json.array();
    ids.forEach(array::add);
    return new String(Json.write(array), StandardCharsets.UTF_8);
  }
}
