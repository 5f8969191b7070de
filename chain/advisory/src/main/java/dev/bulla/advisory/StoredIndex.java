package dev.bulla.advisory;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/**
 * The index of a stored set, so that opening it need not parse its records: a magic number, the
 * count of records, and for each its id, time, withdrawal, digest, aliases, upstream ids and
 * packages. Numbers are big-endian, texts in the JDK's modified UTF-8.
 */
final class StoredIndex {
  static final String FILE = "index.bin";
  private static final int MAGIC = 0x42_41_44_31;
  private static final int MAX_LIST = 1_000_000;

  private StoredIndex() {}

  static void write(List<IndexEntry> entries, OutputStream out) throws IOException {
    DataOutputStream data = new DataOutputStream(out);
    data.writeInt(MAGIC);
    data.writeInt(entries.size());
    for (IndexEntry entry : entries) {
      data.writeUTF(entry.id());
      data.writeLong(entry.modified().getEpochSecond());
      data.writeInt(entry.modified().getNano());
      data.writeBoolean(entry.withdrawn());
      data.write(entry.digest().bytes());
      writeTexts(entry.aliases(), data);
      writeTexts(entry.upstream(), data);
      data.writeInt(entry.packages().size());
      for (PackageKey key : entry.packages()) {
        data.writeUTF(key.ecosystem());
        data.writeUTF(key.name());
      }
    }
    data.flush();
  }

  /**
   * @param file where the record with that position lies
   * @throws BullaException {@code STORE_CORRUPT}
   */
  static List<IndexEntry> read(InputStream in, String what, IntFunction<RecordFile> file) {
    try {
      DataInputStream data = new DataInputStream(in);
      if (data.readInt() != MAGIC) {
        throw corrupt(what, "the index has another format");
      }
      int count = count(data, RecordFiles.MAX_FILES, what);
      List<IndexEntry> entries = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        String id = data.readUTF();
        Instant modified = Instant.ofEpochSecond(data.readLong(), data.readInt());
        boolean withdrawn = data.readBoolean();
        Digest digest = Digest.ofHash(Digest.Algorithm.SHA256, data.readNBytes(32));
        entries.add(
            new IndexEntry(
                id,
                modified,
                withdrawn,
                digest,
                readTexts(data, what),
                readTexts(data, what),
                readPackages(data, what),
                file.apply(i)));
      }
      return entries;
    } catch (IOException | DateTimeException | ArithmeticException e) {
      throw corrupt(what, "the index is damaged: " + e);
    }
  }

  private static List<PackageKey> readPackages(DataInputStream data, String what)
      throws IOException {
    int count = count(data, MAX_LIST, what);
    List<PackageKey> all = new ArrayList<>(Math.min(count, 16));
    for (int i = 0; i < count; i++) {
      String ecosystem = data.readUTF().intern();
      all.add(new PackageKey(ecosystem, data.readUTF()));
    }
    return all;
  }

  private static void writeTexts(List<String> texts, DataOutputStream data) throws IOException {
    data.writeInt(texts.size());
    for (String text : texts) {
      data.writeUTF(text);
    }
  }

  private static List<String> readTexts(DataInputStream data, String what) throws IOException {
    int count = count(data, MAX_LIST, what);
    List<String> all = new ArrayList<>(Math.min(count, 16));
    for (int i = 0; i < count; i++) {
      all.add(data.readUTF());
    }
    return all;
  }

  private static int count(DataInputStream data, int limit, String what) throws IOException {
    int count = data.readInt();
    if (count < 0 || count > limit) {
      throw corrupt(what, "the index claims " + count + " elements");
    }
    return count;
  }

  static BullaException corrupt(String what, String why) {
    return new BullaException(
        ErrorCode.STORE_CORRUPT,
        "stored advisories " + what + ": " + why,
        "Import the advisories again with 'bulla advisory import'.");
  }
}
