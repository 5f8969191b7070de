package dev.bulla.signing.program;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.signing.program.OutsideProgram.Ended;
import dev.bulla.signing.program.OutsideProgram.Stopped;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OutsideProgramTest {
  @TempDir Path directory;

  @Test
  void whoeverStillWritesIsWaitedForAndWhatHeWritesIsKept() {
    assertThat(run("cat; printf first; (sleep 0.1; printf ' second') & exit 7"))
        .isInstanceOfSatisfying(
            Ended.class,
            ended -> {
              assertThat(ended.exitCode()).isEqualTo(7);
              assertThat(new String(ended.out(), StandardCharsets.UTF_8)).isEqualTo("first second");
            });
  }

  @Test
  void aProcessThatIsLeftBehindIsAlwaysNoticedUnlessItHasNoOutput() {
    assertThat(run("sleep 2 >/dev/null 2>&1 &")).isInstanceOf(Ended.class);
    assertThat(run("sleep 600 >&- &")).isInstanceOf(Stopped.class);
  }

  private OutsideProgram.Run run(String script) {
    return new OutsideProgram(
            Path.of("/bin/sh"),
            directory,
            Map.of("PATH", "/usr/bin:/bin"),
            Duration.ofSeconds(60),
            1000)
        .run(List.of("-c", script), new byte[0]);
  }
}
