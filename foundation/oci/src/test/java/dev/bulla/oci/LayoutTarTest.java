package dev.bulla.oci;

import static dev.bulla.oci.RepositoryContract.assertFails;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.core.Descriptor;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Layouts in tar files: what is written can be read, what is tricky is refused. */
class LayoutTarTest {
  private static final String MARKER = "{\"imageLayoutVersion\":\"1.0.0\"}";
  private static final String INDEX = "{\"schemaVersion\":2,\"manifests\":[]}";

  @TempDir Path dir;

  private Path written(byte[] tar) throws IOException {
    return Files.write(dir.resolve("layout.tar"), tar);
  }

  private static TarBytes layout() {
    return new TarBytes().file("oci-layout", MARKER).file("index.json", INDEX);
  }

  private static Descriptor named(Descriptor descriptor, String tag) {
    return descriptor.withAnnotations(Map.of(LayoutIndex.REF_NAME, tag));
  }

  @Test
  void whatIsWrittenCanBeRead() throws IOException {
    SampleImage image = SampleImage.of(1);
    Path tar = dir.resolve("image.tar");
    try (Repository from = Layout.create(dir.resolve("layout"))) {
      image.pushTo(from, "1.0");
      Manifest note = SampleImage.attach(from, image.descriptor(), "type/a", "note");
      Layout.writeTar(from, List.of(named(image.descriptor(), "2.0"), note.descriptor()), tar);
    }
    try (Repository read = Layout.open(tar)) {
      Descriptor found = read.resolve("2.0").orElseThrow();
      assertThat(read.manifest(found).bytes()).isEqualTo(image.manifest().bytes());
      assertThat(read.referrers(image.digest(), Optional.of("type/a"))).hasSize(1);
      try (InputStream in = read.blob(image.layer(1))) {
        assertThat(in.readAllBytes()).isEqualTo(image.layers().get(1));
      }
      assertFails(ErrorCode.USAGE, () -> image.pushTo(read, "3.0"));
      assertFails(
          ErrorCode.USAGE, () -> read.pushManifest(SampleImage.of(5).manifest(), List.of()));
    }
  }

  @Test
  void equalContentGivesEqualBytes() throws IOException {
    SampleImage image = SampleImage.of(1);
    Path first = dir.resolve("1.tar");
    Path second = dir.resolve("2.tar");
    for (Path tar : List.of(first, second)) {
      try (Repository from = Layout.create(dir.resolve("layout-of-" + tar.getFileName()))) {
        image.pushTo(from, "1.0");
        Layout.writeTar(from, List.of(named(image.descriptor(), "1.0")), tar);
      }
    }
    assertThat(first).hasSameBinaryContentAs(second);
  }

  @Test
  void namesLongerThanUstarHoldsAreKept() throws IOException {
    byte[] content = {1, 2, 3};
    Digest digest = Digest.of(Digest.Algorithm.SHA512, content);
    Descriptor layer = new Descriptor("text/plain", digest, 3);
    SampleImage any = SampleImage.of(1);
    Descriptor config = any.manifest().config().orElseThrow();
    Manifest manifest =
        Manifest.image(config, List.of(layer), Optional.empty(), Optional.empty(), Map.of());
    Path tar = dir.resolve("512.tar");
    try (Repository from = Layout.create(dir.resolve("layout"))) {
      from.pushBlob(config, BlobSource.of(any.config()));
      from.pushBlob(layer, BlobSource.of(content));
      from.pushManifest(manifest, List.of());
      Layout.writeTar(from, List.of(manifest.descriptor()), tar);
    }
    try (Repository read = Layout.open(tar)) {
      assertThat(read.blobBytes(layer, 10)).isEqualTo(content);
    }
  }

  @Test
  void aCompressedOneIsReadToo() throws IOException {
    Path file = dir.resolve("layout.tar.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
      out.write(layout().end());
    }
    try (Repository read = Layout.open(file)) {
      assertThat(read.tags()).isEmpty();
    }
  }

  @Test
  void namesWithALeadingDotAndDirectoriesAreFine() throws IOException {
    byte[] tar =
        new TarBytes()
            .member("./", '5', 0, new byte[0])
            .file("./oci-layout", MARKER)
            .file("./index.json", INDEX)
            .member("./blobs/", '5', 0, new byte[0])
            .end();
    Layout.open(written(tar)).close();
  }

  @Test
  void gnuLongNamesAreRead() throws IOException {
    String name = "blobs/sha512/" + "a".repeat(128);
    byte[] tar =
        layout()
            .file("x", "")
            .member("././@LongLink", 'L', name.length(), name.getBytes(StandardCharsets.UTF_8))
            .file(name.substring(0, 100), "content")
            .end();
    Path file = written(tar);
    try (var channel = Files.newByteChannel(file)) {
      assertThat(TarEntries.list(channel, "t").get(name).size()).isEqualTo(7);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../evil",
        "a/../../evil",
        "/etc/passwd",
        "blobs//x",
        "blobs/./x",
        "..",
        "a\\..\\b"
      })
  void aNameThatLeavesTheArchiveIsRefused(String name) throws IOException {
    Path tar = written(layout().file(name, "x").end());
    assertFails(ErrorCode.PATH_ESCAPE, () -> Layout.open(tar));
  }

  @ParameterizedTest
  @ValueSource(chars = {'1', '2', '3', '4', '6', 'S', 'K'})
  void linksAndSpecialFilesAreRefused(char type) throws IOException {
    Path tar = written(layout().link("blobs/sha256/x", type, "/etc/passwd").end());
    assertFails(ErrorCode.PATH_ESCAPE, () -> Layout.open(tar));
  }

  @Test
  void aPaxNameIsCheckedLikeAnyOther() throws IOException {
    byte[] pax = "18 path=../../evil\n".replace("18", "19").getBytes(StandardCharsets.UTF_8);
    Path tar = written(layout().member("pax", 'x', pax.length, pax).file("fine", "x").end());
    assertFails(ErrorCode.PATH_ESCAPE, () -> Layout.open(tar));
  }

  @Test
  void aSizeThatTheArchiveDoesNotHoldIsRefused() throws IOException {
    Path octal = written(layout().member("big", '0', 1L << 30, new byte[10]).end());
    assertFails(ErrorCode.ARCHIVE_INVALID, () -> Layout.open(octal));

    byte[] header = TarBytes.header("big", '0', "");
    header[124] = (byte) 0x80;
    header[128] = 0x7f;
    Path binary = written(layout().raw(TarBytes.sealed(header)).end());
    assertFails(ErrorCode.ARCHIVE_INVALID, () -> Layout.open(binary));

    byte[] pax = "28 size=999999999999999999\n".getBytes(StandardCharsets.UTF_8);
    Path extended = written(layout().member("pax", 'x', pax.length, pax).file("x", "x").end());
    assertFails(ErrorCode.ARCHIVE_INVALID, () -> Layout.open(extended));
  }

  @Test
  void anExtensionHeaderOfManyMegabytesIsRefused() throws IOException {
    byte[] much = new byte[200_000];
    Path tar = written(layout().member("pax", 'x', much.length, much).end());
    assertFails(ErrorCode.ARCHIVE_TOO_LARGE, () -> Layout.open(tar));
  }

  @Test
  void aNameTwiceIsRefused() throws IOException {
    Path tar = written(layout().file("index.json", INDEX).end());
    assertThatThrownBy(() -> Layout.open(tar)).hasMessageContaining("two members named index.json");
  }

  @Test
  void damageIsRefused() throws IOException {
    byte[] tar = layout().end();
    byte[] flipped = tar.clone();
    flipped[3] ^= 1;
    Path damaged = written(flipped);
    assertFails(ErrorCode.ARCHIVE_INVALID, () -> Layout.open(damaged));

    Path cut = written(java.util.Arrays.copyOf(tar, 700));
    assertFails(ErrorCode.ARCHIVE_INVALID, () -> Layout.open(cut));

    Path noTar = written("this is not a tar archive".getBytes(StandardCharsets.UTF_8));
    assertFails(ErrorCode.ARCHIVE_INVALID, () -> Layout.open(noTar));

    Path badGzip = written(new byte[] {0x1f, (byte) 0x8b, 8, 0, 1, 2, 3});
    assertFails(ErrorCode.ARCHIVE_INVALID, () -> Layout.open(badGzip));
  }

  @Test
  void aTarWithoutALayoutIsRefused() throws IOException {
    Path tar = written(new TarBytes().file("manifest.json", "[]").end());
    assertFails(ErrorCode.LAYOUT_INVALID, () -> Layout.open(tar));
  }
}
