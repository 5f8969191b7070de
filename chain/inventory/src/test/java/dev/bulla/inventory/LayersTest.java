package dev.bulla.inventory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import java.io.ByteArrayOutputStream;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What can be seen of an image's layers. */
class LayersTest {
  private static final byte[] LOG4J =
      JarBytes.maven("org.apache.logging.log4j", "log4j-core", "2.14.1");
  private static final byte[] TEXT = JarBytes.maven("org.apache.commons", "commons-text", "1.9");

  @Test
  void aHigherLayerReplacesAFile() {
    Inventory inventory =
        image(new TarBytes().file("app/a.jar", LOG4J), new TarBytes().file("./app//a.jar", TEXT));
    assertThat(names(inventory)).containsExactly("org.apache.commons:commons-text");
    assertThat(inventory.components().getFirst().locations().getFirst().layer()).isPresent();
  }

  @Test
  void aWhiteoutRemovesAFileAndADirectory() {
    TarBytes base = new TarBytes().file("app/a.jar", LOG4J).file("lib/sub/b.jar", TEXT);
    assertThat(names(image(base, new TarBytes().file("app/.wh.a.jar", ""))))
        .containsExactly("org.apache.commons:commons-text");
    assertThat(names(image(base, new TarBytes().file(".wh.lib", ""))))
        .containsExactly("org.apache.logging.log4j:log4j-core");
  }

  @Test
  void aWhiteoutDoesNotReachTheFilesOfItsOwnOrAHigherLayer() {
    assertThat(
            names(
                image(
                    new TarBytes().file("x", ""),
                    new TarBytes().file("app/.wh.a.jar", "").file("app/a.jar", LOG4J))))
        .hasSize(1);
    assertThat(
            names(
                image(
                    new TarBytes().file("app/.wh.a.jar", ""),
                    new TarBytes().file("app/a.jar", LOG4J))))
        .hasSize(1);
  }

  @Test
  void anOpaqueDirectoryHidesOnlyWhatLiesBelowIt() {
    TarBytes base = new TarBytes().file("app/deep/a.jar", LOG4J).file("apple/b.jar", TEXT);
    TarBytes upper =
        new TarBytes()
            .file("app/.wh..wh..opq", "")
            .file("app/c.jar", JarBytes.maven("g", "c", "1"));
    assertThat(names(image(base, upper)))
        .containsExactlyInAnyOrder("g:c", "org.apache.commons:commons-text");
    assertThat(names(image(base, new TarBytes().file(".wh..wh..opq", "")))).isEmpty();
  }

  @Test
  void aFileOrLinkInPlaceOfADirectoryHidesWhatWasInIt() {
    TarBytes base = new TarBytes().file("app/a.jar", LOG4J);
    assertThat(names(image(base, new TarBytes().file("app", "now a file")))).isEmpty();
    assertThat(names(image(base, new TarBytes().symlink("app", "/elsewhere")))).isEmpty();
    assertThat(names(image(base, new TarBytes().directory("app")))).hasSize(1);
  }

  @Test
  void aDirectoryInPlaceOfAFileHidesIt() {
    assertThat(
            names(
                image(
                    new TarBytes().file("app/a.jar", LOG4J),
                    new TarBytes().directory("app/a.jar"))))
        .isEmpty();
  }

  @Test
  void aFileWrittenThroughALinkedDirectoryIsFoundUnderBothNames() {
    TarBytes base = new TarBytes().symlink("lib", "usr/lib").file("usr/lib/a.jar", LOG4J);
    assertThat(names(image(base, new TarBytes().file("lib/.wh.a.jar", "")))).isEmpty();
    TarBytes through = new TarBytes().symlink("lib", "usr/lib");
    assertThat(
            names(
                image(
                    through,
                    new TarBytes().file("lib/a.jar", LOG4J),
                    new TarBytes().file("usr/lib/.wh.a.jar", ""))))
        .isEmpty();
  }

  @Test
  void linksInACircleEnd() {
    TarBytes base =
        new TarBytes()
            .symlink("a", "b")
            .symlink("b", "a")
            .file("x/a.jar", LOG4J)
            .symlink("c.jar", "a/b/c.jar");
    assertThat(names(image(base, new TarBytes().file("y", "")))).hasSize(1);
  }

  @Test
  void aHardLinkIsASecondPlaceOfTheSameComponent() {
    Inventory inventory =
        image(new TarBytes().file("app/a.jar", LOG4J).hardlink("app/b.jar", "app/a.jar"));
    assertThat(inventory.components()).hasSize(1);
    assertThat(inventory.components().getFirst().locations())
        .extracting(Location::path)
        .containsExactly("/app/a.jar", "/app/b.jar");
  }

  @Test
  void aHardLinkKeepsTheContentWhenItsTargetIsRemoved() {
    Inventory inventory =
        image(
            new TarBytes().file("app/a.jar", LOG4J).hardlink("app/b.jar", "./app/a.jar"),
            new TarBytes().file("app/.wh.a.jar", ""));
    assertThat(inventory.components().getFirst().locations())
        .extracting(Location::path)
        .containsExactly("/app/b.jar");
  }

  @Test
  void linksWithATellingNameLeadToFilesWithoutOne() {
    assertThat(
            names(
                image(
                    new TarBytes()
                        .file("store/1f2e", LOG4J)
                        .symlink("app/log4j-core-2.14.1.jar", "../store/1f2e"))))
        .containsExactly("org.apache.logging.log4j:log4j-core");
    assertThat(
            names(
                image(
                    new TarBytes()
                        .file("store/1f2e", LOG4J)
                        .hardlink("app/log4j-core-2.14.1.jar", "store/1f2e"))))
        .containsExactly("org.apache.logging.log4j:log4j-core");
  }

  @Test
  void aLayerOfSeveralGzipMembersIsReadToItsEnd() {
    byte[] tar = new TarBytes().file("a.txt", "x".repeat(3000)).file("app/a.jar", LOG4J).bytes();
    ByteArrayOutputStream members = new ByteArrayOutputStream();
    for (int i = 0; i < tar.length; i += 700) {
      members.writeBytes(
          TarBytes.gzip(java.util.Arrays.copyOfRange(tar, i, Math.min(tar.length, i + 700))));
    }
    assertThat(names(MemoryRepository.ofLayers(members.toByteArray()).catalogue())).hasSize(1);
  }

  @Test
  void aZstdLayerIsRead() {
    byte[] layer =
        com.github.luben.zstd.Zstd.compress(new TarBytes().file("app/a.jar", LOG4J).bytes());
    assertThat(names(MemoryRepository.ofLayers(layer).catalogue())).hasSize(1);
  }

  @Test
  void theLastOfTwoEntriesOfOnePathCounts() {
    assertThat(names(image(new TarBytes().file("a.jar", LOG4J).file("a.jar", TEXT))))
        .containsExactly("org.apache.commons:commons-text");
    assertThat(names(image(new TarBytes().file("a.jar", LOG4J).symlink("a.jar", "b")))).isEmpty();
  }

  @Test
  void aPathThatLeavesTheImageIsNamedAndLeftOut() {
    Inventory inventory = image(new TarBytes().file("../../a.jar", TEXT).file("app/a.jar", LOG4J));
    assertThat(names(inventory)).containsExactly("org.apache.logging.log4j:log4j-core");
    assertThat(inventory.warnings())
        .singleElement()
        .asString()
        .contains("../../a.jar")
        .contains("leads outside");
  }

  @Test
  void aTruncatedLayerIsRefusedByName() {
    byte[] tar = new TarBytes().file("app/a.jar", LOG4J).file("b", "x".repeat(2000)).bytes();
    byte[] cut = java.util.Arrays.copyOf(tar, tar.length - 2000);
    assertThatThrownBy(() -> MemoryRepository.ofLayers(cut).catalogue())
        .isInstanceOfSatisfying(
            BullaException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.ARCHIVE_INVALID))
        .hasMessageContaining("layer 1 of image sha256:")
        .hasMessageContaining("ends inside an entry");
    byte[] gzip = TarBytes.gzip(tar);
    byte[] cutGzip = java.util.Arrays.copyOf(gzip, gzip.length - 40);
    assertThatThrownBy(() -> MemoryRepository.ofLayers(cutGzip).catalogue())
        .hasMessageContaining("gzip");
  }

  @Test
  void aHugeExtendedHeaderIsRefusedWithoutBeingRead() {
    byte[] tar = new TarBytes().entry("pax", 'x', "", new byte[0], 1L << 32).bytes();
    assertThatThrownBy(() -> MemoryRepository.ofLayers(tar).catalogue())
        .hasMessageContaining("at most 1048576 are read");
  }

  @Test
  void longNamesOfBothKindsAreRead() {
    String folder = "d".repeat(120) + "/";
    byte[] name = (folder + "a.jar\0").getBytes(java.nio.charset.StandardCharsets.UTF_8);
    TarBytes gnu =
        new TarBytes().entry("././@LongLink", 'L', "", name, name.length).file("short", LOG4J);
    assertThat(image(gnu).components().getFirst().locations().getFirst().path())
        .isEqualTo("/" + folder + "a.jar");
    String record = " path=" + folder + "b.jar\n";
    byte[] pax = ((record.length() + 3) + record).getBytes(java.nio.charset.StandardCharsets.UTF_8);
    TarBytes posix = new TarBytes().entry("pax", 'x', "", pax, pax.length).file("short", LOG4J);
    assertThat(image(posix).components().getFirst().locations().getFirst().path())
        .isEqualTo("/" + folder + "b.jar");
  }

  private static Inventory image(TarBytes... layers) {
    byte[][] blobs = java.util.Arrays.stream(layers).map(TarBytes::bytes).toArray(byte[][]::new);
    return MemoryRepository.ofLayers(blobs).catalogue();
  }

  private static List<String> names(Inventory inventory) {
    return inventory.components().stream().map(Component::name).toList();
  }
}
