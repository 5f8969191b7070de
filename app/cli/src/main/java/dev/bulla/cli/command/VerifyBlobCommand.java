package dev.bulla.cli.command;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.claim.Verification;
import dev.bulla.signing.VerifyBlob;
import dev.bulla.signing.cosign.CosignTrust;
import dev.bulla.signing.notation.EnvelopeFormat;
import dev.bulla.signing.notation.NotationBlobTrust;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;

/** {@code bulla verify-blob}: whether a file is signed, by a bundle or signature file beside it. */
@CommandLine.Command(
    description = {
      "Verifies a file by the Sigstore bundle beside it, as cosign makes one, or by the signature",
      "file beside it, as notation makes one. Needs no home and no registry, takes no lock."
    },
    footer = {
      "",
      "By key:        bulla verify-blob --key cosign.pub --bundle app.sigstore.json app.tar",
      "By identity:   bulla verify-blob --certificate-identity alice@example.com \\",
      "                 --certificate-oidc-issuer https://accounts.google.com \\",
      "                 --trusted-root trusted_root.json --bundle app.sigstore.json app.tar",
      "By Notation's  bulla verify-blob --trust-policy trustpolicy.blob.json \\",
      "trust policy:    --trust-store truststore --signature app.tar.jws.sig app.tar",
      "With none of these, $NOTATION_CONFIG, else this home's own trust policy and store.",
      "",
      "Ends with 0 if verified, 3 if refused."
    })
public final class VerifyBlobCommand extends Command {
  @CommandLine.Parameters(
      paramLabel = "ARTIFACT",
      description = "The file; by bundle, also the digest of one that is not at hand (sha256:…).")
  String artifact = "";

  @CommandLine.Option(
      names = "--bundle",
      paramLabel = "FILE",
      description = "The Sigstore bundle; with --key or an identity.")
  @Nullable String bundle;

  @CommandLine.Option(
      names = {"-s", "--signature"},
      paramLabel = "FILE",
      description = "Notation's signature file, NAME.jws.sig or NAME.cose.sig.")
  @Nullable String signature;

  @CommandLine.Mixin private final SignerOptions signer = new SignerOptions();
  @CommandLine.Mixin private final PolicyOptions policy = new PolicyOptions();

  @CommandLine.Option(
      names = "--policy-name",
      paramLabel = "NAME",
      description = "The statement of the trust policy (default: the global one).")
  @Nullable String policyName;

  @CommandLine.Option(
      names = {"-m", "--user-metadata"},
      paramLabel = "KEY=VALUE",
      description = "A pair that must be signed, in Notation's format; repeatable.")
  List<String> metadata = List.of();

  @CommandLine.Option(
      names = "--media-type",
      paramLabel = "TYPE",
      description = "The media type that must be signed, in Notation's format (default: any).")
  @Nullable String mediaType;

  @CommandLine.Option(
      names = "--at",
      paramLabel = "TIME",
      description =
          "Judge as of this moment; by bundle, only what is proven to have been signed by then"
              + " counts.")
  @Nullable String at;

  @CommandLine.Option(
      names = {"-v", "--verbose"},
      description = "Show every check.")
  boolean verbose;

  @Override
  public int run(Session session) {
    Verification verification =
        signature != null ? byPolicy(session, signature) : byBundle(session);
    VerificationText text = new VerificationText(artifact, verification);
    session.text().print(text.human(verbose));
    session.document(text.json());
    return verification.accepted() ? 0 : ErrorCode.SIGNATURE_INVALID.exitCode();
  }

  private Verification byPolicy(Session session, String file) {
    if (bundle != null || signer.given() || signer.refined()) {
      throw usage(
          "--signature is judged by a trust policy; --bundle, --key and identities are for"
              + " Sigstore bundles",
          "");
    }
    EnvelopeFormat format = EnvelopeFormat.ofSignatureFile(session.path(file).getFileName() + "");
    policy.offline = signer.offline;
    NotationBlobTrust trust = policy.blobTrust(session);
    trust = trust.withRules(trust.rules().withMetadata(Pairs.of(metadata)));
    trust = mediaType == null ? trust : trust.withMediaType(mediaType);
    trust = policyName == null ? trust : trust.withPolicyName(policyName);
    InstantSource clock =
        at == null ? InstantSource.system() : InstantSource.fixed(Demands.moment(at));
    Path path = notDirectory(session.existing(artifact));
    return new VerifyBlob(clock).verify(path, InputFiles.read(session, file), format, trust);
  }

  private Verification byBundle(Session session) {
    if (policy.given() || policyName != null || !metadata.isEmpty() || mediaType != null) {
      throw usage(
          "trust policies, --policy-name, -m and --media-type are for Notation's signature files",
          "Give --signature FILE.");
    }
    if (!signer.given() || bundle == null) {
      throw usage(
          signer.given() ? "there is no bundle to judge" : "nothing says who is believed",
          "Give --bundle FILE with --key PUB, or with --certificate-identity WHO"
              + " --certificate-oidc-issuer URL --trusted-root FILE; or --signature FILE with a"
              + " trust policy.");
    }
    if (at != null && !signer.provesTimes()) {
      throw usage(
          "--at with --key needs somebody who proves when it was signed",
          "Give --trusted-root FILE.");
    }
    CosignTrust trust = signer.trust(session);
    Optional<Instant> moment = Optional.ofNullable(at).map(Demands::moment);
    Demands demands = new Demands(signer.requireTimestamp, moment, signer.predicateType());
    return signer.noted(demands.on(verify(session, InputFiles.read(session, bundle), trust)));
  }

  private Verification verify(Session session, byte[] bytes, CosignTrust trust) {
    Path file = notDirectory(session.path(artifact));
    return !Files.exists(file) && artifact.matches("sha(256|384|512):.*")
        ? new VerifyBlob().verify(digest(), bytes, trust)
        : new VerifyBlob().verify(session.existing(artifact), bytes, trust);
  }

  private Path notDirectory(Path file) {
    if (Files.isDirectory(file)) {
      throw usage(artifact + " is a directory, expected a file", "");
    }
    return file;
  }

  private Digest digest() {
    try {
      return Digest.parse(artifact);
    } catch (BullaException e) {
      throw new BullaException(ErrorCode.USAGE, e.reason(), e.nextStep(), e);
    }
  }

  private static BullaException usage(String reason, String nextStep) {
    return new BullaException(ErrorCode.USAGE, reason, nextStep);
  }
}
