package dev.bulla.registry.events;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;

/**
 * Where a server may be made to send something: to public addresses and to this machine; to private
 * networks only where that was allowed, so that nobody reaches what only this machine reaches by
 * naming it. Names are looked up once for each message, every address must do, and the connection
 * is made to an address that was looked at, so that a name cannot mean something else a moment
 * later.
 */
final class TargetAddress {
  private TargetAddress() {}

  /**
   * Looks a target up.
   *
   * @throws BullaException {@link ErrorCode#USAGE} if it must not be sent to, {@link
   *     ErrorCode#SERVICE_UNAVAILABLE} if its name has no address
   */
  static InetAddress check(URI url, boolean allowPrivate) {
    InetAddress[] all;
    try {
      all = InetAddress.getAllByName(url.getHost());
    } catch (UnknownHostException e) {
      throw new BullaException(
          ErrorCode.SERVICE_UNAVAILABLE, "%s has no address".formatted(url.getHost()), e);
    }
    boolean plain = "http".equals(url.getScheme());
    for (InetAddress one : all) {
      if (!one.isLoopbackAddress() && !isPublic(one) && !allowPrivate) {
        throw Webhook.invalid(
            "%s is %s, which is in no public network"
                .formatted(url.getHost(), one.getHostAddress()),
            "If it shall be sent to all the same, add it with --allow-private.");
      }
      if (plain && !one.isLoopbackAddress() && (isPublic(one) || !allowPrivate)) {
        throw Webhook.invalid(
            "%s is not on this machine, and http is for everybody to read".formatted(url.getHost()),
            "Give an https address.");
      }
    }
    return all[0];
  }

  /** Whether an address may be somebody's on the Internet (IANA special-purpose registries). */
  static boolean isPublic(InetAddress address) {
    if (address.isAnyLocalAddress()
        || address.isLoopbackAddress()
        || address.isLinkLocalAddress()
        || address.isSiteLocalAddress()
        || address.isMulticastAddress()) {
      return false;
    }
    byte[] bytes = address.getAddress();
    return address instanceof Inet4Address ? isPublic(bytes) : isPublicV6(bytes);
  }

  private static boolean isPublic(byte[] v4) {
    int a = v4[0] & 0xff;
    int b = v4[1] & 0xff;
    int c = v4[2] & 0xff;
    return !(a == 0
        || a == 100 && b >= 64 && b < 128
        || a == 192 && b == 0 && (c == 0 || c == 2)
        || a == 192 && b == 88 && c == 99
        || a == 198 && (b == 18 || b == 19)
        || a == 198 && b == 51 && c == 100
        || a == 203 && b == 0 && c == 113
        || a >= 240);
  }

  /** Global unicast (2000::/3), but what leads into IPv4 or is for documents. */
  private static boolean isPublicV6(byte[] v6) {
    int first = (v6[0] & 0xff) << 8 | v6[1] & 0xff;
    int second = (v6[2] & 0xff) << 8 | v6[3] & 0xff;
    return (first & 0xe000) == 0x2000
        && first != 0x2002
        && !(first == 0x2001 && (second < 0x200 || second == 0xdb8))
        && first != 0x3fff;
  }
}
