package dev.bulla.graph;

import dev.bulla.advisory.Level;
import dev.bulla.core.Shown;
import dev.bulla.graph.Answer.Basis;
import dev.bulla.graph.Answer.Exposure;
import dev.bulla.graph.Answer.Source;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Which releases a vulnerability affects, and which vulnerabilities a release has: by the advisory
 * set of today, matched with what the releases contain. Only for a vulnerability of which this set
 * does not speak, what scans said when they were made is the answer, marked as such.
 */
final class ExposureQuestions {
  /**
   * A vulnerability to releases. A component that belongs to a distribution package is not judged
   * by the language's feed.
   */
  static final String BY_ADVISORIES =
      "SELECT DISTINCT r.shipped, r.id, f.package_id, n.vulnerability_id FROM json_each(?1) AS"
          + " wanted CROSS JOIN vulnerability_alias AS n INDEXED BY vulnerability_alias_group ON"
          + " n.vulnerability_id = wanted.value CROSS JOIN affects AS f ON f.name = n.alias CROSS"
          + " JOIN set_member AS m INDEXED BY set_member_package ON m.package_id = f.package_id AND"
          + " m.owner = '' CROSS JOIN image_set AS s INDEXED BY image_set_set ON s.set_id ="
          + " m.set_id CROSS JOIN attachment AS a ON a.image_id = s.image_id AND a.document_id ="
          + " s.document_id AND a.trust >= ?2 CROSS JOIN release AS r INDEXED BY release_image ON"
          + " r.image_id = s.image_id WHERE (r.shipped, r.id, f.package_id, n.vulnerability_id) <"
          + " (?3, ?4, ?5, ?6) ORDER BY r.shipped DESC, r.id DESC, f.package_id DESC,"
          + " n.vulnerability_id DESC LIMIT ?7";

  static final String BY_SCANS =
      "SELECT DISTINCT r.shipped, r.id, f.package_id, n.vulnerability_id FROM json_each(?1) AS"
          + " wanted CROSS JOIN vulnerability_alias AS n INDEXED BY vulnerability_alias_group ON"
          + " n.vulnerability_id = wanted.value CROSS JOIN finding AS f INDEXED BY finding_name ON"
          + " f.name = n.alias CROSS JOIN attachment AS a ON a.image_id = f.image_id AND"
          + " a.document_id = f.document_id AND a.trust >= ?2 CROSS JOIN release AS r INDEXED BY"
          + " release_image ON r.image_id = f.image_id WHERE (r.shipped, r.id, f.package_id,"
          + " n.vulnerability_id) < (?3, ?4, ?5, ?6) ORDER BY r.shipped DESC, r.id DESC,"
          + " f.package_id DESC, n.vulnerability_id DESC LIMIT ?7";

  /** The vulnerabilities of one image: (vulnerability, package). */
  static final String OF_IMAGE =
      "SELECT DISTINCT n.vulnerability_id, f.package_id FROM image_set AS s"
          + " CROSS JOIN attachment AS a ON a.image_id = s.image_id"
          + " AND a.document_id = s.document_id AND a.trust >= ?2"
          + " CROSS JOIN set_member AS m ON m.set_id = s.set_id AND m.owner = ''"
          + " CROSS JOIN affects AS f INDEXED BY affects_package ON f.package_id = m.package_id"
          + " CROSS JOIN vulnerability_alias AS n ON n.alias = f.name"
          + " WHERE s.image_id = ?1 AND (n.vulnerability_id, f.package_id) > (?3, ?4)"
          + " ORDER BY n.vulnerability_id, f.package_id LIMIT ?5";

  static final String OF_IMAGE_BY_SCANS =
      "SELECT DISTINCT n.vulnerability_id, f.package_id FROM attachment AS a CROSS JOIN finding AS"
          + " f ON f.image_id = a.image_id AND f.document_id = a.document_id CROSS JOIN"
          + " vulnerability_alias AS n ON n.alias = f.name WHERE a.image_id = ?1 AND a.trust >= ?2"
          + " AND (n.vulnerability_id, f.package_id) > (?3, ?4) ORDER BY n.vulnerability_id,"
          + " f.package_id LIMIT ?5";

  private final Sql sql;
  private final Ask ask;
  private final Releases releases;
  private final Details details;

  ExposureQuestions(Sql sql, Ask ask) {
    this.sql = sql;
    this.ask = ask;
    this.releases = new Releases(sql);
    this.details = new Details(sql, ask.minTrust());
  }

  private record Hit(long shipped, long release, long component, long group) {}

  Page<Exposure> exposedTo(String name) {
    Set<Long> groups = Vulnerabilities.findAll(sql, name);
    if (groups.isEmpty()) {
      return Page.empty(
          "Nothing that is known of the recorded packages goes by the name '%s'. %s"
              .formatted(Shown.text(name), CurrentAdvisories.note(sql)));
    }
    Basis basis = Vulnerabilities.inAdvisories(sql, groups) ? Basis.ADVISORIES : Basis.SCAN;
    String question = "exposed-to " + Vulnerabilities.key(name) + " " + basis;
    List<Object> from =
        Cursor.read(question, ask.cursor(), 2L, Long.MAX_VALUE, Long.MAX_VALUE, Long.MAX_VALUE);
    List<Hit> found =
        sql.list(
            basis == Basis.ADVISORIES ? BY_ADVISORIES : BY_SCANS,
            row -> new Hit(row.getLong(1), row.getLong(2), row.getLong(3), row.getLong(4)),
            ContentQuestions.idList(groups),
            ask.minTrust().level(),
            from.get(0),
            from.get(1),
            from.get(2),
            from.get(3),
            ask.limit() + 1);
    return Paging.page(
        ask,
        found,
        hit -> exposure(hit.group(), basis, releases.byId(hit.release()), hit.component()),
        hit -> Cursor.write(question, hit.shipped(), hit.release(), hit.component(), hit.group()),
        note(basis, found.isEmpty() && ask.cursor().isEmpty()));
  }

  private String note(Basis basis, boolean empty) {
    String note = CurrentAdvisories.note(sql);
    return switch (basis) {
      case SCAN ->
          "Today's advisories do not speak of it; this is what scans said when they were made. "
              + note;
      case ADVISORIES ->
          empty
              ? "No believed document names a version that these advisories call affected. " + note
              : note;
    };
  }

  /** A vulnerability of a package, by their numbers. */
  record Found(long group, long component) {}

  /** What affects a release. */
  Page<Exposure> findings(String text) {
    Releases.Row release = releases.resolve(text);
    Basis basis = basis();
    String question = "findings " + release.release().image() + " " + basis;
    List<Object> from = Cursor.read(question, ask.cursor(), 0L, 0L);
    return Paging.page(
        ask,
        found(release.image(), basis, from, ask.limit() + 1),
        hit -> exposure(hit.group(), basis, release, hit.component()),
        hit -> Cursor.write(question, hit.group(), hit.component()),
        note(List.of(release)));
  }

  /** From what is judged, and what that leaves open for these releases. */
  String note(List<Releases.Row> about) {
    ContentQuestions contents = new ContentQuestions(sql, ask);
    List<String> sentences = new ArrayList<>();
    about.forEach(release -> sentences.add(contents.gap(release)));
    sentences.add(CurrentAdvisories.note(sql));
    about.forEach(release -> sentences.add(contents.unjudged(release)));
    return String.join(" ", sentences.stream().filter(one -> !one.isEmpty()).toList());
  }

  /** All vulnerabilities of an image, for comparing two releases. */
  List<Found> all(long image) {
    return found(image, basis(), List.of(0L, 0L), Integer.MAX_VALUE);
  }

  private Basis basis() {
    return CurrentAdvisories.any(sql) ? Basis.ADVISORIES : Basis.SCAN;
  }

  private List<Found> found(long image, Basis basis, List<Object> from, int limit) {
    return sql.list(
        basis == Basis.ADVISORIES ? OF_IMAGE : OF_IMAGE_BY_SCANS,
        row -> new Found(row.getLong(1), row.getLong(2)),
        image,
        ask.minTrust().level(),
        from.get(0),
        from.get(1),
        limit);
  }

  /**
   * What one source says about a vulnerability of a package; {@code document} is 0 for the
   * advisories of today.
   */
  private record Said(String level, String fixed, String advisories, long document) {}

  private Exposure exposure(long group, Basis basis, Releases.Row release, long component) {
    List<Said> said =
        basis == Basis.ADVISORIES
            ? byAdvisories(group, component)
            : byScans(group, release.image(), component);
    Level worst = Level.UNKNOWN;
    Set<String> fixed = new LinkedHashSet<>();
    Set<String> advisories = new LinkedHashSet<>();
    Set<Source> sources = new LinkedHashSet<>(details.sources(release.image(), component));
    for (Said one : said) {
      worst = worst.worse(Level.parse(one.level()));
      fixed.addAll(ComponentSets.listOf(one.fixed()));
      advisories.addAll(ComponentSets.listOf(one.advisories()));
      if (one.document() != 0) {
        sources.add(details.source(release.image(), one.document()));
      }
    }
    return new Exposure(
        release.release(),
        Vulnerabilities.names(sql, group),
        worst.id(),
        Packages.read(sql, component),
        List.copyOf(fixed),
        List.copyOf(advisories),
        basis,
        details.places(release.image(), component),
        List.copyOf(sources));
  }

  private List<Said> byAdvisories(long group, long component) {
    return sql.list(
        "SELECT f.level, f.fixed, f.advisories FROM vulnerability_alias AS n"
            + " INDEXED BY vulnerability_alias_group"
            + " CROSS JOIN affects AS f ON f.name = n.alias AND f.package_id = ?2"
            + " WHERE n.vulnerability_id = ?1 ORDER BY f.name",
        row -> new Said(row.getString(1), row.getString(2), row.getString(3), 0),
        group,
        component);
  }

  private List<Said> byScans(long group, long image, long component) {
    return sql.list(
        "SELECT f.level, f.fixed, f.advisories, f.document_id FROM vulnerability_alias AS n"
            + " INDEXED BY vulnerability_alias_group"
            + " CROSS JOIN finding AS f INDEXED BY finding_name ON f.name = n.alias"
            + " AND f.package_id = ?2 AND f.image_id = ?3"
            + " CROSS JOIN attachment AS a ON a.image_id = f.image_id"
            + " AND a.document_id = f.document_id AND a.trust >= ?4"
            + " WHERE n.vulnerability_id = ?1 ORDER BY f.document_id, f.name",
        row -> new Said(row.getString(1), row.getString(2), row.getString(3), row.getLong(4)),
        group,
        component,
        image,
        ask.minTrust().level());
  }
}
