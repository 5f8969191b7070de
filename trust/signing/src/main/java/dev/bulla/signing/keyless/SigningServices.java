package dev.bulla.signing.keyless;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The services that one signature is made with; all of them are asked.
 *
 * @param authority who certifies keys of identities (Fulcio); empty if there is none
 * @param logs who keeps entries about signatures (Rekor)
 * @param timestampAuthorities whole addresses, to which questions are sent
 */
public record SigningServices(
    Optional<URI> authority, List<Log> logs, List<URI> timestampAuthorities) {

  /**
   * A transparency log.
   *
   * @param version of its interface, 1 or 2
   */
  public record Log(URI address, int version) {
    public Log {
      checked(address);
      if (version != 1 && version != 2) {
        throw new BullaException(
            ErrorCode.USAGE, "a log of version %d is not known, only 1 and 2".formatted(version));
      }
    }
  }

  public SigningServices {
    authority.ifPresent(SigningServices::checkedForSecrets);
    timestampAuthorities.forEach(SigningServices::checked);
    logs = List.copyOf(logs);
    timestampAuthorities = List.copyOf(timestampAuthorities);
  }

  /** Whether nobody would be asked. */
  public boolean isEmpty() {
    return authority.isEmpty() && logs.isEmpty() && timestampAuthorities.isEmpty();
  }

  /**
   * An address of the web.
   *
   * @throws BullaException {@link ErrorCode#USAGE}
   */
  public static URI address(String written) {
    try {
      return checked(new URI(written));
    } catch (URISyntaxException e) {
      throw noAddress(written);
    }
  }

  private static URI checked(URI address) {
    String scheme = address.getScheme() == null ? "" : address.getScheme();
    boolean web =
        scheme.toLowerCase(Locale.ROOT).equals("http")
            || scheme.toLowerCase(Locale.ROOT).equals("https");
    if (!web
        || address.getHost() == null
        || address.getUserInfo() != null
        || address.getFragment() != null) {
      throw noAddress(address.toString());
    }
    return address;
  }

  /**
   * An address that may be told a secret: by HTTPS, or on this machine.
   *
   * @throws BullaException {@link ErrorCode#USAGE}
   */
  static URI checkedForSecrets(URI address) {
    checked(address);
    String host = address.getHost();
    boolean here = host.equals("localhost") || host.equals("[::1]") || isLoopback4(host);
    if (!address.getScheme().toLowerCase(Locale.ROOT).equals("https") && !here) {
      throw new BullaException(
          ErrorCode.USAGE,
          "'%s' would be sent an identity token that everybody on the way can read"
              .formatted(Shown.text(address.toString())),
          "Use an https address.");
    }
    return address;
  }

  private static boolean isLoopback4(String host) {
    return host.matches("127(\\.[0-9]{1,3}){3}");
  }

  /** {@code path} below {@code base}, which may or may not end with a slash. */
  static URI below(URI base, String path) {
    String text = base.toString();
    return URI.create((text.endsWith("/") ? text.substring(0, text.length() - 1) : text) + path);
  }

  private static BullaException noAddress(String written) {
    return new BullaException(
        ErrorCode.USAGE,
        "'%s' is no address of a service".formatted(Shown.text(written)),
        "Write https://HOST[:PORT][/PATH].");
  }
}
