package dev.bulla.registry.http;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiPredicate;

/**
 * How many uploads may be open, so that nobody fills the disk's table of files with uploads that
 * never end: {@value #OF_CALLER} of one caller, {@value #IN_ALL} in all.
 *
 * <p>Whoever has too many loses those first that took no byte and rested longest, if that is a
 * minute or more; when there are too many in all, the caller who has most loses them. So a caller
 * who begins uploads and forgets them is in nobody's way but his own. An upload that took bytes is
 * never dropped here; one that has rested for an hour is not counted any longer, and collection
 * removes it after a day, one without a byte after an hour.
 *
 * <p>Each replica counts what was begun with it since its start: a limit, not a truth. Thread-safe.
 */
final class OpenUploads {
  static final int OF_CALLER = 10_000;
  static final int IN_ALL = 30_000;
  private static final long RESTING = Duration.ofHours(1).toMillis();
  private static final long IDLE = Duration.ofMinutes(1).toMillis();

  /** How many uploads are dropped at once to make room. */
  private static final int DROPPED = 16;

  /** How many requests of one caller may bring content at the same time. */
  private static final int SENDING = 100;

  private record Open(String repository, long used, boolean empty) {}

  private record Candidate(String repository, String id) {}

  private final InstantSource clock;
  private final BiPredicate<String, String> drop;
  private final Map<String, Integer> running = new HashMap<>();

  /** By caller, then by id, what was used the longest ago first. */
  private final Map<String, LinkedHashMap<String, Open>> open = new HashMap<>();

  private final Map<String, String> callers = new HashMap<>();

  /**
   * @param drop ends an upload, by repository and id, that still has no byte; false if it has some
   */
  OpenUploads(InstantSource clock, BiPredicate<String, String> drop) {
    this.clock = clock;
    this.drop = drop;
  }

  /**
   * Before a caller begins one more.
   *
   * @throws BullaException {@link ErrorCode#RATE_LIMITED}
   */
  void require(String caller) {
    // the store is asked without the lock: others go on meanwhile
    for (Candidate one : candidates(caller)) {
      if (drop.test(one.repository(), one.id())) {
        end(one.id());
      } else {
        touch(one.id());
      }
    }
    requireRoom(caller);
  }

  /** It was begun. */
  synchronized void begin(String caller, String repository, String id) {
    callers.put(id, caller);
    open.computeIfAbsent(caller, name -> new LinkedHashMap<>())
        .put(id, new Open(repository, clock.millis(), true));
  }

  /** It takes bytes. */
  synchronized void touch(String id) {
    LinkedHashMap<String, Open> own = open.get(callers.getOrDefault(id, ""));
    Open was = own == null ? null : own.remove(id);
    if (own != null && was != null) {
      own.put(id, new Open(was.repository(), clock.millis(), false));
    }
  }

  /** It ended. */
  synchronized void end(String id) {
    String caller = callers.remove(id);
    LinkedHashMap<String, Open> own = caller == null ? null : open.get(caller);
    if (own != null && own.remove(id) != null && own.isEmpty()) {
      open.remove(caller);
    }
  }

  /**
   * A caller begins to send content.
   *
   * @throws BullaException {@link ErrorCode#RATE_LIMITED}
   */
  synchronized void enter(String caller) {
    if (running.getOrDefault(caller, 0) >= SENDING) {
      throw new BullaException(
          ErrorCode.RATE_LIMITED,
          "%s sends %d uploads at the same time already".formatted(caller, SENDING),
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

  private synchronized void requireRoom(String caller) {
    boolean full = countOf(caller) >= OF_CALLER;
    if (full || callers.size() >= IN_ALL) {
      throw new BullaException(
          ErrorCode.RATE_LIMITED,
          "%s has too many open uploads".formatted(full ? caller : "this registry"),
          "End or cancel some (DELETE), or wait until they are forgotten.");
    }
  }

  /** What must go before {@code caller} may begin one more; nothing as a rule. */
  private synchronized List<Candidate> candidates(String caller) {
    if (countOf(caller) >= OF_CALLER) {
      forgetResting(caller);
      if (countOf(caller) >= OF_CALLER) {
        return idle(caller);
      }
    }
    if (callers.size() >= IN_ALL) {
      List.copyOf(open.keySet()).forEach(this::forgetResting);
    }
    return callers.size() < IN_ALL
        ? List.of()
        : open.keySet().stream()
            .max(Comparator.comparingInt(this::countOf))
            .map(this::idle)
            .orElse(List.of());
  }

  private List<Candidate> idle(String caller) {
    long before = clock.millis() - IDLE;
    List<Candidate> found = new ArrayList<>();
    for (Map.Entry<String, Open> one :
        open.getOrDefault(caller, new LinkedHashMap<>()).entrySet()) {
      if (one.getValue().used() > before || found.size() == DROPPED) {
        break;
      }
      if (one.getValue().empty()) {
        found.add(new Candidate(one.getValue().repository(), one.getKey()));
      }
    }
    return found;
  }

  private int countOf(String caller) {
    LinkedHashMap<String, Open> own = open.get(caller);
    return own == null ? 0 : own.size();
  }

  private void forgetResting(String caller) {
    long before = clock.millis() - RESTING;
    LinkedHashMap<String, Open> own = open.getOrDefault(caller, new LinkedHashMap<>());
    Iterator<Map.Entry<String, Open>> entries = own.entrySet().iterator();
    while (entries.hasNext()) {
      Map.Entry<String, Open> one = entries.next();
      if (one.getValue().used() >= before) {
        break;
      }
      callers.remove(one.getKey());
      entries.remove();
    }
    if (own.isEmpty()) {
      open.remove(caller);
    }
  }
}
