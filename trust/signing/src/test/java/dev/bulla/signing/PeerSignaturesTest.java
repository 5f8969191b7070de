package dev.bulla.signing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.core.BullaException;
import dev.bulla.core.Descriptor;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.claim.Verification;
import dev.bulla.core.json.Fields;
import dev.bulla.core.json.Json;
import dev.bulla.keys.KeyFiles;
import dev.bulla.oci.Layout;
import dev.bulla.oci.Repository;
import dev.bulla.signing.cosign.CosignTrust;
import dev.bulla.signing.cosign.PredicateNames;
import dev.bulla.signing.notation.NotationTrust;
import dev.bulla.signing.revocation.RevocationSource;
import dev.bulla.signing.trust.TrustPolicy;
import dev.bulla.signing.trust.TrustStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every signature that the peers made must get the verdict that it deserves, for the reason that it
 * deserves.
 */
class PeerSignaturesTest {
  private static final InstantSource CLOCK =
      InstantSource.fixed(Instant.parse("2026-11-21T12:00:00Z"));

  /** What the cases' prose reasons are called here; the first prefix that fits decides. */
  private static final List<Map.Entry<String, List<ErrorCode>>> CODES =
      List.of(
          Map.entry("user metadata", List.of(ErrorCode.SIGNATURE_METADATA)),
          Map.entry("annotation ", List.of(ErrorCode.SIGNATURE_METADATA)),
          Map.entry(
              "authenticity: no trusted identity", List.of(ErrorCode.SIGNER_IDENTITY_MISMATCH)),
          Map.entry("authenticity: OU differs", List.of(ErrorCode.SIGNER_IDENTITY_MISMATCH)),
          Map.entry("authenticity", List.of(ErrorCode.SIGNER_NOT_TRUSTED)),
          Map.entry("wildcard statement is strict", List.of(ErrorCode.SIGNER_NOT_TRUSTED)),
          Map.entry("no signature passes", List.of(ErrorCode.SIGNER_NOT_TRUSTED)),
          Map.entry("the only signature that may", List.of(ErrorCode.SIGNATURE_TOO_MANY)),
          Map.entry("trust store does not exist", List.of(ErrorCode.TRUST_STORE_INVALID)),
          Map.entry("policy invalid", List.of(ErrorCode.TRUST_POLICY_INVALID)),
          Map.entry("no trust policy applies", List.of(ErrorCode.TRUST_POLICY_NO_SCOPE)),
          Map.entry("no signature", List.of(ErrorCode.SIGNATURE_MISSING)),
          Map.entry("the child itself is not signed", List.of(ErrorCode.SIGNATURE_MISSING)),
          Map.entry("authentic timestamp: authority", List.of(ErrorCode.SIGNER_NOT_TRUSTED)),
          Map.entry("authentic timestamp", List.of(ErrorCode.TIMESTAMP_INVALID)),
          Map.entry("revocation: state unknown", List.of(ErrorCode.REVOCATION_UNKNOWN)),
          Map.entry("revocation", List.of(ErrorCode.CERTIFICATE_REVOKED)),
          Map.entry("integrity: signature", List.of(ErrorCode.SIGNATURE_INVALID)),
          Map.entry("signature does not verify", List.of(ErrorCode.SIGNATURE_INVALID)),
          Map.entry("signed descriptor is not", List.of(ErrorCode.SIGNATURE_DIGEST_MISMATCH)),
          Map.entry("the statement names another", List.of(ErrorCode.SIGNATURE_DIGEST_MISMATCH)),
          Map.entry("payload names another", List.of(ErrorCode.SIGNATURE_DIGEST_MISMATCH)),
          Map.entry("file does not have", List.of(ErrorCode.SIGNATURE_DIGEST_MISMATCH)),
          Map.entry(
              "blob does not have", List.of(ErrorCode.DIGEST_MISMATCH, ErrorCode.SIZE_MISMATCH)),
          Map.entry("algorithm does not fit", List.of(ErrorCode.SIGNATURE_ALGORITHM)),
          Map.entry("PKCS#1 v1.5", List.of(ErrorCode.SIGNATURE_ALGORITHM)),
          Map.entry("nobody understands", List.of(ErrorCode.SIGNATURE_CRITICAL_ATTRIBUTE)),
          Map.entry("content type", List.of(ErrorCode.SIGNATURE_PAYLOAD_TYPE)),
          Map.entry(
              "chain order", List.of(ErrorCode.SIGNATURE_ALGORITHM, ErrorCode.SIGNATURE_INVALID)),
          Map.entry("extended key usage", List.of(ErrorCode.CERTIFICATE_INVALID)),
          Map.entry("key usage without", List.of(ErrorCode.CERTIFICATE_INVALID)),
          Map.entry("the leaf is a CA", List.of(ErrorCode.CERTIFICATE_INVALID)),
          Map.entry("expired", List.of(ErrorCode.SIGNATURE_EXPIRED)),
          Map.entry("expiry enforced", List.of(ErrorCode.SIGNATURE_EXPIRED)),
          Map.entry("certificate ran out", List.of(ErrorCode.CERTIFICATE_EXPIRED)),
          Map.entry("no timestamp store", List.of(ErrorCode.CERTIFICATE_EXPIRED)),
          Map.entry(
              "signed by another key",
              List.of(ErrorCode.SIGNER_NOT_TRUSTED, ErrorCode.SIGNATURE_INVALID)),
          Map.entry(
              "key of another type",
              List.of(ErrorCode.SIGNER_NOT_TRUSTED, ErrorCode.SIGNATURE_INVALID)),
          Map.entry("bundles present", List.of(ErrorCode.SIGNER_NOT_TRUSTED)),
          Map.entry("predicate of another", List.of(ErrorCode.STATEMENT_MISSING)),
          Map.entry("a signature, not an", List.of(ErrorCode.STATEMENT_MISSING)),
          Map.entry("payload type is part", List.of(ErrorCode.SIGNATURE_INVALID)));

  @TempDir static Path directory;

  @BeforeAll
  static void unpack() throws IOException {
    PeerFixtures.unpack("peer-signatures.zip", directory);
  }

  @TestFactory
  Stream<DynamicTest> everyCaseGetsTheVerdictItDeserves() throws IOException {
    return cases().stream().map(one -> DynamicTest.dynamicTest(one.string("id"), () -> judge(one)));
  }

  @Test
  void theSetIsComplete() throws IOException {
    assertThat(cases()).hasSize(229);
  }

  private static List<Fields> cases() throws IOException {
    byte[] json = Files.readAllBytes(directory.resolve("cases.json"));
    return Fields.of(Json.parse(json, "cases"), "cases").objects("cases");
  }

  private void judge(Fields one) throws IOException {
    String expect = one.string("expect");
    Optional<Verification.Failure> failure = failure(one);
    switch (expect) {
      case "pass" -> assertThat(failure).as(one.string("reason")).isEmpty();
      case "fail" -> {
        assertThat(failure).as(one.string("reason")).isPresent();
        assertThat(failure.orElseThrow().code())
            .as(one.string("reason") + " / " + failure.orElseThrow().reason())
            .isIn(expectedCodes(one.string("reason")));
      }
      default ->
          Assumptions.abort(
              "the peer contradicts itself: " + one.optionalString("note").orElse(""));
    }
  }

  private static List<ErrorCode> expectedCodes(String reason) {
    return CODES.stream()
        .filter(entry -> reason.startsWith(entry.getKey()))
        .map(Map.Entry::getValue)
        .findFirst()
        .orElse(List.of(ErrorCode.SIGNATURE_MALFORMED));
  }

  private Optional<Verification.Failure> failure(Fields one) throws IOException {
    try {
      return verification(one).failure();
    } catch (BullaException e) {
      return Optional.of(new Verification.Failure(e.code(), e.reason(), e.nextStep()));
    }
  }

  private Verification verification(Fields one) throws IOException {
    Fields verify = one.object("verify");
    if (one.string("kind").equals("cosign-blob")) {
      return new VerifyBlob()
          .verify(
              directory.resolve(one.string("file")),
              Files.readAllBytes(directory.resolve(one.string("bundle"))),
              byKey(verify));
    }
    try (Repository layout = Layout.open(directory.resolve(one.string("layout")))) {
      Descriptor subject = layout.resolve(one.string("digest")).orElseThrow();
      VerifyImage verifier = new VerifyImage(CLOCK);
      return switch (one.string("kind")) {
        case "notation" ->
            verifier.verify(
                layout, subject, new Trust.ByPolicy(byPolicy(verify, one.string("scope"))));
        case "cosign" -> verifier.verify(layout, subject, new Trust.ByKey(byKey(verify)));
        case "cosign-attestation" ->
            new VerifyStatements()
                .require(
                    layout, subject, PredicateNames.toUri(verify.string("type")), byKey(verify));
        default -> throw new IllegalStateException(one.string("kind"));
      };
    }
  }

  private static NotationTrust byPolicy(Fields verify, String scope) throws IOException {
    TrustPolicy policy =
        TrustPolicy.parse(Files.readAllBytes(directory.resolve(verify.string("trustPolicy"))));
    return new NotationTrust(
            policy, TrustStore.directory(directory.resolve(verify.string("trustStore"))), scope)
        .withRevocation(new Served(directory.resolve("notation/revocation")))
        .withMetadata(verify.stringMap("userMetadata"))
        .withMaxSignatures(verify.optionalInteger("maxSignatures").orElse(100L).intValue());
  }

  private static CosignTrust byKey(Fields verify) {
    CosignTrust trust =
        new CosignTrust(
                KeyFiles.verifier(directory.resolve(verify.string("key"))), verify.string("key"))
            .withHash(Digest.Algorithm.parse(verify.string("hash")))
            .withAnnotations(verify.stringMap("annotations"));
    return verify.optionalBoolean("checkClaims").orElse(true) ? trust : trust.withoutClaims();
  }

  /** What the web server of the set answers: {@code /crl/NAME} and {@code /ocsp/NAME}. */
  private record Served(Path files) implements RevocationSource {
    @Override
    public List<byte[]> lists(URI point) {
      return read(point, "/crl/", ".crl");
    }

    @Override
    public List<byte[]> responses(URI responder, byte[] request) {
      return read(responder, "/ocsp/", ".der");
    }

    private List<byte[]> read(URI from, String prefix, String suffix) {
      Path file = files.resolve(from.getPath().substring(prefix.length()) + suffix);
      try {
        return Files.exists(file) ? List.of(Files.readAllBytes(file)) : List.of();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
