package dev.bulla.advisory;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A set of advisories, indexed by package and by id. Only the index is in memory; a record is read,
 * checked against its digest and parsed when it is first asked for.
 *
 * <p>Thread-safe. Holds open the zips that it came from: close it when done.
 */
public final class AdvisorySet implements AutoCloseable {
  /** Ids of one vulnerability. The most that real feeds join are some dozens. */
  private static final int MAX_ALIASES = 1_000;

  private static final int MAX_LEFT_OUT = 1_000;

  private final RecordFiles files;
  private final SetIdentity identity;
  private final SetManifest manifest;
  private final List<IndexEntry> entries;
  private final Map<String, IndexEntry> byId = new HashMap<>();
  private final Map<PackageKey, List<IndexEntry>> byPackage = new HashMap<>();
  private final Map<String, Set<String>> aliases = new HashMap<>();
  private final Map<String, List<IndexEntry>> byUpstream = new HashMap<>();
  private final SortedMap<String, Integer> recordsByEcosystem = new TreeMap<>();
  private final Map<String, Advisory> parsed = new ConcurrentHashMap<>();

  private AdvisorySet(
      RecordFiles files, SetManifest manifest, Collection<IndexEntry> found, String what) {
    this.files = files;
    this.manifest = manifest;
    this.entries = found.stream().sorted(Comparator.comparing(IndexEntry::id)).toList();
    if (entries.isEmpty()) {
      throw new BullaException(
          ErrorCode.ADVISORY_SET_MISSING,
          what + " holds no OSV record",
          "Name a directory, a zip or a JSON file with OSV records.");
    }
    entries.forEach(this::index);
    this.identity =
        new SetIdentity(
            manifest.name(),
            digestOf(entries),
            entries.size(),
            Collections.max(entries, Comparator.comparing(IndexEntry::modified)).modified(),
            manifest.date(),
            manifest.demonstration());
  }

  /**
   * Reads OSV records: of each path a directory tree with JSON files and zips, a zip, or one JSON
   * file. Of records with the same id the newest {@code modified} counts. A file {@value
   * SetManifest#FILE} at the root says what the set is.
   *
   * @throws BullaException {@code ADVISORY_INVALID}, a JSON code, {@code FILE_NOT_FOUND}, {@code
   *     ARCHIVE_INVALID}, {@code ARCHIVE_TOO_LARGE}, {@code PATH_ESCAPE}; one bad record refuses
   *     the whole set
   */
  public static AdvisorySet load(Path... sources) {
    return load(false, sources);
  }

  /**
   * As {@link #load}, but leaves out up to {@value #MAX_LEFT_OUT} records that cannot be read. They
   * are listed in {@link #leftOut}, and every report made with the set warns of them. Archives are
   * read as strictly as ever.
   */
  public static AdvisorySet loadReadable(Path... sources) {
    return load(true, sources);
  }

  private static AdvisorySet load(boolean leaveOut, Path... sources) {
    RecordFiles files = new RecordFiles();
    try {
      for (Path source : sources) {
        files.add(source);
      }
      Map<String, IndexEntry> found = new HashMap<>();
      List<String> leftOut = new ArrayList<>();
      for (RecordFile file : files.files()) {
        byte[] bytes = read(file);
        try {
          Advisory advisory = OsvRecord.parse(bytes, file.what());
          found.merge(
              advisory.id(),
              IndexEntry.of(advisory, Digest.sha256(bytes), file),
              IndexEntry::newer);
        } catch (BullaException e) {
          if (!leaveOut || leftOut.size() == MAX_LEFT_OUT) {
            throw e;
          }
          leftOut.add(Shown.text(e.reason()));
        }
      }
      SetManifest manifest = files.manifest().leavingOut(leftOut.stream().sorted().toList());
      return new AdvisorySet(files, manifest, found.values(), String.valueOf(List.of(sources)));
    } catch (RuntimeException e) {
      closeQuietly(files, e);
      throw e;
    }
  }

  /** A set whose index is already known. */
  static AdvisorySet of(
      RecordFiles files, SetManifest manifest, Collection<IndexEntry> entries, String what) {
    return new AdvisorySet(files, manifest, entries, what);
  }

  private void index(IndexEntry entry) {
    byId.put(entry.id(), entry);
    entry.packages().stream()
        .map(PackageKey::ecosystem)
        .distinct()
        .forEach(ecosystem -> recordsByEcosystem.merge(ecosystem, 1, Integer::sum));
    if (entry.withdrawn()) {
      return;
    }
    for (PackageKey key : entry.packages()) {
      byPackage.computeIfAbsent(key, any -> new ArrayList<>(1)).add(entry);
    }
    for (String alias : entry.aliases()) {
      aliases.computeIfAbsent(entry.id(), any -> new LinkedHashSet<>()).add(alias);
      aliases.computeIfAbsent(alias, any -> new LinkedHashSet<>()).add(entry.id());
    }
    for (String id : entry.upstream()) {
      byUpstream.computeIfAbsent(id, any -> new ArrayList<>(1)).add(entry);
    }
  }

  public SetIdentity identity() {
    return identity;
  }

  /**
   * Over the sorted digests of all records, one a line: independent of file names, order and
   * archive.
   */
  public Digest digest() {
    return identity.digest();
  }

  public int recordCount() {
    return identity.records();
  }

  /** {@code demonstration set, 57 records}. */
  public String description() {
    return identity.description();
  }

  /**
   * The files that {@link #loadReadable} left out, each with the reason; empty for a set that was
   * read strictly.
   */
  public List<String> leftOut() {
    return manifest.leftOut();
  }

  /** The ecosystems that records name, with their suffixes, and the number of records of each. */
  public SortedMap<String, Integer> ecosystems() {
    return Collections.unmodifiableSortedMap(recordsByEcosystem);
  }

  /** The records, not withdrawn, that name the package, by id. */
  public List<Advisory> forPackage(String ecosystem, String name) {
    return byPackage.getOrDefault(new PackageKey(ecosystem, name).normal(), List.of()).stream()
        .map(this::advisory)
        .toList();
  }

  /** The record with exactly this id, withdrawn or not. */
  public Optional<Advisory> find(String id) {
    return Optional.ofNullable(byId.get(id)).map(this::advisory);
  }

  /**
   * All ids of the vulnerability {@code id}, itself included: the closure over aliases of records
   * that are not withdrawn. The preferred id comes first.
   *
   * @throws BullaException {@code ADVISORY_INVALID} if there are more than {@value #MAX_ALIASES}
   */
  public SortedSet<String> aliasesOf(String id) {
    SortedSet<String> closure = new TreeSet<>(VulnerabilityIds.PREFERRED_FIRST);
    Deque<String> open = new ArrayDeque<>(List.of(id));
    while (!open.isEmpty()) {
      String next = open.remove();
      if (closure.add(next)) {
        if (closure.size() > MAX_ALIASES) {
          throw new BullaException(
              ErrorCode.ADVISORY_INVALID,
              "advisories: '%s' has more than %d aliases".formatted(Shown.text(id), MAX_ALIASES),
              "The set joins vulnerabilities that are not the same; take it from its publisher"
                  + " again.");
        }
        open.addAll(aliases.getOrDefault(next, Set.of()));
      }
    }
    return closure;
  }

  /**
   * The records, not withdrawn, about the vulnerability {@code id} or an alias of it, or that
   * bundle it; by id.
   */
  public List<Advisory> about(String id) {
    SortedMap<String, IndexEntry> found = new TreeMap<>();
    for (String alias : aliasesOf(id)) {
      IndexEntry own = byId.get(alias);
      if (own != null && !own.withdrawn()) {
        found.put(own.id(), own);
      }
      byUpstream.getOrDefault(alias, List.of()).forEach(entry -> found.put(entry.id(), entry));
    }
    return found.values().stream().map(this::advisory).toList();
  }

  List<IndexEntry> entries() {
    return entries;
  }

  SetManifest manifest() {
    return manifest;
  }

  /** The bytes of a record as they were published. */
  static byte[] bytes(IndexEntry entry) {
    byte[] bytes = read(entry.file());
    if (!entry.digest().matches(bytes)) {
      throw new BullaException(
          ErrorCode.DIGEST_MISMATCH,
          "%s: the record %s has digest %s, expected %s"
              .formatted(
                  entry.file().what(),
                  Shown.text(entry.id()),
                  Digest.sha256(bytes),
                  entry.digest()),
          "The advisory set was changed while it was in use; import it again.");
    }
    return bytes;
  }

  private Advisory advisory(IndexEntry entry) {
    return parsed.computeIfAbsent(
        entry.id(), any -> OsvRecord.parse(bytes(entry), entry.file().what()));
  }

  private static byte[] read(RecordFile file) {
    try {
      return file.read(OsvRecord.MAX_BYTES);
    } catch (IOException e) {
      ErrorCode code =
          switch (file) {
            case RecordFile.InZip zip -> ErrorCode.ARCHIVE_INVALID;
            case RecordFile.OnDisk disk -> ErrorCode.INPUT_UNAVAILABLE;
          };
      throw new BullaException(
          code, "advisories: cannot read " + file.what() + ": " + e.getMessage(), e);
    }
  }

  private static Digest digestOf(List<IndexEntry> entries) {
    MessageDigest hash = Digest.Algorithm.SHA256.newHash();
    entries.stream()
        .map(IndexEntry::digest)
        .sorted()
        .forEach(one -> hash.update((one + "\n").getBytes(StandardCharsets.US_ASCII)));
    return Digest.ofHash(Digest.Algorithm.SHA256, hash.digest());
  }

  private static void closeQuietly(RecordFiles files, RuntimeException cause) {
    try {
      files.close();
    } catch (IOException e) {
      cause.addSuppressed(e);
    }
  }

  @Override
  public void close() {
    try {
      files.close();
    } catch (IOException e) {
      throw new BullaException(
          ErrorCode.INTERNAL, "advisories: cannot close the set: " + e.getMessage(), e);
    }
  }
}
