package dev.bulla.cli.command;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.pipeline.TrustFiles;
import dev.bulla.signing.notation.NotationTrust;
import dev.bulla.signing.revocation.HttpRevocation;
import dev.bulla.signing.revocation.RevocationSource;
import dev.bulla.signing.trust.TrustStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
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
      paramLabel = "REGISTRY/REPO",
      description = "The scope to select in the trust policy (default: REF's own).")
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

  private record Place(Path policy, Path store) {}

  /** Whether an option says something that is only for a trust policy. */
  boolean given() {
    return trustPolicy != null
        || trustStore != null
        || notationConfig != null
        || scope != null
        || !lists.isEmpty()
        || !responses.isEmpty();
  }

  /** Whether Notation's policy or its places are named. */
  boolean namesPolicy() {
    return trustPolicy != null || trustStore != null || notationConfig != null;
  }

  /** The trust without a scope, which every image has of its own. */
  NotationTrust trust(Session session) {
    Place place = place(session);
    return new NotationTrust(TrustFiles.policy(place.policy), TrustStore.directory(place.store), "")
        .withRevocation(revocation(session));
  }

  private Place place(Session session) {
    if ((trustPolicy == null) != (trustStore == null)) {
      throw usage("--trust-policy and --trust-store go together");
    }
    if (trustPolicy != null && trustStore != null) {
      if (notationConfig != null) {
        throw usage("--trust-policy and --notation-config exclude each other");
      }
      return new Place(session.existing(trustPolicy), session.path(trustStore));
    }
    String named = session.invocation().environment().getOrDefault("NOTATION_CONFIG", "");
    if (notationConfig != null || !named.isEmpty()) {
      Path directory = session.existing(notationConfig != null ? notationConfig : named);
      Path newer = directory.resolve("trustpolicy.oci.json");
      return new Place(
          Files.exists(newer) ? newer : directory.resolve("trustpolicy.json"),
          directory.resolve("truststore"));
    }
    Path home = session.home().trust();
    Path policy = home.resolve("trustpolicy.json");
    if (!Files.exists(policy)) {
      throw new BullaException(
          ErrorCode.USAGE,
          "nothing says who is believed: neither a key, an identity nor a trust policy is given,"
              + " and this home has no trust policy",
          "Give --trust FILE, --key PUB, --certificate-identity WHO, or --trust-policy FILE"
              + " --trust-store DIR.");
    }
    return new Place(policy, home.resolve("truststore"));
  }

  RevocationSource revocation(Session session) {
    if (lists.isEmpty() && responses.isEmpty()) {
      return offline ? RevocationSource.none() : new HttpRevocation();
    }
    return RevocationSource.supplied(
        lists.stream().map(file -> InputFiles.readDer(session, file)).toList(),
        responses.stream().map(file -> InputFiles.readDer(session, file)).toList());
  }

  private static BullaException usage(String reason) {
    return new BullaException(ErrorCode.USAGE, reason);
  }
}
