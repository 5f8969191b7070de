package dev.bulla.cli.command;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.signing.sigstore.CertificateClaim;
import dev.bulla.signing.sigstore.SignerIdentity;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What else a certificate must say of the run that asked for it, with cosign's names for some. */
final class ClaimOptions {
  @Option(
      names = "--certificate-claim",
      paramLabel = "CLAIM=VALUE",
      description =
          "What else the certificate must say of the run, such as"
              + " source-repository-uri=https://github.com/acme/app; repeatable.")
  List<String> claims = List.of();

  @Option(
      names = "--certificate-github-workflow-trigger",
      paramLabel = "EVENT",
      description = "GitHub's event that started the workflow.")
  @Nullable String trigger;

  @Option(
      names = "--certificate-github-workflow-sha",
      paramLabel = "SHA",
      description = "Commit that the workflow ran for.")
  @Nullable String sha;

  @Option(
      names = "--certificate-github-workflow-name",
      paramLabel = "NAME",
      description = "Name of the workflow.")
  @Nullable String name;

  @Option(
      names = "--certificate-github-workflow-repository",
      paramLabel = "OWNER/NAME",
      description = "Repository of the workflow.")
  @Nullable String repository;

  @Option(
      names = "--certificate-github-workflow-ref",
      paramLabel = "REF",
      description = "Branch or tag of the workflow.")
  @Nullable String ref;

  /** All that was demanded. */
  Map<CertificateClaim, String> demanded() {
    Map<CertificateClaim, String> all = new TreeMap<>();
    Pairs.of(claims).forEach((claim, value) -> all.put(CertificateClaim.named(claim), value));
    put(all, CertificateClaim.GITHUB_WORKFLOW_TRIGGER, trigger);
    put(all, CertificateClaim.GITHUB_WORKFLOW_SHA, sha);
    put(all, CertificateClaim.GITHUB_WORKFLOW_NAME, name);
    put(all, CertificateClaim.GITHUB_WORKFLOW_REPOSITORY, repository);
    put(all, CertificateClaim.GITHUB_WORKFLOW_REF, ref);
    return all;
  }

  SignerIdentity of(SignerIdentity identity) {
    return new SignerIdentity(identity.subject(), identity.issuer(), demanded());
  }

  private static void put(
      Map<CertificateClaim, String> all, CertificateClaim claim, @Nullable String value) {
    String before = value == null ? null : all.put(claim, value);
    if (before != null) {
      throw new BullaException(ErrorCode.USAGE, "the claim " + claim.id() + " comes twice");
    }
  }
}
