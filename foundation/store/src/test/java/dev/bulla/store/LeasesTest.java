package dev.bulla.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LeasesTest {
  private static final Duration MINUTE = Duration.ofMinutes(1);

  @TempDir Path directory;

  @Test
  void oneHoldsItUntilItEndsOrIsGivenBack() {
    AtomicReference<Instant> now = new AtomicReference<>(Instant.ofEpochSecond(1_800_000_000));
    try (Records records = Records.open(directory.resolve("records.db"), List.of())) {
      Leases leases = new Leases(records, now::get, new SecureRandom());
      Leases.Lease first = leases.take("gc", MINUTE).orElseThrow();
      assertThat(leases.take("gc", MINUTE)).isEmpty();
      assertThat(leases.take("other", MINUTE)).isPresent();

      now.set(now.get().plusSeconds(59));
      assertThat(first.renew()).isTrue();
      now.set(now.get().plusSeconds(59));
      assertThat(leases.take("gc", MINUTE)).isEmpty();

      now.set(now.get().plusSeconds(1));
      Leases.Lease second = leases.take("gc", MINUTE).orElseThrow();
      assertThat(first.renew()).isFalse();
      first.close();
      assertThat(second.renew()).isTrue();
      second.close();
      assertThat(leases.take("gc", MINUTE)).isPresent();
    }
  }

  @Test
  void aLeaseWrittenByAClockFarAheadDoesNotLastForEver() {
    AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2090-01-01T00:00:00Z"));
    try (Records records = Records.open(directory.resolve("records.db"), List.of())) {
      Leases leases = new Leases(records, now::get, new SecureRandom());
      leases.take("gc", MINUTE).orElseThrow();

      now.set(Instant.parse("2027-01-01T00:00:00Z"));

      assertThat(leases.take("gc", MINUTE)).isPresent();
    }
  }
}
