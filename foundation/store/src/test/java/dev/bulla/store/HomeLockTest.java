package dev.bulla.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HomeLockTest {
  @TempDir Path directory;
  private Home home;

  @BeforeEach
  void name() {
    home = new Home(directory.resolve("home"));
  }

  @Test
  void makesTheHomeForItsOwnerOnly() throws IOException {
    HomeLock.acquire(home).close();

    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(home.directory())))
        .isEqualTo("rwx------");
  }

  @Test
  void aSecondWriterLearnsWhoHoldsTheHome() {
    try (HomeLock held = HomeLock.acquire(home)) {
      held.announce(URI.create("http://127.0.0.1:7080"));

      assertThatThrownBy(() -> HomeLock.acquire(home))
          .isInstanceOfSatisfying(
              BullaException.class,
              e -> {
                assertThat(e.code()).isEqualTo(ErrorCode.HOME_LOCKED);
                assertThat(e.reason())
                    .contains(
                        Long.toString(ProcessHandle.current().pid()), "http://127.0.0.1:7080");
              });
      assertThat(HomeLock.isHeld(home)).isTrue();
    }
    assertThat(HomeLock.isHeld(home)).isFalse();
    HomeLock.acquire(home).close();
  }

  @Test
  void askingMakesNothing() {
    assertThat(HomeLock.isHeld(home)).isFalse();
    assertThat(home.directory()).doesNotExist();
  }

  @Test
  void aFileInThePlaceOfTheHomeIsUnusable() throws IOException {
    Files.createFile(home.directory());

    assertThatThrownBy(() -> HomeLock.acquire(home))
        .isInstanceOfSatisfying(
            BullaException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.HOME_UNUSABLE);
              assertThat(e.nextStep()).contains("--home");
            });
  }

  @Test
  void aReadOnlyHomeIsUnusable() throws IOException {
    home.create();
    Files.setPosixFilePermissions(home.directory(), PosixFilePermissions.fromString("r-x------"));
    assumeFalse(Files.isWritable(home.directory()), "this user may write everywhere");

    assertThatThrownBy(() -> HomeLock.acquire(home))
        .isInstanceOfSatisfying(
            BullaException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.HOME_UNUSABLE));
  }
}
