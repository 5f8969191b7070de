package dev.bulla.cli;

import dev.bulla.core.BullaException;
import dev.bulla.oci.CredentialSource;
import dev.bulla.server.Invocation;
import dev.bulla.signing.trust.NotationDirectory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Which commands a resident process may run: those that are short, write nothing, and depend on
 * nothing of the caller that is not handed over. Programs that a command would start are such: they
 * get the caller's whole environment.
 */
final class HandOver {
  private static final Set<String> READING =
      Set.of("verify", "verify-blob", "tree", "inspect", "trust check", "ask");

  /** In a variable, in a token that a process logs in to, or behind a program. */
  private static final Pattern KEY_ELSEWHERE =
      Pattern.compile("^(--?[a-z-]+=)?((?!https?:)[a-z][a-z0-9+.-]*://|pkcs11:|env:).*");

  private static final Pattern NO_TRUST_POLICY =
      Pattern.compile("^--(key|certificate-identity(-regexp)?)(=.*)?$");

  private HandOver() {}

  /**
   * @param command its name, of one or two words
   * @param words its arguments
   */
  static boolean takes(String command, List<String> words, Invocation invocation) {
    return READING.contains(command)
        && words.stream().noneMatch(word -> KEY_ELSEWHERE.matcher(word).lookingAt())
        && !CredentialSource.dependsOnProcess(invocation.environment())
        && !OwnFiles.areNamed(words, invocation)
        && !mayStartPlugins(words, invocation);
  }

  /** Only Notation's trust policies have plugins verify, and only those that are installed. */
  private static boolean mayStartPlugins(List<String> words, Invocation invocation) {
    Map<String, String> environment = invocation.environment();
    if (words.stream().anyMatch(word -> word.startsWith("--plugin"))
        || !environment.getOrDefault("NOTATION_LIBEXEC", "").isEmpty()) {
      return true;
    }
    if (words.stream().anyMatch(word -> NO_TRUST_POLICY.matcher(word).matches())) {
      return false;
    }
    String home = environment.getOrDefault("HOME", ".");
    List<String> configurations = new ArrayList<>();
    configurations.add(environment.getOrDefault("NOTATION_CONFIG", "."));
    configurations.add(environment.getOrDefault("XDG_CONFIG_HOME", ".") + "/notation");
    configurations.add(home + "/.config/notation");
    configurations.add(home + "/Library/Application Support/notation");
    for (int i = 0; i < words.size(); i++) {
      if (words.get(i).equals("--notation-config") && i + 1 < words.size()) {
        configurations.add(words.get(i + 1));
      } else if (words.get(i).startsWith("--notation-config=")) {
        configurations.add(words.get(i).substring("--notation-config=".length()));
      }
    }
    return configurations.stream()
        .map(one -> invocation.workingDirectory().resolve(one))
        .anyMatch(one -> Files.exists(one.resolve("plugins")) || namesCredentials(one));
  }

  /** Programs that have credentials get the caller's environment too. */
  private static boolean namesCredentials(Path configuration) {
    try {
      return new NotationDirectory(configuration).settings().credentials();
    } catch (BullaException e) {
      return true;
    }
  }
}
