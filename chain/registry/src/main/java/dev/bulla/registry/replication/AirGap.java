package dev.bulla.registry.replication;

import dev.bulla.core.BullaException;
import dev.bulla.core.Descriptor;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Reference;
import dev.bulla.core.json.Fields;
import dev.bulla.core.json.Json;
import dev.bulla.oci.Layout;
import dev.bulla.oci.LayoutArchive;
import dev.bulla.oci.Repository;
import dev.bulla.registry.Progress;
import dev.bulla.registry.Registry;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Replication where there is no network: repositories with their evidence and the signed feed in
 * one file, an OCI layout, and the same checks when it is read as if the source had answered
 * itself.
 */
public final class AirGap {
  /** Names the repository of an entry of the layout. */
  static final String REPOSITORY = "dev.bulla.repository";

  private static final String REF_NAME = "org.opencontainers.image.ref.name";
  private static final String CONTENTS = "feed/contents.json";
  private static final int MAX_CONTENTS = 16 * 1024 * 1024;
  private static final int MAX_REPOSITORIES = 10_000;

  private final Registry registry;
  private final Feed feed;
  private final Replications replications;

  public AirGap(Registry registry, Feed feed, Replications replications) {
    this.registry = registry;
    this.feed = feed;
    this.replications = replications;
  }

  /**
   * Writes repositories to a file; what was there before stays until the new one is complete.
   *
   * @throws BullaException {@code REPOSITORY_NOT_FOUND} if there is nothing to write
   */
  public ObjectNode export(Glob glob, Path file, Progress progress) {
    Map<String, byte[]> beside = new LinkedHashMap<>();
    ObjectNode contents = Json.object().put("version", 1);
    ArrayNode all = contents.putArray("repositories");
    Several from = new Several(registry);
    LayoutArchive archive = new LayoutArchive(from);
    long manifests = 0;
    Map<String, Long> sizes = new TreeMap<>(feed.sizes());
    sizes.keySet().removeIf(name -> !glob.matches(name));
    for (Map.Entry<String, Long> one : sizes.entrySet()) {
      if (one.getValue() > 0) {
        progress.at(one.getKey(), all.size(), 0);
        from.add(one.getKey());
        List<FeedPage> pages = pages(one.getKey(), one.getValue());
        for (int i = 0; i < pages.size(); i++) {
          beside.put(pageName(all.size(), i), Json.write(pages.get(i).toJson()));
        }
        List<Descriptor> live = live(one.getKey(), pages, sizes.size() > 1);
        live.forEach(archive::add);
        manifests += live.stream().map(Descriptor::digest).distinct().count();
        all.addObject()
            .put("repository", one.getKey())
            .put("pages", pages.size())
            .put("size", pages.getLast().entries().getLast().seq());
      }
    }
    if (all.isEmpty()) {
      throw new BullaException(
          ErrorCode.REPOSITORY_NOT_FOUND, "no repository matches " + glob, "See the catalogue.");
    }
    beside.put(CONTENTS, Json.write(contents));
    progress.at("writing " + file.getFileName(), 0, 0);
    archive.write(file, members -> beside);
    return Json.object()
        .put("file", file.toString())
        .put("repositories", all.size())
        .put("manifests", manifests)
        .put("bytes", file.toFile().length());
  }

  private List<FeedPage> pages(String repository, long size) {
    List<FeedPage> pages = new ArrayList<>();
    long after = 0;
    while (after < size) {
      FeedPage page = feed.page(repository, after, FeedPage.MAX_ENTRIES);
      pages.add(page);
      after = page.entries().getLast().seq();
    }
    return pages;
  }

  /**
   * What is there after all entries, once for each of its tags. In a file of one repository they
   * are called by their tags, as other programs ask for them; in one of several {@code
   * REPOSITORY:TAG}.
   */
  private static List<Descriptor> live(String repository, List<FeedPage> pages, boolean several) {
    Map<String, Descriptor> live = new TreeMap<>();
    Map<String, String> tags = new TreeMap<>();
    for (FeedPage page : pages) {
      for (FeedEntry entry : page.entries()) {
        switch (entry.type()) {
          case PUSH ->
              live.put(
                  entry.digest(),
                  new Descriptor(entry.mediaType(), Digest.parse(entry.digest()), entry.size()));
          case DELETE -> {
            live.remove(entry.digest());
            tags.values().removeIf(entry.digest()::equals);
          }
          case TAG -> tags.put(entry.tag(), entry.digest());
          case UNTAG -> tags.remove(entry.tag());
          case ADMIT, REVOKE -> {}
        }
      }
    }
    String prefix = several ? repository + ":" : "";
    List<Descriptor> all = new ArrayList<>();
    live.forEach((digest, descriptor) -> {
      List<String> names = new ArrayList<>();
      tags.forEach((tag, target) -> {
        if (target.equals(digest)) {
          names.add(prefix + tag);
        }
      });
      Map<String, String> in = Map.of(REPOSITORY, repository);
      if (names.isEmpty()) {
        all.add(descriptor.withAnnotations(in));
      }
      for (String name : names) {
        all.add(descriptor.withAnnotations(Map.of(REPOSITORY, repository, REF_NAME, name)));
      }
    });
    return all;
  }

  private static String pageName(int repository, int page) {
    return "feed/%d/%d.json".formatted(repository, page);
  }

  /**
   * Takes what a file brings, as if its source had been asked: the same checks, the same policies.
   * Reading a file twice changes nothing.
   *
   * @param sourceKey of the source, PEM; empty for the one that was seen first
   * @throws BullaException as the reader of layouts; {@link ErrorCode#LAYOUT_INVALID} if no feed
   *     lies beside
   */
  public List<PassReport> load(Path file, String sourceKey, String region, Progress progress) {
    List<PassReport> reports = new ArrayList<>();
    try (Repository layout = Layout.open(file)) {
      Map<String, Integer> repositories = contents(layout, file);
      int number = 0;
      for (Map.Entry<String, Integer> one : repositories.entrySet()) {
        Glob glob = new Glob(one.getKey());
        Replication replication =
            replications.save(
                new Replication(
                    0, ARCHIVE, glob, false, "", region, 0, sourceKey, Optional.empty(), ""));
        ArchiveSource source = new ArchiveSource(layout, one.getKey(), number++, one.getValue());
        reports.add(replications.run(replication, () -> source, true, progress));
      }
    }
    return reports;
  }

  /** The source of what came in a file. */
  static final String ARCHIVE = "archive";

  private static Map<String, Integer> contents(Repository layout, Path file) {
    byte[] bytes =
        Layout.file(layout, CONTENTS, MAX_CONTENTS)
            .orElseThrow(() ->
                new BullaException(
                    ErrorCode.LAYOUT_INVALID,
                    file + " is a layout without the feed of a registry",
                    "Use 'bulla load' for it, or write it with 'bulla registry export'."));
    Fields fields =
        Fields.of(Json.parse(bytes, CONTENTS), CONTENTS).only("version", "repositories");
    if (fields.integer("version") != 1) {
      throw fields.invalid("version", "not 1");
    }
    Map<String, Integer> all = new LinkedHashMap<>();
    for (Fields one : fields.objects("repositories")) {
      String name = one.only("repository", "pages", "size").string("repository");
      long pages = one.integer("pages");
      if (!Reference.isRepository(name)
          || pages < 1
          || pages > Integer.MAX_VALUE
          || all.size() == MAX_REPOSITORIES
          || all.put(name, (int) pages) != null) {
        throw one.invalid("repository", "no name, twice, or without pages");
      }
    }
    return all;
  }

  /** One repository of a file, answering like a source that is asked. */
  private record ArchiveSource(Repository layout, String name, int number, int pages)
      implements Source {

    @Override
    public Optional<Feeds> feeds(Glob glob, long since, int waitSeconds) {
      return Optional.of(new Feeds(1, Map.of(name, 0L)));
    }

    @Override
    public byte[] page(String repository, long after) {
      FeedPage last = null;
      for (int i = (int) Math.min(after / FeedPage.MAX_ENTRIES, pages - 1); i < pages; i++) {
        FeedPage page = FeedPage.parse(read(i));
        List<FeedEntry> rest = page.entries().stream().filter(one -> one.seq() > after).toList();
        last = new FeedPage(page.repository(), rest, page.checkpoint(), page.key());
        if (!rest.isEmpty()) {
          break;
        }
      }
      if (last == null) {
        throw new BullaException(ErrorCode.LAYOUT_INVALID, "the feed of " + name + " is empty");
      }
      return Json.write(last.toJson());
    }

    private byte[] read(int page) {
      return Layout.file(layout, pageName(number, page), FeedPage.MAX_BYTES)
          .orElseThrow(() ->
              new BullaException(
                  ErrorCode.LAYOUT_INVALID,
                  "page %d of the feed of %s is missing".formatted(page, name)));
    }

    @Override
    public List<String> repositories(Glob glob) {
      return List.of(name);
    }

    @Override
    public Repository repository(String wanted) {
      return new Borrowed(layout);
    }

    @Override
    public void report(String repository, byte[] report) {
      // nobody is there to hear it
    }

    @Override
    public void close() {
      // the layout is open for the next repository
    }
  }
}
