package dev.bulla.cli.command;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.claim.Verification;
import dev.bulla.oci.ImageLocation;
import dev.bulla.oci.RegistryClient;
import dev.bulla.oci.Repository;
import dev.bulla.signing.whole.VerifyWhole;
import picocli.CommandLine;

/**
 * {@code bulla verify}: whether images are signed as the caller demands, and for each signature why
 * not.
 */
@CommandLine.Command(
    description = "Verifies the signatures of images. Needs no home, takes no lock.",
    footer = {
      "",
      "By key (Cosign's formats):      bulla verify --key signing.pub REF",
      "An attestation:                 bulla verify --key signing.pub --type cyclonedx REF",
      "By identity (keyless):          bulla verify --certificate-identity alice@example.com \\",
      "                                  --certificate-oidc-issuer https://accounts.google.com \\",
      "                                  --trusted-root trusted_root.json REF",
      "By trust policy (Notation's):   bulla verify --trust-policy trustpolicy.json \\",
      "                                  --trust-store truststore [--scope REGISTRY/REPO] REF",
      "By Bulla's trust policy:        bulla verify --trust trust.yaml [--policy gate.yaml] REF",
      "With none of these, $NOTATION_CONFIG, else this home's own trust policy and store.",
      "An index and every child:       bulla verify --recursive --key signing.pub REF",
      "Many at once:                   bulla verify --key signing.pub -f images.txt",
      "What a chart would run:         helm template . | bulla verify --key signing.pub --manifests"
          + " -",
      "",
      "Ends with 0 if verified, 3 if refused, 4 if the registry cannot be reached; of many with",
      "the worst: 3 before 4 before 1 before 2."
    })
public final class VerifyCommand extends Command {
  @CommandLine.Mixin private final ReferenceOptions images = new ReferenceOptions();

  @CommandLine.Mixin private final JudgeOptions believed = new JudgeOptions();

  @CommandLine.Option(
      names = {"-r", "--recursive"},
      description = "Demand it of an index and of every image that it names.")
  boolean recursive;

  @CommandLine.Option(
      names = "--parallel",
      paramLabel = "N",
      defaultValue = "8",
      description = "How many images are looked at at the same time, 1 to 64 (${DEFAULT-VALUE}).")
  int parallel;

  @CommandLine.Option(
      names = {"-v", "--verbose"},
      description = "Show every check of every signature.")
  boolean verbose;

  @Override
  public int run(Session session) {
    if (parallel < 1 || parallel > 64) {
      throw new BullaException(
          ErrorCode.USAGE, "--parallel is %d, expected 1 to 64".formatted(parallel));
    }
    if (images.single()) {
      return single(session, images.references.getFirst());
    }
    ReferenceOptions.Asked asked = images.read(session);
    Judge judge = believed.judge(session);
    try (RegistryClient client = Registries.client(session, believed.notationSettings(session))) {
      return new VerifyMany(session, parallel, verbose)
          .run(
              asked,
              written ->
                  verify(session, judge, client, images.location(session, written), written));
    }
  }

  private int single(Session session, String written) {
    ImageLocation location = images.location(session, written);
    Judge judge = believed.judge(session);
    try (RegistryClient client = Registries.client(session, believed.notationSettings(session))) {
      VerifyMany.Answer answer = verify(session, judge, client, location, written);
      session.text().print(answer.human());
      session.document(answer.json());
      return answer.verification().accepted() ? 0 : ErrorCode.SIGNATURE_INVALID.exitCode();
    }
  }

  private VerifyMany.Answer verify(
      Session session, Judge judge, RegistryClient client, ImageLocation location, String written) {
    try (ImageLocation.Opened opened = location.open(client)) {
      Repository read =
          believed.readsCosign()
              ? Registries.withCosign(session, client, location, opened.repository())
              : opened.repository();
      if (recursive) {
        VerifyWhole.Result result =
            new VerifyWhole((repository, part) -> judge.verify(location, repository, part))
                .verify(read, opened.descriptor());
        WholeText text = new WholeText(written, result);
        return new VerifyMany.Answer(result.whole(), text.human(verbose), text.json());
      }
      Verification verification = judge.verify(location, read, opened.descriptor());
      VerificationText text = new VerificationText(written, verification);
      return new VerifyMany.Answer(verification, text.human(verbose), text.json());
    }
  }
}
