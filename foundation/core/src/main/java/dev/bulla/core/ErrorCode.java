package dev.bulla.core;

import java.util.Locale;

/**
 * Every reason for which Bulla refuses or fails, as a stable identifier.
 *
 * <p>The identifier is the constant's name in lower case with dashes ({@code digest-mismatch}); it
 * never changes once released. {@code docs/errors/<id>.md} says what the code means and what to do;
 * a test asserts that the page exists.
 */
public enum ErrorCode {
  // What the user asked for
  USAGE(Kind.USAGE),
  FILE_NOT_FOUND(Kind.USAGE),
  CONFIGURATION_INVALID(Kind.USAGE),

  // Outside bytes
  JSON_MALFORMED(Kind.INVALID),
  JSON_DUPLICATE_KEY(Kind.INVALID),
  JSON_TOO_DEEP(Kind.INVALID),
  INPUT_TOO_LARGE(Kind.INVALID),
  FIELD_UNKNOWN(Kind.INVALID),
  FIELD_INVALID(Kind.INVALID),

  // Images and registries
  DIGEST_INVALID(Kind.INVALID),
  DIGEST_MISMATCH(Kind.INVALID),
  SIZE_MISMATCH(Kind.INVALID),
  REFERENCE_INVALID(Kind.USAGE),
  MANIFEST_INVALID(Kind.INVALID),
  LAYOUT_INVALID(Kind.INVALID),
  MANIFEST_NOT_FOUND(Kind.NOT_FOUND),
  BLOB_NOT_FOUND(Kind.NOT_FOUND),
  REPOSITORY_NOT_FOUND(Kind.NOT_FOUND),
  UPLOAD_NOT_FOUND(Kind.NOT_FOUND),
  CONTENT_NOT_ADMITTED(Kind.REFUSED),
  CONTENT_LOCKED(Kind.CONFLICT),
  QUOTA_EXCEEDED(Kind.DENIED),
  REGISTRY_UNAVAILABLE(Kind.UNAVAILABLE),
  REGISTRY_UNAUTHORIZED(Kind.DENIED),
  REGISTRY_RATE_LIMITED(Kind.UNAVAILABLE),
  REGISTRY_PROTOCOL(Kind.UNAVAILABLE),
  CREDENTIALS_UNAVAILABLE(Kind.UNAVAILABLE),
  PLATFORM_NOT_FOUND(Kind.NOT_FOUND),
  RANGE_INVALID(Kind.INVALID),
  COPY_INCOMPLETE(Kind.FAILED),
  REPLICATION_UNTRUSTED(Kind.REFUSED),
  REPLICATION_REWOUND(Kind.REFUSED),
  REPLICATION_FORKED(Kind.REFUSED),
  REPLICATION_INCOMPLETE(Kind.FAILED),
  REPOSITORY_ELSEWHERE(Kind.DENIED),
  EVENTS_TRIMMED(Kind.NOT_FOUND),

  // Building
  TEMPLATE_INVALID(Kind.USAGE),
  TEMPLATE_UNSUPPORTED(Kind.USAGE),
  INPUT_CHECKSUM_MISMATCH(Kind.REFUSED),
  INPUT_UNAVAILABLE(Kind.UNAVAILABLE),
  PATH_ESCAPE(Kind.REFUSED),
  ARCHIVE_INVALID(Kind.INVALID),
  ARCHIVE_TOO_LARGE(Kind.INVALID),
  BUILD_TIMEOUT(Kind.FAILED),
  VALIDATION_FAILED(Kind.FAILED),

  // Keys and signatures
  KEY_INVALID(Kind.USAGE),
  KEY_UNSUPPORTED(Kind.USAGE),
  SIGNATURE_MISSING(Kind.REFUSED),
  SIGNATURE_INVALID(Kind.REFUSED),
  SIGNATURE_MALFORMED(Kind.REFUSED),
  SIGNATURE_DIGEST_MISMATCH(Kind.REFUSED),
  SIGNATURE_PAYLOAD_TYPE(Kind.REFUSED),
  SIGNATURE_CRITICAL_ATTRIBUTE(Kind.REFUSED),
  SIGNATURE_EXPIRED(Kind.REFUSED),
  SIGNATURE_ALGORITHM(Kind.REFUSED),
  SIGNATURE_TOO_MANY(Kind.REFUSED),
  SIGNATURE_METADATA(Kind.REFUSED),
  SIGNATURE_THRESHOLD(Kind.REFUSED),
  TIMESTAMP_INVALID(Kind.REFUSED),
  TIMESTAMP_MISSING(Kind.REFUSED),
  LOG_ENTRY_INVALID(Kind.REFUSED),
  LOG_ENTRY_MISSING(Kind.REFUSED),
  REVOCATION_UNKNOWN(Kind.REFUSED),
  SIGNER_NOT_TRUSTED(Kind.REFUSED),
  SIGNER_IDENTITY_MISMATCH(Kind.REFUSED),
  CERTIFICATE_INVALID(Kind.REFUSED),
  CERTIFICATE_EXPIRED(Kind.REFUSED),
  CERTIFICATE_NOT_LOGGED(Kind.REFUSED),
  CERTIFICATE_REVOKED(Kind.REFUSED),
  TRUST_KEY_INVALID(Kind.REFUSED),
  TRUST_POLICY_INVALID(Kind.REFUSED),
  TRUST_POLICY_NO_SCOPE(Kind.REFUSED),
  TRUST_STORE_INVALID(Kind.REFUSED),
  TRUST_ROOT_INVALID(Kind.REFUSED),
  TRUST_METADATA_INVALID(Kind.REFUSED),
  TRUST_METADATA_ROLLBACK(Kind.REFUSED),
  TRUST_METADATA_EXPIRED(Kind.REFUSED),
  TRUST_REPOSITORY_UNAVAILABLE(Kind.UNAVAILABLE),
  EVIDENCE_PACK_INVALID(Kind.REFUSED),
  STATEMENT_INVALID(Kind.REFUSED),
  STATEMENT_MISSING(Kind.REFUSED),
  IDENTITY_TOKEN_INVALID(Kind.UNAUTHENTICATED),
  SERVICE_REFUSED(Kind.DENIED),
  SERVICE_UNAVAILABLE(Kind.UNAVAILABLE),
  PLUGIN_NOT_FOUND(Kind.USAGE),
  PLUGIN_REFUSED(Kind.REFUSED),
  PLUGIN_FAILED(Kind.UNAVAILABLE),

  // Policy
  POLICY_INVALID(Kind.USAGE),
  POLICY_EVALUATION(Kind.REFUSED),
  POLICY_FACT_MISSING(Kind.REFUSED),
  POLICY_RULE_FAILED(Kind.REFUSED),
  POLICY_REFUSED(Kind.REFUSED),

  // Inventory and advisories
  SBOM_INVALID(Kind.INVALID),
  ADVISORY_INVALID(Kind.INVALID),
  ADVISORY_SET_MISSING(Kind.USAGE),
  VERSION_INVALID(Kind.INVALID),
  PURL_INVALID(Kind.USAGE),

  // Home, store and server
  HOME_UNUSABLE(Kind.FAILED),
  HOME_LOCKED(Kind.UNAVAILABLE),
  STORE_CORRUPT(Kind.FAILED),
  STORE_SCHEMA_MISSING(Kind.UNAVAILABLE),
  DISK_FULL(Kind.UNAVAILABLE),
  RECORDS_UNAVAILABLE(Kind.UNAVAILABLE),
  BLOBS_UNAVAILABLE(Kind.UNAVAILABLE),
  SERVER_UNAVAILABLE(Kind.UNAVAILABLE),
  LISTENER_REFUSED(Kind.USAGE),
  PORT_IN_USE(Kind.UNAVAILABLE),
  ACCESS_UNAUTHENTICATED(Kind.UNAUTHENTICATED),
  ACCESS_DENIED(Kind.DENIED),
  RATE_LIMITED(Kind.UNAVAILABLE),
  REQUEST_INVALID(Kind.INVALID),
  ROUTE_NOT_FOUND(Kind.NOT_FOUND),
  RELEASE_NOT_FOUND(Kind.NOT_FOUND),
  CONFLICT(Kind.CONFLICT),
  INTERNAL(Kind.FAILED);

  /** What sort of outcome a code is; it fixes the HTTP status and the exit code of the CLI. */
  public enum Kind {
    /** The caller's words are off: status 400, exit 2. */
    USAGE(400, 2),
    /** Outside bytes that do not hold what they should: status 400, exit 1. */
    INVALID(400, 1),
    /** No credential where one is needed: status 401, exit 1. */
    UNAUTHENTICATED(401, 1),
    /** A known caller without the right: status 403, exit 1. */
    DENIED(403, 1),
    /** Refused by policy or verification: status 403, exit 3. */
    REFUSED(403, 3),
    /** The thing is not there: status 404, exit 1. */
    NOT_FOUND(404, 1),
    /** The thing is in another state than assumed: status 409, exit 1. */
    CONFLICT(409, 1),
    /** Something needed cannot be reached now: status 503, exit 4. */
    UNAVAILABLE(503, 4),
    /** The work itself failed: status 500, exit 1. */
    FAILED(500, 1);

    private final int httpStatus;
    private final int exitCode;

    Kind(int httpStatus, int exitCode) {
      this.httpStatus = httpStatus;
      this.exitCode = exitCode;
    }
  }

  private final Kind kind;

  ErrorCode(Kind kind) {
    this.kind = kind;
  }

  public Kind kind() {
    return kind;
  }

  /** The stable identifier, for example {@code digest-mismatch}. */
  public String id() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  public int httpStatus() {
    return kind.httpStatus;
  }

  /** 1 failed, 2 usage, 3 refused, 4 unavailable. */
  public int exitCode() {
    return kind.exitCode;
  }

  /** The documentation page, relative to the root of the repository. */
  public String page() {
    return "docs/errors/" + id() + ".md";
  }
}
