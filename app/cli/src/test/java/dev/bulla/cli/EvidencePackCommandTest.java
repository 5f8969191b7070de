package dev.bulla.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import com.sun.net.httpserver.HttpServer;
import dev.bulla.core.ErrorCode;
import dev.bulla.oci.Layout;
import dev.bulla.oci.Repository;
import dev.bulla.signing.pack.WritePack;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code bulla evidence pack|verify|show}: what was judged once can be judged again, elsewhere. */
class EvidencePackCommandTest {
  private static final String IMAGE =
      "oci/app@sha256:dc1426baf301016ad5ad623d32b8e59f10984ea499a28f903534cd2761d0578f";
  private static final String WORKFLOW =
      "--certificate-identity https://github.com/acme/app/.github/workflows/release.yml"
          + "@refs/heads/main --certificate-oidc-issuer http://127.0.0.1:8901"
          + " --trusted-root roots/trusted_root.json";

  @TempDir static Path temp;
  private static Caller caller;
  private static Caller elsewhere;

  @BeforeAll
  static void unpack() throws Exception {
    Path here = Files.createDirectory(temp.resolve("here"));
    Evidence.unpack(here);
    Files.createDirectories(here.resolve("policies/keys"));
    Files.copy(here.resolve("cosign/keys/ecdsa-p256.pub"), here.resolve("policies/keys/a.pub"));
    String policy =
        """
        apiVersion: bulla.dev/v1
        kind: TrustPolicy
        metadata: {name: t, version: "1"}
        spec:
          authorities:
            release: {keys: [{file: NAME}]}
          scopes:
            - {name: all, images: ["registry.example/**"], attestations: [{type: slsaprovenance1, authorities: [release]}]}
        """;
    Files.writeString(here.resolve("policies/in.yaml"), policy.replace("NAME", "keys/a.pub"));
    Files.writeString(
        here.resolve("policies/out.yaml"), policy.replace("NAME", "../cosign/keys/ecdsa-p256.pub"));
    caller = new Caller(temp.resolve("home"), here);
    elsewhere =
        new Caller(temp.resolve("other-home"), Files.createDirectory(temp.resolve("there")));
  }

  private static Ran run(Caller who, String line) {
    return who.run(
        line.replace("WORKFLOW", WORKFLOW)
            .replace("IMAGE", IMAGE)
            .replace("PACK", temp.resolve("pack.tar").toString())
            .replaceAll(
                "POLICY/([a-z-]+)",
                "--trust-policy notation/policies/$1.json --trust-store notation/truststore"
                    + " --scope registry.example/team/app")
            .split(" +"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "WORKFLOW IMAGE | --trusted-root",
        "--key cosign/keys/ecdsa-p256.pub --type slsaprovenance1"
            + " cosign/layouts/att-slsaprovenance1:v1 | --key",
        "POLICY/strict notation/layouts/metadata-jws:v1 | --trust-store",
        "POLICY/strict --crl notation/revocation/root-ec.crl notation/layouts/crl-ok:v1 | --crl",
        "--trust policies/in.yaml --scope registry.example/team/app"
            + " cosign/layouts/att-slsaprovenance1:v1 | --trust",
      })
  void whatIsAcceptedHereIsAcceptedElsewhereByThePackAloneWhichSaysSo(String line, String option) {
    Ran packed = run(caller, "evidence pack --oci-layout --force --out PACK " + line).ok();
    assertThat(packed.out()).contains("judged by", option);

    Ran ran = run(elsewhere, "evidence verify PACK").ok();

    assertThat(ran.out()).startsWith("VERIFIED").contains("CAUTION", "the pack's own word");
    assertThat(
            run(elsewhere, "evidence verify PACK --output json")
                .ok()
                .json()
                .path("trustFrom")
                .asString())
        .isEqualTo("pack");
    assertThat(run(elsewhere, "evidence show PACK").ok().out())
        .contains("no signature was verified");
    assertThat(elsewhere.home()).doesNotExist();
  }

  @Test
  void ownTrustDecidesWhateverThePackBringsAlong() {
    run(caller, "evidence pack --oci-layout --with-image --force --out PACK WORKFLOW IMAGE").ok();

    Ran own = run(caller, "evidence verify PACK WORKFLOW --output json").ok();
    assertThat(own.json().path("trustFrom").asString()).isEqualTo("option");
    assertThat(own.err()).doesNotContain("CAUTION");
    run(caller, "evidence verify PACK --key keys/other.pub").ended(3);
    run(caller, "evidence verify PACK WORKFLOW --at 2026-11-20").ended(3);
    assertThat(run(caller, "evidence verify PACK --at 2026-11-20").ended(3).out())
        .contains("as you said");
    run(caller, "sbom --oci-layout PACK").ok();
  }

  /**
   * The certificates name an address with a fixed port; without that port there is no such test.
   */
  @Test
  void answersAboutRevocationAreFetchedOnceAndPacked() throws Exception {
    byte[] list = Files.readAllBytes(temp.resolve("here/notation/revocation/root-ec.crl"));
    HttpServer http;
    try {
      http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 5913), 0);
    } catch (BindException e) {
      abort("port 5913 is taken");
      return;
    }
    http.createContext(
        "/crl/root-ec",
        exchange -> {
          exchange.sendResponseHeaders(200, list.length);
          exchange.getResponseBody().write(list);
          exchange.close();
        });
    http.start();
    try {
      run(
              caller,
              "evidence pack --oci-layout --force --out PACK POLICY/strict"
                  + " notation/layouts/crl-ok:v1")
          .ok();
    } finally {
      http.stop(0);
    }

    assertThat(run(elsewhere, "evidence show PACK").ok().out())
        .contains("--crl trust/revocation/list-0.crl");
    run(elsewhere, "evidence verify PACK").ok();
    run(caller, "evidence verify PACK POLICY/strict").ok();
    run(caller, "verify --oci-layout --offline POLICY/strict notation/layouts/crl-ok:v1").ended(3);
  }

  @ParameterizedTest
  @CsvSource({
    "--plugin-directory,/tmp,false",
    "--notation-config,/tmp,false",
    "--key,/etc/hostname,false",
    "--key,trust/../../x,true",
    "--key,trust/absent.pub,true",
    "--type,trust/absent,true",
  })
  void packMayNotReachOutOfItself(String name, String value, boolean file) {
    Path hostile = temp.resolve("hostile.tar");
    try (Repository layout = Layout.open(temp.resolve("here/cosign/layouts/att-slsaprovenance1"))) {
      WritePack pack = new WritePack(layout, layout.resolve("v1").orElseThrow(), Optional.empty());
      if (file) {
        pack.fileOption(name, value);
      } else {
        pack.option(name, value);
      }
      pack.write(hostile, Instant.EPOCH, false, false);
    }

    Ran ran = run(elsewhere, "evidence verify " + hostile).ended(3);

    assertThat(ran.err()).containsAnyOf("[evidence-pack-invalid]", "[path-escape]");
  }

  @Test
  void aPackThatNobodyHasStampedProvesNoTime() {
    String image = "notation/layouts/cert-expired:v1";
    Path file = temp.resolve("unstamped.tar");
    String pack = "evidence pack --oci-layout POLICY/permissive " + image + " --out " + file;
    run(caller, pack).ok();
    run(caller, pack).failed(ErrorCode.CONFLICT);
    String verify = "evidence verify " + file + " POLICY/permissive ";
    assertThat(run(caller, verify + "--output json").json().has("timestamp")).isFalse();
    run(caller, verify + "--timestamp-root-cert absent.pem").failed(ErrorCode.FILE_NOT_FOUND);
    new Caller(temp.resolve("third-home"), temp).run("key").ok();
    Path root = temp.resolve("third-home/keys/root.crt");
    run(caller, verify + "--timestamp-root-cert " + root).failed(ErrorCode.TIMESTAMP_MISSING);
  }

  @Test
  void expiredCertificateIsJudgedAsOfTheMoment() {
    String image = "notation/layouts/cert-expired:v1";
    run(caller, "evidence pack --oci-layout --force --out PACK POLICY/strict " + image).ended(3);
    run(caller, "evidence pack --oci-layout --force --out PACK POLICY/permissive " + image).ok();

    run(caller, "evidence verify PACK POLICY/strict").ended(3);
    run(caller, "evidence verify PACK POLICY/strict --at 2026-11-21T09:33:50Z").ok();
  }

  @Test
  void whatIsRefusedIsNotPackedAndWhatIsBrokenIsNotRead() throws Exception {
    Path file = temp.resolve("never.tar");
    run(caller, "evidence pack --oci-layout --out " + file + " --key keys/other.pub IMAGE")
        .ended(3);
    run(
            caller,
            "evidence pack --oci-layout --out "
                + file
                + " --trust policies/out.yaml"
                + " --scope registry.example/a cosign/layouts/att-slsaprovenance1:v1")
        .failed(ErrorCode.TRUST_POLICY_INVALID);
    run(caller, "evidence pack --oci-layout --out nowhere/x.tar --key keys/k256.pub IMAGE")
        .failed(ErrorCode.FILE_NOT_FOUND);
    run(
            caller,
            "evidence pack --oci-layout --out "
                + file
                + " --timestamp-url http://127.0.0.1:1/ --key cosign/keys/ecdsa-p256.pub IMAGE")
        .failed(ErrorCode.USAGE);
    assertThat(file).doesNotExist();

    Files.writeString(file, "no pack");
    run(caller, "evidence verify " + file).failed(ErrorCode.EVIDENCE_PACK_INVALID);
    run(caller, "evidence verify absent.tar").failed(ErrorCode.FILE_NOT_FOUND);
    run(caller, "evidence verify notation/layouts").failed(ErrorCode.FILE_NOT_FOUND);
  }
}
