package dev.bulla.registry.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.core.BullaException;
import dev.bulla.store.Leases;
import dev.bulla.store.Records;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who may work, and how fast. */
class TenureTest {
  private static final Duration LENGTH = Duration.ofSeconds(30);
  private static final Duration OFTEN = Duration.ofMillis(1);

  @TempDir Path directory;

  @Test
  void whoDoesNotRenewIsSucceededAndGoesNoFurther() {
    AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-01-01T00:00:00Z"));
    try (Records records = Records.open(directory.resolve("records.db"), List.of())) {
      Leases leases = new Leases(records, now::get, new SecureRandom());
      Leases.Lease first = leases.take("pass", LENGTH).orElseThrow();
      now.set(now.get().plusSeconds(29));
      assertThat(leases.take("pass", LENGTH)).as("another, while it lasts").isEmpty();
      now.set(now.get().plusSeconds(2));
      Leases.Lease second = leases.take("pass", LENGTH).orElseThrow();
      try (Tenure successor = Tenure.begin(second, LENGTH, Duration.ofHours(1));
          Tenure late = Tenure.begin(first, LENGTH, OFTEN)) {
        long until = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!late.lost() && System.nanoTime() < until) {
          Thread.onSpinWait();
        }
        assertThatThrownBy(late::require).isInstanceOf(BullaException.class);
        successor.require();
      }
      assertThat(leases.take("pass", LENGTH)).as("given back").isPresent();
    }
  }

  @Test
  void soManyBytesASecondPassOverAllStreamsTogether() throws IOException {
    Throttle throttle = new Throttle(10_000_000);
    long begun = System.nanoTime();
    for (int i = 0; i < 2; i++) {
      try (InputStream in = throttle.limit(new ByteArrayInputStream(new byte[250_000]))) {
        assertThat(in.readAllBytes()).hasSize(250_000);
      }
    }
    assertThat(Duration.ofNanos(System.nanoTime() - begun)).isGreaterThan(Duration.ofMillis(45));
  }
}
