package dev.bulla.signing.notation;

import static dev.bulla.signing.Workshop.CLOCK;
import static dev.bulla.signing.Workshop.NOW;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.claim.Verification;
import dev.bulla.core.crypto.SignatureAlgorithm;
import dev.bulla.core.json.Json;
import dev.bulla.keys.Certificates;
import dev.bulla.keys.EcdsaSignatures;
import dev.bulla.keys.LocalSigner;
import dev.bulla.oci.Manifest;
import dev.bulla.oci.Repository;
import dev.bulla.signing.Workshop;
import dev.bulla.signing.plugin.ShellPlugin;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.node.ObjectNode;

/** Keys that plugins keep: what good ones sign is accepted, what others answer is not used. */
class PluginSigningTest {
  private static final NotaryCertificates CERTIFICATES =
      new NotaryCertificates(NOW.minus(Duration.ofDays(1)), NOW.plus(Duration.ofDays(1)));
  private static final LocalSigner KEY = CERTIFICATES.signer("EC", 256);
  private static final LocalSigner OTHER = CERTIFICATES.signer("EC", 256);
  private static final LocalSigner LARGER = CERTIFICATES.signer("EC", 384);
  private static final LocalSigner RUN_OUT =
      new NotaryCertificates(NOW.minus(Duration.ofDays(9)), NOW.minus(Duration.ofDays(8)))
          .signer("EC", 256);
  private static final String ID = "key-1";
  private static final Map<String, String> PAIRS = Map.of("stage", "prod");
  private static final Optional<Duration> LIFE = Optional.of(Duration.ofHours(1));

  @TempDir Path directory;
  private Path file;

  @BeforeEach
  void makeAFile() throws IOException {
    file = Files.writeString(directory.resolve("app.txt"), "hello");
  }

  @ParameterizedTest
  @EnumSource(EnvelopeFormat.class)
  void fileAndImageAreSignedByThePluginsKey(EnvelopeFormat format) {
    ShellPlugin plugin = raw();
    teach(plugin, format, KEY, "");
    NotationSigner signer = signer(plugin, format);

    byte[] envelope = signer.signBlob(file, NotationSigner.ANY_FILE, PAIRS, LIFE);

    assertThat(NotationBlobVerifierTest.verify(file, envelope, format, CERTIFICATES).accepted())
        .isTrue();
    assertThat(SignatureExamination.verified(envelope, format.record()).agent())
        .isEqualTo("bulla acme.test/1.2.3");
    assertThat(plugin.request("generate-signature").path("pluginConfig").path("a").asString())
        .isEqualTo("b");
  }

  @Test
  void derOfAKeyStoreIsConverted() {
    ShellPlugin plugin = raw();
    teach(plugin, EnvelopeFormat.JWS, KEY, "der");

    byte[] envelope =
        signer(plugin, EnvelopeFormat.JWS).signBlob(file, NotationSigner.ANY_FILE, PAIRS, LIFE);

    Verification verification =
        NotationBlobVerifierTest.verify(file, envelope, EnvelopeFormat.JWS, CERTIFICATES);
    assertThat(verification.failure()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "other bytes    | signature is not over these bytes",
        "other key      | signature is not over these bytes",
        "other keyId    | answered for the key 'key-2'",
        "algorithm      | signed with 'ECDSA-SHA-384'",
        "larger key     | certificate is for another kind of key",
        "no chain       | certificateChain",
        "leaf only      | certificate chain is unusable",
        "wrong order    | certificate chain is unusable",
        "no certificate | certificateChain",
        "not base64     | base64",
        "no signature   | signature",
        "many           | certificateChain",
      })
  void whatIsNotTheSignatureThatWasAskedForIsRefused(String lie, String message) {
    ShellPlugin plugin = raw();
    teach(plugin, EnvelopeFormat.JWS, KEY, lie);

    refused(plugin, message);
  }

  @Test
  void certificateThatHasRunOutIsRefused() {
    ShellPlugin plugin = raw();
    teach(plugin, EnvelopeFormat.JWS, RUN_OUT, "");

    assertThatThrownBy(() ->
            signer(plugin, EnvelopeFormat.JWS).signBlob(file, NotationSigner.ANY_FILE, PAIRS, LIFE))
        .isInstanceOfSatisfying(
            BullaException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.CERTIFICATE_EXPIRED));
  }

  @ParameterizedTest
  @CsvSource({"EC-224,no algorithm", "EC-384,certificate is for another kind", "'',no algorithm"})
  void kindOfKeyIsNotBelieved(String spec, String message) {
    ShellPlugin plugin = raw();
    teach(plugin, EnvelopeFormat.JWS, KEY, "as described");
    plugin.answer("describe-key", described(ID).put("keySpec", spec));

    refused(plugin, spec.equals("EC-384") ? "it signed with" : message);
  }

  @Test
  void pluginThatOnlyVerifiesDoesNotSign() {
    ShellPlugin plugin = ShellPlugin.in(directory, "SIGNATURE_VERIFIER.TRUSTED_IDENTITY");

    assertThatThrownBy(() -> signer(plugin, EnvelopeFormat.JWS))
        .isInstanceOfSatisfying(
            BullaException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.KEY_UNSUPPORTED));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''            | ''",
        "annotation    | ''",
        "type          | made an envelope of type",
        "digest        | it signed sha256:",
        "metadata      | has not signed the pairs",
        "extra         | payload that it signed is unusable",
        "no end        | its signature ends never",
        "late end      | its signature ends",
        "reserved      | reserved annotation",
        "signature     | its envelope is unusable",
        "garbage       | its envelope is unusable",
      })
  void wholeEnvelopeIsVerifiedBeforeItIsUsed(String lie, String message) {
    Repository layout = Workshop.layout(directory);
    var image = Workshop.image(layout, "v1");
    ShellPlugin plugin = ShellPlugin.in(directory, "SIGNATURE_GENERATOR.ENVELOPE");
    plugin.answer("generate-envelope", envelopeAnswer(image, lie));
    NotationSigner signer = signer(plugin, EnvelopeFormat.JWS);

    if (message.isEmpty()) {
      Manifest made = layout.manifest(signer.sign(layout, image, PAIRS, LIFE));
      assertThat(made.annotations().getOrDefault("x", "")).isEqualTo(lie.isEmpty() ? "" : "y");
      assertThat(plugin.request("generate-envelope").path("expiryDurationInSeconds").asLong())
          .isEqualTo(3600);
      assertThatThrownBy(() -> signer.signBlob(file, NotationSigner.ANY_FILE, PAIRS, LIFE))
          .hasMessageContaining("images only");
    } else {
      assertThatThrownBy(() -> signer.sign(layout, image, PAIRS, LIFE))
          .hasMessageContaining(message);
      assertThat(layout.referrers(image.digest(), Optional.empty())).isEmpty();
    }
  }

  private ShellPlugin raw() {
    return ShellPlugin.in(directory, "SIGNATURE_GENERATOR.RAW")
        .answer("describe-key", described(ID).put("keySpec", "EC-256"));
  }

  private static ObjectNode described(String id) {
    return Json.object().put("keyId", id);
  }

  private static NotationSigner signer(ShellPlugin plugin, EnvelopeFormat format) {
    NotationSigner signer =
        NotationSigner.byPlugin(
            new PluginKey(plugin.host().find(ShellPlugin.NAME), ID, Map.of("a", "b")), CLOCK);
    return format == EnvelopeFormat.COSE ? signer.withCose() : signer;
  }

  /** Lets the plugin see once what it will have to sign: the clock stands still. */
  private void teach(ShellPlugin plugin, EnvelopeFormat format, LocalSigner key, String lie) {
    plugin.answer("generate-signature", "");
    assertThatThrownBy(
            () -> signer(plugin, format).signBlob(file, NotationSigner.ANY_FILE, PAIRS, LIFE))
        .isInstanceOf(BullaException.class);
    byte[] payload =
        Base64.getDecoder().decode(plugin.request("generate-signature").path("payload").asString());
    plugin.answer("generate-signature", signatureAnswer(payload, key, lie));
  }

  private static ObjectNode signatureAnswer(byte[] payload, LocalSigner key, String lie) {
    LocalSigner by = lie.equals("other key") ? OTHER : lie.equals("larger key") ? LARGER : key;
    byte[] message = lie.equals("other bytes") ? new byte[] {1} : payload;
    SignatureAlgorithm algorithm =
        by == LARGER ? SignatureAlgorithm.ECDSA_P384_SHA384 : SignatureAlgorithm.ECDSA_P256_SHA256;
    byte[] der = by.sign(algorithm, message);
    byte[] value = lie.equals("der") ? der : EcdsaSignatures.toRaw(der, by == LARGER ? 48 : 32);
    ObjectNode answer = described(lie.equals("other keyId") ? "key-2" : ID);
    if (!lie.equals("no signature")) {
      answer.put(
          "signature", lie.equals("not base64") ? "%%" : Base64.getEncoder().encodeToString(value));
    }
    answer.put("signingAlgorithm", lie.equals("algorithm") ? "ECDSA-SHA-384" : "ECDSA-SHA-256");
    List<X509Certificate> chain = (by == LARGER ? by : key).certificateChain();
    for (X509Certificate one :
        switch (lie) {
          case "no chain" -> List.<X509Certificate>of();
          case "leaf only" -> chain.subList(0, 1);
          case "wrong order" -> chain.reversed();
          case "many" -> java.util.Collections.nCopies(17, chain.getFirst());
          default -> chain;
        }) {
      answer
          .withArray("certificateChain")
          .add(Base64.getEncoder().encodeToString(Certificates.encoded(one)));
    }
    if (lie.equals("no certificate")) {
      answer.putArray("certificateChain").add("AAAA");
    }
    return answer;
  }

  private static ObjectNode envelopeAnswer(dev.bulla.core.Descriptor image, String lie) {
    String payload = new String(TargetArtifact.write(image, PAIRS), StandardCharsets.UTF_8);
    payload =
        switch (lie) {
          case "digest" -> payload.replace(image.digest().hex(), "00".repeat(32));
          case "metadata" -> payload.replace("prod", "test");
          case "extra" -> payload.replace("\"size\"", "\"more\":1,\"size\"");
          default -> payload;
        };
    ObjectNode header = CraftedJws.header(NOW);
    if (!lie.equals("no end")) {
      CraftedJws.critical(
          header, Headers.EXPIRY, NOW.plusSeconds(lie.equals("late end") ? 7200 : 3600).toString());
    }
    byte[] envelope = CraftedJws.sign(KEY, header, payload.getBytes(StandardCharsets.UTF_8));
    if (lie.equals("signature")) {
      envelope = CraftedJws.with(envelope, root -> root.put("signature", "AAAA"));
    }
    ObjectNode answer = Json.object();
    answer.put(
        "signatureEnvelope",
        Base64.getEncoder().encodeToString(lie.equals("garbage") ? new byte[] {1} : envelope));
    answer.put(
        "signatureEnvelopeType", lie.equals("type") ? "application/cose" : "application/jose+json");
    if (lie.equals("annotation")) {
      answer.putObject("annotations").put("x", "y");
    }
    if (lie.equals("reserved")) {
      answer.putObject("annotations").put("io.cncf.notary.x", "y");
    }
    return answer;
  }

  private void refused(ShellPlugin plugin, String message) {
    assertThatThrownBy(() ->
            signer(plugin, EnvelopeFormat.JWS).signBlob(file, NotationSigner.ANY_FILE, PAIRS, LIFE))
        .isInstanceOfSatisfying(
            BullaException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.PLUGIN_REFUSED))
        .hasMessageContaining(message);
  }
}
