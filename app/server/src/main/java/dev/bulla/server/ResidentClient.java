package dev.bulla.server;

import dev.bulla.core.BullaException;
import dev.bulla.store.Home;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Asks the resident process of a home to end. */
public final class ResidentClient {
  private static final byte[] STOP =
      "POST /stop HTTP/1.1\r\nContent-Length: 0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  private ResidentClient() {}

  /**
   * Asks it to end, if there is one that answers.
   *
   * @return the one that does
   */
  public static Optional<ResidentAddress> stop(Home home) {
    Optional<ResidentAddress> address;
    try {
      address = ResidentAddress.read(home);
    } catch (BullaException e) {
      return Optional.empty(); // nobody's
    }
    return address.filter(ResidentClient::stop);
  }

  private static boolean stop(ResidentAddress address) {
    try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(address.socket()))) {
      channel.write(ByteBuffer.wrap(STOP));
      return channel.read(ByteBuffer.allocate(256)) > 0;
    } catch (IOException e) {
      return false;
    }
  }
}
