package dev.bulla.cli.command;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.signing.notation.NotationSigner;
import dev.bulla.signing.notation.PluginKey;
import dev.bulla.signing.trust.NotationKeys;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** With which key of which plugin to sign. */
final class SigningPluginOptions {
  @Option(
      names = "--plugin",
      paramLabel = "NAME",
      description = "Sign in Notation's format with a key that this plugin keeps; with --id.")
  @Nullable String plugin;

  @Option(names = "--id", paramLabel = "KEYID", description = "The key, as the plugin knows it.")
  @Nullable String id;

  @Mixin private final PluginOptions options = new PluginOptions();

  boolean given() {
    return plugin != null || id != null || options.given();
  }

  /** With a key that notation has written down, and what is said of plugins here. */
  NotationSigner signer(Session session, NotationKeys.InPlugin key, Path config) {
    Map<String, String> pairs = new HashMap<>(key.configuration());
    pairs.putAll(options.pairs());
    return NotationSigner.byPlugin(
        new PluginKey(
            options.host(session, Optional.of(config)).find(key.plugin()), key.id(), pairs),
        InstantSource.system());
  }

  /** Whether a plugin is named. */
  boolean named() {
    return plugin != null || id != null;
  }

  NotationSigner signer(Session session) {
    if (plugin == null || id == null) {
      throw new BullaException(
          ErrorCode.USAGE, "--plugin and --id go together, and --plugin-… with them");
    }
    return NotationSigner.byPlugin(
        new PluginKey(options.host(session, Optional.empty()).find(plugin), id, options.pairs()),
        InstantSource.system());
  }
}
