package dev.bulla.signing.cosign;

import dev.bulla.core.Descriptor;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.signing.trust.BlobSubject;
import dev.bulla.signing.trust.CheckList;
import java.util.Map;
import java.util.Optional;

/** A bundle that was delivered with a file: a signature over it, or a statement about it. */
record BlobBundle(Bundle bundle, BlobSubject file, Descriptor subject)
    implements CosignEvidence.Content {

  @Override
  public void examine(CheckList checks, CosignTrust trust) {
    BundleExamination examination = new BundleExamination(checks, trust);
    switch (bundle.content()) {
      case Bundle.Content.Dsse ignored -> examination.run(bundle, subject.digest());
      case Bundle.Content.Message message -> {
        if (named(message, checks) && examination.signed(bundle, message(), message.signature())) {
          examination.annotations(Map.of());
        }
      }
    }
  }

  private SignedMessage message() {
    return new SignedMessage.Hashed(
        file::digest,
        file.isAtHand() ? Optional.of(() -> file.whole().orElseThrow()) : Optional.empty());
  }

  /** Whether the bundle names this file, or none. */
  private boolean named(Bundle.Content.Message message, CheckList checks) {
    Optional<Digest> found = message.digest().flatMap(claimed -> file.digest(claimed.algorithm()));
    if (found.isEmpty()) {
      return true;
    }
    if (!found.equals(message.digest())) {
      checks.failed(
          "digest",
          ErrorCode.SIGNATURE_DIGEST_MISMATCH,
          message.digest().orElseThrow().toString(),
          "the file has " + found.get());
      return false;
    }
    checks.passed("digest", found.get().toString());
    return true;
  }

  @Override
  public Optional<Bundle.Material> material() {
    return Optional.of(bundle.material());
  }
}
