package dev.bulla.cli.command;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Reference;
import dev.bulla.core.claim.Verification;
import dev.bulla.oci.ImageLocation;
import dev.bulla.oci.RegistryClient;
import dev.bulla.signing.Trust;
import dev.bulla.signing.VerifyImage;
import dev.bulla.signing.VerifyStatements;
import dev.bulla.signing.cosign.CosignTrust;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
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

  @CommandLine.Mixin private final SignerOptions signer = new SignerOptions();
  @CommandLine.Mixin private final PolicyOptions policy = new PolicyOptions();

  @CommandLine.Option(
      names = {"-a", "-m", "--annotation", "--user-metadata"},
      paramLabel = "KEY=VALUE",
      description = "A pair that must be signed; repeatable.")
  List<String> annotations = List.of();

  @CommandLine.Option(
      names = "--at",
      paramLabel = "TIME",
      description =
          "Judge as of this moment, such as 2026-11-21T12:00:00Z; with --key or an identity, only"
              + " what is proven to have been signed by then counts.")
  @Nullable String at;

  @CommandLine.Option(
      names = "--max-signatures",
      paramLabel = "N",
      defaultValue = "100",
      description = "How many signatures to look at (default: ${DEFAULT-VALUE}).")
  int maxSignatures;

  @CommandLine.Option(
      names = {"-v", "--verbose"},
      description = "Show every check of every signature.")
  boolean verbose;

  @Override
  public int run(Session session) {
    String argument = ociLayout ? session.path(reference).toString() : reference;
    ImageLocation location = ImageLocation.parse(argument, ociLayout);
    Trust trust = trust(session);
    try (RegistryClient client = Registries.client(session);
        ImageLocation.Opened opened = location.open(client)) {
      Verification verification =
          switch (trust) {
            case Trust.ByPolicy byPolicy ->
                new VerifyImage(clock()).verify(opened.repository(), opened.descriptor(), byPolicy);
            case Trust.ByKey(CosignTrust cosign) -> verify(opened, cosign);
          };
      VerificationText text = new VerificationText(reference, verification);
      session.text().print(text.human(verbose));
      session.document(text.json());
      return verification.accepted() ? 0 : ErrorCode.SIGNATURE_INVALID.exitCode();
    }
  }

  private Trust trust(Session session) {
    if (signer.given()) {
      if (policy.given()) {
        throw usage("a trust policy and --key or an identity exclude each other");
      }
      CosignTrust trust = signer.trust(session);
      if (!annotations.isEmpty() && !signer.checksClaims()) {
        throw usage("-a cannot be checked with --check-claims=false");
      }
      if (at != null && signer.trustedRoot == null) {
        throw new BullaException(
            ErrorCode.USAGE,
            "--at with --key needs somebody who proves when it was signed",
            "Give --trusted-root FILE.");
      }
      return new Trust.ByKey(
          trust.withAnnotations(Pairs.of(annotations)).withMaxSignatures(maxSignatures));
    }
    if (signer.refined()) {
      throw new BullaException(
          ErrorCode.USAGE,
          "--type, --hash, --check-claims, --trusted-root, --require-log, --require-timestamp and"
              + " --certificate-… need --key or an identity",
          "A trust policy says what it demands itself.");
    }
    return new Trust.ByPolicy(
        policy
            .trust(session, scope())
            .withMetadata(Pairs.of(annotations))
            .withMaxSignatures(maxSignatures));
  }

  /**
   * As cosign does: without a signature of the image, an attestation by the same signer counts. The
   * answer says so.
   */
  private Verification verify(ImageLocation.Opened opened, CosignTrust trust) {
    Demands demands = new Demands(signer.requireTimestamp, moment(), Optional.empty());
    if (signer.predicateType().isPresent()) {
      return demands.on(
          new VerifyStatements()
              .require(
                  opened.repository(), opened.descriptor(), signer.predicateType().get(), trust));
    }
    Verification strict = demands.on(verifyImage(opened, trust));
    if (strict.accepted()) {
      return strict;
    }
    Verification any = demands.on(verifyImage(opened, trust.withAnyStatement()));
    return any.accepted()
        ? new Verification(
            any.subject(),
            true,
            Optional.empty(),
            any.signatures(),
            "there is no signature of the image, only an attestation by the same signer, which"
                + " counts here as for cosign")
        : strict;
  }

  private Verification verifyImage(ImageLocation.Opened opened, CosignTrust trust) {
    return new VerifyImage(clock())
        .verify(opened.repository(), opened.descriptor(), new Trust.ByKey(trust));
  }

  private Optional<Instant> moment() {
    return Optional.ofNullable(at).map(Demands::moment);
  }

  private InstantSource clock() {
    return moment().map(InstantSource::fixed).orElseGet(InstantSource::system);
  }

  private String scope() {
    if (policy.scope != null) {
      return policy.scope;
    }
    if (ociLayout) {
      throw new BullaException(
          ErrorCode.USAGE, "a layout has no scope of its own", "Give --scope REGISTRY/REPO.");
    }
    return Reference.parse(reference).name().toString();
  }

  private static BullaException usage(String reason) {
    return new BullaException(ErrorCode.USAGE, reason);
  }
}
