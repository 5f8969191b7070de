package dev.bulla.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
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
    String hex = digest.hex();

    Path file =
        directory
            .resolve("sha256")
            .resolve(hex.substring(0, 2))
            .resolve(hex.substring(2, 4))
            .resolve(hex);
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
