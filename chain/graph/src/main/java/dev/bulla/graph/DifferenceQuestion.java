package dev.bulla.graph;

import dev.bulla.advisory.version.VersionOrder;
import dev.bulla.graph.Answer.Change;
import dev.bulla.graph.Answer.Difference;
import dev.bulla.graph.Answer.PackageVersion;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * How two releases differ: packages that came, went or changed version, and vulnerabilities that
 * came or went, both judged by the same advisories of today. Both sides are read whole (some
 * thousand rows each) and compared here; the page is cut from the sorted result.
 */
final class DifferenceQuestion {
  private static final Comparator<Difference> ORDER =
      Comparator.comparing(Difference::change)
          .thenComparing(Difference::type)
          .thenComparing(Difference::name)
          .thenComparing(difference -> String.join(" ", difference.vulnerability()));

  private final Sql sql;
  private final Ask ask;

  DifferenceQuestion(Sql sql, Ask ask) {
    this.sql = sql;
    this.ask = ask;
  }

  private record Name(String type, String name) implements Comparable<Name> {
    @Override
    public int compareTo(Name other) {
      int byType = type.compareTo(other.type);
      return byType != 0 ? byType : name.compareTo(other.name);
    }
  }

  Page<Difference> between(String first, String second) {
    Releases releases = new Releases(sql);
    Releases.Row before = releases.resolve(first);
    Releases.Row after = releases.resolve(second);
    List<Difference> all = new ArrayList<>();
    packages(before.image(), after.image(), all);
    findings(before.image(), after.image(), all);
    all.sort(ORDER);
    String question = "difference " + before.release().image() + " " + after.release().image();
    long from = (Long) Cursor.read(question, ask.cursor(), 0L).getFirst();
    record Numbered(long number, Difference difference) {}
    List<Numbered> rows = new ArrayList<>();
    for (long i = Math.max(0, from); i < all.size() && rows.size() <= ask.limit(); i++) {
      rows.add(new Numbered(i + 1, all.get((int) i)));
    }
    return Paging.page(
        ask,
        rows,
        Numbered::difference,
        row -> Cursor.write(question, row.number()),
        note(before, after));
  }

  private void packages(long before, long after, List<Difference> into) {
    Map<Name, Set<String>> old = versions(before);
    Map<Name, Set<String>> now = versions(after);
    Set<Name> names = new TreeSet<>(old.keySet());
    names.addAll(now.keySet());
    for (Name name : names) {
      Set<String> was = old.getOrDefault(name, Set.of());
      Set<String> is = now.getOrDefault(name, Set.of());
      if (!was.equals(is)) {
        Change change =
            was.isEmpty() ? Change.ADDED : is.isEmpty() ? Change.REMOVED : Change.CHANGED;
        into.add(
            new Difference(
                change,
                name.type(),
                name.name(),
                ordered(name, was),
                ordered(name, is),
                List.of()));
      }
    }
  }

  private static List<String> ordered(Name name, Set<String> versions) {
    Comparator<String> order =
        VersionOrder.ofPurlType(name.type())
            .<Comparator<String>>map(known -> known)
            .orElse(Comparator.naturalOrder());
    return versions.stream().sorted(order.thenComparing(Comparator.naturalOrder())).toList();
  }

  private Map<Name, Set<String>> versions(long image) {
    Map<Name, Set<String>> versions = new TreeMap<>();
    sql.list(
            ContentQuestions.CONTENTS,
            row -> new PackageVersion(row.getString(1), row.getString(2), row.getString(3), ""),
            ask.minTrust().level(),
            image,
            "",
            "",
            "",
            0L,
            Integer.MAX_VALUE)
        .forEach(one ->
            versions
                .computeIfAbsent(new Name(one.type(), one.name()), n -> new TreeSet<>())
                .add(one.version()));
    return versions;
  }

  private record Found(long vulnerability, Name name) {}

  private void findings(long before, long after, List<Difference> into) {
    Map<Found, Set<String>> old = found(before);
    Map<Found, Set<String>> now = found(after);
    Set<Found> all = new HashSet<>(old.keySet());
    all.addAll(now.keySet());
    for (Found one : all) {
      Set<String> was = old.getOrDefault(one, Set.of());
      Set<String> is = now.getOrDefault(one, Set.of());
      if (was.isEmpty() != is.isEmpty()) {
        into.add(
            new Difference(
                was.isEmpty() ? Change.FINDING_GAINED : Change.FINDING_LOST,
                one.name().type(),
                one.name().name(),
                ordered(one.name(), was),
                ordered(one.name(), is),
                Vulnerabilities.names(sql, one.vulnerability())));
      }
    }
  }

  /** The vulnerabilities of an image by package, with the affected versions. */
  private Map<Found, Set<String>> found(long image) {
    Map<Found, Set<String>> found = new java.util.HashMap<>();
    for (ExposureQuestions.Found one : new ExposureQuestions(sql, ask).all(image)) {
      PackageVersion version = Packages.read(sql, one.component());
      found
          .computeIfAbsent(
              new Found(one.group(), new Name(version.type(), version.name())),
              unused -> new TreeSet<>())
          .add(version.version());
    }
    return found;
  }

  private String note(Releases.Row before, Releases.Row after) {
    return "From %s (%s) to %s (%s). %s"
        .formatted(
            before.release().reference(),
            before.release().image().shortHex(),
            after.release().reference(),
            after.release().image().shortHex(),
            new ExposureQuestions(sql, ask).note(List.of(before, after)));
  }
}
