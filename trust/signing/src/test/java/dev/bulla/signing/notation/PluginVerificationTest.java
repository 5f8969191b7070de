package dev.bulla.signing.notation;

import static dev.bulla.signing.Workshop.CLOCK;
import static dev.bulla.signing.Workshop.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.core.Digest;
import dev.bulla.core.claim.Check;
import dev.bulla.core.claim.Verification;
import dev.bulla.core.json.Json;
import dev.bulla.keys.LocalSigner;
import dev.bulla.signing.VerifyBlob;
import dev.bulla.signing.plugin.ShellPlugin;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.node.ObjectNode;

/** Signatures that only a plugin understands. */
class PluginVerificationTest {
  private static final NotaryCertificates CERTIFICATES =
      new NotaryCertificates(NOW.minus(Duration.ofDays(1)), NOW.plus(Duration.ofDays(1)));
  private static final LocalSigner KEY = CERTIFICATES.signer("EC", 256);
  private static final LocalSigner STRANGER =
      new NotaryCertificates(NOW.minus(Duration.ofDays(1)), NOW.plus(Duration.ofDays(1)))
          .signer("EC", 256);
  private static final String IDENTITY = "SIGNATURE_VERIFIER.TRUSTED_IDENTITY";
  private static final String REVOCATION = "SIGNATURE_VERIFIER.REVOCATION_CHECK";
  private static final String VERIFY = "verify-signature";
  private static final String PROFILE = "com.acme.signer.profile";

  @TempDir Path directory;
  private Path file;

  @BeforeEach
  void makeAFile() throws IOException {
    file = Files.writeString(directory.resolve("app.txt"), "hello");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      value = {
        // level | capabilities | what the plugin is or says | code | check that is logged
        "strict     | both       | -                 | -                            | -",
        "strict     | identity   | -                 | -                            | -",
        "strict     | revocation | -                 | -                            | -",
        "strict     | both       | identity:no       | signer-identity-mismatch     | -",
        "permissive | both       | identity:no       | signer-identity-mismatch     | -",
        "audit      | both       | identity:no       | -                            | authenticity",
        "strict     | both       | revocation:no     | certificate-revoked          | -",
        "permissive | both       | revocation:no     | -                            | revocation",
        "audit      | both       | unprocessed       | signature-critical-attribute | -",
        "strict     | both       | silent:identity   | plugin-refused               | -",
        "audit      | both       | silent:revocation | plugin-refused               | -",
        "strict     | identity   | extra             | plugin-refused               | -",
        "strict     | both       | old               | plugin-refused               | -",
        "strict     | both       | unversioned       | plugin-refused               | -",
        "strict     | none       | -                 | plugin-refused               | -",
        "audit      | both       | error             | plugin-failed                | -",
        "strict     | both       | other name        | plugin-not-found             | -",
        "strict     | both       | out of directory  | plugin-not-found             | -",
        "strict     | both       | container         | plugin-refused               | -",
        "strict     | both       | bad minimum       | signature-malformed          | -",
        "strict     | both       | no plugin         | signature-critical-attribute | -",
        "strict     | both       | stranger          | signature-critical-attribute | authenticity",
        "audit      | both       | stranger          | -                            | authenticity",
        "skipping   | both       | silent:revocation | -                            | -",
        "skipping   | both       | revocation:no     | plugin-refused               | -",
        "skipping   | revocation | -                 | signature-critical-attribute | -",
      })
  void answerIsFoldedIntoTheChecks(
      String level, String capabilities, String what, String code, String logged) {
    String said = what == null ? "" : what;
    ShellPlugin plugin = plugin(capabilities, said);
    Verification found = verify(level, plugin, envelope(said));

    assertThat(found.failure().map(failure -> failure.code().id()))
        .as(found.toString())
        .isEqualTo(Optional.ofNullable(code));
    if (logged != null && code == null) {
      assertThat(found.signatures().getFirst().checks())
          .anyMatch(
              check -> check.name().equals(logged) && check.outcome() == Check.Outcome.LOGGED);
    }
    if (said.equals("stranger") && level.equals("strict")) {
      assertThat(plugin.wasAsked("get-plugin-metadata")).isFalse();
    }
  }

  @Test
  void pluginIsToldWhatItHasToJudge() {
    ShellPlugin plugin = plugin("both", "");

    assertThat(verify("strict", plugin, envelope("")).failure()).isEmpty();

    var request = plugin.request(VERIFY);
    assertThat(request.path("contractVersion").asString()).isEqualTo("1.0");
    var critical = request.path("signature").path("criticalAttributes");
    assertThat(critical.path("signingScheme").asString()).isEqualTo(Headers.X509);
    assertThat(critical.path("verificationPlugin").asString()).isEqualTo(ShellPlugin.NAME);
    assertThat(critical.path("extendedAttributes").path(PROFILE).asString()).isEqualTo("arn:1");
    assertThat(critical.path("extendedAttributes").has("com.acme.note")).isFalse();
    assertThat(request.path("signature").path("unprocessedAttributes").path(0).asString())
        .isEqualTo(PROFILE);
    assertThat(request.path("signature").path("certificateChain")).hasSize(2);
    assertThat(request.path("trustPolicy").path("trustedIdentities").path(0).asString())
        .isEqualTo("x509.subject: C=ZZ, ST=Local, O=Other");
    assertThat(request.path("trustPolicy").path("signatureVerification")).hasSize(2);
    assertThat(request.path("pluginConfig").path("region").asString()).isEqualTo("eu");
  }

  @Test
  void withoutAHostNothingIsRunAndUnknownAttributesAreToleratedOnDemandOnly() {
    ShellPlugin plugin = plugin("both", "");
    NotationBlobTrust trust = NotationBlobVerifierTest.trust(CERTIFICATES, "strict");
    assertThat(code(judge(trust, envelope("")))).contains("signature-critical-attribute");
    assertThat(plugin.wasAsked("get-plugin-metadata")).isFalse();

    byte[] unknown = envelope("no plugin");
    assertThat(code(judge(trust, unknown))).contains("signature-critical-attribute");
    Verification tolerated = judge(trust.withRules(trust.rules().withUnknownTolerated()), unknown);
    assertThat(tolerated.accepted()).isTrue();
    assertThat(tolerated.signatures().getFirst().checks())
        .anyMatch(check ->
            check.name().equals("critical-attributes") && check.outcome() == Check.Outcome.LOGGED);
  }

  private Verification verify(String level, ShellPlugin plugin, byte[] envelope) {
    String written =
        level.equals("skipping")
            ? "{\"level\":\"strict\",\"override\":{\"revocation\":\"skip\"}}"
            : level;
    NotationBlobTrust trust = NotationBlobVerifierTest.trust(CERTIFICATES, written);
    boolean decidesIdentity = plugin.read("get-plugin-metadata.answer").contains(IDENTITY);
    trust = decidesIdentity ? NotationBlobVerifierTest.narrow(CERTIFICATES, written) : trust;
    return judge(
        trust.withRules(
            trust
                .rules()
                .withPlugins(new VerificationPlugins(plugin.host(), Map.of("region", "eu")))),
        envelope);
  }

  private Verification judge(NotationBlobTrust trust, byte[] envelope) {
    return new VerifyBlob(CLOCK).verify(file, envelope, EnvelopeFormat.JWS, trust);
  }

  private static Optional<String> code(Verification found) {
    return found.failure().map(failure -> failure.code().id());
  }

  private ShellPlugin plugin(String capabilities, String said) {
    ShellPlugin plugin =
        ShellPlugin.in(
            directory,
            switch (capabilities) {
              case "both" -> new String[] {IDENTITY, REVOCATION};
              case "identity" -> new String[] {IDENTITY};
              case "revocation" -> new String[] {REVOCATION};
              default -> new String[] {"SIGNATURE_GENERATOR.RAW"};
            });
    if (said.equals("old") || said.equals("unversioned")) {
      plugin.answer(
          "get-plugin-metadata",
          ShellPlugin.metadata(IDENTITY).put("version", said.equals("old") ? "1.1.9" : "one"));
    }
    if (said.equals("error")) {
      plugin.script(VERIFY, "exit 3");
    }
    ObjectNode answer = Json.object();
    ObjectNode results = answer.putObject("verificationResults");
    if (!said.equals("silent:identity") && !capabilities.equals("revocation")) {
      results
          .putObject(IDENTITY)
          .put("success", !said.equals("identity:no"))
          .put("reason", "no such profile");
    }
    boolean revocation = capabilities.equals("revocation") || capabilities.equals("both");
    if (said.equals("extra") || revocation && !said.equals("silent:revocation")) {
      results.putObject(REVOCATION).put("success", !said.equals("revocation:no"));
    }
    answer.putArray("processedAttributes");
    if (!said.equals("unprocessed")) {
      answer.withArray("processedAttributes").add(PROFILE);
    }
    return plugin.answer(VERIFY, answer);
  }

  private byte[] envelope(String said) {
    ObjectNode header = CraftedJws.header(NOW);
    if (said.equals("container")) {
      CraftedJws.critical(header, PROFILE, Json.array());
    } else {
      CraftedJws.critical(header, PROFILE, "arn:1");
    }
    header.put("com.acme.note", "not critical");
    if (!said.equals("no plugin")) {
      CraftedJws.critical(
          header,
          Headers.PLUGIN,
          switch (said) {
            case "other name" -> "acme.other";
            case "out of directory" -> "../" + ShellPlugin.NAME;
            default -> ShellPlugin.NAME;
          });
      CraftedJws.critical(
          header, Headers.PLUGIN_VERSION, said.equals("bad minimum") ? "newest" : "1.2.0");
    }
    byte[] payload =
        TargetArtifact.write(
            BlobDescriptor.hash(file, Set.of(Digest.Algorithm.SHA256))
                .descriptor(Digest.Algorithm.SHA256, NotationSigner.ANY_FILE),
            Map.of());
    return CraftedJws.sign(said.equals("stranger") ? STRANGER : KEY, header, payload);
  }
}
