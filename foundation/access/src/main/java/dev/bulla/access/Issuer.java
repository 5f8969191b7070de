package dev.bulla.access;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Optional;

/**
 * Somebody whose identity tokens are believed (OpenID Connect Core 1.0 section 2).
 *
 * @param url as it stands in {@code iss}, character by character
 * @param audience that tokens for this registry must be made for
 * @param keys a JSON Web Key Set that is used instead of asking the issuer
 * @param authority certificates in PEM that vouch for the issuer's HTTPS, instead of the usual ones
 */
public record Issuer(
    String url, String audience, Optional<String> keys, Optional<String> authority) {
  private static final int MAX_URL = 1_024;
  private static final int MAX_AUDIENCE = 1_024;

  public Issuer {
    if (audience.isBlank() || audience.length() > MAX_AUDIENCE) {
      throw refused(url, "its audience is empty or longer than 1024 characters");
    }
    URI parsed = parse(url);
    boolean https = "https".equals(parsed.getScheme());
    if (url.length() > MAX_URL
        || parsed.getHost() == null
        || parsed.getRawUserInfo() != null
        || parsed.getRawQuery() != null
        || parsed.getRawFragment() != null
        || !https) {
      throw refused(url, "it is no https:// address without query and fragment");
    }
  }

  /** Where the issuer describes itself (OpenID Connect Discovery 1.0 section 4). */
  URI discovery() {
    String base = url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
    return URI.create(base + "/.well-known/openid-configuration");
  }

  private static URI parse(String url) {
    try {
      return new URI(url);
    } catch (URISyntaxException e) {
      throw refused(url, "it is no address");
    }
  }

  private static BullaException refused(String url, String why) {
    return new BullaException(
        ErrorCode.USAGE,
        "the issuer '%s' is refused: %s".formatted(Shown.text(url), why),
        "Give it as it stands in the claim 'iss' of its tokens, and the audience in 'aud'.");
  }
}
