package dev.bulla.build.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.function.Consumer;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ArchiveReaderTest {
  private static final ArchiveLimits SMALL = new ArchiveLimits(20, 32L << 20, 100, 1L << 20);

  @TempDir Path temp;

  @Test
  void membersComeWithNormalisedModesAndParents() throws IOException {
    FileTree tree =
        read(tar ->
            tar.file("./bin/tool", "#!", 0100711)
                .file("etc/secret", "s", 0100600)
                .symlink("bin/alias", "tool")
                .hardLink("bin/twin", "bin/tool")
                .directory("var/tmp", 01777));

    assertThat(tree.entries().keySet().stream().map(ImagePath::text))
        .containsExactly(
            "bin", "bin/alias", "bin/tool", "bin/twin", "etc", "etc/secret", "var", "var/tmp");
    assertThat(mode(tree, "bin/tool")).isEqualTo(0755);
    assertThat(mode(tree, "etc/secret")).isEqualTo(0644);
    assertThat(mode(tree, "var/tmp")).isEqualTo(0755);
    assertThat(content(tree, "bin/twin")).isEqualTo("#!");
    assertThat(tree.at(ImagePath.parse("bin/alias")))
        .contains(new Entry.Link("tool", Entry.Owner.ROOT));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../outside",
        "a/../../outside",
        "/etc/passwd",
        "a/../b",
        "a/.wh.b",
        ".wh..wh..opq"
      })
  void namesThatLeaveTheRootOrMeanSomethingElseAreRefused(String name) {
    assertThat(refusal(tar -> tar.file(name, "x"))).isEqualTo(ErrorCode.PATH_ESCAPE);
  }

  @Test
  void writingThroughSymbolicLinkIsRefused() {
    assertThat(refusal(tar -> tar.symlink("dir", "/etc").file("dir/passwd", "root::0:0")))
        .isEqualTo(ErrorCode.PATH_ESCAPE);
  }

  @Test
  void symbolicLinkThatReplacesUsedDirectoryIsRefused() {
    assertThat(
            refusal(tar -> tar.file("dir/a", "x").symlink("dir", "/etc").file("dir/passwd", "x")))
        .isEqualTo(ErrorCode.ARCHIVE_INVALID);
  }

  @ParameterizedTest
  @ValueSource(strings = {"../../etc/passwd", "/../etc", "a/../../../x"})
  void symbolicLinkOutOfTheRootIsRefused(String target) {
    assertThat(refusal(tar -> tar.symlink("a/link", target))).isEqualTo(ErrorCode.PATH_ESCAPE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"../file", "/etc/os-release", "b/../../c"})
  void symbolicLinkInsideTheRootIsKept(String target) throws IOException {
    assertThat(read(tar -> tar.symlink("a/link", target)).at(ImagePath.parse("a/link")))
        .contains(new Entry.Link(target, Entry.Owner.ROOT));
  }

  @Test
  void hardLinkOutOfTheRootIsRefused() {
    assertThat(refusal(tar -> tar.hardLink("a", "../../etc/shadow")))
        .isEqualTo(ErrorCode.PATH_ESCAPE);
  }

  @Test
  void hardLinkToNothingBeforeItIsRefused() {
    assertThat(refusal(tar -> tar.hardLink("a", "b").file("b", "x")))
        .isEqualTo(ErrorCode.ARCHIVE_INVALID);
  }

  @Test
  void samePathTwiceIsRefused() {
    assertThat(refusal(tar -> tar.file("a", "1").file("./a", "2")))
        .isEqualTo(ErrorCode.ARCHIVE_INVALID);
  }

  @Test
  void fileBelowFileIsRefused() {
    assertThat(refusal(tar -> tar.file("a", "1").file("a/b", "2")))
        .isEqualTo(ErrorCode.ARCHIVE_INVALID);
  }

  @ParameterizedTest
  @ValueSource(bytes = {TarConstants.LF_CHR, TarConstants.LF_BLK, TarConstants.LF_FIFO})
  void devicesAndPipesAreRefused(byte type) {
    assertThat(refusal(tar -> tar.ofType("dev/x", type))).isEqualTo(ErrorCode.ARCHIVE_INVALID);
  }

  @Test
  void gibibyteInTinyArchiveIsRefused() throws IOException {
    Path archive = temp.resolve("bomb.tgz");
    ByteArrayOutputStream header = new ByteArrayOutputStream();
    try (Archives tar = Archives.plain(header)) {
      tar.file("zeros", "");
    }
    byte[] claim = Arrays.copyOf(header.toByteArray(), 512);
    System.arraycopy("10000000000\0".getBytes(StandardCharsets.US_ASCII), 0, claim, 124, 12);
    fixChecksum(claim);
    byte[] zeros = gzip(new byte[16 << 20]);
    try (OutputStream out = Files.newOutputStream(archive)) {
      out.write(gzip(claim));
      for (int i = 0; i < 64; i++) {
        out.write(zeros); // a gzip file may have many members
      }
    }
    assertThat(Files.size(archive)).isLessThan(2_000_000);

    assertThat(refusal(archive, ArchiveLimits.DEFAULT)).isEqualTo(ErrorCode.ARCHIVE_TOO_LARGE);
  }

  @Test
  void gibibyteThatIsOnlyClaimedIsRefused() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (Archives tar = Archives.plain(bytes)) {
      tar.file("small", "x");
    }
    byte[] lying = bytes.toByteArray();
    byte[] size = "10000000000\0".getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(size, 0, lying, 124, size.length);
    fixChecksum(lying);
    Path archive = Files.write(temp.resolve("lying.tar"), lying);

    assertThat(refusal(archive, SMALL)).isEqualTo(ErrorCode.ARCHIVE_TOO_LARGE);
  }

  @Test
  void zipBombIsRefused() throws IOException {
    Path archive = temp.resolve("bomb.zip");
    try (ZipArchiveOutputStream zip = new ZipArchiveOutputStream(archive)) {
      zip.putArchiveEntry(new ZipArchiveEntry("zeros"));
      for (int i = 0; i < 8; i++) {
        zip.write(new byte[1 << 20]);
      }
      zip.closeArchiveEntry();
    }

    assertThat(refusal(archive, SMALL)).isEqualTo(ErrorCode.ARCHIVE_TOO_LARGE);
  }

  @Test
  void tooManyEntriesAreRefused() {
    assertThat(
            refusal(tar -> {
              for (int i = 0; i < 21; i++) {
                tar.file("f" + i, "");
              }
            }))
        .isEqualTo(ErrorCode.ARCHIVE_TOO_LARGE);
  }

  @Test
  void headerThatClaimsMegabytesOfNameIsRefused() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (Archives tar = Archives.plain(bytes)) {
      tar.zeros("././@LongLink", 3 << 20).file("x", "x");
    }
    byte[] lying = bytes.toByteArray();
    lying[156] = TarConstants.LF_GNUTYPE_LONGNAME;
    fixChecksum(lying);
    Path archive = Files.write(temp.resolve("names.tar"), lying);

    assertThat(refusal(archive, ArchiveLimits.DEFAULT)).isEqualTo(ErrorCode.ARCHIVE_INVALID);
  }

  @Test
  void zipMembersKeepTheirExecutableBitAndLinks() throws IOException {
    Path archive = temp.resolve("a.zip");
    try (ZipArchiveOutputStream zip = new ZipArchiveOutputStream(archive)) {
      zipped(zip, "bin/tool", "#!", 0100755);
      zipped(zip, "plain", "p", 0);
      zipped(zip, "link", "bin/tool", 0120777);
    }

    FileTree tree = new ArchiveReader(SMALL).read(archive, temp.resolve("spool"), "a.zip");

    assertThat(mode(tree, "bin/tool")).isEqualTo(0755);
    assertThat(mode(tree, "plain")).isEqualTo(0644);
    assertThat(tree.at(ImagePath.parse("link")))
        .contains(new Entry.Link("bin/tool", Entry.Owner.ROOT));
  }

  @ParameterizedTest
  @ValueSource(strings = {"../x", "/x", "a\\..\\x"})
  void zipNamesThatLeaveTheRootAreRefused(String name) throws IOException {
    Path archive = temp.resolve("a.zip");
    try (ZipArchiveOutputStream zip = new ZipArchiveOutputStream(archive)) {
      zipped(zip, name, "x", 0100644);
    }

    assertThat(refusal(archive, SMALL)).isEqualTo(ErrorCode.PATH_ESCAPE);
  }

  @Test
  void compressedFormsAreTheSameTree() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (Archives tar = Archives.plain(bytes)) {
      tar.file("a/b", "content");
    }
    byte[] plain = bytes.toByteArray();
    Digest expected = treeOf("t.tar", plain).digest();

    assertThat(treeOf("t.xz", compressed(plain, "xz")).digest()).isEqualTo(expected);
    assertThat(treeOf("t.bz2", compressed(plain, "bzip2")).digest()).isEqualTo(expected);
    assertThat(treeOf("t.zst", com.github.luben.zstd.Zstd.compress(plain)).digest())
        .isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "not an archive at all, only a line of text",
        "UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA==",
        "UEsDBA=="
      })
  void whatIsNoArchiveIsRefused(String content) throws IOException {
    byte[] bytes =
        content.startsWith("UEs")
            ? Base64.getDecoder().decode(content)
            : content.getBytes(StandardCharsets.UTF_8);
    Path archive = Files.write(temp.resolve("x"), bytes);

    assertThat(refusal(archive, SMALL)).isEqualTo(ErrorCode.ARCHIVE_INVALID);
  }

  @Test
  void cutArchiveIsRefused() throws IOException {
    Path archive = temp.resolve("cut.tgz");
    try (Archives tar = Archives.gzip(archive)) {
      tar.file("a", "x".repeat(5000));
    }
    byte[] whole = Files.readAllBytes(archive);
    Files.write(archive, Arrays.copyOf(whole, whole.length / 2));

    assertThat(refusal(archive, SMALL)).isEqualTo(ErrorCode.ARCHIVE_INVALID);
  }

  private static byte[] gzip(byte[] plain) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (OutputStream compressor = new GZIPOutputStream(out)) {
      compressor.write(plain);
    }
    return out.toByteArray();
  }

  private static byte[] compressed(byte[] plain, String kind) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (OutputStream compressor =
        kind.equals("xz")
            ? new org.tukaani.xz.XZOutputStream(out, new org.tukaani.xz.LZMA2Options(1))
            : new org.apache.commons.compress.compressors.bzip2.BZip2CompressorOutputStream(out)) {
      compressor.write(plain);
    }
    return out.toByteArray();
  }

  private static void zipped(ZipArchiveOutputStream zip, String name, String content, int mode)
      throws IOException {
    ZipArchiveEntry entry = new ZipArchiveEntry(name);
    if (mode != 0) {
      entry.setUnixMode(mode);
    }
    zip.putArchiveEntry(entry);
    zip.write(content.getBytes(StandardCharsets.UTF_8));
    zip.closeArchiveEntry();
  }

  private static void fixChecksum(byte[] header) {
    Arrays.fill(header, 148, 156, (byte) ' ');
    int sum = 0;
    for (int i = 0; i < 512; i++) {
      sum += header[i] & 0xff;
    }
    byte[] octal = "%06o\0 ".formatted(sum).getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(octal, 0, header, 148, 8);
  }

  private FileTree treeOf(String name, byte[] bytes) throws IOException {
    Path archive = Files.write(temp.resolve(name), bytes);
    return new ArchiveReader(SMALL).read(archive, temp.resolve("spool-" + name), name);
  }

  private FileTree read(Consumer<Archives> members) {
    Path archive = temp.resolve("a.tgz");
    try (Archives tar = Archives.gzip(archive)) {
      members.accept(tar);
    }
    return new ArchiveReader(SMALL).read(archive, temp.resolve("spool"), "a.tgz");
  }

  private ErrorCode refusal(Consumer<Archives> members) {
    return catchThrowableOfType(BullaException.class, () -> read(members)).code();
  }

  private ErrorCode refusal(Path archive, ArchiveLimits limits) {
    return catchThrowableOfType(
            BullaException.class,
            () -> new ArchiveReader(limits).read(archive, temp.resolve("spool"), "archive"))
        .code();
  }

  private static int mode(FileTree tree, String path) {
    return tree.at(ImagePath.parse(path)).orElseThrow().mode();
  }

  private static String content(FileTree tree, String path) throws IOException {
    Entry.File file = (Entry.File) tree.at(ImagePath.parse(path)).orElseThrow();
    try (InputStream in = file.content().open()) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
