package dev.bulla.pipeline;

import dev.bulla.core.BullaException;
import dev.bulla.core.Descriptor;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.claim.SignatureRecord;
import dev.bulla.core.claim.Verification;
import dev.bulla.oci.RegistryClient;
import dev.bulla.oci.Repository;
import dev.bulla.pipeline.StageClock.Outcome;
import dev.bulla.signing.Trust;
import dev.bulla.signing.VerifyImage;
import dev.bulla.signing.VerifyStatements;
import dev.bulla.signing.cosign.CosignTrust;
import dev.bulla.signing.notation.NotationTrust;
import java.time.InstantSource;
import java.util.List;

/**
 * Verifies a published image as any client would: from the registry, by the home's trust policy and
 * public key.
 */
final class PublishedImage {
  private final RegistryClient registries;
  private final HomeIdentity identity;
  private final InstantSource clock;

  PublishedImage(RegistryClient registries, HomeIdentity identity, InstantSource clock) {
    this.registries = registries;
    this.identity = identity;
    this.clock = clock;
  }

  /**
   * @throws BullaException with the failed check's code, if what was published cannot be verified
   */
  Outcome<Boolean> verify(Destinations.Named named, Digest image) {
    CosignTrust key = identity.cosignTrust();
    NotationTrust policy = identity.notationTrust(named.name().toString());
    try (Repository repository = registries.repository(named.name())) {
      Descriptor found =
          repository
              .resolve(named.tags().getFirst())
              .filter(descriptor -> descriptor.digest().equals(image))
              .orElseThrow(() ->
                  new BullaException(
                      ErrorCode.DIGEST_MISMATCH,
                      "%s:%s does not stand for %s right after it was published"
                          .formatted(named.name(), named.tags().getFirst(), image),
                      "Somebody else publishes to the same tag; ship again."));
      VerifyImage verifier = new VerifyImage(clock);
      demand(verifier.verify(repository, found, new Trust.ByPolicy(policy)), "Notation");
      demand(verifier.verify(repository, found, new Trust.ByKey(key)), "Cosign");
      List<SignatureRecord> statements = new VerifyStatements().verified(repository, found, key);
      return Outcome.of(
          true, "Notation and Cosign signatures and %d statements".formatted(statements.size()));
    }
  }

  private static void demand(Verification verification, String format) {
    verification
        .failure()
        .ifPresent(failure -> {
          throw new BullaException(
              failure.code(), format + ": " + failure.reason(), failure.nextStep());
        });
  }
}
