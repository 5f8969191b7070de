package dev.bulla.signing;

import dev.bulla.core.BullaException;
import dev.bulla.core.Descriptor;
import dev.bulla.core.claim.Verification;
import dev.bulla.oci.Repository;
import dev.bulla.signing.authority.AuthorityVerifier;
import dev.bulla.signing.authority.EvidenceMemory;
import dev.bulla.signing.cosign.CosignVerifier;
import dev.bulla.signing.notation.NotationVerifier;
import java.time.InstantSource;
import java.util.Optional;

/**
 * Verifies the signatures of an image or of any other manifest, whatever their format: the one
 * verifier of the house.
 *
 * <p>The answer is data: every signature found, every check of it in order, and why it was refused.
 * Thread-safe.
 */
public final class VerifyImage {
  private final NotationVerifier notation;
  private final CosignVerifier cosign = new CosignVerifier();
  private final AuthorityVerifier authorities;

  /**
   * @param clock the moment as of which certificates and expiries are judged
   */
  public VerifyImage(InstantSource clock) {
    this(clock, Optional.empty());
  }

  /**
   * @param memory of what was made of evidence by one policy, with all that it names; used for that
   */
  public VerifyImage(InstantSource clock, Optional<EvidenceMemory.Part> memory) {
    this.notation = new NotationVerifier(clock);
    this.authorities = new AuthorityVerifier(clock, memory);
  }

  /**
   * Whether {@code subject} is signed as {@code trust} demands.
   *
   * @param subject as resolved in {@code repository}; a tag must be resolved first
   * @throws BullaException only if the repository cannot be reached or denies access
   */
  public Verification verify(Repository repository, Descriptor subject, Trust trust) {
    return switch (trust) {
      case Trust.ByPolicy(var policy) -> notation.verify(repository, subject, policy);
      case Trust.ByKey(var key) -> cosign.verifyImage(repository, subject, key);
      case Trust.ByAuthorities(var policy, var image, var conditions) ->
          authorities.verify(repository, subject, policy, image, conditions);
    };
  }
}
