package dev.bulla.cli.command;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.signing.notation.NotationBlobTrust;
import dev.bulla.signing.notation.NotationTrust;
import dev.bulla.signing.notation.SignatureRules;
import dev.bulla.signing.notation.VerificationPlugins;
import dev.bulla.signing.revocation.HttpRevocation;
import dev.bulla.signing.revocation.RevocationSource;
import dev.bulla.signing.trust.BlobTrustPolicy;
import dev.bulla.signing.trust.NotationDirectory;
import dev.bulla.signing.trust.NotationSettings;
import dev.bulla.signing.trust.TrustPolicy;
import dev.bulla.signing.trust.TrustStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** By which trust policy and stores to judge, laid out as Notation has them. */
final class PolicyOptions {
  @Option(
      names = "--trust-policy",
      paramLabel = "FILE",
      description = "Notation's trustpolicy.json; with --trust-store.")
  @Nullable String trustPolicy;

  @Option(
      names = "--trust-store",
      paramLabel = "DIR",
      description = "Directory with x509/{ca,signingAuthority,tsa}/NAME.")
  @Nullable String trustStore;

  @Option(
      names = "--notation-config",
      paramLabel = "DIR",
      description = "Both out of notation's own directory (default: $$NOTATION_CONFIG, if set).")
  @Nullable String notationConfig;

  @Option(
      names = "--scope",
      paramLabel = "NAME",
      description =
          "The scope to select in the trust policy (default: REF's own; a file has none of its"
              + " own).")
  @Nullable String scope;

  /** Whether nobody is asked about revocation; an option of all that is judged by. */
  boolean offline;

  @Option(
      names = "--crl",
      paramLabel = "FILE",
      description = "Take this revocation list instead of asking; repeatable.")
  List<String> lists = List.of();

  @Option(
      names = "--ocsp-response",
      paramLabel = "FILE",
      description = "Take this OCSP response instead of asking; repeatable.")
  List<String> responses = List.of();

  /** Asks instead of what would be asked, so that the answers can be kept. */
  UnaryOperator<RevocationSource> asking = UnaryOperator.identity();

  @Mixin private final PluginOptions plugins = new PluginOptions();

  @Option(
      names = "--accept-unknown-critical-attributes",
      description =
          "Only note a critical attribute that nobody understands, as notation 1.3 does; the"
              + " specification forbids it.")
  boolean unknownTolerated;

  /** Whether an option says something that is only for a trust policy. */
  boolean given() {
    return trustPolicy != null
        || trustStore != null
        || notationConfig != null
        || scope != null
        || unknownTolerated
        || plugins.given()
        || !lists.isEmpty()
        || !responses.isEmpty();
  }

  /** Whether Notation's policy or its places are named. */
  boolean namesPolicy() {
    return trustPolicy != null || trustStore != null || notationConfig != null || unknownTolerated;
  }

  /** The trust in images, without a scope, which every image has of its own. */
  NotationTrust trust(Session session) {
    Trusted<TrustPolicy> trusted =
        trusted(
            session,
            NotationDirectory::imagePolicy,
            TrustPolicy::parse,
            "trustpolicy.json",
            "Give --trust FILE, --key PUB, --certificate-identity WHO, or --trust-policy FILE"
                + " --trust-store DIR.");
    return new NotationTrust(trusted.policy, trusted.stores, "").withRules(rules(session));
  }

  /** The trust in files. */
  NotationBlobTrust blobTrust(Session session) {
    if (scope != null) {
      throw usage("--scope is for images; a file's statement is named by --policy-name");
    }
    Trusted<BlobTrustPolicy> trusted =
        trusted(
            session,
            NotationDirectory::blobPolicy,
            BlobTrustPolicy::parse,
            "trustpolicy.blob.json",
            "Give --key PUB --bundle FILE, or --trust-policy FILE --trust-store DIR.");
    return new NotationBlobTrust(trusted.policy, trusted.stores).withRules(rules(session));
  }

  private record Trusted<P>(P policy, TrustStore stores) {}

  private <P> Trusted<P> trusted(
      Session session,
      Function<NotationDirectory, P> in,
      Function<byte[], P> parse,
      String own,
      String nextStep) {
    if ((trustPolicy == null) != (trustStore == null)) {
      throw usage("--trust-policy and --trust-store go together");
    }
    if (trustPolicy != null && trustStore != null) {
      if (notationConfig != null) {
        throw usage("--trust-policy and --notation-config exclude each other");
      }
      return new Trusted<>(
          parse.apply(InputFiles.read(session, trustPolicy)),
          TrustStore.directory(session.path(trustStore)));
    }
    Optional<Path> named = named(session);
    NotationDirectory directory = new NotationDirectory(named.orElseGet(session.home()::trust));
    if (named.isEmpty() && !Files.exists(directory.path().resolve(own))) {
      throw new BullaException(
          ErrorCode.USAGE,
          "nothing says who is believed: neither a key, an identity nor a trust policy is given,"
              + " and this home has no trust policy",
          nextStep);
    }
    return new Trusted<>(in.apply(directory), directory.stores());
  }

  private Optional<Path> named(Session session) {
    return notationConfig != null
        ? Optional.of(session.existing(notationConfig))
        : NotationPlaces.named(session);
  }

  /** What notation's directory says besides, if it is by its trust policy that is judged. */
  Optional<NotationSettings> settings(Session session) {
    return trustPolicy != null
        ? Optional.empty()
        : named(session).map(NotationDirectory::new).map(NotationDirectory::settings);
  }

  /** Where the trust policy for images and its stores lie. */
  record Place(Path policy, Path store) {}

  /** The files that {@link #trust} reads. */
  Place place(Session session) {
    if (trustPolicy != null && trustStore != null) {
      return new Place(session.existing(trustPolicy), session.path(trustStore));
    }
    Path directory = named(session).orElseGet(session.home()::trust);
    Path newer = directory.resolve("trustpolicy.oci.json");
    return new Place(
        Files.exists(newer) ? newer : directory.resolve("trustpolicy.json"),
        directory.resolve("truststore"));
  }

  private SignatureRules rules(Session session) {
    SignatureRules rules =
        SignatureRules.PLAIN.withRevocation(revocation(session)).withPlugins(plugins(session));
    return unknownTolerated ? rules.withUnknownTolerated() : rules;
  }

  /** The plugins that may be asked; they are looked for only if a signature demands one. */
  VerificationPlugins plugins(Session session) {
    Optional<Path> config = Optional.ofNullable(notationConfig).map(session::path);
    return new VerificationPlugins(plugins.host(session, config), plugins.pairs());
  }

  RevocationSource revocation(Session session) {
    if (lists.isEmpty() && responses.isEmpty()) {
      return offline ? RevocationSource.none() : asking.apply(new HttpRevocation());
    }
    return RevocationSource.supplied(
        lists.stream().map(file -> InputFiles.readDer(session, file)).toList(),
        responses.stream().map(file -> InputFiles.readDer(session, file)).toList());
  }

  private static BullaException usage(String reason) {
    return new BullaException(ErrorCode.USAGE, reason);
  }
}
