package dev.bulla.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FilesystemBlobsTest extends BlobsContract {
  private static final Path FULL_DEVICE = Path.of("/dev/full");

  @TempDir Path directory;

  @Override
  protected Blobs reopen() {
    return FilesystemBlobs.open(directory);
  }

  @Test
  void filesLieByTheirDigestAndCannotBeWritten() throws IOException {
    Digest digest = put(content(5));

    Path file = fileOf(digest);
    assertThat(file).hasBinaryContent(content(5));
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("r--r--r--");
  }

  @Test
  void aDamagedFileIsReplacedByTheNextPush() throws IOException {
    Digest digest = put(content(5));
    Path file =
        Files.walk(directory).filter(f -> f.endsWith(digest.hex())).findFirst().orElseThrow();
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    Files.writeString(file, "wrong");

    put(content(5));

    assertThat(file).hasBinaryContent(content(5));
  }

  @Test
  void aFullDiskFailsTheAppendAndTheUploadGoesOnWhenThereIsSpaceAgain() throws IOException {
    assumeTrue(Files.exists(FULL_DEVICE), "this system has no device that is always full");
    AtomicBoolean full = new AtomicBoolean();
    Blobs blobs =
        FilesystemBlobs.open(
            directory,
            file -> FileChannel.open(full.get() ? FULL_DEVICE : file, StandardOpenOption.APPEND));
    byte[] content = content(10);
    Blobs.Upload upload = blobs.begin(Digest.Algorithm.SHA256);
    upload.append(OptionalLong.of(0), new ByteArrayInputStream(content, 0, 4));

    full.set(true);
    assertThatThrownBy(
            () -> upload.append(OptionalLong.of(4), new ByteArrayInputStream(content, 4, 6)))
        .satisfies(code(ErrorCode.DISK_FULL));
    assertThat(upload.offset()).isEqualTo(4);
    assertThat(blobs.size(Digest.sha256(content))).isEmpty();

    full.set(false);
    upload.append(OptionalLong.of(4), new ByteArrayInputStream(content, 4, 6));
    assertThat(upload.commit(Digest.sha256(content))).isEqualTo(10);
  }

  @Test
  void largeContentArrivesInPiecesOfAnySizeAndByBrokenConnections() throws IOException {
    byte[] content = content(6_543_210);
    Blobs.Upload upload = reopen().begin(Digest.Algorithm.SHA256);

    for (int end : List.of(3, 4_300_000, 4_300_001, 5_242_880, 6_000_000)) {
      InputStream piece = new ByteArrayInputStream(content, 0, end);
      piece.skipNBytes(upload.offset());
      InputStream broken = new SequenceInputStream(piece, new Broken());
      assertThatThrownBy(() -> upload.append(OptionalLong.empty(), broken))
          .hasMessage("connection reset");
      assertThat(upload.offset()).isEqualTo(end);
    }
    upload.append(
        OptionalLong.empty(), new ByteArrayInputStream(content, 6_000_000, content.length));
    upload.commit(Digest.sha256(content));

    assertThat(Files.readAllBytes(fileOf(Digest.sha256(content)))).isEqualTo(content);
  }

  @Test
  void largeContentIsWrittenInTheOrdinaryWayWhereTheDiskRefusesTheOther() throws IOException {
    assumeTrue(Files.exists(FULL_DEVICE), "this system has no device that is always full");
    byte[] content = content(4_800_000);
    AtomicBoolean full = new AtomicBoolean(true);
    Blobs blobs =
        FilesystemBlobs.open(
            directory,
            new FilesystemBlobs.Opener() {
              @Override
              public FileChannel append(Path file) throws IOException {
                return FileChannel.open(file, StandardOpenOption.APPEND);
              }

              @Override
              public FileChannel direct(Path file) throws IOException {
                if (full.getAndSet(false)) {
                  return FileChannel.open(FULL_DEVICE, StandardOpenOption.WRITE);
                }
                throw new FileSystemException(file.toString(), null, "Invalid argument");
              }
            });
    for (String refused : List.of("at the write", "when it is opened")) {
      Blobs.Upload upload = blobs.begin(Digest.Algorithm.SHA256);
      upload.append(OptionalLong.empty(), new ByteArrayInputStream(content));
      assertThat(upload.commit(Digest.sha256(content))).as(refused).isEqualTo(content.length);
      assertThat(Files.readAllBytes(fileOf(Digest.sha256(content)))).isEqualTo(content);
    }
  }

  private Path fileOf(Digest digest) {
    String hex = digest.hex();
    return directory
        .resolve("sha256")
        .resolve(hex.substring(0, 2))
        .resolve(hex.substring(2, 4))
        .resolve(hex);
  }

  private static final class Broken extends InputStream {
    @Override
    public int read() throws IOException {
      throw new IOException("connection reset");
    }
  }

  @Test
  void aReadOnlyDiskFailsTheAppendAndSaysSo() throws IOException {
    Blobs blobs =
        FilesystemBlobs.open(
            directory,
            file -> {
              throw new FileSystemException(file.toString(), null, "Read-only file system");
            });
    Blobs.Upload upload = blobs.begin(Digest.Algorithm.SHA256);

    assertThatThrownBy(
            () -> upload.append(OptionalLong.of(0), new ByteArrayInputStream(content(4))))
        .satisfies(code(ErrorCode.HOME_UNUSABLE));
    assertThat(upload.offset()).isZero();
  }

  @Test
  void retiredContentThatDecayedIsNotRevived() throws IOException {
    Digest digest = put(content(5));
    Blobs blobs = reopen();
    blobs.retire(digest, Instant.EPOCH);
    Path file = directory.resolve("trash/sha256-" + digest.hex());
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    Files.writeString(file, "wrong");

    assertThat(blobs.revive(digest)).isFalse();
    assertThat(blobs.open(digest)).isEmpty();
  }

  @Test
  void aPlaceThatCannotBeWrittenIsNamed() throws IOException {
    Path file = Files.createFile(directory.resolve("file"));

    assertThatThrownBy(() -> FilesystemBlobs.open(file.resolve("blobs")))
        .hasMessageContaining(file.toString());
  }
}
