package dev.bulla.cli.command;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.core.crypto.Signer;
import dev.bulla.signing.notation.NotationSigner;
import dev.bulla.signing.revocation.HttpRevocation;
import dev.bulla.signing.trust.NotationKeys;
import dev.bulla.signing.trust.NotationSettings;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How a signature in Notation's format is made; the names with two words are notation's own. */
final class EnvelopeOptions {
  private static final Pattern LIFE =
      Pattern.compile("(?:(\\d{1,6})h)?(?:(\\d{1,6})m)?(?:(\\d{1,6})s)?");

  @Option(
      names = {"--envelope", "--signature-format"},
      paramLabel = "KIND",
      description = "jws or cose, for Notation's format (default: jws, or notation's setting).")
  @Nullable String kind;

  @Option(
      names = {"-e", "--expiry"},
      paramLabel = "TIME",
      description = "How long the Notation signature may be accepted, such as 24h or 1h30m.")
  @Nullable String expiry;

  @Mixin private final StampOptions stamp = new StampOptions();

  @Mixin private final SigningPluginOptions plugin = new SigningPluginOptions();

  @Mixin private final NotationKeyOptions stored = new NotationKeyOptions();

  private Optional<NotationKeys.Key> chosen = Optional.empty();

  /**
   * Looks up the key that notation knows, if it is to be one of those. To be called first.
   *
   * @param otherKey whether another key, or none at all (keyless), is to sign
   */
  void choose(Session session, boolean otherKey) {
    if (stored.given() && (otherKey || plugin.named())) {
      throw usage("--notation-key excludes --key, --plugin and the services of keyless signing");
    }
    if (stored.chosen(otherKey || plugin.named())) {
      chosen = Optional.of(stored.key(session));
    }
  }

  /** The key in files that notation knows, if it is that one. */
  Optional<Signer> storedKey(Session session) {
    return chosen.flatMap(key ->
        switch (key) {
          case NotationKeys.InFile file -> Optional.of(stored.signer(session, file));
          case NotationKeys.InPlugin inPlugin -> Optional.empty();
        });
  }

  /** Whether a key that notation knows signs. */
  boolean byStoredKey() {
    return chosen.isPresent();
  }

  /** Notation's settings, where they are to be followed. */
  Optional<NotationSettings> settings(Session session) {
    return stored.settings(session);
  }

  boolean given() {
    return byPlugin() || kind != null || expiry != null || stamp.given();
  }

  /** {@code jws} or {@code cose}. */
  String kind(Session session) {
    boolean cose = kind == null && settings(session).flatMap(NotationSettings::cose).orElse(false);
    String wanted = kind == null ? cose ? "cose" : "jws" : kind;
    if (!wanted.equals("jws") && !wanted.equals("cose")) {
      throw usage("--envelope is '%s', expected jws or cose".formatted(Shown.text(wanted)));
    }
    return wanted;
  }

  /** Finds what cannot be meant before anything is made or asked. */
  void check(Session session) {
    kind(session);
    life();
    if (stamp.given()) {
      stamp.authority();
      stamp.roots(session);
    }
  }

  /** Whether a plugin signs, and no key that is at hand. */
  boolean byPlugin() {
    return chosen.map(key -> key instanceof NotationKeys.InPlugin).orElseGet(() -> plugin.given());
  }

  /**
   * The signer, writing what was asked for.
   *
   * @param keyGiven whether a key was named
   * @param key opened only if no plugin signs
   */
  NotationSigner signer(Session session, boolean keyGiven, Supplier<? extends Signer> key) {
    if (byPlugin() && keyGiven) {
      throw usage("--plugin and --key exclude each other");
    }
    if (chosen.isPresent() && chosen.get() instanceof NotationKeys.InPlugin one) {
      return apply(session, plugin.signer(session, one, stored.directory(session)));
    }
    return apply(
        session,
        byPlugin()
            ? plugin.signer(session)
            : new NotationSigner(key.get(), InstantSource.system()));
  }

  /** The same signer, writing what was asked for. */
  private NotationSigner apply(Session session, NotationSigner signer) {
    NotationSigner chosen = kind(session).equals("cose") ? signer.withCose() : signer;
    return stamp.given()
        ? chosen.withTimestamp(stamp.authority(), stamp.roots(session), new HttpRevocation())
        : chosen;
  }

  Optional<Duration> life() {
    if (expiry == null) {
      return Optional.empty();
    }
    Matcher parts = LIFE.matcher(expiry);
    if (expiry.isEmpty() || !parts.matches()) {
      throw usage(
          "--expiry is '%s', expected a time such as 24h or 1h30m".formatted(Shown.text(expiry)));
    }
    return Optional.of(
        Duration.ofHours(number(parts.group(1)))
            .plusMinutes(number(parts.group(2)))
            .plusSeconds(number(parts.group(3))));
  }

  private static long number(@Nullable String digits) {
    return digits == null ? 0 : Long.parseLong(digits);
  }

  private static BullaException usage(String reason) {
    return new BullaException(ErrorCode.USAGE, reason);
  }
}
