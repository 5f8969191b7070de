package dev.bulla.cli.command;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.claim.Verification;
import dev.bulla.pipeline.DeployGate;
import dev.bulla.signing.VerifyBlob;
import dev.bulla.signing.authority.AuthorityPolicy;
import dev.bulla.signing.authority.BlobEvidence;
import dev.bulla.signing.authority.BlobName;
import dev.bulla.signing.authority.Conditions;
import dev.bulla.signing.cosign.CosignTrust;
import dev.bulla.signing.notation.EnvelopeFormat;
import dev.bulla.signing.notation.NotationBlobTrust;
import dev.bulla.signing.trust.BlobSubject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;

/** {@code bulla verify-blob}: whether a file is signed, by a bundle or signature file beside it. */
@CommandLine.Command(
    description = {
      "Verifies a file by the Sigstore bundle beside it, as cosign makes one, by the signature",
      "file beside it, as notation makes one, or by several of both under a Bulla trust policy.",
      "Needs no home and no registry, takes no lock."
    },
    footer = {
      "",
      "By key:        bulla verify-blob --key cosign.pub --bundle app.sigstore.json app.tar",
      "By identity:   bulla verify-blob --certificate-identity alice@example.com \\",
      "                 --certificate-oidc-issuer https://accounts.google.com \\",
      "                 --trusted-root trusted_root.json --bundle app.sigstore.json app.tar",
      "By Notation's  bulla verify-blob --trust-policy trustpolicy.blob.json \\",
      "trust policy:    --trust-store truststore --signature app.tar.jws.sig app.tar",
      "By Bulla's     bulla verify-blob --trust trust.yaml --scope releases/app \\",
      "trust policy:    --bundle dev.json --bundle ci.json --signature app.tar.jws.sig app.tar",
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
      description = "The Sigstore bundle; repeatable with --trust.")
  List<String> bundles = List.of();

  @CommandLine.Option(
      names = {"-s", "--signature"},
      paramLabel = "FILE",
      description =
          "Notation's signature file, NAME.jws.sig or NAME.cose.sig; repeatable with --trust. With"
              + " a key or an identity: the signature alone, as cosign 1 and 2 wrote it.")
  List<String> signatures = List.of();

  @CommandLine.Option(
      names = "--rfc3161-timestamp",
      paramLabel = "FILE",
      description = "The timestamp that cosign 1 and 2 wrote beside such a signature.")
  @Nullable String stamp;

  @CommandLine.Option(
      names = "--trust",
      paramLabel = "FILE",
      description =
          "Bulla trust policy: the scope of files (blobs) that --scope NAME selects, else the one"
              + " for every file (docs/trust-policy.md).")
  @Nullable String trustFile;

  @CommandLine.Option(
      names = "--policy",
      paramLabel = "FILE",
      description =
          "Judge what the believed statements say by this policy too, in its phase deploy"
              + " (docs/policy.md); repeatable.")
  List<String> policies = List.of();

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

  @CommandLine.Option(
      names = "--max-signatures",
      paramLabel = "N",
      description = "With --trust: how many bundles and signatures to look at (default: 100).")
  @Nullable Integer maxSignatures;

  @Override
  public int run(Session session) {
    Optional<DeployGate> gate =
        policies.isEmpty()
            ? Optional.empty()
            : Optional.of(
                new DeployGate(
                    policies.stream().map(session::existing).toList(), InstantSource.system()));
    Verification believed = believed(session);
    Verification verification =
        gate.map(one -> one.judge(believed, name(), clock().instant())).orElse(believed);
    VerificationText text = new VerificationText(artifact, verification);
    session.text().print(text.human(verbose));
    session.document(text.json());
    return verification.accepted() ? 0 : ErrorCode.SIGNATURE_INVALID.exitCode();
  }

  private Verification believed(Session session) {
    if (trustFile != null) {
      return byAuthorities(session, trustFile);
    }
    if (maxSignatures != null) {
      throw usage("--max-signatures needs --trust: without it there is one signature", "");
    }
    if (stamp != null && (signatures.isEmpty() || !signer.given())) {
      throw usage("--rfc3161-timestamp goes with --signature and a key or an identity", "");
    }
    if (bundles.size() + signatures.size() > 1) {
      throw usage(
          "several signatures are judged together by a Bulla trust policy only",
          "Give --trust FILE, or one --bundle or --signature.");
    }
    return signatures.isEmpty() || signer.given()
        ? bySigner(session)
        : byPolicy(session, signatures.getFirst());
  }

  private String name() {
    return policy.scope != null ? policy.scope : artifact;
  }

  private InstantSource clock() {
    return at == null ? InstantSource.system() : InstantSource.fixed(Demands.moment(at));
  }

  private Verification byAuthorities(Session session, String file) {
    if (signer.demandsOfSigner() || policy.namesPolicy() || policyName != null) {
      throw usage(
          "--trust excludes --key, an identity, --type, --hash, --check-claims, --policy-name and"
              + " Notation's trust policy",
          "The trust policy says itself who is believed.");
    }
    if (mediaType != null) {
      throw usage("--media-type does not go with --trust", "");
    }
    policy.offline = signer.offline;
    BlobSubject subject = subject(session);
    if (!signatures.isEmpty() && !subject.isAtHand()) {
      throw usage("a signature in Notation's format needs the file itself, not its digest", "");
    }
    AuthorityPolicy authorities =
        AuthorityPolicy.load(session.existing(file), signer.defaultRoot(session));
    Conditions conditions =
        new Conditions(
            Pairs.of(metadata),
            signer.requireTimestamp,
            signer.requireLog,
            Optional.ofNullable(at).map(Demands::moment),
            true,
            maxSignatures == null ? Conditions.DEFAULT_MAX_SIGNATURES : maxSignatures,
            policy.revocation(session),
            Optional.of(policy.plugins(session)));
    return signer.noted(
        new VerifyBlob()
            .verify(
                subject,
                evidence(session),
                authorities,
                Optional.ofNullable(policy.scope).map(BlobName::new),
                conditions));
  }

  private List<BlobEvidence> evidence(Session session) {
    List<BlobEvidence> all = new ArrayList<>();
    for (String one : bundles) {
      all.add(new BlobEvidence.SigstoreBundle(InputFiles.read(session, one)));
    }
    for (String one : signatures) {
      all.add(
          new BlobEvidence.NotationSignature(
              InputFiles.read(session, one),
              EnvelopeFormat.ofSignatureFile(session.path(one).getFileName() + "")));
    }
    return all;
  }

  private Verification byPolicy(Session session, String file) {
    if (signer.refined()) {
      throw usage(
          "a trust policy says itself what it demands; --type, --hash, --trusted-root and the like"
              + " go with --key or an identity",
          "");
    }
    EnvelopeFormat format = EnvelopeFormat.ofSignatureFile(session.path(file).getFileName() + "");
    policy.offline = signer.offline;
    NotationBlobTrust trust = policy.blobTrust(session);
    trust = trust.withRules(trust.rules().withMetadata(Pairs.of(metadata)));
    trust = mediaType == null ? trust : trust.withMediaType(mediaType);
    trust = policyName == null ? trust : trust.withPolicyName(policyName);
    Path path = notDirectory(session.existing(artifact));
    return new VerifyBlob(clock()).verify(path, InputFiles.read(session, file), format, trust);
  }

  private Verification bySigner(Session session) {
    if (policy.given() || policyName != null || !metadata.isEmpty() || mediaType != null) {
      throw usage(
          "trust policies, --policy-name, -m and --media-type are for Notation's signature files",
          "Give --signature FILE.");
    }
    if (!signer.given() || bundles.isEmpty() && signatures.isEmpty()) {
      throw usage(
          signer.given() ? "there is no bundle to judge" : "nothing says who is believed",
          "Give --bundle FILE with --key PUB, or with --certificate-identity WHO"
              + " --certificate-oidc-issuer URL --trusted-root FILE; or --trust FILE; or"
              + " --signature FILE with Notation's trust policy.");
    }
    if (at != null && !signer.provesTimes()) {
      throw usage(
          "--at with --key needs somebody who proves when it was signed",
          "Give --trusted-root FILE.");
    }
    CosignTrust trust = signer.trust(session, clock().instant());
    Optional<Instant> moment = Optional.ofNullable(at).map(Demands::moment);
    Demands demands = new Demands(signer.requireTimestamp, moment, signer.predicateType());
    return signer.noted(demands.on(verify(session, trust)));
  }

  private Verification verify(Session session, CosignTrust trust) {
    BlobSubject subject = subject(session);
    if (bundles.isEmpty()) {
      Optional<byte[]> beside =
          Optional.ofNullable(stamp).map(file -> InputFiles.read(session, file));
      byte[] signature = InputFiles.read(session, signatures.getFirst());
      return new VerifyBlob().verify(subject, signature, beside, trust);
    }
    byte[] bytes = InputFiles.read(session, bundles.getFirst());
    return subject.isAtHand()
        ? new VerifyBlob().verify(session.existing(artifact), bytes, trust)
        : new VerifyBlob().verify(digest(), bytes, trust);
  }

  /** The file, or the digest of one that is not at hand. */
  private BlobSubject subject(Session session) {
    Path file = notDirectory(session.path(artifact));
    return !Files.exists(file) && artifact.matches("sha(256|384|512):.*")
        ? BlobSubject.of(digest())
        : BlobSubject.of(session.existing(artifact));
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
