package dev.bulla.cli.command;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.core.claim.Verification;
import dev.bulla.keys.PasswordSource;
import dev.bulla.keys.PublicKeyVerifier;
import dev.bulla.signing.SigningKeys;
import dev.bulla.signing.authority.DefaultRoot;
import dev.bulla.signing.cosign.CosignTrust;
import dev.bulla.signing.cosign.PredicateNames;
import dev.bulla.signing.cosign.TrustedSigner;
import dev.bulla.signing.sigstore.SignerIdentity;
import dev.bulla.signing.sigstore.TextPattern;
import dev.bulla.signing.sigstore.TrustedRoot;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Who must have signed, in cosign's words: a key, or an identity under a trusted root. */
final class SignerOptions {
  @Option(
      names = "--key",
      paramLabel = "KEY",
      description =
          "Public key: a file with it or with a certificate, env://VARIABLE with PEM text, pkcs11:…"
              + " for a token, or NAME://KEY for the program sigstore-kms-NAME (docs/keys.md).")
  @Nullable String key;

  @Option(
      names = "--key-env",
      paramLabel = "NAME",
      description = "A variable that the program of --key NAME://KEY sees beside the usual ones.")
  List<String> variables = List.of();

  @Mixin private final CosignHabits habits = new CosignHabits();

  @Option(names = "--experimental", description = "Believe an ML-DSA-65 key.")
  boolean experimental;

  @Option(
      names = "--second-key",
      paramLabel = "FILE",
      description =
          "ML-DSA-65 public key that must have signed the same bytes as --key, an ECDSA key (a dual"
              + " signature); with --experimental.")
  @Nullable String secondKey;

  @Option(
      names = "--certificate-identity",
      paramLabel = "WHO",
      description = "Who signed: e-mail address or URI, as a whole; with an issuer.")
  @Nullable String identity;

  @Option(
      names = "--certificate-identity-regexp",
      paramLabel = "REGEXP",
      description = "The same by a regular expression (RE2), found anywhere; write ^ and $.")
  @Nullable String identityRegexp;

  @Option(
      names = "--certificate-oidc-issuer",
      paramLabel = "URL",
      description = "Who vouched for WHO, such as https://accounts.google.com.")
  @Nullable String issuer;

  @Option(
      names = "--certificate-oidc-issuer-regexp",
      paramLabel = "REGEXP",
      description = "The same by a regular expression.")
  @Nullable String issuerRegexp;

  @Mixin private final ClaimOptions claims = new ClaimOptions();

  @Mixin private final CertificateOptions certified = new CertificateOptions();

  @Option(
      names = "--trusted-root",
      paramLabel = "FILE",
      description =
          "trusted_root.json of the Sigstore instance (default with an identity: what 'bulla trust"
              + " root' has fetched); with --key, a log that it names must have an entry.")
  @Nullable String trustedRoot;

  @Option(
      names = "--trusted-root-cache",
      paramLabel = "DIR",
      description = "Where 'bulla trust root --cache DIR' keeps what it has fetched.")
  @Nullable String trustedRootCache;

  @Option(
      names = "--offline",
      description =
          "Ask nobody whether certificates were revoked or for a newer trusted root (default: whom"
              + " the certificates name, if the trust policy wants to know; the trust repository,"
              + " if it was not asked for a day).")
  boolean offline;

  @Option(names = "--require-log", description = "Demand an entry of a log of the trusted root.")
  boolean requireLog;

  @Option(
      names = "--require-timestamp",
      description = "Demand a proof by the trusted root of when it was signed.")
  boolean requireTimestamp;

  @Option(
      names = "--type",
      paramLabel = "TYPE",
      description =
          "Demand an attestation of this type instead of a signature: a URI or cosign's short"
              + " name (cyclonedx, spdxjson, slsaprovenance1, …).")
  @Nullable String type;

  @Option(
      names = "--hash",
      paramLabel = "HASH",
      description = "sha256, sha384 or sha512 only (default: what belongs to the key).")
  @Nullable String hash;

  @Option(
      names = "--check-claims",
      arity = "0..1",
      paramLabel = "BOOL",
      fallbackValue = "true",
      description = "false: do not compare the signed digest with the one at hand.")
  String checkClaims = "true";

  private String remark = "";
  private @Nullable PublicKeyVerifier asked;

  /** Whether a key or an identity is named. */
  boolean given() {
    habits.check();
    if (certified.given() && key == null && !named()) {
      throw usage(
          "--certificate and --sct go with an identity, and none is named",
          "Whomever an authority certifies: --certificate-identity and --certificate-oidc-issuer."
              + " The holder of one certificate: --key FILE with that certificate.");
    }
    return key != null || named();
  }

  private boolean named() {
    return Stream.of(identity, identityRegexp, issuer, issuerRegexp).anyMatch(one -> one != null);
  }

  /** Whether an option says something that needs a key or an identity. */
  boolean refined() {
    return trustedRoot != null
        || trustedRootCache != null
        || requireLog
        || requireTimestamp
        || type != null
        || hash != null
        || experimental
        || secondKey != null
        || certified.given()
        || certified.ignoresLog()
        || !checkClaims.equals("true")
        || !claims.demanded().isEmpty();
  }

  /** Whether an option says something that a Bulla trust policy says itself. */
  boolean demandsOfSigner() {
    return given()
        || type != null
        || hash != null
        || experimental
        || secondKey != null
        || certified.given()
        || certified.ignoresLog()
        || !checksClaims()
        || !claims.demanded().isEmpty();
  }

  /** The trusted root for identities of a trust policy that name none. */
  DefaultRoot defaultRoot(Session session) {
    return () -> rootOfIdentity(session);
  }

  boolean checksClaims() {
    return checkClaims.equals("true");
  }

  Optional<String> predicateType() {
    return Optional.ofNullable(type).map(PredicateNames::toUri);
  }

  /**
   * @param now as of when a certificate is judged if no time is proven nor demanded
   */
  CosignTrust trust(Session session, Instant now) {
    if (certified.ignoresLog() && requireLog) {
      throw usage("--insecure-ignore-tlog and --require-log exclude each other", "");
    }
    if (!checkClaims.equals("true") && !checkClaims.equals("false")) {
      throw usage("--check-claims must be true or false", "");
    }
    if (secondKey != null
        && (key == null || !experimental || hash != null || trustedRoot != null)) {
      throw usage(
          "--second-key goes with --key and --experimental, and not with --hash or --trusted-root",
          "");
    }
    CosignTrust plain = key != null ? byKey(session, key) : byIdentity(session, now);
    CosignTrust trust = experimental ? plain.withExperimental() : plain;
    if (hash != null) {
      trust = trust.withHash(algorithm(hash));
    }
    return checksClaims() ? trust : trust.withoutClaims();
  }

  private CosignTrust byKey(Session session, String reference) {
    if (named() || !claims.demanded().isEmpty() || certified.given()) {
      throw usage(
          "--key and a certificate (its identity, --certificate, --sct) exclude each other", "");
    }
    if (offline || trustedRootCache != null) {
      throw usage("--offline and --trusted-root-cache are not for --key", "");
    }
    if (trustedRoot == null && (requireLog || requireTimestamp)) {
      publicKey(session);
      throw new BullaException(
          requireLog ? ErrorCode.LOG_ENTRY_MISSING : ErrorCode.TIMESTAMP_MISSING,
          requireLog
              ? "a log entry is demanded, and no log is believed"
              : "a proof of the time is demanded, and nobody's is believed",
          "Give --trusted-root FILE.");
    }
    if (secondKey != null) {
      return new CosignTrust(
          pair(publicKey(session), second(session, secondKey)),
          Shown.text(reference + " with " + secondKey));
    }
    CosignTrust trust = new CosignTrust(publicKey(session), Shown.text(reference));
    if (trustedRoot == null) {
      return trust;
    }
    TrustedRoot root = root(session, trustedRoot);
    if (requireLog && root.logs().isEmpty()) {
      throw new BullaException(
          ErrorCode.LOG_ENTRY_MISSING,
          "a log entry is demanded, and the trusted root %s names no log".formatted(trustedRoot),
          "Give the trusted root of an instance that has a log.");
    }
    return trust.withTrustedRoot(certified.ignoresLog() ? root.withoutLogs() : root);
  }

  /**
   * The key of {@code --key}; a token or program is asked once. A file that is no usable key
   * believes nobody: a refusal, as with any other trust material.
   */
  PublicKeyVerifier publicKey(Session session) {
    if (asked != null) {
      return asked;
    }
    String reference = String.valueOf(key);
    Map<String, String> environment = session.invocation().environment();
    boolean elsewhere = SigningKeys.hasOwnSecret(reference);
    if (!elsewhere && !variables.isEmpty()) {
      throw usage("--key-env goes with --key NAME://KEY", "");
    }
    try {
      PublicKeyVerifier found =
          new SigningKeys(
                  session.invocation().workingDirectory(), environment, PasswordSource.none())
              .withVariables(Set.copyOf(variables))
              .verificationKey(reference);
      asked = found;
      return found;
    } catch (BullaException e) {
      if (!elsewhere
          && (e.code() == ErrorCode.KEY_INVALID || e.code() == ErrorCode.KEY_UNSUPPORTED)) {
        throw new BullaException(ErrorCode.TRUST_KEY_INVALID, e.reason(), e.nextStep(), e);
      }
      throw e;
    }
  }

  private static TrustedSigner.Pair pair(PublicKeyVerifier one, PublicKeyVerifier other) {
    try {
      return new TrustedSigner.Pair(one, other);
    } catch (BullaException e) {
      throw new BullaException(ErrorCode.TRUST_KEY_INVALID, e.reason(), e.nextStep(), e);
    }
  }

  private static PublicKeyVerifier second(Session session, String file) {
    try {
      return PublicKeyVerifier.ofPem(InputFiles.read(session, file), file);
    } catch (BullaException e) {
      if (e.code() == ErrorCode.KEY_INVALID || e.code() == ErrorCode.KEY_UNSUPPORTED) {
        throw new BullaException(ErrorCode.TRUST_KEY_INVALID, e.reason(), e.nextStep(), e);
      }
      throw e;
    }
  }

  private CosignTrust byIdentity(Session session, Instant now) {
    TextPattern who = pattern("--certificate-identity", identity, identityRegexp);
    TextPattern by = pattern("--certificate-oidc-issuer", issuer, issuerRegexp);
    CosignTrust trust =
        new CosignTrust(
            claims.of(new SignerIdentity(who, by)), rootOfIdentity(session), who + " by " + by);
    return trust.withCertificate(
        certified.read(session, requireTimestamp ? Optional.empty() : Optional.of(now)));
  }

  /** The root that is named, else the fetched one, of which {@link #noted} then tells. */
  private TrustedRoot rootOfIdentity(Session session) {
    if (trustedRoot != null) {
      if (trustedRootCache != null) {
        throw usage("--trusted-root and --trusted-root-cache exclude each other", "");
      }
      return root(session, trustedRoot);
    }
    CachedTrust cached =
        CachedTrust.find(session, trustedRootCache, offline)
            .orElseThrow(() ->
                usage(
                    "an identity is judged by a trusted root, and none is given",
                    "Give --trusted-root trusted_root.json, or fetch one: bulla trust root init"
                        + " --url URL --root FILE."));
    remark = cached.remark();
    return TrustedRoot.parse(cached.trustedRoot());
  }

  /** Whether times are proven: by a trusted root that is named, or by the one of an identity. */
  boolean provesTimes() {
    return trustedRoot != null || key == null;
  }

  /** The answer with a remark about the trusted root, if it is one that was fetched. */
  Verification noted(Verification answer) {
    return remark.isEmpty() ? answer : answer.withRemark(remark);
  }

  private static TextPattern pattern(
      String option, @Nullable String exact, @Nullable String expression) {
    if (exact != null && expression == null) {
      return TextPattern.exactly(exact);
    }
    if (expression != null && exact == null) {
      return TextPattern.matching(expression);
    }
    throw usage(
        "%s or %s-regexp must be given, and not both".formatted(option, option),
        "An identity is a subject and an issuer: every issuer may name every subject.");
  }

  private static Digest.Algorithm algorithm(String written) {
    return Stream.of(Digest.Algorithm.values())
        .filter(one -> one.id().equals(written))
        .findFirst()
        .orElseThrow(() ->
            usage(
                "--hash is '%s', expected sha256, sha384 or sha512".formatted(Shown.text(written)),
                ""));
  }

  private static TrustedRoot root(Session session, String file) {
    return TrustedRoot.parse(InputFiles.read(session, file));
  }

  private static BullaException usage(String reason, String nextStep) {
    return new BullaException(ErrorCode.USAGE, reason, nextStep);
  }
}
