package dev.bulla.registry.replication;

import dev.bulla.core.BullaException;
import dev.bulla.core.Descriptor;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.oci.Repository;
import dev.bulla.registry.Registry;
import dev.bulla.registry.replication.FeedEntry.Type;
import dev.bulla.registry.replication.ReplicaTable.Content;
import dev.bulla.registry.replication.ReplicaTable.Tag;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Brings one repository up to what its source has.
 *
 * <p>First the whole feed is read and checked, and what the source took back is taken back here;
 * then content is fetched. Every step is remembered when it is done, so a pass that was killed is
 * gone on with by the next. For one thread.
 */
final class RepositoryPass {
  private static final int LOT = 200;
  private static final int PARALLEL = 4;
  private static final int MAX_PAGES = 10_000;
  private static final long FIRST_RETRY_MS = 2_000;
  private static final long LONGEST_RETRY_MS = 300_000;
  private static final long PARTS_LAST_MS = 7 * 24 * 3_600_000L;

  private final Registry registry;
  private final Source source;
  private final String repository;
  private final ReplicaTable table;
  private final Throttle throttle;
  private final PartialTable partials;
  private final InstantSource clock;
  private final Runnable step;
  private final Runnable alive;
  private long taken;
  private long bytes;
  private long removed;

  /**
   * @param step is run between steps; may throw to end the pass
   * @param alive is run while bytes arrive; may throw as well
   */
  RepositoryPass(
      Registry registry,
      Source source,
      String repository,
      ReplicaTable table,
      Throttle throttle,
      PartialTable partials,
      InstantSource clock,
      Runnable step,
      Runnable alive) {
    this.registry = registry;
    this.source = source;
    this.repository = repository;
    this.table = table;
    this.throttle = throttle;
    this.partials = partials;
    this.alive = alive;
    this.clock = clock;
    this.step = step;
  }

  /** Manifests that were taken. */
  long taken() {
    return taken;
  }

  long bytes() {
    return bytes;
  }

  /** Manifests and tags that were taken back. */
  long removed() {
    return removed;
  }

  /**
   * Reads what happened since the last time, to the end.
   *
   * @param sourceKey PEM
   * @throws BullaException {@code REPLICATION_UNTRUSTED}, {@code REPLICATION_REWOUND}, {@code
   *     REPLICATION_FORKED}; nothing of that page counts then
   */
  void readFeed(String sourceKey) {
    for (int pages = 0; pages < MAX_PAGES; pages++) {
      step.run();
      Position from = table.position();
      FeedPage page = FeedPage.parse(source.page(repository, from.seq()));
      Checkpoint end = page.verify(repository, sourceKey, from);
      takeBack(page.entries());
      table.apply(
          page.entries(),
          from,
          new Position(end.size(), end.hash(), end.signed().toEpochMilli(), end.head()));
      if (end.size() >= end.head() || page.entries().isEmpty()) {
        return;
      }
    }
  }

  /** For a source without feeds: what it is found to have now. */
  void take(List<FeedEntry> found) {
    takeBack(found);
    Position here = table.position();
    table.apply(found, here, here);
  }

  /** Deletions count before anything else, and before they are remembered as read. */
  private void takeBack(List<FeedEntry> entries) {
    Map<String, String> moved = new HashMap<>();
    for (FeedEntry entry : entries) {
      switch (entry.type()) {
        case DELETE -> {
          delete(entry.digest());
          lastNamed(entry.digest(), moved).forEach(this::delete);
        }
        case UNTAG -> delete(entry.tag());
        case REVOKE -> registry.trust().doubt(repository, Digest.parse(entry.digest()));
        case TAG -> moved.put(entry.tag(), entry.digest());
        case PUSH, ADMIT -> {}
      }
    }
  }

  /**
   * The tags that went with a manifest at the source, and may still name an earlier one here.
   *
   * @param moved by tag, what this page has said so far
   */
  private List<String> lastNamed(String digest, Map<String, String> moved) {
    return Stream.concat(
            table.tagsOf(digest).stream().filter(tag -> !moved.containsKey(tag)),
            moved.entrySet().stream()
                .filter(one -> one.getValue().equals(digest))
                .map(Map.Entry::getKey))
        .toList();
  }

  private void delete(String reference) {
    try {
      registry.deleteManifest(repository, reference);
      removed++;
    } catch (BullaException e) {
      // what is held or locked here stays: who holds it here has the last word here
      if (e.code().kind() != ErrorCode.Kind.NOT_FOUND && e.code() != ErrorCode.CONTENT_LOCKED) {
        throw e;
      }
    }
  }

  /**
   * Fetches what is not here, and moves tags.
   *
   * @param again also what was tried a moment ago, and what is gone here by another hand
   */
  void fetch(boolean again) {
    if (again) {
      table.missLost();
    }
    long now = again ? Long.MAX_VALUE : clock.millis();
    try (Repository from = source.repository(repository)) {
      partials.forgetBefore(clock.millis() - PARTS_LAST_MS);
      BlobFetch fetch =
          new BlobFetch(registry, repository, from, throttle, Optional.of(partials), alive);
      Adoption adoption =
          new Adoption(registry, repository, from, new Known(), fetch, PARALLEL, false);
      try {
        requireRoom(from, now);
        contents(adoption, now);
        tags(adoption);
      } finally {
        bytes += adoption.bytes();
      }
    }
  }

  /**
   * The first time, when nothing is here: whether all of it fits, before the first blob is moved.
   *
   * @throws BullaException {@link ErrorCode#QUOTA_EXCEEDED}; it is tried again after a while
   */
  private void requireRoom(Repository from, long now) {
    Room room = new Room(registry, repository);
    if (room.isEndless() || table.holdsAny()) {
      return;
    }
    String last = "";
    while (true) {
      List<Content> due = table.due(now, last, LOT);
      for (Content one : due) {
        step.run();
        last = one.descriptor().digest().toString();
        try {
          room.take(Room.blobs(from.manifest(one.descriptor())));
        } catch (BullaException e) {
          if (e.code() == ErrorCode.QUOTA_EXCEEDED) {
            registry.quotas().refused(repository, e.reason());
            table.lackAll(e.reason(), clock.millis() + LONGEST_RETRY_MS);
            throw e;
          }
          if (e.code().kind() == ErrorCode.Kind.UNAVAILABLE) {
            throw e;
          }
          // what cannot be had takes no room; the report names it
        }
      }
      if (due.size() < LOT) {
        return;
      }
    }
  }

  private void contents(Adoption adoption, long now) {
    String last = "";
    while (true) {
      List<Content> due = table.due(now, last, LOT);
      for (Content one : due) {
        step.run();
        try {
          adoption.take(one.descriptor());
        } catch (BullaException e) {
          alive.run(); // whatever failed: who may not go on says nothing about the content
          if (e.code().kind() == ErrorCode.Kind.UNAVAILABLE) {
            throw e;
          }
          long wait = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS << Math.min(one.attempts(), 10));
          table.lacks(one.descriptor().digest(), e.reason(), clock.millis() + wait);
        }
        last = one.descriptor().digest().toString();
      }
      if (due.size() < LOT) {
        return;
      }
    }
  }

  private void tags(Adoption adoption) {
    while (true) {
      List<Tag> due = table.tagsDue(LOT);
      boolean moved = false;
      for (Tag tag : due) {
        step.run();
        moved |= move(adoption, tag);
      }
      if (due.size() < LOT || !moved) {
        return;
      }
    }
  }

  /** False if the tag is locked here. */
  private boolean move(Adoption adoption, Tag tag) {
    try {
      adoption.tag(tag.name(), tag.digest());
      table.tagHeld(tag);
      return true;
    } catch (BullaException e) {
      if (e.code() != ErrorCode.CONTENT_LOCKED) {
        throw e;
      }
      return false;
    }
  }

  /** The beginning of the tags that cosign keeps beside a manifest. */
  static String tagPrefix(Digest digest) {
    String hex = digest.hex();
    return digest.algorithm().id() + "-" + hex.substring(0, Math.min(64, hex.length()));
  }

  /** What the source told. */
  private final class Known implements Adoption.Belongings {
    @Override
    public Collection<Descriptor> about(Digest subject) {
      return table.about(subject).stream().map(Content::descriptor).toList();
    }

    @Override
    public Map<String, Descriptor> taggedFor(Digest subject) {
      String prefix = tagPrefix(subject);
      Map<String, Descriptor> found = new LinkedHashMap<>();
      for (Tag tag : table.tagsBeginning(prefix)) {
        if (tag.name().equals(prefix) || tag.name().startsWith(prefix + ".")) {
          Optional<Content> content = table.find(tag.digest());
          content.ifPresent(one -> found.put(tag.name(), one.descriptor()));
        }
      }
      return found;
    }

    @Override
    public boolean isHeld(Digest digest) {
      return table.find(digest).filter(Content::held).isPresent();
    }

    @Override
    public void held(Digest digest) {
      taken++;
      table.held(digest);
    }

    @Override
    public void tagHeld(String tag, Digest digest) {
      table.tagHeld(new Tag(tag, digest, true));
    }
  }

  /** An entry that no feed told, for {@link #take}. */
  static FeedEntry found(Type type, Descriptor manifest, String tag, String subject) {
    boolean push = type == Type.PUSH;
    return new FeedEntry(
        0,
        type,
        manifest.digest().toString(),
        tag,
        push ? manifest.mediaType() : "",
        push ? manifest.size() : 0,
        subject,
        0,
        "");
  }
}
