package dev.bulla.cli.command;

import dev.bulla.core.BullaException;
import dev.bulla.core.Descriptor;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Reference;
import dev.bulla.core.claim.Verification;
import dev.bulla.keys.PublicKeyVerifier;
import dev.bulla.oci.ImageLocation;
import dev.bulla.oci.Repository;
import dev.bulla.pipeline.DeployGate;
import dev.bulla.signing.Trust;
import dev.bulla.signing.VerifyImage;
import dev.bulla.signing.VerifyStatements;
import dev.bulla.signing.authority.AuthorityPolicy;
import dev.bulla.signing.authority.Conditions;
import dev.bulla.signing.authority.DefaultRoot;
import dev.bulla.signing.authority.ImageName;
import dev.bulla.signing.cosign.CosignTrust;
import dev.bulla.signing.notation.NotationTrust;
import dev.bulla.signing.revocation.RevocationSource;
import dev.bulla.signing.trust.NotationSettings;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Whom to believe about images: a key, an identity, or a trust policy. */
final class JudgeOptions {
  @Mixin private final SignerOptions signer = new SignerOptions();
  @Mixin private final PolicyOptions policy = new PolicyOptions();

  @Option(
      names = "--trust",
      paramLabel = "FILE",
      description =
          "Bulla trust policy: authorities of both families, how many of them, what they must have"
              + " attested (docs/trust-policy.md).")
  @Nullable String trustFile;

  @Option(
      names = "--policy",
      paramLabel = "FILE",
      description =
          "Judge what the believed statements say by this policy too, in its phase deploy"
              + " (docs/policy.md); repeatable.")
  List<String> bundles = List.of();

  @Option(
      names = {"-a", "-m", "--annotation", "--user-metadata"},
      paramLabel = "KEY=VALUE",
      description = "A pair that must be signed; repeatable.")
  List<String> annotations = List.of();

  @Option(
      names = "--at",
      paramLabel = "TIME",
      description =
          "Judge as of this moment, such as 2026-11-21T12:00:00Z; with --key or an identity, only"
              + " what is proven to have been signed by then counts.")
  @Nullable String at;

  @Option(
      names = "--max-signatures",
      paramLabel = "N",
      defaultValue = "100",
      description = "How many signatures to look at (default: ${DEFAULT-VALUE}).")
  int maxSignatures;

  private Optional<Instant> clock = Optional.empty();

  /**
   * What judges by these options.
   *
   * @throws BullaException {@code USAGE} if they do not go together; as the files they name
   */
  Judge judge(Session session) {
    Judge believing = believing(session);
    if (bundles.isEmpty()) {
      return believing;
    }
    DeployGate gate =
        new DeployGate(bundles.stream().map(session::existing).toList(), InstantSource.system());
    return (location, repository, subject) ->
        gate.judge(
            repository,
            believing.verify(location, repository, subject),
            location.toString(),
            clock().instant());
  }

  /** For an evidence pack: whoever is asked about revocation is asked through {@code asking}. */
  void askThrough(UnaryOperator<RevocationSource> asking) {
    policy.asking = asking;
  }

  /**
   * For an evidence pack: certificates and answers about revocation are judged as of this moment.
   * Unlike {@code --at} it demands no proof that something was signed by then.
   */
  void clock(Instant moment) {
    clock = Optional.of(moment);
  }

  /** Where Notation's trust policy and stores lie, if it is by them that images are judged. */
  Optional<PolicyOptions.Place> notationPlace(Session session) {
    return trustFile != null || signer.given()
        ? Optional.empty()
        : Optional.of(policy.place(session));
  }

  /** Notation's settings, if it is by the trust policy beside them that images are judged. */
  Optional<NotationSettings> notationSettings(Session session) {
    return trustFile != null || signer.given() ? Optional.empty() : policy.settings(session);
  }

  /** The key of {@code --key}, which must be given. */
  PublicKeyVerifier publicKey(Session session) {
    return signer.publicKey(session);
  }

  /** The trusted root for identities that name none. */
  DefaultRoot defaultRoot(Session session) {
    return signer.defaultRoot(session);
  }

  /** Whether signatures in Cosign's formats count, so that it matters where cosign keeps them. */
  boolean readsCosign() {
    return trustFile != null || signer.given();
  }

  private Judge believing(Session session) {
    if (trustFile != null) {
      return byAuthorities(session, trustFile);
    }
    if (signer.given()) {
      CosignTrust trust = cosignTrust(session);
      return (location, repository, subject) ->
          withStatements(
              signer.noted(byCosign(repository, subject, trust)), repository, subject, trust);
    }
    NotationTrust trust = notationTrust(session);
    VerifyImage verify = new VerifyImage(clock());
    return (location, repository, subject) ->
        verify.verify(repository, subject, new Trust.ByPolicy(trust.withScope(scope(location))));
  }

  private Judge byAuthorities(Session session, String file) {
    if (signer.demandsOfSigner() || policy.namesPolicy()) {
      throw new BullaException(
          ErrorCode.USAGE,
          "--trust excludes --key, an identity, --type, --hash, --check-claims and Notation's trust"
              + " policy",
          "The trust policy says itself who is believed.");
    }
    policy.offline = signer.offline;
    AuthorityPolicy authorities =
        AuthorityPolicy.load(session.existing(file), signer.defaultRoot(session));
    Conditions conditions =
        new Conditions(
            Pairs.of(annotations),
            signer.requireTimestamp,
            signer.requireLog,
            moment(),
            !bundles.isEmpty(),
            maxSignatures,
            policy.revocation(session),
            Optional.of(policy.plugins(session)));
    VerifyImage verify = new VerifyImage(clock());
    return (location, repository, subject) ->
        signer.noted(
            verify.verify(
                repository,
                subject,
                new Trust.ByAuthorities(authorities, name(location), conditions)));
  }

  /** For policies: what the same signer says of the image besides. */
  private Verification withStatements(
      Verification answer, Repository repository, Descriptor subject, CosignTrust trust) {
    if (bundles.isEmpty()) {
      return answer;
    }
    Demands demands = new Demands(signer.requireTimestamp, moment(), Optional.empty());
    CosignTrust plain = trust.withAnnotations(Map.of());
    return DeployGate.with(
        answer, demands.onEach(new VerifyStatements().all(repository, subject, plain)));
  }

  private CosignTrust cosignTrust(Session session) {
    if (policy.given()) {
      throw usage("a trust policy and --key or an identity exclude each other");
    }
    CosignTrust trust = signer.trust(session, clock().instant());
    if (!annotations.isEmpty() && !signer.checksClaims()) {
      throw usage("-a cannot be checked with --check-claims=false");
    }
    if (at != null && !signer.provesTimes()) {
      throw new BullaException(
          ErrorCode.USAGE,
          "--at with --key needs somebody who proves when it was signed",
          "Give --trusted-root FILE.");
    }
    return trust.withAnnotations(Pairs.of(annotations)).withMaxSignatures(maxSignatures);
  }

  private NotationTrust notationTrust(Session session) {
    if (signer.refined()) {
      throw new BullaException(
          ErrorCode.USAGE,
          "--type, --hash, --check-claims, --trusted-root, --require-log, --require-timestamp,"
              + " --sct and --certificate… need --key or an identity",
          "A trust policy says what it demands itself.");
    }
    policy.offline = signer.offline;
    return policy
        .trust(session)
        .withMetadata(Pairs.of(annotations))
        .withMaxSignatures(maxSignatures);
  }

  /**
   * As cosign does: without a signature of the image, an attestation by the same signer counts. The
   * answer says so.
   */
  private Verification byCosign(Repository repository, Descriptor subject, CosignTrust trust) {
    Demands demands = new Demands(signer.requireTimestamp, moment(), Optional.empty());
    if (signer.predicateType().isPresent()) {
      return demands.on(
          new VerifyStatements().require(repository, subject, signer.predicateType().get(), trust));
    }
    VerifyImage verify = new VerifyImage(clock());
    Verification strict = demands.on(verify.verify(repository, subject, new Trust.ByKey(trust)));
    if (strict.accepted()) {
      return strict;
    }
    Trust anyStatement = new Trust.ByKey(trust.withAnyStatement());
    Verification any = demands.on(verify.verify(repository, subject, anyStatement));
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

  private Optional<Instant> moment() {
    return Optional.ofNullable(at).map(Demands::moment);
  }

  private InstantSource clock() {
    return moment().or(() -> clock).map(InstantSource::fixed).orElseGet(InstantSource::system);
  }

  private ImageName name(ImageLocation location) {
    if (policy.scope != null) {
      return ImageName.of(Reference.parseName(policy.scope));
    }
    return switch (location) {
      case ImageLocation.InRegistry(var reference) -> ImageName.of(reference);
      case ImageLocation.InLayout layout ->
          throw new BullaException(
              ErrorCode.USAGE, "a layout has no scope of its own", "Give --scope REGISTRY/REPO.");
    };
  }

  private String scope(ImageLocation location) {
    if (policy.scope != null) {
      return policy.scope;
    }
    return switch (location) {
      case ImageLocation.InRegistry(var reference) -> reference.name().toString();
      case ImageLocation.InLayout layout ->
          throw new BullaException(
              ErrorCode.USAGE, "a layout has no scope of its own", "Give --scope REGISTRY/REPO.");
    };
  }

  private static BullaException usage(String reason) {
    return new BullaException(ErrorCode.USAGE, reason);
  }
}
