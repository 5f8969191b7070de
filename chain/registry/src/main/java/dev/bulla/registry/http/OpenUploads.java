package dev.bulla.registry.http;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How many uploads may be open, so that nobody fills the disk's table of files with uploads that
 * never end: {@value #IN_REPOSITORY} in a repository, {@value #IN_ALL} in all. One that has rested
 * for an hour is not counted any longer; collection removes it after a day.
 *
 * <p>Each replica counts what was begun with it since its start: a limit, not a truth. Thread-safe.
 */
final class OpenUploads {
  static final int IN_REPOSITORY = 1_000;
  static final int IN_ALL = 10_000;
  private static final long RESTING = Duration.ofHours(1).toMillis();

  /** How many requests of one caller may bring content at the same time. */
  private static final int OF_CALLER = 100;

  private final InstantSource clock;
  private final Map<String, Integer> running = new HashMap<>();

  /** By repository, then by id: when it was last used, the longest ago first. */
  private final Map<String, LinkedHashMap<String, Long>> open = new HashMap<>();

  private int all;

  OpenUploads(InstantSource clock) {
    this.clock = clock;
  }

  /**
   * @throws BullaException {@link ErrorCode#RATE_LIMITED}
   */
  synchronized void require(String repository) {
    forgetResting(repository);
    if (all >= IN_ALL) {
      open.keySet().stream().toList().forEach(this::forgetResting);
    }
    boolean full = open.getOrDefault(repository, new LinkedHashMap<>()).size() >= IN_REPOSITORY;
    if (full || all >= IN_ALL) {
      throw new BullaException(
          ErrorCode.RATE_LIMITED,
          "%s has too many open uploads"
              .formatted(full ? "repository " + repository : "this registry"),
          "End or cancel some (DELETE), or wait until they are forgotten.");
    }
  }

  /** It was begun or used. */
  synchronized void touch(String repository, String id) {
    LinkedHashMap<String, Long> own =
        open.computeIfAbsent(repository, name -> new LinkedHashMap<>());
    if (own.remove(id) == null) {
      all++;
    }
    own.put(id, clock.millis());
  }

  /** It ended. */
  synchronized void end(String repository, String id) {
    LinkedHashMap<String, Long> own = open.get(repository);
    if (own != null && own.remove(id) != null) {
      all--;
      if (own.isEmpty()) {
        open.remove(repository);
      }
    }
  }

  /**
   * A caller begins to send content.
   *
   * @throws BullaException {@link ErrorCode#RATE_LIMITED}
   */
  synchronized void enter(String caller) {
    if (running.getOrDefault(caller, 0) >= OF_CALLER) {
      throw new BullaException(
          ErrorCode.RATE_LIMITED,
          "%s sends %d uploads at the same time already".formatted(caller, OF_CALLER),
          "Send fewer at once.");
    }
    running.merge(caller, 1, Integer::sum);
  }

  /** It has ended. */
  synchronized void leave(String caller) {
    int left = running.getOrDefault(caller, 1) - 1;
    if (left == 0) {
      running.remove(caller);
    } else {
      running.put(caller, left);
    }
  }

  private void forgetResting(String repository) {
    LinkedHashMap<String, Long> own = open.get(repository);
    if (own == null) {
      return;
    }
    long before = clock.millis() - RESTING;
    int size = own.size();
    own.values().removeIf(used -> used < before);
    all -= size - own.size();
    if (own.isEmpty()) {
      open.remove(repository);
    }
  }
}
