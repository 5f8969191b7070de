package dev.bulla.server;

import dev.bulla.store.Home;
import dev.bulla.store.StoreLocations;
import dev.bulla.web.Listener;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * How a server runs.
 *
 * @param listeners where to listen; empty chooses the loopback port that this home had before, or
 *     the next free one
 * @param background whether a command started it; {@code bulla serve} takes over from such a server
 * @param idleTimeout after which it ends when nobody asked for anything; empty never
 * @param resident what launchers may have it run for them; empty nothing
 * @param face what other machines see of it
 * @param stores where records and blobs are, if not in the home
 */
public record ServerSettings(
    Home home,
    List<Listener> listeners,
    boolean background,
    Optional<Duration> idleTimeout,
    Optional<ResidentOffer> resident,
    PublicFace face,
    StoreLocations stores) {
  /** The port that a home gets first. */
  public static final int DEFAULT_PORT = 7470;

  public ServerSettings {
    listeners = List.copyOf(listeners);
  }

  /** Without commands for launchers. */
  public ServerSettings(
      Home home, List<Listener> listeners, boolean background, Optional<Duration> idleTimeout) {
    this(
        home,
        listeners,
        background,
        idleTimeout,
        Optional.empty(),
        PublicFace.NONE,
        StoreLocations.HOME);
  }

  /** The same over other stores. */
  public ServerSettings with(StoreLocations others) {
    return new ServerSettings(home, listeners, background, idleTimeout, resident, face, others);
  }
}
