package dev.bulla.signing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.core.ErrorCode;
import dev.bulla.core.claim.Verification;
import dev.bulla.signing.cosign.CosignTrust;
import dev.bulla.signing.sigstore.CertificateClaim;
import dev.bulla.signing.sigstore.SignerIdentity;
import dev.bulla.signing.sigstore.TextPattern;
import dev.bulla.signing.sigstore.TrustedRoot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a certificate says of the run that asked for it can be demanded. */
class CertificateClaimsTest {
  private static final String WORKFLOW =
      "https://github.com/acme/app/.github/workflows/release.yml@refs/heads/main";
  private static final SignerIdentity IDENTITY =
      new SignerIdentity(
          TextPattern.exactly(WORKFLOW), TextPattern.exactly("http://127.0.0.1:8901"));

  /** As the private instance's issuer gave them. */
  private static final Map<CertificateClaim, String> SAID =
      Map.of(
          CertificateClaim.GITHUB_WORKFLOW_TRIGGER, "push",
          CertificateClaim.GITHUB_WORKFLOW_NAME, "Release",
          CertificateClaim.GITHUB_WORKFLOW_REPOSITORY, "acme/app",
          CertificateClaim.GITHUB_WORKFLOW_REF, "refs/heads/main",
          CertificateClaim.GITHUB_WORKFLOW_SHA, "7e663c39ba5d64bb99a8dc69d8f3fe2e65434159",
          CertificateClaim.BUILD_SIGNER_URI, WORKFLOW,
          CertificateClaim.RUNNER_ENVIRONMENT, "github-hosted");

  @TempDir static Path home;

  @BeforeAll
  static void unpack() throws IOException {
    PeerFixtures.unpack("sigstore-instance.zip", home);
  }

  @Test
  void claimsThatTheCertificateMakesAreAccepted() throws IOException {
    SignerIdentity wanted = IDENTITY;
    for (Map.Entry<CertificateClaim, String> claim : SAID.entrySet()) {
      wanted = wanted.withClaim(claim.getKey(), claim.getValue());
    }
    Verification verification = verify("keyless-workflow", wanted);
    assertThat(verification.failure()).isEmpty();
    assertThat(verification.verified().getFirst().checks())
        .anyMatch(check -> check.name().equals("claims"));
  }

  @Test
  void anyOtherClaimIsRefused() throws IOException {
    for (Map.Entry<CertificateClaim, String> claim : SAID.entrySet()) {
      for (String other :
          new String[] {claim.getValue() + "x", "", claim.getValue().substring(1)}) {
        refused(IDENTITY.withClaim(claim.getKey(), other));
      }
    }
  }

  @Test
  void aClaimThatTheCertificateDoesNotMakeIsRefused() throws IOException {
    refused(IDENTITY.withClaim(CertificateClaim.DEPLOYMENT_ENVIRONMENT, "production"));
    refused(IDENTITY.withClaim(CertificateClaim.DEPLOYMENT_ENVIRONMENT, ""));
  }

  private static void refused(SignerIdentity wanted) throws IOException {
    assertThat(verify("keyless-workflow", wanted).failure().map(Verification.Failure::code))
        .as(wanted.claims().toString())
        .contains(ErrorCode.SIGNER_IDENTITY_MISMATCH);
  }

  private static Verification verify(String bundle, SignerIdentity wanted) throws IOException {
    TrustedRoot root =
        TrustedRoot.parse(Files.readAllBytes(home.resolve("roots/trusted_root.json")));
    return new VerifyBlob()
        .verify(
            home.resolve("artifacts/blob.bin"),
            Files.readAllBytes(home.resolve("bundles/" + bundle + ".sigstore.json")),
            new CosignTrust(wanted, root, "workflow"));
  }
}
