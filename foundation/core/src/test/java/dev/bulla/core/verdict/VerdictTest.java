package dev.bulla.core.verdict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.core.Descriptor;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.claim.Check;
import dev.bulla.core.claim.SignatureRecord;
import dev.bulla.core.claim.Verification;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Decisions and verifications cannot contradict themselves. */
class VerdictTest {
  private static final Digest DIGEST = Digest.sha256(new byte[0]);

  private static Verdict verdict(RuleResult.Outcome... outcomes) {
    List<RuleResult> results =
        java.util.Arrays.stream(outcomes)
            .map(outcome -> new RuleResult("r", outcome, "", "", "", List.of()))
            .toList();
    return new Verdict(
        "build.post", Optional.of(DIGEST), "n", Instant.EPOCH, "p", DIGEST, DIGEST, results);
  }

  @Test
  void isAllowedOnlyIfSomethingWasDecidedAndNothingBlocks() {
    assertThat(verdict().allowed()).isFalse();
    assertThat(verdict(RuleResult.Outcome.PASS, RuleResult.Outcome.WARN).allowed()).isTrue();
    assertThat(verdict(RuleResult.Outcome.PASS, RuleResult.Outcome.FAIL).allowed()).isFalse();
    assertThat(verdict(RuleResult.Outcome.PASS, RuleResult.Outcome.ERROR).blocking()).hasSize(1);
  }

  @Test
  void aCheckHasACodeExactlyWhenItDidNotPass() {
    assertThat(Check.passed("integrity", "ok").code()).isEmpty();
    assertThat(Check.logged("expiry", ErrorCode.SIGNATURE_EXPIRED, "later", "now").code())
        .isPresent();
    assertThatThrownBy(
            () -> new Check("x", Check.Outcome.PASSED, Optional.of(ErrorCode.INTERNAL), "", ""))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Check("x", Check.Outcome.FAILED, Optional.empty(), "", ""))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static SignatureRecord signature(boolean verified, Check... checks) {
    return new SignatureRecord(
        DIGEST,
        "notation-jws",
        verified,
        "",
        "",
        Optional.empty(),
        List.of(checks),
        Optional.empty());
  }

  @Test
  void aSignatureWithAFailedCheckIsNotVerified() {
    Check failed = Check.failed("expiry", ErrorCode.SIGNATURE_EXPIRED, "later", "now");
    assertThatThrownBy(() -> signature(true, failed)).isInstanceOf(IllegalArgumentException.class);
    assertThat(signature(false, Check.passed("a", ""), failed).failure())
        .contains(ErrorCode.SIGNATURE_EXPIRED);
    assertThat(signature(true, Check.passed("a", "")).failure()).isEmpty();
  }

  @Test
  void aVerificationHasAFailureExactlyWhenItIsNotAccepted() {
    Descriptor subject = new Descriptor("x/y", DIGEST, 0);
    SignatureRecord good = signature(true, Check.passed("a", ""));
    Verification accepted =
        new Verification(subject, true, Optional.empty(), List.of(good, signature(false)), "");
    assertThat(accepted.verified()).containsExactly(good);
    assertThatThrownBy(() -> new Verification(subject, false, Optional.empty(), List.of(good), ""))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
