package dev.bulla.store;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import javax.xml.stream.XMLStreamException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** What a failing S3 means for the user. */
final class S3Faults {
  private S3Faults() {}

  /** The failure of {@code doing}. */
  static BullaException of(SdkException e, String doing) {
    return new BullaException(
        ErrorCode.BLOBS_UNAVAILABLE, "%s: %s".formatted(doing, reason(e)), nextStep(e), e);
  }

  /** A broken answer, after as many attempts as there are. */
  static BullaException of(java.io.IOException e, String doing) {
    return new BullaException(
        ErrorCode.BLOBS_UNAVAILABLE,
        "%s: the answer of S3 broke off: %s".formatted(doing, e.getMessage()),
        "Try again; nothing that was acknowledged is lost.",
        e);
  }

  /** There is no such key; not: there is no such bucket. */
  static boolean isAbsent(SdkException e) {
    return e instanceof S3Exception s3
        && s3.statusCode() == 404
        && !codeOf(s3).equals("NoSuchBucket");
  }

  /** A condition of the request does not hold, or another request is changing the object. */
  static boolean isOvertaken(SdkException e) {
    return e instanceof S3Exception s3 && (s3.statusCode() == 412 || s3.statusCode() == 409);
  }

  static boolean isNotImplemented(SdkException e) {
    return e instanceof S3Exception s3 && s3.statusCode() == 501;
  }

  /** The first byte asked for is beyond the last. */
  static boolean isBeyond(SdkException e) {
    return e instanceof S3Exception s3 && s3.statusCode() == 416;
  }

  /**
   * What arrived, there or here, was not what was sent; the SDK would take that for an error of the
   * caller.
   */
  static boolean isChangedOnTheWay(Throwable e) {
    return e instanceof S3Exception s3
        ? codeOf(s3).equals("BadDigest") || codeOf(s3).equals("XAmzContentSHA256Mismatch")
        : e instanceof SdkException && e.getCause() instanceof XMLStreamException;
  }

  private static String codeOf(S3Exception e) {
    return e.awsErrorDetails() == null || e.awsErrorDetails().errorCode() == null
        ? ""
        : e.awsErrorDetails().errorCode();
  }

  private static String reason(SdkException e) {
    if (e instanceof S3Exception s3) {
      String what = s3.awsErrorDetails() == null ? "" : s3.awsErrorDetails().errorMessage();
      return "S3 answers %d %s%s"
          .formatted(
              s3.statusCode(), codeOf(s3), what == null || what.isEmpty() ? "" : " (" + what + ")");
    }
    String message = e.getMessage() == null ? "" : e.getMessage();
    if (message.startsWith("Unable to load credentials")) {
      return "there are no credentials in the environment, a profile, or from the platform";
    }
    Throwable cause = e.getCause();
    return cause != null && cause.getMessage() != null
        ? "S3 cannot be asked: " + cause.getMessage()
        : "S3 cannot be asked: " + message;
  }

  /** First by the code: many of them share the status 400 or 403. */
  private static String nextStep(SdkException e) {
    return switch (e instanceof S3Exception s3 ? codeOf(s3) : "") {
      case "RequestTimeTooSkewed" ->
          "Set the clock of this machine: it differs from that of S3 by more than 15 minutes.";
      case "ExpiredToken", "TokenRefreshRequired", "InvalidToken" ->
          "Renew the credentials: their session has ended. A changed profile is read by"
              + " itself, a changed environment by a restart.";
      case "BadDigest", "XAmzContentSHA256Mismatch" ->
          "Look at what lies between this server and S3: it changed bytes on their way.";
      case "SlowDown" -> "Try again later: S3 asks for fewer requests.";
      default -> nextStep(e instanceof S3Exception s3 ? s3.statusCode() : 0);
    };
  }

  private static String nextStep(int status) {
    return switch (status) {
      case 401, 403 -> "Look at the credentials and at what they may do with the bucket.";
      case 404 -> "Make the bucket, or correct its name.";
      case 301, 307, 400 -> "Look at the region and the endpoint of the bucket.";
      case 0 -> "Look at the endpoint, the credentials and whether the server runs.";
      default -> "Try again; nothing that was acknowledged is lost.";
    };
  }
}
