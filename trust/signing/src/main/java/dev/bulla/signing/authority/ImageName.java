package dev.bulla.signing.authority;

import dev.bulla.core.Reference;
import java.util.Locale;
import java.util.Optional;

/**
 * What the scopes of a trust policy are compared with. One registry has one spelling, so that
 * nobody chooses a scope by the way he writes a name: host in lower case, without the port 443 of
 * HTTPS.
 *
 * @param name registry and repository
 * @param tag empty if the image was named by digest: nothing binds a tag to a digest that stands
 *     beside it
 */
public record ImageName(String name, Optional<String> tag) {
  private static final String HTTPS = ":443";

  public static ImageName of(Reference reference) {
    return new ImageName(
        host(reference.registry()) + "/" + reference.repository(),
        reference.digest().isPresent() ? Optional.empty() : reference.tag());
  }

  static String host(String written) {
    String host = written.toLowerCase(Locale.ROOT);
    return host.endsWith(HTTPS) ? host.substring(0, host.length() - HTTPS.length()) : host;
  }

  @Override
  public String toString() {
    return name + tag.map(one -> ":" + one).orElse("");
  }
}
