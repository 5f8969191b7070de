package dev.bulla.inventory;

import dev.bulla.inventory.archive.Bytes;
import dev.bulla.inventory.archive.ZipDirectory;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;

/**
 * Makes {@code known-classes.gz} out of released jars in Maven repository layout ({@code
 * GROUP/ARTIFACT/VERSION/x.jar}).
 *
 * <p>Arguments: the folder, the file to write. Nested classes of other versions ({@code
 * META-INF/versions}) are left out.
 */
final class WriteKnownClasses {
  private WriteKnownClasses() {}

  public static void main(String[] args) throws IOException {
    Path root = Path.of(args[0]);
    List<Path> jars;
    try (Stream<Path> all = Files.walk(root)) {
      jars = all.filter(path -> path.toString().endsWith(".jar")).sorted().toList();
    }
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(content);
    List<long[]> rows = new ArrayList<>();
    ByteArrayOutputStream heads = new ByteArrayOutputStream();
    DataOutputStream head = new DataOutputStream(heads);
    for (int i = 0; i < jars.size(); i++) {
      Path folder = root.relativize(jars.get(i).getParent());
      int n = folder.getNameCount();
      head.writeUTF(folder.subpath(0, n - 2).toString().replace('/', '.'));
      head.writeUTF(folder.getName(n - 2).toString());
      head.writeUTF(folder.getName(n - 1).toString());
      long[] keys = keys(jars.get(i));
      head.writeInt(keys.length);
      for (long key : keys) {
        rows.add(new long[] {key, i});
      }
    }
    rows.sort((a, b) -> a[0] == b[0] ? Long.compare(a[1], b[1]) : Long.compare(a[0], b[0]));
    out.writeInt(jars.size());
    out.writeInt(rows.size());
    heads.writeTo(out);
    for (long[] row : rows) {
      out.writeLong(row[0]);
      out.writeInt((int) row[1]);
    }
    try (GZIPOutputStream file = new GZIPOutputStream(Files.newOutputStream(Path.of(args[1])))) {
      content.writeTo(file);
    }
  }

  private static long[] keys(Path jar) throws IOException {
    ZipDirectory zip = ZipDirectory.read(Bytes.of(Files.readAllBytes(jar)));
    long[] keys = new long[zip.count()];
    int n = 0;
    for (int i = 0; i < zip.count(); i++) {
      if (zip.nameEndsWith(i, ".class") && !zip.nameStartsWith(i, "META-INF/")) {
        keys[n++] = KnownClasses.key(zip, i);
      }
    }
    long[] sorted = Arrays.copyOf(keys, n);
    Arrays.sort(sorted);
    return sorted;
  }
}
