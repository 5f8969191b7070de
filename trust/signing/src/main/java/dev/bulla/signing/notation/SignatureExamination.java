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

/**
 * All checks of one envelope, in order: integrity, certificates, critical attributes, authenticity,
 * expiry, timestamp, revocation, digest, metadata. Integrity ends the examination when it fails,
 * for then nothing in the envelope can be believed; the others are all made, so that the record
 * tells everything at once.
 */
final class SignatureExamination {
  private final CheckList checks;
  private final TrustStatement statement;
  private final NotationTrust trust;
  private final Instant now;

  SignatureExamination(
      CheckList checks, TrustStatement statement, NotationTrust trust, Instant now) {
    this.checks = checks;
    this.statement = statement;
    this.trust = trust;
    this.now = now;
  }

  void run(byte[] bytes, String format, Descriptor subject) {
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
    criticalAttributes(envelope);
    authenticity(envelope);
    expiry(envelope);
    Revocation revocation = new Revocation(trust.revocation(), now);
    Optional<Instant> signed =
        new TimestampCheck(checks, statement, trust.stores(), revocation, now).run(envelope);
    new RevocationCheck(checks, statement, revocation).run(envelope, signed);
    claims(envelope, subject);
  }

  private static Envelope verified(byte[] bytes, String format) {
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

  private void criticalAttributes(Envelope envelope) {
    if (!envelope.unknownCritical().isEmpty() || envelope.verificationPlugin().isPresent()) {
      String found =
          envelope
              .verificationPlugin()
              .map(plugin -> "the signature demands the verification plugin " + Shown.text(plugin))
              .orElseGet(() -> Shown.text(String.join(", ", envelope.unknownCritical())));
      checks.failed(
          "critical-attributes",
          ErrorCode.SIGNATURE_CRITICAL_ATTRIBUTE,
          "only attributes that are understood",
          found);
    } else {
      checks.passed("critical-attributes", "all understood");
    }
  }

  private void authenticity(Envelope envelope) {
    try {
      Optional<TrustStore.Name> store = trustedBy(envelope);
      if (store.isEmpty()) {
        unlessPassed(
            Aspect.AUTHENTICITY,
            "authenticity",
            ErrorCode.SIGNER_NOT_TRUSTED,
            "a certificate of the chain in one of the stores " + statement.stores(),
            "the chain ends in " + envelope.chain().getLast().getSubjectX500Principal());
        return;
      }
      if (!statement.anyIdentity() && !identified(envelope)) {
        unlessPassed(
            Aspect.AUTHENTICITY,
            "authenticity",
            ErrorCode.SIGNER_IDENTITY_MISMATCH,
            "one of the identities " + statement.identities(),
            envelope.leaf().getSubjectX500Principal().getName());
        return;
      }
      checks.passed("authenticity", "trusted through the store " + store.get());
    } catch (BullaException e) {
      unlessPassed(Aspect.AUTHENTICITY, "authenticity", CheckList.fault(e), "", e.reason());
    }
  }

  /** The store that holds, byte for byte, a certificate of the chain. */
  private Optional<TrustStore.Name> trustedBy(Envelope envelope) {
    Optional<TrustStore.Name> found = Optional.empty();
    for (TrustStore.Name store : statement.stores()) {
      if (store.type().equals(envelope.scheme().storeType())) {
        for (X509Certificate trusted : trust.stores().certificates(store)) {
          if (found.isEmpty() && envelope.chain().contains(trusted)) {
            found = Optional.of(store);
          }
        }
      }
    }
    return found;
  }

  private boolean identified(Envelope envelope) {
    DistinguishedName subject = DistinguishedName.of(envelope.leaf().getSubjectX500Principal());
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

  private void claims(Envelope envelope, Descriptor subject) {
    Optional<Descriptor> target =
        checks.attempt("digest", () -> TargetArtifact.parse(envelope.payload()));
    if (target.isEmpty()) {
      return;
    }
    if (target.get().bare().equals(subject.bare())) {
      checks.passed("digest", subject.digest().toString());
    } else {
      checks.failed(
          "digest", ErrorCode.SIGNATURE_DIGEST_MISMATCH, shown(subject), shown(target.get()));
    }
    metadata(target.get());
  }

  private void metadata(Descriptor target) {
    if (trust.metadata().isEmpty()) {
      return;
    }
    for (Map.Entry<String, String> wanted : trust.metadata().entrySet()) {
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
