package dev.bulla.inventory.format;

import dev.bulla.core.json.Json;
import dev.bulla.inventory.archive.Bytes;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import tools.jackson.databind.JsonNode;

/**
 * The crates of a program built with cargo-auditable: zlib-compressed JSON in the section {@code
 * .dep-v0}.
 */
public final class RustAudit {
  private static final int MAX_INFLATED = 8 * 1024 * 1024;
  private static final int MAX_CRATES = 50_000;

  /**
   * A crate.
   *
   * @param source {@code crates.io}, {@code git}, {@code local}, {@code registry}
   */
  public record Crate(String name, String version, String source, boolean root) {}

  private RustAudit() {}

  /**
   * Crates that are part of the program; those only used while building it are left out.
   *
   * @throws IOException if the section cannot be read; the message says why
   */
  public static List<Crate> parse(Bytes section) throws IOException {
    if (section.size() > MAX_INFLATED) {
      throw new IOException("crate list: %d bytes in the section".formatted(section.size()));
    }
    JsonNode document;
    try {
      document = Json.parse(inflate(section.copy(0, (int) section.size())), "crate list");
    } catch (dev.bulla.core.BullaException e) {
      throw new IOException(e.reason(), e);
    }
    List<Crate> crates = new ArrayList<>();
    for (JsonNode crate : document.path("packages")) {
      String name = crate.path("name").asString("");
      String version = crate.path("version").asString("");
      if (crates.size() == MAX_CRATES) {
        throw new IOException("crate list: more than %d crates".formatted(MAX_CRATES));
      }
      if (!name.isEmpty()
          && !version.isEmpty()
          && !crate.path("kind").asString("").equals("build")) {
        crates.add(
            new Crate(
                name,
                version,
                crate.path("source").asString(""),
                crate.path("root").asBoolean(false)));
      }
    }
    return crates;
  }

  private static byte[] inflate(byte[] compressed) throws IOException {
    Inflater inflater = new Inflater();
    try {
      inflater.setInput(compressed);
      byte[] out = new byte[64 * 1024];
      int length = 0;
      while (!inflater.finished()) {
        int n = inflater.inflate(out, length, out.length - length);
        length += n;
        if (n == 0 && length < out.length) {
          throw new IOException("crate list: the compressed data ends too early");
        }
        if (length == out.length) {
          if (length >= MAX_INFLATED) {
            throw new IOException(
                "crate list: expands to more than %d bytes".formatted(MAX_INFLATED));
          }
          out = Arrays.copyOf(out, length * 2);
        }
      }
      return Arrays.copyOf(out, length);
    } catch (DataFormatException e) {
      throw new IOException("crate list: " + e.getMessage(), e);
    } finally {
      inflater.end();
    }
  }
}
