package dev.bulla.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class BackgroundTest {
  private final Background background = new Background();

  @Test
  void closingWakesWhatRestsAndWaitsForWhatWorks() throws InterruptedException {
    CountDownLatch begun = new CountDownLatch(1);
    AtomicBoolean rested = new AtomicBoolean();
    AtomicBoolean ended = new AtomicBoolean();
    background.start(
        "resting",
        () -> {
          begun.countDown();
          rested.set(rest(Duration.ofDays(1)));
          ended.set(true);
        });
    begun.await();

    background.close();

    assertThat(ended).isTrue();
    assertThat(rested).as("whether it may go on").isFalse();
  }

  @Test
  void nothingBeginsAfterwards() throws InterruptedException {
    background.close();
    AtomicBoolean ran = new AtomicBoolean();
    background.start("late", () -> ran.set(true));
    background.close();

    assertThat(ran).isFalse();
    assertThat(background.rest(Duration.ofDays(1))).isFalse();
  }

  @Test
  void whoeverRestsGoesOnWhenTheTimeIsOver() throws InterruptedException {
    assertThat(background.rest(Duration.ofMillis(1))).isTrue();
  }

  private boolean rest(Duration time) {
    try {
      return background.rest(time);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
