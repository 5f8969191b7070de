package dev.bulla.signing.keyless;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.core.crypto.Signer;
import dev.bulla.keys.Certificates;
import dev.bulla.keys.KeyAlgorithm;
import dev.bulla.keys.LocalSigner;
import dev.bulla.signing.http.ServiceClient;
import dev.bulla.signing.sigstore.ReceivedEvidence;
import dev.bulla.signing.sigstore.SignerIdentity;
import dev.bulla.signing.sigstore.TextPattern;
import dev.bulla.signing.sigstore.TrustedRoot;
import java.net.URI;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Somebody who signs without a key of his own: for the time of one certificate, about ten minutes,
 * with a key that is made for it and forgotten. All signatures of that time share the certificate;
 * when it nears its end another is asked for. Thread-safe.
 */
public final class KeylessIdentity {
  /** A certificate with less time than this left is not used for another signature. */
  private static final Duration RESERVE = Duration.ofSeconds(90);

  /** How far this machine's clock and the authority's may be apart. */
  private static final Duration SKEW = Duration.ofMinutes(5);

  private final IdentityToken token;
  private final String audience;
  private final FulcioClient authority;
  private final TrustedRoot root;
  private final InstantSource clock;
  private final SecureRandom random;
  private @Nullable Certified current;

  /**
   * A key for now.
   *
   * @param identity whom the certificate names; a bundle by this key verifies by it
   */
  public record Certified(Signer signer, X509Certificate certificate, SignerIdentity identity) {}

  /**
   * @param client to be closed by the caller
   * @param audience that the token must be for
   */
  public KeylessIdentity(
      IdentityToken token,
      String audience,
      URI authority,
      TrustedRoot root,
      ServiceClient client,
      InstantSource clock,
      SecureRandom random) {
    this.token = token;
    this.audience = audience;
    this.authority = new FulcioClient(SigningServices.checkedForSecrets(authority), client);
    this.root = root;
    this.clock = clock;
    this.random = random;
  }

  /**
   * The key to sign with now, certified and verified.
   *
   * @throws BullaException {@link ErrorCode#IDENTITY_TOKEN_INVALID} before anything is sent; {@link
   *     ErrorCode#SERVICE_REFUSED}; {@link ErrorCode#SERVICE_UNAVAILABLE}; {@link
   *     ErrorCode#CERTIFICATE_INVALID}, {@link ErrorCode#CERTIFICATE_NOT_LOGGED}, {@link
   *     ErrorCode#SIGNER_NOT_TRUSTED}, {@link ErrorCode#SIGNER_IDENTITY_MISMATCH} for a certificate
   *     that is not what was asked for
   */
  public synchronized Certified current() {
    Instant now = clock.instant();
    Certified held = current;
    if (held != null && now.plus(RESERVE).isBefore(held.certificate.getNotAfter().toInstant())) {
      return held;
    }
    token.checkUsable(now, audience);
    LocalSigner key = KeyAlgorithm.ECDSA_P256.generate(random);
    FulcioClient.Issued issued = authority.certify(token, key);
    Certified fresh = checked(issued, key, now);
    current = fresh;
    return fresh;
  }

  private Certified checked(FulcioClient.Issued issued, LocalSigner key, Instant now) {
    X509Certificate leaf = issued.leaf();
    if (!Certificates.verifier(leaf).equals(key.verifier())) {
      throw new BullaException(
          ErrorCode.CERTIFICATE_INVALID,
          "the certificate authority has certified another key than the one it was shown");
    }
    ReceivedEvidence.Named named = received(issued, now);
    if (!token.mayBeIssuedBy(named.issuer())
        || token.email().filter(email -> !email.equals(named.subject())).isPresent()
        || named.tokenSubject().filter(subject -> !subject.equals(token.subject())).isPresent()) {
      throw new BullaException(
          ErrorCode.SIGNER_IDENTITY_MISMATCH,
          "the certificate authority was shown the %s and has certified %s"
              .formatted(token, Shown.text(named.subject() + " by " + named.issuer())));
    }
    return new Certified(
        key.withChain(List.of(leaf)),
        leaf,
        new SignerIdentity(
            TextPattern.exactly(named.subject()), TextPattern.exactly(named.issuer())));
  }

  private ReceivedEvidence.Named received(FulcioClient.Issued issued, Instant now) {
    X509Certificate leaf = issued.leaf();
    Instant begin = leaf.getNotBefore().toInstant();
    if (begin.isAfter(now.plus(SKEW)) || leaf.getNotAfter().toInstant().isBefore(now)) {
      throw new BullaException(
          ErrorCode.CERTIFICATE_EXPIRED,
          "the certificate counts from %s to %s, now it is %s"
              .formatted(begin, leaf.getNotAfter().toInstant(), now),
          "Check the clock of this machine.");
    }
    try {
      return new ReceivedEvidence(root).certificate(leaf, begin.isAfter(now) ? begin : now);
    } catch (BullaException e) {
      if (e.code() == ErrorCode.CERTIFICATE_NOT_LOGGED && issued.detached()) {
        throw new BullaException(
            e.code(),
            "the promise of the certificate log came apart from the certificate, and a bundle"
                + " has no place for it",
            "Sign with an authority that embeds it, or under a trusted root without certificate"
                + " logs.",
            e);
      }
      throw e;
    }
  }

  /** Whom the token names. */
  @Override
  public String toString() {
    return token.toString();
  }
}
