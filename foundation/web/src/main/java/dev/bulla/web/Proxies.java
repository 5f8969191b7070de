package dev.bulla.web;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import java.math.BigInteger;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/** The addresses of machines whose word about a caller counts. */
public final class Proxies {
  /** Nobody's. */
  public static final Proxies NONE = new Proxies(List.of());

  private record Network(byte[] address, int prefix) {
    boolean contains(byte[] other) {
      int shift = address.length * 8 - prefix;
      return other.length == address.length
          && new BigInteger(1, other)
              .shiftRight(shift)
              .equals(new BigInteger(1, address).shiftRight(shift));
    }
  }

  private final List<Network> networks;

  private Proxies(List<Network> networks) {
    this.networks = List.copyOf(networks);
  }

  /**
   * Reads addresses ({@code 10.0.0.7}) and networks ({@code 10.0.0.0/8}, {@code fd00::/8}).
   *
   * @throws BullaException {@link ErrorCode#USAGE}
   */
  public static Proxies parse(List<String> texts) {
    return texts.isEmpty() ? NONE : new Proxies(texts.stream().map(Proxies::network).toList());
  }

  boolean contains(InetAddress address) {
    return networks.stream().anyMatch(network -> network.contains(address.getAddress()));
  }

  /** An address in figures; names are not looked up. */
  static Optional<InetAddress> address(String text) {
    try {
      return Optional.of(InetAddress.ofLiteral(text));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static Network network(String text) {
    int slash = text.indexOf('/');
    byte[] address =
        address(slash < 0 ? text : text.substring(0, slash))
            .orElseThrow(() -> invalid(text))
            .getAddress();
    int bits = address.length * 8;
    String prefix = slash < 0 ? Integer.toString(bits) : text.substring(slash + 1);
    if (!prefix.matches("[0-9]{1,3}") || Integer.parseInt(prefix) > bits) {
      throw invalid(text);
    }
    return new Network(address, Integer.parseInt(prefix));
  }

  private static BullaException invalid(String text) {
    return new BullaException(
        ErrorCode.USAGE,
        "'%s' is no address of a proxy".formatted(Shown.text(text)),
        "Give an address or a network, such as 10.0.0.7 or 10.0.0.0/8.");
  }
}
