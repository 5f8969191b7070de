package dev.bulla.inventory.format;

import dev.bulla.inventory.archive.PathHash;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * An rpm header as the package database stores it: a big-endian index of tagged values over a data
 * area, without lead or magic (rpm's file format documentation, "Header Structure").
 */
public final class RpmHeader {
  private static final int NAME = 1000;
  private static final int VERSION = 1001;
  private static final int RELEASE = 1002;
  private static final int EPOCH = 1003;
  private static final int VENDOR = 1011;
  private static final int LICENSE = 1014;
  private static final int ARCH = 1022;
  private static final int SOURCE = 1044;
  private static final int DIR_INDEXES = 1116;
  private static final int BASE_NAMES = 1117;
  private static final int DIR_NAMES = 1118;
  private static final int MODULARITY = 5096;
  private static final int INT32 = 4;
  private static final int STRING = 6;
  private static final int STRINGS = 8;
  private static final int I18N = 9;
  private static final int MAX_ENTRIES = 65_536;

  private final byte[] blob;
  private final int entries;
  private final int data;

  private RpmHeader(byte[] blob) throws IOException {
    this.blob = blob;
    if (blob.length < 8) {
      throw new IOException("rpm: a header of %d bytes".formatted(blob.length));
    }
    this.entries = i32(0);
    long length = i32(4) & 0xffffffffL;
    if (entries < 0 || entries > MAX_ENTRIES || 8 + 16L * entries + length > blob.length) {
      throw new IOException(
          "rpm: a header of %d bytes claims %d entries and %d bytes of data"
              .formatted(blob.length, entries, length));
    }
    this.data = 8 + 16 * entries;
  }

  /**
   * The package of one header.
   *
   * @return empty for the pseudo packages that hold public keys
   * @throws IOException if the header is damaged or lacks name, version or release
   */
  public static Optional<SystemPackage> parse(byte[] blob, PathHash hash) throws IOException {
    RpmHeader header = new RpmHeader(blob);
    String name = header.text(NAME);
    if (name.equals("gpg-pubkey")) {
      return Optional.empty();
    }
    String version = header.text(VERSION);
    String release = header.text(RELEASE);
    if (name.isEmpty() || version.isEmpty() || release.isEmpty()) {
      throw new IOException("rpm: a header without name, version or release");
    }
    Map<String, String> properties = new TreeMap<>();
    put(properties, "vendor", header.text(VENDOR));
    put(properties, "modularity", header.text(MODULARITY));
    String sourceRpm = header.text(SOURCE);
    put(properties, "sourceRpm", sourceRpm);
    String epoch = header.epoch();
    put(properties, "epoch", epoch);
    String full = version + "-" + release;
    String[] source = source(sourceRpm, name, full);
    return Optional.of(
        new SystemPackage(
            name,
            epoch.isEmpty() ? full : epoch + ":" + full,
            header.text(ARCH),
            source[0],
            // a source package's file name has no epoch: equal but for it means equal
            source[1].equals(full) && !epoch.isEmpty() ? epoch + ":" + full : source[1],
            header.text(LICENSE),
            properties,
            header.files(hash)));
  }

  private static void put(Map<String, String> properties, String key, String value) {
    if (!value.isEmpty() && !value.equals("(none)")) {
      properties.put(key, value);
    }
  }

  /** Name and version-release from a file name like {@code curl-7.76.1-23.el9.src.rpm}. */
  private static String[] source(String file, String name, String version) {
    String stem = file;
    for (String ending : new String[] {".nosrc.rpm", ".src.rpm"}) {
      if (stem.endsWith(ending)) {
        stem = stem.substring(0, stem.length() - ending.length());
        break;
      }
    }
    int release = stem.lastIndexOf('-');
    int start = release < 0 ? -1 : stem.lastIndexOf('-', release - 1);
    return start <= 0
        ? new String[] {name, version}
        : new String[] {stem.substring(0, start), stem.substring(start + 1)};
  }

  private String epoch() {
    int at = find(EPOCH);
    return at < 0 || i32(at + 4) != INT32 || !inData(i32(at + 8), 4)
        ? ""
        : Long.toString(i32(data + i32(at + 8)) & 0xffffffffL);
  }

  private long[] files(PathHash hash) {
    int[] baseNames = strings(BASE_NAMES);
    int[] dirNames = strings(DIR_NAMES);
    int at = find(DIR_INDEXES);
    if (at < 0 || i32(at + 4) != INT32 || baseNames.length == 0) {
      return new long[0];
    }
    int offset = i32(at + 8);
    int count = Math.min(baseNames.length, i32(at + 12));
    if (count < 0 || !inData(offset, 4L * count)) {
      return new long[0];
    }
    long[] directories = new long[dirNames.length];
    for (int i = 0; i < dirNames.length; i++) {
      int from = dirNames[i];
      int to = end(from);
      directories[i] = hash.of(blob, from < to && blob[from] == '/' ? from + 1 : from, to);
    }
    long[] files = new long[count];
    int n = 0;
    for (int i = 0; i < count; i++) {
      int directory = i32(data + offset + 4 * i);
      if (directory < 0 || directory >= directories.length) {
        continue;
      }
      long path = directories[directory];
      for (int j = baseNames[i]; j < blob.length && blob[j] != 0; j++) {
        path = hash.add(path, blob[j]);
      }
      files[n++] = path;
    }
    return Arrays.copyOf(files, n);
  }

  /** Positions of the strings of a string array. */
  private int[] strings(int tag) {
    int at = find(tag);
    if (at < 0 || i32(at + 4) != STRINGS) {
      return new int[0];
    }
    int count = i32(at + 12);
    int position = data + i32(at + 8);
    if (count < 0 || position < data || count > blob.length - position) {
      return new int[0];
    }
    int[] positions = new int[count];
    for (int i = 0; i < count; i++) {
      if (position >= blob.length) {
        return Arrays.copyOf(positions, i);
      }
      positions[i] = position;
      position = end(position) + 1;
    }
    return positions;
  }

  private String text(int tag) {
    int at = find(tag);
    if (at < 0) {
      return "";
    }
    int type = i32(at + 4);
    int offset = i32(at + 8);
    if (type != STRING && type != STRINGS && type != I18N || !inData(offset, 1)) {
      return "";
    }
    int from = data + offset;
    return new String(blob, from, end(from) - from, StandardCharsets.UTF_8).strip();
  }

  /** The last entry of a tag counts: entries after an immutable region override it. */
  private int find(int tag) {
    for (int i = entries - 1; i >= 0; i--) {
      if (i32(8 + 16 * i) == tag) {
        return 8 + 16 * i;
      }
    }
    return -1;
  }

  private boolean inData(int offset, long length) {
    return offset >= 0 && data + (long) offset + length <= blob.length;
  }

  private int end(int from) {
    int to = from;
    while (to < blob.length && blob[to] != 0) {
      to++;
    }
    return to;
  }

  private int i32(int at) {
    return (blob[at] & 0xff) << 24
        | (blob[at + 1] & 0xff) << 16
        | (blob[at + 2] & 0xff) << 8
        | blob[at + 3] & 0xff;
  }
}
