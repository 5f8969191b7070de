package dev.bulla.pipeline;

import dev.bulla.core.Descriptor;
import dev.bulla.core.Digest;
import dev.bulla.core.MediaTypes;
import dev.bulla.core.Reference;
import dev.bulla.core.json.Json;
import dev.bulla.core.statement.PredicateTypes;
import dev.bulla.core.statement.Statement;
import dev.bulla.core.verdict.RuleResult;
import dev.bulla.core.verdict.Verdict;
import dev.bulla.oci.BlobSource;
import dev.bulla.oci.Manifest;
import dev.bulla.oci.RegistryClient;
import dev.bulla.oci.Repository;
import dev.bulla.policy.VerificationSummary;
import dev.bulla.signing.SignImage;
import dev.bulla.store.Home;
import dev.bulla.testkit.FaultyRegistry;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A registry with one small image, a home that signs, and a clock that is set by hand. */
final class Workbench implements AutoCloseable {
  static final Instant START = Instant.parse("2026-11-21T09:00:00Z");

  final FaultyRegistry registry = FaultyRegistry.start();
  final RegistryClient client =
      RegistryClient.builder().retries(0).retryDelay(Duration.ofMillis(1)).build();
  final HomeIdentity identity;
  final Reference name = Reference.parse(registry.host() + "/app");
  final Repository repository = client.repository(name);
  final Descriptor image;
  private volatile Instant now = START;
  final InstantSource clock = () -> now;

  Workbench(Path home) {
    identity = identity(home);
    image = pushImage("one");
  }

  /** Another home, with a key of its own. */
  HomeIdentity identity(Path home) {
    return HomeIdentity.openOrCreate(new Home(home), clock, new SecureRandom());
  }

  void advance(Duration by) {
    now = now.plus(by);
  }

  Descriptor pushImage(String content) {
    byte[] config =
        """
        {"architecture":"amd64","os":"linux","config":{"Env":["WHICH=%s"]},
         "rootfs":{"type":"layers","diff_ids":[]}}\
        """
            .formatted(content)
            .getBytes(StandardCharsets.UTF_8);
    Descriptor descriptor = Descriptor.of(MediaTypes.OCI_CONFIG, config);
    repository.pushBlob(descriptor, BlobSource.of(config));
    Manifest manifest =
        Manifest.image(descriptor, List.of(), Optional.empty(), Optional.empty(), Map.of());
    repository.pushManifest(manifest, List.of());
    return manifest.descriptor();
  }

  SignImage.Sealed seal(Statement statement) {
    return seal(identity, image, statement);
  }

  SignImage.Sealed seal(HomeIdentity by, Descriptor about, Statement statement) {
    return new SignImage(by.identity().signer(), clock).seal(repository, about, statement);
  }

  /** A verdict of this moment. */
  Statement verdict(boolean passed) {
    return verdict(image.digest(), passed);
  }

  Statement verdict(Digest about, boolean passed) {
    RuleResult rule =
        new RuleResult(
            "no-critical-vulnerabilities",
            passed ? RuleResult.Outcome.PASS : RuleResult.Outcome.FAIL,
            passed ? "" : "policy-rule-failed",
            passed ? "none" : "1 critical, 0 allowed",
            "",
            List.of());
    Digest digest = Digest.sha256("policy".getBytes(StandardCharsets.UTF_8));
    Verdict verdict =
        new Verdict(
            "build.post",
            Optional.of(about),
            name.toString(),
            clock.instant(),
            "bulla.build.post",
            digest,
            digest,
            List.of(rule));
    return VerificationSummary.statement(
        verdict, about, name.toString(), Ship.VERIFIER, List.of(digest));
  }

  /** Provenance of a run that took place now and is called {@code invocation}. */
  Statement provenance(String invocation) {
    return Statement.about(
        image.digest(),
        PredicateTypes.SLSA_PROVENANCE_V1,
        Json.parse(
            """
            {"buildDefinition": {"buildType": "https://bulla.dev/build/v1", "resolvedDependencies": [
               {"uri": "file:app.jar", "digest": {"sha256": "%s"}},
               {"name": "source", "digest": {"gitCommit": "0123456789012345678901234567890123456789"}}]},
             "runDetails": {"builder": {"id": "https://bulla.dev/builder"},
               "metadata": {"invocationId": "%s", "startedOn": "%s"}}}\
            """
                .formatted("ab".repeat(32), invocation, clock.instant())
                .getBytes(StandardCharsets.UTF_8),
            "provenance"));
  }

  /** A scan that ended now, as far as looking for earlier evidence reads it. */
  Statement scan(String finding) {
    return Statement.about(
        image.digest(),
        PredicateTypes.VULNERABILITIES_V02,
        Json.parse(
            """
            {"scanner": {"uri": "https://bulla.dev", "result": [{"id": "%s"}]},
             "metadata": {"scanStartedOn": "%s", "scanFinishedOn": "%s"}}\
            """
                .formatted(finding, clock.instant(), clock.instant())
                .getBytes(StandardCharsets.UTF_8),
            "scan"));
  }

  @Override
  public void close() {
    repository.close();
    client.close();
    registry.close();
  }
}
