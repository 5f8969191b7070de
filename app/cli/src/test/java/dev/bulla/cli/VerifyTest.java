package dev.bulla.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code bulla verify} on images that notation and cosign signed. */
class VerifyTest {
  private static final String IMAGE =
      "oci/app@sha256:dc1426baf301016ad5ad623d32b8e59f10984ea499a28f903534cd2761d0578f";
  private static final String WORKFLOW =
      "--certificate-identity https://github.com/acme/app/.github/workflows/release.yml"
          + "@refs/heads/main --certificate-oidc-issuer http://127.0.0.1:8901"
          + " --trusted-root roots/trusted_root.json";

  @TempDir static Path temp;
  private static Caller caller;

  @BeforeAll
  static void unpack() throws IOException {
    Evidence.unpack(temp);
    Files.copy(
        temp.resolve("notation/policies/strict.json"), temp.resolve("notation/trustpolicy.json"));
    Path newer = Files.createDirectories(temp.resolve("newer"));
    Files.copy(temp.resolve("notation/policies/skip.json"), newer.resolve("trustpolicy.oci.json"));
    Files.writeString(newer.resolve("trustpolicy.json"), "{}");
    caller = new Caller(temp.resolve("home"), temp);
  }

  @AfterEach
  void nothingIsLeft() {
    assertThat(caller.home()).doesNotExist();
  }

  private static String[] words(String line) {
    return ("verify --oci-layout "
            + line.replace("WORKFLOW", WORKFLOW)
                .replace("IMAGE", IMAGE)
                .replaceAll(
                    "POLICY/([a-z-]+)",
                    "--trust-policy notation/policies/$1.json --trust-store notation/truststore"
                        + " --scope registry.example/team/app")
                .replace("CONFIG", "--scope registry.example/team/app")
                .replace("LAYOUT/", "notation/layouts/"))
        .split(" +");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "WORKFLOW IMAGE",
        "WORKFLOW --type slsaprovenance1 IMAGE",
        "--key keys/k256.pub --trusted-root roots/trusted_root.json --require-log IMAGE",
        "WORKFLOW --require-log --require-timestamp --at 2026-11-22T00:00:00+01:00 IMAGE",
        "--key cosign/keys/ecdsa-p256.pub --type slsaprovenance1"
            + " cosign/layouts/att-slsaprovenance1:v1",
        "POLICY/strict -m io.example.build=4711 LAYOUT/metadata-jws:v1",
        "POLICY/strict --max-signatures 1 LAYOUT/metadata-jws:v1",
        "POLICY/strict --at 2026-11-21T09:33:50Z LAYOUT/cert-expired:v1",
        "POLICY/strict --at 2026-11-21T09:33:32Z LAYOUT/expired-jws:v1",
        "POLICY/strict --crl notation/revocation/root-ec.crl LAYOUT/crl-ok:v1",
        "POLICY/permissive --offline LAYOUT/crl-ok:v1",
        "POLICY/skip LAYOUT/expired-jws:v1",
        "--notation-config notation CONFIG LAYOUT/metadata-jws:v1",
        "--notation-config newer CONFIG LAYOUT/expired-jws:v1",
      })
  void whatIsSignedAsDemandedIsVerified(String line) {
    assertThat(caller.run(words(line)).ok().out()).startsWith("VERIFIED ");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "WORKFLOW -a stage=prod IMAGE                              | signature-metadata",
        "WORKFLOW --type spdxjson IMAGE                            | signer-not-trusted",
        "--key cosign/keys/ecdsa-p256.pub --type spdxjson cosign/layouts/att-slsaprovenance1:v1"
            + " | statement-missing",
        "WORKFLOW --at 2026-11-20 IMAGE                            | timestamp-invalid",
        "--key keys/other.pub IMAGE                                | signer-not-trusted",
        "--key cosign/keys/ed25519.pub cosign/layouts/att-slsaprovenance1:v1 | signer-not-trusted",
        "POLICY/strict LAYOUT/cert-expired:v1                           | certificate-expired",
        "POLICY/strict LAYOUT/expired-jws:v1                            | signature-expired",
        "POLICY/strict -m io.example.build=1 LAYOUT/metadata-jws:v1     | signature-metadata",
        "POLICY/strict --offline LAYOUT/crl-ok:v1                       | revocation-unknown",
        "POLICY/strict --crl notation/revocation/root-ec.crl LAYOUT/crl:v1 | certificate-revoked",
        "POLICY/strict-absent-store LAYOUT/metadata-jws:v1              | trust-store-invalid",
      })
  void whatIsNotIsRefusedWithItsReason(String line, String code) {
    Ran ran = caller.run(words(line + " --output json")).ended(3);

    assertThat(ran.out()).contains("\"code\" : \"" + code + "\"");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "WORKFLOW POLICY/strict IMAGE | usage | 2",
        "POLICY/strict --require-log IMAGE | usage | 2",
        "POLICY/strict --trusted-root roots/no_log.json IMAGE | usage | 2",
        "POLICY/strict --notation-config notation LAYOUT/crl:v1 | usage | 2",
        "POLICY/strict --at tomorrow LAYOUT/crl:v1 | usage | 2",
        "POLICY/strict --max-signatures 0 LAYOUT/crl:v1 | usage | 2",
        "POLICY/strict --crl absent.crl LAYOUT/crl:v1 | file-not-found | 2",
        "--key keys/k256.pub --offline IMAGE | usage | 2",
        "--key keys/k256.pub --at 2026-11-21 IMAGE | usage | 2",
        "--key keys/k256.pub --check-claims=false -a a=b IMAGE | usage | 2",
        "--notation-config absent CONFIG LAYOUT/crl:v1 | file-not-found | 2",
        "--notation-config LAYOUT/crl CONFIG LAYOUT/crl:v1 | file-not-found | 2",
        "POLICY/invalid-version LAYOUT/crl:v1 | trust-policy-invalid | 3",
      })
  void everyMistakeIsTold(String line, String code, int exit) {
    Ran ran = caller.run(words(line)).ended(exit);

    assertThat(ran.err()).contains("[" + code + "]").doesNotContain("internal error");
    assertThat(ran.out()).isEmpty();
  }

  @Test
  void attestationCountsAsSignatureAsForCosignAndTheAnswerSaysSo() {
    Ran ran =
        caller
            .run(
                words(
                    "--key cosign/keys/ecdsa-p256.pub cosign/layouts/att-slsaprovenance1:v1"
                        + " --output json"))
            .ok();

    assertThat(ran.json().path("note").asString()).contains("only an attestation");
  }

  @Test
  void environmentNamesNotationsDirectory() {
    String[] words = words("CONFIG LAYOUT/metadata-jws:v1");

    caller.run(Map.of("NOTATION_CONFIG", "notation"), words).ok();
    caller.run(words).ended(2);
  }

  /**
   * The certificates name an address with a fixed port; without that port there is no such test.
   */
  @Test
  void whomTheCertificatesNameIsAskedUnlessOffline() throws IOException {
    byte[] list = Files.readAllBytes(temp.resolve("notation/revocation/root-ec.crl"));
    AtomicInteger asked = new AtomicInteger();
    HttpServer http = fixedPort();
    http.createContext(
        "/crl/root-ec",
        exchange -> {
          asked.incrementAndGet();
          exchange.sendResponseHeaders(200, list.length);
          exchange.getResponseBody().write(list);
          exchange.close();
        });
    http.start();
    try {
      caller.run(words("POLICY/strict --offline LAYOUT/crl-ok:v1")).ended(3);
      assertThat(asked).hasValue(0);
      caller.run(words("POLICY/strict LAYOUT/crl-ok:v1")).ok();
      assertThat(asked).hasValue(1);
      assertThat(caller.run(words("POLICY/strict LAYOUT/crl:v1")).ended(3).out())
          .contains("[certificate-revoked]");
    } finally {
      http.stop(0);
    }
  }

  private static HttpServer fixedPort() throws IOException {
    try {
      return HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 5913), 0);
    } catch (BindException e) {
      return abort("port 5913 is taken");
    }
  }
}
