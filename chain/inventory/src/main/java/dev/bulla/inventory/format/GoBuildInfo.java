package dev.bulla.inventory.format;

import dev.bulla.inventory.archive.Bytes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What the Go linker writes into each program: its own version and the modules it was built from
 * (Go's debug/buildinfo).
 *
 * @param goVersion {@code go1.26.8}
 * @param path package path of the program; empty if unknown
 * @param modules main module first, as built: a replaced module appears as its replacement
 * @param settings {@code GOOS}, {@code vcs.revision} and so on
 */
public record GoBuildInfo(
    String goVersion, String path, List<Module> modules, Map<String, String> settings) {

  /**
   * A module.
   *
   * @param version with the leading {@code v}; {@code (devel)} or empty if unknown
   * @param replaces path and version that the replacement stands for; empty if nothing was replaced
   */
  public record Module(String path, String version, boolean main, String replaces) {}

  private static final byte[] MAGIC = "\u00ff Go buildinf:".getBytes(StandardCharsets.ISO_8859_1);
  private static final int HEADER = 32;
  private static final int MAX_TEXT = 16 * 1024 * 1024;
  private static final int MAX_MODULES = 50_000;
  private static final int WINDOW = 1024 * 1024;

  public GoBuildInfo {
    modules = List.copyOf(modules);
    settings = Map.copyOf(settings);
  }

  /**
   * Finds and reads the build information of an ELF program; stripping does not remove it.
   *
   * @return empty if this is no Go program, or one whose information was removed
   * @throws IOException if there is information that cannot be read; the message says why
   */
  public static Optional<GoBuildInfo> read(ElfFile elf, Bytes file) throws IOException {
    Optional<Bytes> section = elf.section(".go.buildinfo");
    if (section.isPresent()) {
      return search(elf, section.get(), section.get().size());
    }
    // without a section table only the data itself can tell
    return elf.section(".text").isPresent() ? Optional.empty() : search(elf, file, file.size());
  }

  private static Optional<GoBuildInfo> search(ElfFile elf, Bytes data, long end)
      throws IOException {
    byte[] window = new byte[(int) Math.min(WINDOW, end)];
    for (long base = 0; base + HEADER <= end; base += WINDOW) {
      int n = (int) Math.min(window.length, end - base);
      data.read(base, window, 0, n);
      for (int i = 0; i + 16 <= n; i += 16) {
        if (window[i] == MAGIC[0] && matches(window, i) && base + i + HEADER <= end) {
          Optional<GoBuildInfo> found = at(elf, data, base + i);
          if (found.isPresent()) {
            return found;
          }
        }
      }
    }
    return Optional.empty();
  }

  private static boolean matches(byte[] window, int at) {
    for (int i = 1; i < MAGIC.length; i++) {
      if (window[at + i] != MAGIC[i]) {
        return false;
      }
    }
    return true;
  }

  private static Optional<GoBuildInfo> at(ElfFile elf, Bytes data, long start) throws IOException {
    byte[] header = data.copy(start, HEADER);
    int flags = header[15];
    if ((flags & 2) == 0) {
      return pointers(elf, header);
    }
    long[] position = {start + HEADER};
    byte[] version = text(data, position);
    byte[] modules = text(data, position);
    String go = new String(version, StandardCharsets.UTF_8);
    return go.isEmpty() ? Optional.empty() : Optional.of(parse(go, framed(modules)));
  }

  /** Before Go 1.18 the header points to two Go strings (pointer and length each). */
  private static Optional<GoBuildInfo> pointers(ElfFile elf, byte[] header) throws IOException {
    int width = header[14];
    if (width != 4 && width != 8) {
      return Optional.empty();
    }
    ByteBuffer buffer = ByteBuffer.wrap(header).order(elf.order());
    String go = new String(pointed(elf, word(buffer, 16, width), width), StandardCharsets.UTF_8);
    byte[] modules = pointed(elf, word(buffer, 16 + width, width), width);
    return go.isEmpty() ? Optional.empty() : Optional.of(parse(go, framed(modules)));
  }

  private static byte[] pointed(ElfFile elf, long address, int width) throws IOException {
    Optional<Bytes> string = elf.at(address, 2L * width);
    if (string.isEmpty()) {
      return new byte[0];
    }
    ByteBuffer fields = ByteBuffer.wrap(string.get().copy(0, 2 * width)).order(elf.order());
    long length = word(fields, width, width);
    if (length <= 0 || length > MAX_TEXT) {
      return new byte[0];
    }
    Optional<Bytes> content = elf.at(word(fields, 0, width), length);
    return content.isEmpty() ? new byte[0] : content.get().copy(0, (int) length);
  }

  private static long word(ByteBuffer buffer, int at, int width) {
    return width == 8 ? buffer.getLong(at) : buffer.getInt(at) & 0xffffffffL;
  }

  private static byte[] text(Bytes data, long[] position) throws IOException {
    long length = 0;
    for (int shift = 0; ; shift += 7) {
      int b = data.copy(position[0]++, 1)[0];
      length |= (long) (b & 0x7f) << shift;
      if ((b & 0x80) == 0) {
        break;
      }
      if (shift > 28) {
        throw new IOException("Go build information: a length of more than five bytes");
      }
    }
    if (length > MAX_TEXT) {
      throw new IOException(
          "Go build information: a text of %d bytes, at most %d are read"
              .formatted(length, MAX_TEXT));
    }
    byte[] content = data.copy(position[0], (int) length);
    position[0] += length;
    return content;
  }

  /** The module text stands between two markers of 16 bytes. */
  private static String framed(byte[] text) {
    return text.length >= 33 && text[text.length - 17] == '\n'
        ? new String(text, 16, text.length - 32, StandardCharsets.UTF_8)
        : "";
  }

  private static GoBuildInfo parse(String goVersion, String text) throws IOException {
    String path = "";
    List<Module> modules = new ArrayList<>();
    Map<String, String> settings = new TreeMap<>();
    int from = 0;
    while (from < text.length()) {
      int to = text.indexOf('\n', from);
      to = to < 0 ? text.length() : to;
      String[] parts = text.substring(from, to).split("\t", 5);
      from = to + 1;
      switch (parts[0]) {
        case "path" -> path = part(parts, 1);
        case "mod", "dep" ->
            modules.add(new Module(part(parts, 1), part(parts, 2), parts[0].equals("mod"), ""));
        case "=>" -> replaceLast(modules, part(parts, 1), part(parts, 2));
        case "build" -> {
          int equals = part(parts, 1).indexOf('=');
          if (equals > 0) {
            settings.put(parts[1].substring(0, equals), parts[1].substring(equals + 1));
          }
        }
        default -> {}
      }
      if (modules.size() > MAX_MODULES) {
        throw new IOException("Go build information: more than %d modules".formatted(MAX_MODULES));
      }
    }
    modules.removeIf(module -> module.path().isEmpty());
    return new GoBuildInfo(goVersion, path, modules, settings);
  }

  private static void replaceLast(List<Module> modules, String path, String version) {
    if (modules.isEmpty()) {
      return;
    }
    Module last = modules.removeLast();
    boolean local = path.startsWith("./") || path.startsWith("../") || path.startsWith("/");
    modules.add(
        new Module(
            local ? last.path() : path,
            local ? "" : version,
            last.main(),
            last.path() + (last.version().isEmpty() ? "" : "@" + last.version())));
  }

  private static String part(String[] parts, int index) {
    return index < parts.length ? parts[index] : "";
  }
}
