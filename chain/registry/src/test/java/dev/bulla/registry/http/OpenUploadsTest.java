package dev.bulla.registry.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.core.BullaException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class OpenUploadsTest {
  private final AtomicReference<Instant> now = new AtomicReference<>(Instant.EPOCH);
  private final Set<String> withBytes = new HashSet<>();
  private final List<String> dropped = new ArrayList<>();
  private final OpenUploads open = new OpenUploads(now::get, this::drop);

  @Test
  void aCallerWithTooManyLosesHisOwnIdleEmptyOnesAndNobodyElseNoticesIt() {
    begin("ci", 0, OpenUploads.OF_CALLER);
    refused("ci");
    open.require("cd");
    open.touch("ci0");
    withBytes.add("ci1");
    now.set(now.get().plusSeconds(61));
    open.require("ci");
    assertThat(dropped).startsWith("ci2", "ci3").doesNotContain("ci0", "ci1");
    begin("ci", OpenUploads.OF_CALLER, dropped.size() - 1);
    open.require("ci");
    assertThat(dropped).as("some at once, so that it is rarely done").hasSize(15);
  }

  @Test
  void thatWhichEndsOrRestsForAnHourMakesRoom() {
    begin("ci", 0, OpenUploads.OF_CALLER);
    open.end("ci7");
    open.end("ci7");
    open.require("ci");
    begin("ci", OpenUploads.OF_CALLER, 1);
    for (int i = 0; i <= OpenUploads.OF_CALLER; i++) {
      open.touch("ci" + i);
    }
    now.set(now.get().plusSeconds(3_599));
    refused("ci");
    now.set(now.get().plusSeconds(2));
    open.require("ci");
    assertThat(dropped).isEmpty();
  }

  @Test
  void allTogetherAreBoundedAndWhoHasMostMakesRoom() {
    begin("most", 0, OpenUploads.OF_CALLER);
    for (int i = 0; i < OpenUploads.IN_ALL - OpenUploads.OF_CALLER; i++) {
      open.begin("r" + i % 100, "app", "r" + i);
    }
    refused("new");
    now.set(now.get().plusSeconds(61));
    open.require("new");
    assertThat(dropped).isNotEmpty().allMatch(id -> id.startsWith("most"));
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

  private void begin(String caller, int first, int count) {
    for (int i = first; i < first + count; i++) {
      open.begin(caller, "app", caller + i);
    }
  }

  private boolean drop(String repository, String id) {
    if (withBytes.contains(id)) {
      return false;
    }
    dropped.add(id);
    return true;
  }

  private void refused(String caller) {
    assertThatThrownBy(() -> open.require(caller)).isInstanceOf(BullaException.class);
  }
}
