package dev.bulla.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** What tests of refusals share. */
public final class Failing {
  private Failing() {}

  /**
   * Asserts that {@code action} fails with {@code code}, and that the message has no control
   * characters.
   */
  public static void assertFails(ErrorCode code, ThrowingCallable action) {
    assertThatThrownBy(action)
        .isInstanceOfSatisfying(
            BullaException.class,
            e -> {
              assertThat(e.code()).as(e.reason()).isEqualTo(code);
              assertThat(e.reason().chars()).noneMatch(Character::isISOControl);
            });
  }
}
