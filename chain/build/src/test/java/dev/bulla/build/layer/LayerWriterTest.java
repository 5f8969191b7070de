package dev.bulla.build.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.oci.BlobSource;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LayerWriterTest {
  private static final Instant EPOCH = Instant.parse("1980-02-01T00:00:00Z");

  @TempDir Path temp;

  @Test
  void smallTreeHasTheGoldenDigestsOnEveryMachine() {
    Layer layer = write(SmallTree.make());

    System.out.println(
        "layer-digest " + layer.descriptor().digest() + " diff-id " + layer.diffId());
    assertThat(layer.diffId()).isEqualTo(Digest.parse(SmallTree.DIFF_ID));
    assertThat(layer.descriptor().digest()).isEqualTo(Digest.parse(SmallTree.LAYER));
  }

  @Test
  void orderOfAddingDoesNotMatter() {
    List<String> names =
        new ArrayList<>(List.of("a", "a-b", "a/c", "a.d/e", "Z", "ä", "z\uD83D\uDE00", "z\uFFFD"));
    names.remove("a");
    Layer first = write(treeOf(names));
    List<String> reversed = names.reversed();

    assertThat(write(treeOf(reversed)).descriptor()).isEqualTo(first.descriptor());
  }

  @Test
  void independentReaderFindsEveryEntryAsItWasGiven() throws IOException {
    FileTree tree = new FileTree();
    String longName = "d/" + "x".repeat(120) + "/" + "y".repeat(120) + ".txt";
    String splitName = "s".repeat(90) + "/" + "t".repeat(90);
    tree.add(ImagePath.member(longName), file("long", 0644));
    tree.add(ImagePath.member(splitName), file("split", 0755));
    tree.add(ImagePath.member("grün/\u00e9t\u00e9"), file("unicode", 0600));
    tree.add(ImagePath.member("link"), new Entry.Link("grün/\u00e9t\u00e9", new Entry.Owner(7, 8)));
    tree.add(
        ImagePath.member("owned"), file("o", 04755).withOwner(new Entry.Owner(3_000_000, 1000)));

    List<TarArchiveEntry> found = new ArrayList<>();
    List<String> contents = new ArrayList<>();
    try (TarArchiveInputStream tar = open(write(tree))) {
      for (TarArchiveEntry one = tar.getNextEntry(); one != null; one = tar.getNextEntry()) {
        found.add(one);
        contents.add(new String(tar.readAllBytes(), StandardCharsets.UTF_8));
      }
    }

    assertThat(found.stream().map(one -> one.getName().replaceFirst("/$", "")))
        .containsExactlyElementsOf(tree.entries().keySet().stream().map(ImagePath::text).toList());
    assertThat(found)
        .allSatisfy(one -> {
          assertThat(one.getLastModifiedTime().toInstant()).isEqualTo(EPOCH);
          assertThat(one.getUserName()).isEmpty();
          assertThat(one.getGroupName()).isEmpty();
          assertThat(one.isCheckSumOK()).isTrue();
          assertThat(one.getLastAccessTime()).isNull();
        });
    assertThat(contents).contains("long", "split", "unicode", "o");
    TarArchiveEntry owned = found.get(found.size() - 1 - indexFromEnd(found, "owned"));
    assertThat(owned.getLongUserId()).isEqualTo(3_000_000);
    assertThat(owned.getLongGroupId()).isEqualTo(1000);
    assertThat(owned.getMode()).isEqualTo(04755);
  }

  @Test
  void compressedBytesAreReadBackByTheJdkWhateverTheSizesOfWrites() throws IOException {
    Random random = new Random(42);
    byte[] content = new byte[300_000];
    for (int i = 0; i < content.length; i++) {
      content[i] = (byte) (random.nextInt(10) < 7 ? 'a' : random.nextInt(256));
    }
    List<byte[]> results = new ArrayList<>();
    for (int chunk : new int[] {1, 1000, 65_536, 300_000}) {
      var out = new java.io.ByteArrayOutputStream();
      try (PinnedGzip gzip = new PinnedGzip(out)) {
        for (int at = 0; at < content.length; at += chunk) {
          gzip.write(content, at, Math.min(chunk, content.length - at));
          gzip.flush();
        }
      }
      results.add(out.toByteArray());
    }

    assertThat(results).allSatisfy(one -> assertThat(one).isEqualTo(results.getFirst()));
    try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(results.getFirst()))) {
      assertThat(in.readAllBytes()).isEqualTo(content);
    }
    assertThat(Arrays.copyOf(results.getFirst(), 10))
        .isEqualTo(new byte[] {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, 0, (byte) 0xff});
  }

  @Test
  void contentThatChangedAfterResolutionIsRefused() {
    Entry.File resolved = file("what was hashed", 0644);
    FileTree tree = new FileTree();
    tree.add(
        ImagePath.member("f"),
        new Entry.File(
            0644,
            Entry.Owner.ROOT,
            resolved.size(),
            resolved.digest(),
            BlobSource.of("what is read!!!".getBytes(StandardCharsets.UTF_8))));

    assertThatThrownBy(() -> write(tree))
        .isInstanceOfSatisfying(
            BullaException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.INPUT_CHECKSUM_MISMATCH));
  }

  @Test
  void contentThatGrewAfterResolutionIsRefused() {
    Entry.File resolved = file("short", 0644);
    FileTree tree = new FileTree();
    tree.add(
        ImagePath.member("f"),
        new Entry.File(
            0644,
            Entry.Owner.ROOT,
            resolved.size(),
            resolved.digest(),
            BlobSource.of("short and more".getBytes(StandardCharsets.UTF_8))));

    assertThatThrownBy(() -> write(tree))
        .isInstanceOfSatisfying(
            BullaException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.INPUT_CHECKSUM_MISMATCH));
  }

  @Test
  void fullDiskIsNamedAsSuch() {
    LayerWriter.Output full =
        file ->
            new OutputStream() {
              private int left = 100;

              @Override
              public void write(int b) throws IOException {
                if (left-- == 0) {
                  throw new IOException("No space left on device");
                }
              }
            };
    FileTree tree = new FileTree();
    byte[] noise = new byte[500_000];
    new Random(1).nextBytes(noise);
    tree.add(
        ImagePath.member("noise"),
        new Entry.File(
            0644, Entry.Owner.ROOT, noise.length, Digest.sha256(noise), BlobSource.of(noise)));

    assertThatThrownBy(() -> new LayerWriter(full, EPOCH).write(tree, temp.resolve("x")))
        .isInstanceOfSatisfying(
            BullaException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.DISK_FULL));
  }

  private static int indexFromEnd(List<TarArchiveEntry> entries, String name) {
    for (int i = 0; i < entries.size(); i++) {
      if (entries.get(i).getName().equals(name)) {
        return entries.size() - 1 - i;
      }
    }
    throw new AssertionError("no " + name);
  }

  private static FileTree treeOf(List<String> names) {
    FileTree tree = new FileTree();
    names.forEach(name -> tree.add(ImagePath.member(name), file(name, 0644)));
    return tree;
  }

  private static Entry.File file(String content, int mode) {
    byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
    return new Entry.File(
        mode, Entry.Owner.ROOT, bytes.length, Digest.sha256(bytes), BlobSource.of(bytes));
  }

  private Layer write(FileTree tree) {
    return new LayerWriter(LayerWriter.Output.FILES, EPOCH).write(tree, temp.resolve("layer"));
  }

  private static TarArchiveInputStream open(Layer layer) throws IOException {
    return new TarArchiveInputStream(
        new GZIPInputStream(Files.newInputStream(layer.file())), "UTF-8");
  }
}
