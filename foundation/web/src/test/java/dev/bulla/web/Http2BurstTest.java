package dev.bulla.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A client of HTTP/2 (RFC 9113) that says much at once, frame by frame. */
class Http2BurstTest {
  private static final int DATA = 0;
  private static final int HEADERS = 1;
  private static final int SETTINGS = 4;
  private static final int END_STREAM = 1;
  private static final int END_HEADERS = 4;
  private static final int REQUESTS = 100;

  @Test
  void whatComesTogetherWithThePrefaceIsReadHoweverMuchItIs() throws IOException {
    Route hello =
        Route.get("/hello", exchange -> exchange.send("text/plain", new byte[] {1}))
            .exposedTo(Exposure.PUBLIC);
    try (WebServer server =
            WebServer.builder()
                .listen(Listener.http("127.0.0.1", 0))
                .routes(List.of(hello))
                .start();
        Socket socket = new Socket("127.0.0.1", server.address().getPort())) {
      socket.setSoTimeout(30_000);
      byte[] burst = burst("127.0.0.1:" + server.address().getPort());
      assertThat(burst).hasSizeBetween(40_000, 60_000);
      socket.getOutputStream().write(burst);
      assertThat(ended(new DataInputStream(socket.getInputStream()))).isEqualTo(REQUESTS);
    }
  }

  private static byte[] burst(String authority) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    frame(out, SETTINGS, 0, 0, new byte[0]);
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    field(head, ":method", "GET");
    field(head, ":scheme", "http");
    field(head, ":authority", authority);
    field(head, ":path", "/hello");
    for (int i = 0; i < 4; i++) {
      field(head, "x-filling-" + i, "x".repeat(100));
    }
    for (int i = 0; i < REQUESTS; i++) {
      frame(out, HEADERS, END_STREAM | END_HEADERS, 2 * i + 1, head.toByteArray());
    }
    return out.toByteArray();
  }

  private static void frame(
      ByteArrayOutputStream out, int type, int flags, int stream, byte[] payload) {
    out.writeBytes(
        ByteBuffer.allocate(9 + payload.length)
            .put((byte) 0)
            .putShort((short) payload.length)
            .put((byte) type)
            .put((byte) flags)
            .putInt(stream)
            .put(payload)
            .array());
  }

  /**
   * A literal field without indexing (RFC 7541 section 6.2.2); names and values below 127 bytes.
   */
  private static void field(ByteArrayOutputStream head, String name, String value) {
    head.write(0);
    for (String text : List.of(name, value)) {
      head.write(text.length());
      head.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
    }
  }

  /** How many answers came to their end. */
  private static int ended(DataInputStream in) throws IOException {
    int ended = 0;
    while (ended < REQUESTS) {
      int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
      int type = in.readUnsignedByte();
      int flags = in.readUnsignedByte();
      in.readInt();
      in.readNBytes(length);
      if ((type == DATA || type == HEADERS) && (flags & END_STREAM) != 0) {
        ended++;
      }
    }
    return ended;
  }
}
