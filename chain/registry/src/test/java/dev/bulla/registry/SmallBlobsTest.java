package dev.bulla.registry;

import static dev.bulla.registry.Caller.content;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.store.Blob;
import dev.bulla.store.Blobs;
import dev.bulla.store.FilesystemBlobs;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which bytes are kept in memory, and that they are the right ones. */
class SmallBlobsTest {
  @TempDir Path directory;
  private FilesystemBlobs blobs;
  private SmallBlobs small;

  @BeforeEach
  void open() {
    blobs = FilesystemBlobs.open(directory.resolve("blobs"));
    small = new SmallBlobs(blobs);
  }

  @Test
  void whatIsSmallIsKeptOnceItWasReadAndWhatIsLargeNever() throws IOException {
    for (int size : new int[] {0, 1, SmallBlobs.MAX_SIZE}) {
      Digest digest = push(content(size));
      assertThat(small.find(digest, size)).as("before").isEmpty();
      assertThat(read(digest, size, 0)).isEqualTo(content(size));
      assertThat(small.find(digest, size)).contains(content(size));
      assertThat(small.find(digest, size + 1)).as("not what is recorded").isEmpty();
      assertThat(read(digest, size, size)).as("from its end").isEmpty();
    }
    int large = SmallBlobs.MAX_SIZE + 1;
    Digest digest = push(content(large));
    assertThat(read(digest, large, 0)).isEqualTo(content(large));
    assertThat(small.find(digest, large)).isEmpty();
  }

  @Test
  void damageIsNeitherKeptNorDoesItReachWhatIsKept() throws IOException {
    Digest kept = push(content(100));
    Digest damaged = push(content(200));
    read(kept, 100, 0);
    for (Path file : files()) {
      Files.delete(file);
      Files.write(file, new byte[200]);
    }

    assertThat(read(kept, 100, 0)).isEqualTo(content(100));
    assertThat(read(damaged, 200, 0)).as("whoever gets it finds out").isEqualTo(new byte[200]);
    assertThat(small.find(damaged, 200)).isEmpty();
    assertThatThrownBy(() -> small.open("team/app", damaged, 201))
        .as("cut")
        .isInstanceOf(BullaException.class);
    assertThatThrownBy(() -> small.open("team/app", Digest.sha256(content(7)), 7))
        .as("absent")
        .isInstanceOf(BullaException.class);
  }

  private Path[] files() throws IOException {
    try (Stream<Path> all = Files.walk(directory.resolve("blobs/sha256"))) {
      return all.filter(Files::isRegularFile).toArray(Path[]::new);
    }
  }

  private byte[] read(Digest digest, long size, long from) throws IOException {
    try (Blob blob = small.open("team/app", digest, size)) {
      return Channels.newInputStream(blob.from(from)).readAllBytes();
    }
  }

  private Digest push(byte[] content) throws IOException {
    Digest digest = Digest.sha256(content);
    Blobs.Upload upload = blobs.begin(Digest.Algorithm.SHA256);
    upload.append(OptionalLong.empty(), new ByteArrayInputStream(content));
    upload.commit(digest);
    return digest;
  }
}
