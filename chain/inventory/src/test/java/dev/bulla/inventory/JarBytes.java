package dev.bulla.inventory;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Makes small jars for tests. */
final class JarBytes {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ZipOutputStream zip = new ZipOutputStream(out);

  /** A jar with Maven coordinates. */
  static byte[] maven(String group, String artifact, String version) {
    return new JarBytes().pom(group, artifact, version).bytes();
  }

  JarBytes pom(String group, String artifact, String version) {
    return entry(
        "META-INF/maven/%s/%s/pom.properties".formatted(group, artifact),
        "#x\ngroupId=%s\nartifactId=%s\nversion=%s\n".formatted(group, artifact, version));
  }

  JarBytes entry(String name, String content) {
    return entry(name, content.getBytes(StandardCharsets.UTF_8));
  }

  JarBytes entry(String name, byte[] content) {
    return add(new ZipEntry(name), content);
  }

  JarBytes stored(String name, byte[] content) {
    ZipEntry entry = new ZipEntry(name);
    entry.setMethod(ZipEntry.STORED);
    entry.setSize(content.length);
    CRC32 crc = new CRC32();
    crc.update(content);
    entry.setCrc(crc.getValue());
    return add(entry, content);
  }

  private JarBytes add(ZipEntry entry, byte[] content) {
    try {
      entry.setTime(0);
      zip.putNextEntry(entry);
      zip.write(content);
      zip.closeEntry();
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  byte[] bytes() {
    try {
      zip.close();
      return out.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
