package dev.bulla.registry.http;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.core.BullaException;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class OpenUploadsTest {
  private final AtomicReference<Instant> now = new AtomicReference<>(Instant.EPOCH);
  private final OpenUploads open = new OpenUploads(now::get);

  @Test
  void aRepositoryHasRoomAgainWhenUploadsEndOrRest() {
    for (int i = 0; i < OpenUploads.IN_REPOSITORY; i++) {
      open.require("a");
      open.touch("a", "id" + i);
      open.touch("a", "id" + i);
    }
    refused("a");
    open.require("b");
    open.end("a", "id7");
    open.end("a", "id7");
    open.require("a");
    open.touch("a", "last");
    refused("a");
    now.set(now.get().plusSeconds(3_601));
    open.require("a");
  }

  @Test
  void allTogetherAreBoundedToo() {
    for (int i = 0; i < OpenUploads.IN_ALL; i++) {
      open.touch("r" + i % 100, "id" + i);
    }
    refused("new");
    now.set(now.get().plusSeconds(3_601));
    open.require("new");
  }

  @Test
  void oneCallerSendsSoManyAtTheSameTime() {
    for (int i = 0; i < 100; i++) {
      open.enter("ci");
    }
    assertThatThrownBy(() -> open.enter("ci")).isInstanceOf(BullaException.class);
    open.enter("cd");
    open.leave("ci");
    open.enter("ci");
  }

  private void refused(String repository) {
    assertThatThrownBy(() -> open.require(repository)).isInstanceOf(BullaException.class);
  }
}
