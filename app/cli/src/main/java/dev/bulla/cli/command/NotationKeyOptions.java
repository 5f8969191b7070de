package dev.bulla.cli.command;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.crypto.Signer;
import dev.bulla.keys.CertifiedSigner;
import dev.bulla.keys.KeyFiles;
import dev.bulla.keys.PasswordSource;
import dev.bulla.signing.trust.NotationDirectory;
import dev.bulla.signing.trust.NotationKeys;
import dev.bulla.signing.trust.NotationSettings;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** To sign with a key that notation knows by a name, and by notation's settings. */
final class NotationKeyOptions {
  @Option(
      names = "--notation-key",
      paramLabel = "NAME",
      description =
          "Sign in Notation's format with the key that notation knows by this name"
              + " (signingkeys.json).")
  @Nullable String name;

  @Option(
      names = "--notation-default-key",
      description = "The same with the key that 'notation sign' would take.")
  boolean usual;

  @Option(
      names = "--notation-config",
      paramLabel = "DIR",
      description =
          "Notation's configuration directory, for its keys and settings; without another key, its"
              + " default key signs (default: $$NOTATION_CONFIG, else notation's own).")
  @Nullable String config;

  private @Nullable NotationKeys list;

  /** Whether one of notation's keys is to sign. */
  boolean given() {
    return name != null || usual;
  }

  /** Whether it is, {@code otherwise} saying whether another key is named. */
  boolean chosen(boolean otherwise) {
    return given() || config != null && !otherwise;
  }

  /** The key that is to sign. */
  NotationKeys.Key key(Session session) {
    if (name != null && usual) {
      throw new BullaException(
          ErrorCode.USAGE, "--notation-key and --notation-default-key exclude each other");
    }
    if (list == null) {
      list = new NotationDirectory(directory(session)).keys();
    }
    return name != null ? list.named(name) : list.usual();
  }

  /** The signer of a key in files; notation's key files are not encrypted. */
  Signer signer(Session session, NotationKeys.InFile key) {
    return CertifiedSigner.of(
        KeyFiles.signer(session.existing(key.keyPath()), PasswordSource.none()),
        KeyFiles.certificates(session.existing(key.certPath())),
        key.certPath());
  }

  Path directory(Session session) {
    return config != null ? session.existing(config) : NotationPlaces.configuration(session);
  }

  /** Notation's settings, if its directory is named or one of its keys signs. */
  Optional<NotationSettings> settings(Session session) {
    boolean named = config != null || given() || NotationPlaces.named(session).isPresent();
    return named
        ? Optional.of(new NotationDirectory(directory(session)).settings())
        : Optional.empty();
  }
}
