package dev.bulla.signing.program;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;

/** What other people's programs see of the environment. */
public final class SmallEnvironment {
  private static final Set<String> USUAL =
      Set.of(
          "PATH",
          "HOME",
          "USER",
          "LOGNAME",
          "LANG",
          "TZ",
          "TMPDIR",
          "HTTP_PROXY",
          "HTTPS_PROXY",
          "NO_PROXY",
          "http_proxy",
          "https_proxy",
          "no_proxy",
          "SSL_CERT_FILE",
          "SSL_CERT_DIR");

  private SmallEnvironment() {}

  /**
   * What any program needs of an environment: search path, home, language, time zone, temporary
   * directory, proxies and roots of TLS. Neither tokens nor passwords.
   *
   * @param besides further names that this program needs
   */
  public static Map<String, String> of(Map<String, String> environment, Predicate<String> besides) {
    Map<String, String> kept = new TreeMap<>(environment);
    kept.keySet()
        .removeIf(name ->
            !USUAL.contains(name)
                && !name.startsWith("LC_")
                && !name.startsWith("XDG_")
                && !besides.test(name));
    return kept;
  }
}
