package dev.bulla.build.layer;

import dev.bulla.core.Digest;
import dev.bulla.oci.BlobSource;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;

/**
 * A tree whose layer must have the same digest on every machine and under every Java runtime. As a
 * program it prints the digest, for comparing runtimes.
 */
public final class SmallTree {
  static final String DIFF_ID =
      "sha256:d28ba0721a76ce3473d8706868ccf016ce07e9690fa51fde7631139931c21061";
  static final String LAYER =
      "sha256:3a1c965c27396d7b8e4538fd26c75a731c5b08b41b922ea6e8dd43aa58bb6c35";

  private SmallTree() {}

  static FileTree make() {
    FileTree tree = new FileTree();
    tree.add(
        ImagePath.member("app/run.sh"),
        file("#!/bin/sh\necho hello\n".getBytes(StandardCharsets.UTF_8), 0755));
    tree.add(ImagePath.member("app/data/zeros"), file(new byte[100_000], 0644));
    tree.add(ImagePath.member("app/data/pattern"), file(pattern(), 0644));
    tree.add(
        ImagePath.member("app/data/\u00fcml\u00e4ut-" + "n".repeat(120)), file(new byte[0], 0600));
    tree.add(ImagePath.member("app/latest"), new Entry.Link("run.sh", Entry.Owner.ROOT));
    tree.add(ImagePath.member("home/user"), new Entry.Directory(0700, new Entry.Owner(1000, 1000)));
    return tree;
  }

  /**
   * Text-like content that no library had a hand in: a linear congruential generator over 32
   * letters.
   */
  private static byte[] pattern() {
    byte[] bytes = new byte[400_000];
    int state = 12345;
    for (int i = 0; i < bytes.length; i++) {
      state = state * 1103515245 + 12345;
      bytes[i] = (byte) ('a' + ((state >>> 16) & 31) % ((i >>> 12) % 31 + 1));
    }
    return bytes;
  }

  private static Entry.File file(byte[] content, int mode) {
    return new Entry.File(
        mode, Entry.Owner.ROOT, content.length, Digest.sha256(content), BlobSource.of(content));
  }

  /** Prints the digests of the layer and of its uncompressed bytes. */
  public static void main(String[] args) throws IOException {
    Path file = Files.createTempFile("layer", ".tgz");
    try {
      Layer layer =
          new LayerWriter(LayerWriter.Output.FILES, Instant.parse("1980-02-01T00:00:00Z"))
              .write(make(), file);
      System.out.println(layer.descriptor().digest() + " " + layer.diffId());
      boolean golden =
          layer.descriptor().digest().toString().equals(LAYER)
              && layer.diffId().toString().equals(DIFF_ID);
      System.out.println(
          golden ? "as expected" : "NOT as expected: " + Arrays.asList(LAYER, DIFF_ID));
    } finally {
      Files.delete(file);
    }
  }
}
