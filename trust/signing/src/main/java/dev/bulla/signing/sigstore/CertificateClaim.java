package dev.bulla.signing.sigstore;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.core.json.Nearest;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * What a Fulcio certificate can say of the run that asked for it (fulcio, {@code
 * docs/oid-info.md}): extensions {@code 1.3.6.1.4.1.57264.1.n}. The first five are GitHub's in
 * their old form, which cosign's options ask for; the others are for all providers.
 */
public enum CertificateClaim {
  GITHUB_WORKFLOW_TRIGGER(2),
  GITHUB_WORKFLOW_SHA(3),
  GITHUB_WORKFLOW_NAME(4),
  GITHUB_WORKFLOW_REPOSITORY(5),
  GITHUB_WORKFLOW_REF(6),
  BUILD_SIGNER_URI(9),
  BUILD_SIGNER_DIGEST(10),
  RUNNER_ENVIRONMENT(11),
  SOURCE_REPOSITORY_URI(12),
  SOURCE_REPOSITORY_DIGEST(13),
  SOURCE_REPOSITORY_REF(14),
  SOURCE_REPOSITORY_IDENTIFIER(15),
  SOURCE_REPOSITORY_OWNER_URI(16),
  SOURCE_REPOSITORY_OWNER_IDENTIFIER(17),
  BUILD_CONFIG_URI(18),
  BUILD_CONFIG_DIGEST(19),
  BUILD_TRIGGER(20),
  RUN_INVOCATION_URI(21),
  SOURCE_REPOSITORY_VISIBILITY(22),
  DEPLOYMENT_ENVIRONMENT(23),
  TOKEN_SUBJECT(24);

  private static final int LAST_RAW = 6;

  private final int number;

  CertificateClaim(int number) {
    this.number = number;
  }

  /** How Bulla's options and policies call it: {@code source-repository-uri}. */
  public String id() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /**
   * The claim of that name.
   *
   * @throws BullaException {@link ErrorCode#USAGE} with the nearest name
   */
  public static CertificateClaim named(String id) {
    List<String> known = Arrays.stream(values()).map(CertificateClaim::id).toList();
    return Arrays.stream(values())
        .filter(one -> one.id().equals(id))
        .findFirst()
        .orElseThrow(() ->
            new BullaException(
                ErrorCode.USAGE,
                "'%s' is no claim of a certificate".formatted(Shown.text(id)),
                Nearest.to(id, known)
                    .map(near -> "Did you mean '" + near + "'?")
                    .orElse("There are: " + String.join(", ", known) + ".")));
  }

  String oid() {
    return "1.3.6.1.4.1.57264.1." + number;
  }

  /** Whether the extension holds the text itself and not a DER UTF8String. */
  boolean isRaw() {
    return number <= LAST_RAW;
  }
}
