package dev.bulla.cli.command;

import dev.bulla.core.ErrorCode;
import dev.bulla.core.claim.Verification;
import dev.bulla.oci.ImageLocation;
import dev.bulla.oci.RegistryClient;
import picocli.CommandLine;

/**
 * {@code bulla verify}: whether an image is signed as the caller demands, and for each signature
 * why not.
 */
@CommandLine.Command(
    description = "Verifies the signatures of an image. Needs no home, takes no lock.",
    footer = {
      "",
      "By key (Cosign's formats):      bulla verify --key signing.pub REF",
      "An attestation:                 bulla verify --key signing.pub --type cyclonedx REF",
      "By identity (keyless):          bulla verify --certificate-identity alice@example.com \\",
      "                                  --certificate-oidc-issuer https://accounts.google.com \\",
      "                                  --trusted-root trusted_root.json REF",
      "By trust policy (Notation's):   bulla verify --trust-policy trustpolicy.json \\",
      "                                  --trust-store truststore [--scope REGISTRY/REPO] REF",
      "With none of these, $NOTATION_CONFIG, else this home's own trust policy and store.",
      "",
      "Ends with 0 if verified, 3 if refused, 4 if the registry cannot be reached."
    })
public final class VerifyCommand extends Command {
  @CommandLine.Parameters(
      paramLabel = "REF",
      description = "REGISTRY/REPO[:TAG|@DIGEST], or with --oci-layout PATH:TAG or PATH@DIGEST.")
  String reference = "";

  @CommandLine.Option(names = "--oci-layout", description = "Take REF as a path to an OCI layout.")
  boolean ociLayout;

  @CommandLine.Mixin private final JudgeOptions believed = new JudgeOptions();

  @CommandLine.Option(
      names = {"-v", "--verbose"},
      description = "Show every check of every signature.")
  boolean verbose;

  @Override
  public int run(Session session) {
    String argument = ociLayout ? session.path(reference).toString() : reference;
    ImageLocation location = ImageLocation.parse(argument, ociLayout);
    Judge judge = believed.judge(session);
    try (RegistryClient client = Registries.client(session);
        ImageLocation.Opened opened = location.open(client)) {
      Verification verification = judge.verify(location, opened.repository(), opened.descriptor());
      VerificationText text = new VerificationText(reference, verification);
      session.text().print(text.human(verbose));
      session.document(text.json());
      return verification.accepted() ? 0 : ErrorCode.SIGNATURE_INVALID.exitCode();
    }
  }
}
