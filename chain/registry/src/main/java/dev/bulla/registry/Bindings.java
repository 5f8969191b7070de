package dev.bulla.registry;

import dev.bulla.core.json.Json;
import dev.bulla.store.Latest;
import dev.bulla.store.Outbox;
import dev.bulla.store.Records;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.jdbi.v3.core.Handle;

/** The bindings of a registry. Asked on every request, changed hardly ever. */
final class Bindings {
  /** All bindings at one moment. */
  static final class Current {
    private static final int KEPT = 10_000;

    private final List<Binding> all;
    private final long epoch;
    private final Map<String, Optional<Binding>> known = new ConcurrentHashMap<>();

    /**
     * @param epoch raised by every change
     */
    Current(List<Binding> all, long epoch) {
      this.all = List.copyOf(all);
      this.epoch = epoch;
    }

    List<Binding> all() {
      return all;
    }

    /** The same with another binding in the place of one with its pattern. */
    Current with(Binding binding) {
      List<Binding> changed = new ArrayList<>(without(binding.glob()).all);
      changed.add(binding);
      return new Current(changed, epoch);
    }

    Current without(String glob) {
      return new Current(
          all.stream().filter(binding -> !binding.glob().equals(glob)).toList(), epoch);
    }

    long epoch() {
      return epoch;
    }

    /** The one that counts for a repository. Every pull asks this, so answers are kept. */
    Optional<Binding> of(String repository) {
      if (all.isEmpty()) {
        return Optional.empty();
      }
      Optional<Binding> found = known.get(repository);
      if (found == null) {
        found =
            all.stream()
                .filter(binding -> binding.matches(repository))
                .max(Comparator.comparingInt(Binding::weight).thenComparing(Binding::glob));
        if (known.size() >= KEPT) {
          known.clear();
        }
        known.put(repository, found);
      }
      return found;
    }
  }

  private final InstantSource clock;
  private final Latest<Current> current;

  Bindings(Records records, InstantSource clock) {
    this.clock = clock;
    this.current = new Latest<>(records, "/bindings", Bindings::read);
  }

  Current current() {
    return current.get();
  }

  /** Binds if the bindings at that moment are those that are meant; false if they are not. */
  boolean bind(Binding binding, Predicate<Current> meant) {
    return current.change(handle -> {
      if (!meant.test(read(handle))) {
        return false;
      }
      handle.execute("DELETE FROM binding WHERE glob = ?", binding.glob());
      handle.execute(
          "INSERT INTO binding (glob, mode, unsigned_push, hide, name, trust, bound, policy)"
              + " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
          binding.glob(),
          binding.mode().name(),
          binding.unsignedPush().name(),
          binding.hide() ? 1 : 0,
          binding.name(),
          binding.trust(),
          clock.millis(),
          binding.policy());
      return changed(handle, "registry.bound", binding.glob());
    });
  }

  /** False if the bindings were not those that are meant, or this one was not among them. */
  boolean unbind(String glob, Predicate<Current> meant) {
    return current.change(handle -> {
      boolean was =
          meant.test(read(handle))
              && handle.execute("DELETE FROM binding WHERE glob = ?", glob) > 0;
      return was && changed(handle, "registry.unbound", glob);
    });
  }

  private boolean changed(Handle handle, String event, String glob) {
    handle.execute("UPDATE trust_epoch SET value = value + 1");
    Outbox.append(handle, clock.instant(), event, glob, Json.object());
    return true;
  }

  private static Current read(Handle handle) {
    List<Binding> all =
        handle
            .select(
                "SELECT glob, mode, unsigned_push, hide, name, trust, policy FROM binding"
                    + " ORDER BY glob")
            .map((row, context) ->
                new Binding(
                    row.getString(1),
                    Binding.Mode.valueOf(row.getString(2)),
                    Binding.UnsignedPush.valueOf(row.getString(3)),
                    row.getBoolean(4),
                    row.getString(5),
                    row.getBytes(6),
                    Optional.ofNullable(row.getBytes(7)).orElseGet(() -> new byte[0])))
            .list();
    return new Current(all, handle.select("SELECT value FROM trust_epoch").mapTo(Long.class).one());
  }
}
