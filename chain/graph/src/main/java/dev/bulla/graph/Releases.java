package dev.bulla.graph;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Reference;
import dev.bulla.core.Shown;
import dev.bulla.core.json.Nearest;
import dev.bulla.graph.Answer.Release;
import dev.bulla.graph.Answer.Status;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Finds the release that people mean: by name (newest, what was shipped before what was refused),
 * by digest, or by the beginning of a digest.
 */
final class Releases {
  private static final Pattern HEX = Pattern.compile("[0-9a-f]{4,128}");
  private static final int MAX_NAME = 1024;
  private static final int SUGGESTIONS_FROM = 1000;

  static final String COLUMNS =
      "r.id, r.image_id, r.registry, r.repository, r.tag, r.shipped, r.last_at,"
          + " i.digest, i.created, i.platform";
  private static final String NEWEST =
      " ORDER BY r.shipped DESC, r.last_at DESC, r.id DESC LIMIT 1";

  private final Sql sql;

  Releases(Sql sql) {
    this.sql = sql;
  }

  /** A release with its interned ids. */
  record Row(long id, long image, Release release) {
    static Row read(ResultSet row) throws SQLException {
      String tag = row.getString(5);
      long created = row.getLong(9);
      Optional<Instant> made =
          row.wasNull() ? Optional.empty() : Optional.of(Instant.ofEpochMilli(created));
      return new Row(
          row.getLong(1),
          row.getLong(2),
          new Release(
              row.getString(3) + "/" + row.getString(4) + (tag.isEmpty() ? "" : ":" + tag),
              Digest.parse(row.getString(8)),
              row.getInt(6) == 1 ? Status.SHIPPED : Status.REFUSED,
              made,
              row.getString(10),
              Instant.ofEpochMilli(row.getLong(7))));
    }
  }

  Row byId(long id) {
    return sql.first(
            "SELECT "
                + COLUMNS
                + " FROM release AS r JOIN image AS i ON i.id = r.image_id WHERE r.id = ?",
            Row::read,
            id)
        .orElseThrow(() -> new IllegalStateException("no release " + id));
  }

  /**
   * The release that {@code text} names.
   *
   * @throws BullaException {@link ErrorCode#RELEASE_NOT_FOUND} with near names if there is none or
   *     more than one
   */
  Row resolve(String text) {
    if (text.isEmpty() || text.length() > MAX_NAME) {
      throw notFound(text, "that is not the name of a release");
    }
    int at = text.indexOf('@');
    if (at >= 0) {
      return byDigest(text, text.substring(at + 1), text.substring(0, at));
    }
    if (text.toLowerCase(Locale.ROOT).startsWith("sha") && text.indexOf(':') == 6) {
      return byDigest(text, text.toLowerCase(Locale.ROOT), "");
    }
    return byName(text)
        .or(() -> byHex(text))
        .orElseThrow(() -> notFound(text, "no release of that name has been recorded"));
  }

  private Optional<Row> byHex(String text) {
    return HEX.matcher(text).matches()
        ? Optional.of(byDigest(text, "sha256:" + text, ""))
        : Optional.empty();
  }

  private Row byDigest(String text, String prefix, String name) {
    record Image(long id, String digest) {}
    List<Image> images =
        sql.list(
            "SELECT id, digest FROM image INDEXED BY image_digest"
                + " WHERE digest >= ?1 AND digest < ?1 || 'g' ORDER BY digest LIMIT 4",
            row -> new Image(row.getLong(1), row.getString(2)),
            prefix);
    if (images.size() > 1) {
      throw notFound(
          text,
          "more than one image begins so: "
              + String.join(", ", images.stream().map(Image::digest).toList()));
    }
    if (images.isEmpty()) {
      throw notFound(text, "no image with that digest has been recorded");
    }
    String plain = name.replaceFirst(":[^/:]*$", "");
    String repository = plain.isEmpty() ? "" : repository(plain);
    return sql.first(
            "SELECT "
                + COLUMNS
                + " FROM release AS r INDEXED BY release_image JOIN image AS i ON i.id = r.image_id"
                + " WHERE r.image_id = ?1 AND (?2 = '' OR r.repository IN (?2, ?3))"
                + NEWEST,
            Row::read,
            images.getFirst().id(),
            repository,
            plain)
        .orElseThrow(() ->
            notFound(text, "the image is recorded, but not under the name " + Shown.text(name)));
  }

  /** The repository without its host; {@code name} itself if it is no reference. */
  private static String repository(String name) {
    try {
      return Reference.parseName(name).repository();
    } catch (BullaException e) {
      return name;
    }
  }

  private Optional<Row> byName(String text) {
    Reference reference;
    try {
      reference = Reference.parseName(text);
    } catch (BullaException e) {
      return Optional.empty();
    }
    String tag = reference.tag().orElse("");
    Optional<Row> exact = newest(reference.registry(), reference.repository(), tag);
    if (exact.isPresent() || text.startsWith(reference.registry() + "/")) {
      return exact;
    }
    // no host was given: a repository path is enough as long as one registry has it
    String repository = tag.isEmpty() ? text : text.substring(0, text.length() - tag.length() - 1);
    List<String> registries =
        sql.list(
            "SELECT DISTINCT registry FROM release INDEXED BY release_name"
                + " WHERE repository = ?1 AND (?2 = '' OR tag = ?2) ORDER BY registry LIMIT 32",
            row -> row.getString(1),
            repository,
            tag);
    if (registries.size() > 1 && !registries.stream().allMatch(Releases::isThisMachine)) {
      throw notFound(text, "several registries have it: " + String.join(", ", registries));
    }
    return registries.stream()
        .flatMap(registry -> newest(registry, repository, tag).stream())
        .min(
            Comparator.comparing((Row row) -> row.release().status())
                .thenComparing(row -> row.release().recorded(), Comparator.reverseOrder()));
  }

  /**
   * The home's own registry may have had to move to another port; it is the same place all the
   * same.
   */
  private static boolean isThisMachine(String registry) {
    return new Reference(registry, "any", Optional.empty(), Optional.empty()).isLoopback();
  }

  private Optional<Row> newest(String registry, String repository, String tag) {
    return sql.first(
        "SELECT "
            + COLUMNS
            + " FROM release AS r INDEXED BY release_name JOIN image AS i ON i.id = r.image_id"
            + " WHERE r.repository = ?2 AND (?3 = '' OR r.tag = ?3) AND r.registry = ?1"
            + NEWEST,
        Row::read,
        registry,
        repository,
        tag);
  }

  private BullaException notFound(String text, String why) {
    List<String> near = near(text);
    return new BullaException(
        ErrorCode.RELEASE_NOT_FOUND,
        "looking for the release '%s': %s".formatted(Shown.text(text), why),
        near.isEmpty()
            ? "Nothing has been recorded yet; 'bulla ship' records a release."
            : "Recorded are, for example: " + String.join(", ", near) + ".");
  }

  /** Up to three names that the user may have meant, else the newest ones. */
  private List<String> near(String text) {
    List<String> names =
        sql.list(
            "SELECT r.registry || '/' || r.repository || CASE r.tag WHEN '' THEN '' ELSE ':' ||"
                + " r.tag END FROM release AS r ORDER BY r.id DESC LIMIT "
                + SUGGESTIONS_FROM,
            row -> row.getString(1));
    Set<String> near = new LinkedHashSet<>();
    String wanted = text.substring(text.lastIndexOf('/') + 1).replaceFirst("[:@].*$", "");
    Nearest.to(text, names).ifPresent(near::add);
    names.stream()
        .filter(name -> !wanted.isEmpty() && name.contains(wanted))
        .limit(3)
        .forEach(near::add);
    names.stream()
        .filter(name -> Nearest.to(wanted, List.of(path(name))).isPresent())
        .limit(3)
        .forEach(near::add);
    if (near.isEmpty()) {
      names.stream().limit(3).forEach(near::add);
    }
    return near.stream().limit(3).toList();
  }

  private static String path(String name) {
    return name.substring(name.lastIndexOf('/') + 1).replaceFirst(":.*$", "");
  }
}
