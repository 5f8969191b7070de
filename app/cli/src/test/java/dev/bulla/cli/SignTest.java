package dev.bulla.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.core.ErrorCode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code bulla sign}: how signatures in Notation's format are made. */
class SignTest {
  @TempDir static Path temp;
  private static Caller caller;

  @BeforeAll
  static void buildALayout() {
    caller = new Caller(temp.resolve("home"), temp);
    Project.application(temp.resolve("app"), "app", "1.0", "org.example:greeter:1.0");
    new Project(temp).text("predicate.json", "{}");
    caller.run("key").ok();
  }

  private static Ran run(String line) {
    return caller.run(line.split(" +"));
  }

  @Test
  void coseEnvelopeIsMadeAndVerifiedAndEndsWithItsLife() {
    run("build app --to cose:1.0").ok();
    run("sign --format notation --envelope cose --expiry 1h30m -m stage=prod --oci-layout cose:1.0")
        .ok();
    String verify = "verify --scope example.org/app --oci-layout cose:1.0 --output json";

    Ran now = run(verify + " -m stage=prod").ok();

    assertThat(now.json().path("signatures").path(0).path("format").asString())
        .isEqualTo("notation-cose");
    Instant start = Instant.now();
    run(verify + " --at " + start.plus(80, ChronoUnit.MINUTES)).ok();
    Ran later = run(verify + " --at " + start.plus(100, ChronoUnit.MINUTES)).ended(3);
    assertThat(later.json().path("failure").path("code").asString()).isEqualTo("signature-expired");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--envelope cbor",
        "--format cosign --envelope cose",
        "--expiry soon",
        "--expiry 0s",
        "--timestamp-url http://127.0.0.1:1/",
        "--timestamp-root-cert home/keys/root.crt",
        "--timestamp-url ftp://127.0.0.1/ --timestamp-root-cert home/keys/root.crt",
        "--timestamp-url :: --timestamp-root-cert home/keys/root.crt",
        "--envelope cose --type custom --predicate predicate.json",
      })
  void whatCannotBeMeantIsAUsageError(String options) {
    run("build app --to wrong:1.0").ok();

    run("sign " + options + " --oci-layout wrong:1.0").failed(ErrorCode.USAGE);

    run("verify --scope example.org/app --oci-layout wrong:1.0").ended(3);
  }

  @Test
  void timestampAuthorityThatDoesNotAnswerIsUnavailableAndNothingIsSigned() throws IOException {
    run("build app --to stamped:1.0").ok();
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }

    run("sign --timestamp-url http://127.0.0.1:"
            + port
            + "/ --timestamp-root-cert home/keys/root.crt --oci-layout stamped:1.0")
        .failed(ErrorCode.SERVER_UNAVAILABLE)
        .ended(4);

    run("verify --key home/keys/signing.pub --oci-layout stamped:1.0").ended(3);
  }
}
