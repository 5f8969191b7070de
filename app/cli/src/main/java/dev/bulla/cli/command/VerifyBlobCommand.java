package dev.bulla.cli.command;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.claim.Verification;
import dev.bulla.signing.VerifyBlob;
import dev.bulla.signing.cosign.CosignTrust;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;

/** {@code bulla verify-blob}: whether a file is signed, by a Sigstore bundle beside it. */
@CommandLine.Command(
    description = {
      "Verifies a file by the Sigstore bundle beside it, as cosign makes one. Needs no home, no",
      "registry and no network, takes no lock."
    },
    footer = {
      "",
      "By key:        bulla verify-blob --key cosign.pub --bundle app.sigstore.json app.tar",
      "By identity:   bulla verify-blob --certificate-identity alice@example.com \\",
      "                 --certificate-oidc-issuer https://accounts.google.com \\",
      "                 --trusted-root trusted_root.json --bundle app.sigstore.json app.tar",
      "",
      "Ends with 0 if verified, 3 if refused."
    })
public final class VerifyBlobCommand extends Command {
  @CommandLine.Parameters(
      paramLabel = "ARTIFACT",
      description = "The file, or the digest of one that is not at hand (sha256:…).")
  String artifact = "";

  @CommandLine.Option(
      names = "--bundle",
      paramLabel = "FILE",
      required = true,
      description = "The Sigstore bundle.")
  String bundle = "";

  @CommandLine.Mixin private final SignerOptions signer = new SignerOptions();

  @CommandLine.Option(
      names = "--at",
      paramLabel = "TIME",
      description = "Only what is proven to have been signed by this moment counts.")
  @Nullable String at;

  @CommandLine.Option(
      names = {"-v", "--verbose"},
      description = "Show every check.")
  boolean verbose;

  @Override
  public int run(Session session) {
    if (!signer.given()) {
      throw new BullaException(
          ErrorCode.USAGE,
          "nothing says who is believed",
          "Give --key PUB, or --certificate-identity WHO --certificate-oidc-issuer URL"
              + " --trusted-root FILE. Notation's signatures of files are not supported.");
    }
    if (at != null && !signer.provesTimes()) {
      throw new BullaException(
          ErrorCode.USAGE,
          "--at with --key needs somebody who proves when it was signed",
          "Give --trusted-root FILE.");
    }
    CosignTrust trust = signer.trust(session);
    Demands demands =
        new Demands(
            signer.requireTimestamp,
            Optional.ofNullable(at).map(Demands::moment),
            signer.predicateType());
    byte[] bytes = InputFiles.read(session, bundle);
    Verification verification = signer.noted(demands.on(verify(session, bytes, trust)));
    VerificationText text = new VerificationText(artifact, verification);
    session.text().print(text.human(verbose));
    session.document(text.json());
    return verification.accepted() ? 0 : ErrorCode.SIGNATURE_INVALID.exitCode();
  }

  private Verification verify(Session session, byte[] bytes, CosignTrust trust) {
    Path file = session.path(artifact);
    if (Files.isDirectory(file)) {
      throw new BullaException(ErrorCode.USAGE, artifact + " is a directory, expected a file");
    }
    return !Files.exists(file) && artifact.matches("sha(256|384|512):.*")
        ? new VerifyBlob().verify(digest(), bytes, trust)
        : new VerifyBlob().verify(session.existing(artifact), bytes, trust);
  }

  private Digest digest() {
    try {
      return Digest.parse(artifact);
    } catch (BullaException e) {
      throw new BullaException(ErrorCode.USAGE, e.reason(), e.nextStep(), e);
    }
  }
}
