package dev.bulla.web;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;

/**
 * Why a request was not done, on its way to the wire.
 *
 * @param status 400 to 599
 * @param nextStep may be empty
 */
public record Problem(ErrorCode code, int status, String detail, String nextStep) {

  /** The problem behind an exception, with the status that HTTP has for it. */
  public static Problem of(BullaException e) {
    return new Problem(e.code(), statusOf(e.code()), e.reason(), e.nextStep());
  }

  private static int statusOf(ErrorCode code) {
    if (code == ErrorCode.INPUT_TOO_LARGE) {
      return 413;
    }
    if (code == ErrorCode.EVENTS_TRIMMED) {
      return 410;
    }
    if (code == ErrorCode.RANGE_INVALID) {
      return 416;
    }
    if (code == ErrorCode.RATE_LIMITED) {
      return 429;
    }
    return code == ErrorCode.DISK_FULL ? 507 : code.httpStatus();
  }
}
