package dev.bulla.inventory;

import dev.bulla.core.Shown;
import dev.bulla.inventory.archive.PathHash;
import dev.bulla.inventory.archive.TarReader;
import dev.bulla.inventory.format.ElfFile;
import java.io.IOException;
import java.util.Map;

/**
 * One pass over the tar of one layer.
 *
 * <p>Files that cannot be evidence are skipped inside the read buffer; the others are read, parsed
 * and forgotten at once. Nothing is written to disk but files of more than {@value
 * Workspace#MAX_BUFFER} bytes. Paths are looked at as bytes; only evidence, links and whiteouts
 * become strings. Not thread-safe; one for each layer.
 */
final class LayerScan {
  private static final long SMALLEST_PROGRAM = 4096;
  private static final int MAX_LINKS = 1_000_000;

  private final TarReader tar;
  private final Workspace workspace;
  private final EvidenceReader reader;
  private final PathHash hash;
  private final Map<String, Interest> wanted;
  private final LayerFacts facts = new LayerFacts();
  private final byte[] magic = new byte[4];
  private final boolean bottom;
  private boolean tooManyLinks;

  /**
   * A scan.
   *
   * @param bottom whether no layer lies below, so that nothing can be hidden by this one
   * @param wanted further paths to read, with what to read them as (targets of links with a telling
   *     name)
   */
  LayerScan(
      TarReader tar,
      Workspace workspace,
      EvidenceReader reader,
      PathHash hash,
      boolean bottom,
      Map<String, Interest> wanted) {
    this.tar = tar;
    this.workspace = workspace;
    this.reader = reader;
    this.hash = hash;
    this.bottom = bottom;
    this.wanted = wanted;
  }

  /**
   * Reads all entries.
   *
   * @throws IOException if the archive is damaged
   */
  LayerFacts run() throws IOException {
    while (tar.next()) {
      byte[] path = tar.path();
      int length = normalise(path, tar.pathLength());
      if (length < 0) {
        facts.warnings.add(
            "entry '%s' leads outside the image and is left out"
                .formatted(Shown.text(tar.pathText())));
      } else if (length > 0) {
        entry(path, length);
      }
    }
    return facts;
  }

  private void entry(byte[] path, int length) throws IOException {
    int base = length;
    while (base > 0 && path[base - 1] != '/') {
      base--;
    }
    if (length - base >= 4
        && path[base] == '.'
        && path[base + 1] == 'w'
        && path[base + 2] == 'h'
        && path[base + 3] == '.') {
      whiteout(path, base, length);
      return;
    }
    TarReader.Type type = tar.type();
    if (type == TarReader.Type.DIRECTORY) {
      if (!bottom) {
        facts.directories.add(hash.of(path, 0, length));
      }
      return;
    }
    if (!bottom) {
      facts.others.add(hash.of(path, 0, length));
    }
    switch (type) {
      case FILE -> file(path, length);
      case SPARSE_FILE -> {
        if (Interest.of(path, 0, length) != Interest.NONE) {
          facts.problem(text(path, length), "a sparse file is not read");
        }
      }
      case SYMLINK -> link(facts.symlinks, path, length);
      case HARDLINK -> link(facts.hardlinks, path, length);
      case DIRECTORY, OTHER -> {}
    }
  }

  private void file(byte[] path, int length) throws IOException {
    Interest interest = Interest.of(path, 0, length);
    if (interest == Interest.NONE && !wanted.isEmpty()) {
      interest = wanted.getOrDefault(text(path, length), Interest.NONE);
    }
    if (interest == Interest.NONE) {
      if (tar.size() < SMALLEST_PROGRAM || tar.peek(magic, 4) < 4 || !ElfFile.isElf(magic)) {
        return;
      }
      interest = Interest.PROGRAM;
    }
    String name = text(path, length);
    facts.findings.remove(name);
    facts.problems.remove(name);
    if (interest.maxBytes() > 0 && tar.size() > interest.maxBytes()) {
      facts.problem(
          name, "%d bytes, at most %d are read".formatted(tar.size(), interest.maxBytes()));
      return;
    }
    var content = workspace.load(tar::read, interest.maxBytes() == 0 ? 0 : tar.size());
    reader
        .read(interest, name, content, problem -> facts.problem(name, problem))
        .ifPresent(finding -> facts.findings.put(name, finding));
  }

  private void whiteout(byte[] path, int base, int length) {
    String name = text(path, length).substring(text(path, base).length());
    if (name.equals(".wh..wh..opq")) {
      facts.opaque.add(hash.of(path, 0, Math.max(0, base - 1)));
      return;
    }
    String removed = name.substring(4);
    if (removed.startsWith(".wh.")) {
      // what aufs keeps for itself
      return;
    }
    if (removed.isEmpty() || removed.equals(".") || removed.equals("..")) {
      facts.warnings.add("whiteout '%s' removes nothing".formatted(Shown.text(text(path, length))));
      return;
    }
    long parent = hash.of(path, 0, base);
    for (int i = base + 4; i < length; i++) {
      parent = hash.add(parent, path[i]);
    }
    facts.whiteouts.add(parent);
  }

  private void link(Map<String, String> links, byte[] path, int length) {
    String name = text(path, length);
    facts.findings.remove(name);
    if (links.size() < MAX_LINKS) {
      links.put(name, tar.linkText());
    } else if (!tooManyLinks) {
      tooManyLinks = true;
      facts.warnings.add("more than %d links; the others are not followed".formatted(MAX_LINKS));
    }
  }

  private static String text(byte[] path, int length) {
    return new String(path, 0, length, java.nio.charset.StandardCharsets.UTF_8);
  }

  /**
   * Brings a path into its plain form in place: no leading slash, no empty or {@code .} segments.
   *
   * @return the new length; 0 for the root, -1 if a {@code ..} segment would leave the image
   */
  static int normalise(byte[] path, int length) {
    int out = 0;
    int at = 0;
    while (at < length) {
      int end = at;
      while (end < length && path[end] != '/') {
        end++;
      }
      int size = end - at;
      boolean dot = size == 1 && path[at] == '.';
      if (size == 2 && path[at] == '.' && path[at + 1] == '.') {
        return -1;
      }
      if (size > 0 && !dot) {
        if (out > 0) {
          path[out++] = '/';
        }
        System.arraycopy(path, at, path, out, size);
        out += size;
      }
      at = end + 1;
    }
    return out;
  }
}
