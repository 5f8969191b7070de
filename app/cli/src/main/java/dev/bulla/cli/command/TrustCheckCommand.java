package dev.bulla.cli.command;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Reference;
import dev.bulla.signing.authority.AuthorityPolicy;
import dev.bulla.signing.authority.BlobName;
import dev.bulla.signing.authority.ImageName;
import dev.bulla.signing.sigstore.TrustedRoot;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;

/** {@code bulla trust check}: reads a trust policy with all that it names, and explains it. */
@CommandLine.Command(
    description = {
      "Reads a Bulla trust policy with every file that it names, and says in words what it",
      "demands; with REF, which scope is for that image, with --blob, for a file. Asks no",
      "registry."
    },
    footer = {
      "",
      "bulla trust check trust.yaml",
      "bulla trust check trust.yaml registry.example/team/app:1.0",
      "bulla trust check trust.yaml --blob releases/app",
      "",
      "Ends with 0 if the policy is valid and, with REF or --blob, has a scope for it that does"
          + " not",
      "refuse; else with 3."
    })
public final class TrustCheckCommand extends Command {
  @CommandLine.Parameters(index = "0", paramLabel = "FILE", description = "The trust policy.")
  String file = "";

  @CommandLine.Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "REF",
      description = "REGISTRY/REPO[:TAG|@DIGEST].")
  @Nullable String reference;

  @CommandLine.Option(
      names = "--trusted-root",
      paramLabel = "FILE",
      description = "For identities that name no trusted root (default: what was fetched).")
  @Nullable String trustedRoot;

  @CommandLine.Option(
      names = "--blob",
      paramLabel = "NAME",
      description = "A file that is judged as NAME: verify-blob --scope NAME.")
  @Nullable String blob;

  @Override
  public int run(Session session) {
    if (reference != null && blob != null) {
      throw new BullaException(ErrorCode.USAGE, "REF and --blob exclude each other");
    }
    Optional<TrustPolicyText.Asked> asked =
        blob != null
            ? Optional.of(new TrustPolicyText.AskedFile(new BlobName(blob)))
            : Optional.ofNullable(reference)
                .map(Reference::parse)
                .map(ImageName::of)
                .map(TrustPolicyText.AskedImage::new);
    AuthorityPolicy policy =
        AuthorityPolicy.load(session.existing(file), () -> defaultRoot(session));
    TrustPolicyText text = new TrustPolicyText(policy);
    session.text().print(asked.map(text::human).orElseGet(text::human));
    session.document(asked.map(text::json).orElseGet(text::json));
    return asked.isEmpty() || text.mayAccept(asked.get())
        ? 0
        : ErrorCode.TRUST_POLICY_NO_SCOPE.exitCode();
  }

  private TrustedRoot defaultRoot(Session session) {
    if (trustedRoot != null) {
      return TrustedRoot.parse(InputFiles.read(session, trustedRoot));
    }
    return CachedTrust.find(session, null, true)
        .map(cached -> TrustedRoot.parse(cached.trustedRoot()))
        .orElseThrow(() ->
            new BullaException(
                ErrorCode.TRUST_POLICY_INVALID,
                "names no trustedRoot, and none is given or was fetched",
                "Give --trusted-root FILE, or name one in the policy."));
  }
}
