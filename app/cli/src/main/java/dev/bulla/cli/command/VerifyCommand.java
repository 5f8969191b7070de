package dev.bulla.cli.command;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Reference;
import dev.bulla.core.claim.Verification;
import dev.bulla.keys.KeyFiles;
import dev.bulla.oci.ImageLocation;
import dev.bulla.oci.RegistryClient;
import dev.bulla.pipeline.TrustFiles;
import dev.bulla.signing.Trust;
import dev.bulla.signing.VerifyImage;
import dev.bulla.signing.VerifyStatements;
import dev.bulla.signing.cosign.CosignTrust;
import dev.bulla.signing.cosign.PredicateNames;
import dev.bulla.signing.notation.NotationTrust;
import dev.bulla.signing.trust.TrustStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
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
      "By trust policy (Notation's):   bulla verify --trust-policy trustpolicy.json \\",
      "                                  --trust-store truststore [--scope REGISTRY/REPO] REF",
      "With neither, this home's own trust policy and store.",
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

  @CommandLine.Option(names = "--key", paramLabel = "PUB", description = "Public key, PEM.")
  @Nullable String key;

  @CommandLine.Option(
      names = "--type",
      paramLabel = "TYPE",
      description = "Demand an attestation of this type instead of a signature; with --key.")
  @Nullable String type;

  @CommandLine.Option(
      names = "--hash",
      paramLabel = "HASH",
      description = "sha256, sha384 or sha512 only (default: what belongs to the key); with --key.")
  @Nullable String hash;

  @CommandLine.Option(
      names = {"-a", "-m", "--annotation", "--user-metadata"},
      paramLabel = "KEY=VALUE",
      description = "A pair that must be signed; repeatable.")
  List<String> annotations = List.of();

  @CommandLine.Option(
      names = "--check-claims",
      arity = "0..1",
      paramLabel = "BOOL",
      fallbackValue = "true",
      description = "false: do not compare the signed digest with the image's; with --key.")
  String checkClaims = "true";

  @CommandLine.Option(
      names = "--trust-policy",
      paramLabel = "FILE",
      description = "Notation's trustpolicy.json.")
  @Nullable String trustPolicy;

  @CommandLine.Option(
      names = "--trust-store",
      paramLabel = "DIR",
      description = "Directory with x509/{ca,signingAuthority,tsa}/NAME.")
  @Nullable String trustStore;

  @CommandLine.Option(
      names = "--scope",
      paramLabel = "REGISTRY/REPO",
      description = "The scope to select in the trust policy (default: REF's own).")
  @Nullable String scope;

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
    checkWords();
    String argument = ociLayout ? session.path(reference).toString() : reference;
    ImageLocation location = ImageLocation.parse(argument, ociLayout);
    Trust trust = trust(session);
    try (RegistryClient client = Registries.client(session);
        ImageLocation.Opened opened = location.open(client)) {
      Verification verification =
          type != null && trust instanceof Trust.ByKey(var byKey)
              ? new VerifyStatements()
                  .require(
                      opened.repository(), opened.descriptor(), PredicateNames.toUri(type), byKey)
              : new VerifyImage(InstantSource.system())
                  .verify(opened.repository(), opened.descriptor(), trust);
      VerificationText text = new VerificationText(reference, verification);
      session.text().print(text.human(verbose));
      session.document(text.json());
      return verification.accepted() ? 0 : ErrorCode.SIGNATURE_INVALID.exitCode();
    }
  }

  private void checkWords() {
    if (key != null && (trustPolicy != null || trustStore != null || scope != null)) {
      throw new BullaException(ErrorCode.USAGE, "--key and --trust-policy exclude each other");
    }
    if (key == null && (type != null || hash != null || !checkClaims.equals("true"))) {
      throw new BullaException(ErrorCode.USAGE, "--type, --hash and --check-claims need --key");
    }
    if ((trustPolicy == null) != (trustStore == null)) {
      throw new BullaException(ErrorCode.USAGE, "--trust-policy and --trust-store go together");
    }
    if (!checkClaims.equals("true") && !checkClaims.equals("false")) {
      throw new BullaException(ErrorCode.USAGE, "--check-claims must be true or false");
    }
  }

  private Trust trust(Session session) {
    if (key != null) {
      CosignTrust trust =
          new CosignTrust(KeyFiles.verifier(session.existing(key)), key)
              .withAnnotations(Pairs.of(annotations))
              .withMaxSignatures(maxSignatures);
      if (hash != null) {
        trust = trust.withHash(Digest.Algorithm.parse(hash));
      }
      return new Trust.ByKey(checkClaims.equals("false") ? trust.withoutClaims() : trust);
    }
    Path policy =
        trustPolicy == null
            ? session.home().trust().resolve("trustpolicy.json")
            : session.existing(trustPolicy);
    Path store =
        trustStore == null
            ? session.home().trust().resolve("truststore")
            : session.path(trustStore);
    if (trustPolicy == null && !Files.exists(policy)) {
      throw new BullaException(
          ErrorCode.USAGE,
          "nothing says who is believed: neither --key nor --trust-policy, and this home has no"
              + " trust policy",
          "Give --key PUB, or --trust-policy FILE --trust-store DIR.");
    }
    return new Trust.ByPolicy(
        new NotationTrust(TrustFiles.policy(policy), TrustStore.directory(store), scope())
            .withMetadata(Pairs.of(annotations))
            .withMaxSignatures(maxSignatures));
  }

  private String scope() {
    if (scope != null) {
      return scope;
    }
    if (ociLayout) {
      throw new BullaException(
          ErrorCode.USAGE, "a layout has no scope of its own", "Give --scope REGISTRY/REPO.");
    }
    return Reference.parse(reference).name().toString();
  }
}
