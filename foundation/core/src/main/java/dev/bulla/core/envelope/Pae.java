package dev.bulla.core.envelope;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** The pre-authentication encoding of DSSE v1: what a DSSE signature is really over. */
public final class Pae {
  private Pae() {}

  /** {@code DSSEv1 SP LEN(type) SP type SP LEN(payload) SP payload}, lengths in bytes. */
  public static byte[] encode(String payloadType, byte[] payload) {
    byte[] type = payloadType.getBytes(StandardCharsets.UTF_8);
    ByteArrayOutputStream out = new ByteArrayOutputStream(payload.length + type.length + 32);
    out.writeBytes(("DSSEv1 " + type.length + " ").getBytes(StandardCharsets.US_ASCII));
    out.writeBytes(type);
    out.writeBytes((" " + payload.length + " ").getBytes(StandardCharsets.US_ASCII));
    out.writeBytes(payload);
    return out.toByteArray();
  }
}
