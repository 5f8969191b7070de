package dev.bulla.keys;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * Bytes that nobody may see by accident: printed as {@code [secret]}, overwritten when closed. Not
 * thread-safe.
 */
public final class Secret implements AutoCloseable {
  private final byte[] value;

  private Secret(byte[] value) {
    this.value = value;
  }

  /** Keeps a copy; the caller may overwrite the argument. */
  public static Secret of(byte[] value) {
    return new Secret(value.clone());
  }

  /** The UTF-8 bytes of {@code text}. */
  public static Secret of(String text) {
    return new Secret(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Lends a copy of the bytes to {@code reader} and overwrites it afterwards. */
  public void use(Consumer<byte[]> reader) {
    byte[] lent = value.clone();
    try {
      reader.accept(lent);
    } finally {
      Arrays.fill(lent, (byte) 0);
    }
  }

  /** A copy of the bytes; the caller overwrites it after use. */
  byte[] copy() {
    return value.clone();
  }

  @Override
  public void close() {
    Arrays.fill(value, (byte) 0);
  }

  @Override
  public String toString() {
    return "[secret]";
  }
}
