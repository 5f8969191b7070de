package dev.bulla.signing.notation;

import dev.bulla.core.BullaException;
import dev.bulla.core.Descriptor;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.MediaTypes;
import dev.bulla.core.Shown;
import dev.bulla.core.claim.Check;
import dev.bulla.core.claim.TimeSource;
import dev.bulla.keys.Certificates;
import dev.bulla.keys.PublicKeyVerifier;
import dev.bulla.signing.plugin.PluginCapability;
import dev.bulla.signing.plugin.VerifiedByPlugin.Result;
import dev.bulla.signing.revocation.Revocation;
import dev.bulla.signing.trust.CheckList;
import dev.bulla.signing.trust.DistinguishedName;
import dev.bulla.signing.trust.TrustStatement;
import dev.bulla.signing.trust.TrustStore;
import dev.bulla.signing.trust.VerificationLevel.Action;
import dev.bulla.signing.trust.VerificationLevel.Aspect;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * All checks of one envelope, in order: integrity, certificates, critical attributes, authenticity,
 * expiry, timestamp, revocation, digest, metadata. Integrity ends the examination when it fails,
 * for then nothing in the envelope can be believed; the others are all made, so that the record
 * tells everything at once.
 */
final class SignatureExamination {
  private final CheckList checks;
  private final Basis basis;
  private final TrustStatement statement;
  private final Instant now;

  SignatureExamination(CheckList checks, Basis basis) {
    this.checks = checks;
    this.basis = basis;
    this.statement = basis.statement();
    this.now = basis.now();
  }

  void run(byte[] bytes, String format, SignedSubject subject) {
    Optional<Envelope> read = checks.attempt("integrity", () -> verified(bytes, format));
    if (read.isEmpty()) {
      return;
    }
    Envelope envelope = read.get();
    checks.passed("integrity", envelope.algorithm() + " signature by the leaf certificate's key");
    checks.authority(statement.name());
    checks.identity(envelope.leaf().getSubjectX500Principal().getName());
    checks.signedAt(
        envelope.signingTime(),
        envelope.scheme() == Envelope.Scheme.SIGNING_AUTHORITY
            ? TimeSource.SIGNING_AUTHORITY
            : TimeSource.SIGNER);
    checks.signedBy(
        envelope.algorithm().algorithm(),
        Certificates.verifier(envelope.leaf()),
        Optional.of(envelope.leaf()));
    certificates(envelope);
    Vouching vouching = vouching(envelope);
    boolean trusted = checks.hasPassed("certificates") && vouching.store().isPresent();
    Map<PluginCapability, Result> byPlugin =
        new PluginExamination(checks, basis).run(envelope, trusted);
    authenticity(envelope, vouching, byPlugin.get(PluginCapability.TRUSTED_IDENTITY));
    expiry(envelope);
    Revocation revocation = new Revocation(basis.rules().revocation(), now);
    Optional<Instant> signed =
        new TimestampCheck(checks, statement, basis.stores(), revocation, now).run(envelope);
    RevocationCheck revoked = new RevocationCheck(checks, statement, revocation);
    @Nullable Result decided = byPlugin.get(PluginCapability.REVOCATION_CHECK);
    if (decided == null) {
      revoked.run(envelope, signed);
    } else {
      revoked.byPlugin(decided);
    }
    claims(envelope, subject);
  }

  /**
   * The envelope, if its signature is over its bytes by the key of its leaf certificate.
   *
   * @throws BullaException naming what is wrong
   */
  static Envelope verified(byte[] bytes, String format) {
    Envelope envelope =
        format.equals(Envelope.JWS) ? JwsEnvelope.parse(bytes) : CoseEnvelope.parse(bytes);
    PublicKeyVerifier key = Certificates.verifier(envelope.leaf());
    NotationAlgorithm fit = NotationAlgorithm.of(key);
    if (fit != envelope.algorithm()) {
      throw new BullaException(
          ErrorCode.SIGNATURE_ALGORITHM,
          "the envelope says %s, the certificate's key makes %s"
              .formatted(envelope.algorithm(), fit));
    }
    byte[] signature = fit.fromEnvelope(envelope.signature());
    if (!key.verify(fit.algorithm(), envelope.toBeSigned(), signature)) {
      throw new BullaException(
          ErrorCode.SIGNATURE_INVALID,
          "the signature is not over these bytes by the key of "
              + envelope.leaf().getSubjectX500Principal());
    }
    if (!envelope.contentType().equals(MediaTypes.NOTATION_PAYLOAD)) {
      throw new BullaException(
          ErrorCode.SIGNATURE_PAYLOAD_TYPE,
          "the payload is %s, expected %s"
              .formatted(Shown.text(envelope.contentType()), MediaTypes.NOTATION_PAYLOAD));
    }
    if (envelope.expiry().isPresent() && !envelope.expiry().get().isAfter(envelope.signingTime())) {
      throw ProtectedAttributes.malformed("the expiry is not after the signing time");
    }
    return envelope;
  }

  private void certificates(Envelope envelope) {
    checks
        .attempt(
            "certificates",
            () -> {
              CertificateRules.check(envelope.chain());
              return envelope.chain().size();
            })
        .ifPresent(size ->
            checks.passed("certificates", size + " certificates keep the Notary Project's rules"));
  }

  /**
   * Which trust store vouches for a chain.
   *
   * @param fault why the stores could not be asked
   */
  private record Vouching(Optional<TrustStore.Name> store, Optional<BullaException> fault) {}

  private Vouching vouching(Envelope envelope) {
    try {
      return new Vouching(trustedBy(envelope), Optional.empty());
    } catch (BullaException e) {
      CheckList.fault(e);
      return new Vouching(Optional.empty(), Optional.of(e));
    }
  }

  private void authenticity(Envelope envelope, Vouching vouching, @Nullable Result byPlugin) {
    if (vouching.fault().isPresent()) {
      BullaException e = vouching.fault().get();
      unlessPassed(Aspect.AUTHENTICITY, "authenticity", CheckList.fault(e), "", e.reason());
    } else if (vouching.store().isEmpty()) {
      unlessPassed(
          Aspect.AUTHENTICITY,
          "authenticity",
          ErrorCode.SIGNER_NOT_TRUSTED,
          "a certificate of the chain in one of the stores " + statement.stores(),
          "the chain ends in " + envelope.chain().getLast().getSubjectX500Principal());
    } else if (byPlugin != null ? !byPlugin.success() : !identified(envelope)) {
      String leaf = envelope.leaf().getSubjectX500Principal().getName();
      unlessPassed(
          Aspect.AUTHENTICITY,
          "authenticity",
          ErrorCode.SIGNER_IDENTITY_MISMATCH,
          "one of the identities " + statement.trustedIdentities(),
          byPlugin == null
              ? leaf
              : "%s, refused by the plugin: %s".formatted(leaf, Shown.text(byPlugin.reason())));
    } else {
      checks.passed(
          "authenticity",
          "trusted through the store %s%s"
              .formatted(
                  vouching.store().get(), byPlugin == null ? "" : ", identified by the plugin"));
    }
  }

  /** The store that holds, byte for byte, a certificate of the chain. */
  private Optional<TrustStore.Name> trustedBy(Envelope envelope) {
    Optional<TrustStore.Name> found = Optional.empty();
    for (TrustStore.Name store : statement.stores()) {
      if (store.type().equals(envelope.scheme().storeType())) {
        for (X509Certificate trusted : basis.stores().certificates(store)) {
          if (found.isEmpty() && envelope.chain().contains(trusted)) {
            found = Optional.of(store);
          }
        }
      }
    }
    return found;
  }

  /** A subject that has an attribute twice, and so no identity can match it, is not identified. */
  private boolean identified(Envelope envelope) {
    if (statement.anyIdentity()) {
      return true;
    }
    DistinguishedName subject;
    try {
      subject = DistinguishedName.of(envelope.leaf().getSubjectX500Principal());
    } catch (BullaException e) {
      return false;
    }
    return statement.identities().stream().anyMatch(identity -> identity.isSubsetOf(subject));
  }

  private void expiry(Envelope envelope) {
    Optional<Instant> expiry = envelope.expiry();
    if (expiry.isEmpty()) {
      checks.passed("expiry", "the signature has no expiry");
    } else if (now.isBefore(expiry.get())) {
      checks.passed("expiry", "expires " + expiry.get());
    } else {
      unlessPassed(
          Aspect.EXPIRY,
          "expiry",
          ErrorCode.SIGNATURE_EXPIRED,
          "an expiry after " + now,
          "expired " + expiry.get());
    }
  }

  private void claims(Envelope envelope, SignedSubject subject) {
    Optional<Descriptor> target =
        checks.attempt("digest", () -> TargetArtifact.parse(envelope.payload()));
    if (target.isEmpty()) {
      return;
    }
    Descriptor expected = subject.as(envelope.algorithm().hash(), target.get().mediaType());
    if (target.get().bare().equals(expected.bare())) {
      checks.passed("digest", expected.digest().toString());
    } else {
      checks.failed(
          "digest", ErrorCode.SIGNATURE_DIGEST_MISMATCH, shown(expected), shown(target.get()));
    }
    if (checks.hasPassed("digest")) {
      checks.annotations(target.get().annotations());
    }
    metadata(target.get());
  }

  private void metadata(Descriptor target) {
    if (basis.rules().metadata().isEmpty()) {
      return;
    }
    for (Map.Entry<String, String> wanted : basis.rules().metadata().entrySet()) {
      String found = target.annotations().get(wanted.getKey());
      if (!wanted.getValue().equals(found)) {
        checks.failed(
            "metadata",
            ErrorCode.SIGNATURE_METADATA,
            wanted.getKey() + "=" + wanted.getValue(),
            found == null ? "no such pair" : wanted.getKey() + "=" + Shown.text(found));
        return;
      }
    }
    checks.passed("metadata", "all demanded pairs are signed");
  }

  private void unlessPassed(
      Aspect aspect, String name, ErrorCode code, String expected, String found) {
    checks.add(byPolicy(statement, aspect, name, code, expected, found));
  }

  /** A check that did not pass, enforced or logged as the trust policy says. */
  static Check byPolicy(
      TrustStatement statement,
      Aspect aspect,
      String name,
      ErrorCode code,
      String expected,
      String found) {
    Action action = statement.level().action(aspect);
    return switch (action) {
      case ENFORCE -> Check.failed(name, code, expected, found);
      case LOG -> Check.logged(name, code, expected, found);
      case SKIP -> Check.skipped(name, "skipped by the trust policy; found " + found);
    };
  }

  private static String shown(Descriptor descriptor) {
    return "%s %s of %d bytes"
        .formatted(descriptor.mediaType(), descriptor.digest(), descriptor.size());
  }
}
