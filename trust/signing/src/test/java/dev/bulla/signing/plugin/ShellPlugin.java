package dev.bulla.signing.plugin;

import dev.bulla.core.json.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A plugin that is a shell script: it keeps each request in {@code COMMAND.request} and answers
 * with what a test has put into {@code COMMAND.answer}.
 */
public final class ShellPlugin {
  public static final String NAME = "acme.test";

  private static final String SCRIPT =
      """
      #!/bin/sh
      cd "$(dirname "$0")" || exit 9
      cat >"$1.request"
      env >"$1.environment"
      if [ -f "$1.sh" ]; then . "./$1.sh"; fi
      cat "$1.answer"
      """;

  private final Path plugins;

  private ShellPlugin(Path plugins) {
    this.plugins = plugins;
  }

  /** A plugin that can do {@code capabilities} and says so. */
  public static ShellPlugin in(Path directory, String... capabilities) {
    ShellPlugin plugin = new ShellPlugin(directory.resolve("plugins"));
    try {
      Files.createDirectories(plugin.home());
      Files.writeString(plugin.executable(), SCRIPT);
      Files.setPosixFilePermissions(
          plugin.executable(), PosixFilePermissions.fromString("rwxr-xr-x"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    plugin.answer("get-plugin-metadata", metadata(capabilities));
    return plugin;
  }

  public static ObjectNode metadata(String... capabilities) {
    ObjectNode node = Json.object();
    node.put("name", NAME).put("description", "a test").put("version", "1.2.3");
    node.put("url", "https://acme.test");
    node.putArray("supportedContractVersions").add("1.0");
    for (String one : capabilities) {
      node.withArray("capabilities").add(one);
    }
    return node;
  }

  public Path plugins() {
    return plugins;
  }

  public Path home() {
    return plugins.resolve(NAME);
  }

  public Path executable() {
    return home().resolve("notation-" + NAME);
  }

  public PluginHost host() {
    return new PluginHost(
            plugins, plugins, Map.of("PATH", "/usr/bin:/bin", "SECRET_TOKEN", "s3cret"))
        .withTime(Duration.ofSeconds(100));
  }

  public ShellPlugin answer(String command, JsonNode answer) {
    return answer(command, new String(Json.write(answer), java.nio.charset.StandardCharsets.UTF_8));
  }

  public ShellPlugin answer(String command, String text) {
    return write(command + ".answer", text);
  }

  /** Shell code that runs before the answer is given. */
  public ShellPlugin script(String command, String code) {
    return write(command + ".sh", code + "\n");
  }

  public ShellPlugin write(String file, String text) {
    try {
      Files.writeString(home().resolve(file), text);
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether a line has been written to a file. */
  public boolean has(String file) {
    return Files.exists(home().resolve(file)) && read(file).endsWith("\n");
  }

  public String read(String file) {
    try {
      return Files.readString(home().resolve(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether it was asked that. */
  public boolean wasAsked(String command) {
    return Files.exists(home().resolve(command + ".request"));
  }

  public JsonNode request(String command) {
    return Json.parse(
        read(command + ".request").getBytes(java.nio.charset.StandardCharsets.UTF_8), command);
  }
}
