package dev.bulla.server;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;

/**
 * What a command depends on beside its {@link Invocation}: facts of the process that cannot be
 * handed over. A command is run for a caller only if the caller's are the same.
 *
 * @param build which program this is, as its assembly named it
 * @param options for the Java runtime and for the whole process, from every variable that gives
 *     such
 * @param mounts the number of the first mount that the process sees: unlike in another mount
 *     namespace, where the same path may be another file; empty where there is no {@code /proc}
 * @param characters of names of files and of arguments: the locale's {@code LC_CTYPE}
 * @param messages the language in which the operating system tells its errors
 * @param timeZone as the environment names it
 */
public record Surroundings(
    String build,
    String options,
    String mounts,
    String characters,
    String messages,
    String timeZone) {
  private static final Path MOUNTS = Path.of("/proc/self/mountinfo");

  /** Those of this process. */
  public static Surroundings ofThisProcess(Map<String, String> environment) {
    return of(
        environment.getOrDefault("BULLA_BUILD", ""),
        allOptions(environment),
        firstMount(),
        environment);
  }

  /** Those of a caller who says the first three and whose environment says the rest. */
  static Surroundings of(
      String build, String options, String mounts, Map<String, String> environment) {
    return new Surroundings(
        build,
        options,
        mounts,
        locale(environment, "LC_CTYPE"),
        locale(environment, "LC_MESSAGES"),
        environment.getOrDefault("TZ", ""));
  }

  /** Whether names and arguments beyond ASCII mean the same to everyone. */
  boolean speaksUnicode() {
    String named = characters.replace("-", "").toLowerCase(Locale.ROOT);
    return named.contains("utf8")
        && "UTF-8".equalsIgnoreCase(System.getProperty("sun.jnu.encoding"));
  }

  /** Whether a command does the same in both. English is English, whoever's. */
  boolean sameAs(Surroundings other) {
    return build.equals(other.build)
        && options.equals(other.options)
        && mounts.equals(other.mounts)
        && timeZone.equals(other.timeZone)
        && language(characters).equals(language(other.characters))
        && language(messages).equals(language(other.messages));
  }

  private static String language(String locale) {
    String name = locale.replaceFirst("[.@].*$", "");
    return name.isEmpty() || name.equals("C") || name.equals("POSIX") || name.startsWith("en")
        ? "en"
        : name;
  }

  /** As POSIX orders them; a variable that is set to nothing counts as absent. */
  private static String locale(Map<String, String> environment, String category) {
    for (String name : new String[] {"LC_ALL", category, "LANG"}) {
      String value = environment.getOrDefault(name, "");
      if (!value.isEmpty()) {
        return value;
      }
    }
    return "";
  }

  /** The launcher joins them in the same way. */
  private static String allOptions(Map<String, String> environment) {
    return String.join(
        "|",
        environment.getOrDefault("BULLA_JAVA_OPTS", ""),
        environment.getOrDefault("BULLA_CRYPTO", ""),
        environment.getOrDefault("JAVA_TOOL_OPTIONS", ""),
        environment.getOrDefault("_JAVA_OPTIONS", ""),
        environment.getOrDefault("JDK_JAVA_OPTIONS", ""));
  }

  private static String firstMount() {
    try (BufferedReader lines = Files.newBufferedReader(MOUNTS, StandardCharsets.ISO_8859_1)) {
      String first = lines.readLine();
      return first == null ? "" : first.replaceFirst(" .*$", "");
    } catch (IOException e) {
      return "";
    }
  }
}
