package dev.bulla.signing.tuf;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import java.util.function.Supplier;

/** Why a metadata file is not believed. */
final class Refused {
  private static final String ASK =
      "Nothing of it is used. Try again later; if it stays so, ask the maintainers of the"
          + " repository.";

  private Refused() {}

  static BullaException invalid(String file, String why) {
    return new BullaException(
        ErrorCode.TRUST_METADATA_INVALID, "trust metadata %s: %s".formatted(file, why), ASK);
  }

  static BullaException rollback(String file, String why) {
    return new BullaException(
        ErrorCode.TRUST_METADATA_ROLLBACK, "trust metadata %s: %s".formatted(file, why), ASK);
  }

  static BullaException expired(String file, Object when, Object now) {
    return new BullaException(
        ErrorCode.TRUST_METADATA_EXPIRED,
        "trust metadata %s: expired at %s, and it is %s".formatted(file, when, now),
        ASK);
  }

  static BullaException notThere(String file) {
    return new BullaException(
        ErrorCode.TRUST_REPOSITORY_UNAVAILABLE,
        "the trust repository has no %s".formatted(file),
        "Check the address; 'bulla trust root show' names it.");
  }

  /** What {@code parse} gives; that the document cannot be read is a refusal of it. */
  static <T> T unreadable(String file, Supplier<T> parse) {
    try {
      return parse.get();
    } catch (BullaException e) {
      switch (e.code()) {
        case JSON_MALFORMED,
            JSON_DUPLICATE_KEY,
            JSON_TOO_DEEP,
            FIELD_INVALID,
            FIELD_UNKNOWN,
            INPUT_TOO_LARGE ->
            throw new BullaException(
                ErrorCode.TRUST_METADATA_INVALID,
                "trust metadata %s: %s".formatted(file, e.reason()),
                ASK,
                e);
        default -> throw e;
      }
    }
  }
}
