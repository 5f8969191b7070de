package dev.bulla.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.core.ErrorCode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code bulla verify-blob} on bundles that cosign made in a private Sigstore. */
class VerifyBlobTest {
  private static final String ALICE =
      "--certificate-identity alice@example.test --certificate-oidc-issuer http://127.0.0.1:8900"
          + " --trusted-root roots/trusted_root.json";
  private static final String WORKFLOW =
      "--certificate-identity-regexp ^https://github.com/acme/app/"
          + " --certificate-oidc-issuer-regexp :8901$ --trusted-root roots/trusted_root.json";
  private static final String KEY = "--key keys/k256.pub";

  @TempDir static Path temp;
  private static Caller caller;

  @BeforeAll
  static void unpack() throws IOException {
    Evidence.unpack(temp);
    Files.writeString(temp.resolve("broken.json"), "{\"mediaType\": ");
    caller = new Caller(temp.resolve("home"), temp);
  }

  @AfterEach
  void nothingIsLeft() {
    assertThat(caller.home()).doesNotExist();
  }

  private static Ran verify(String line) {
    return caller.run(
        ("verify-blob "
                + line.replace("ALICE", ALICE)
                    .replace("WORKFLOW", WORKFLOW)
                    .replace("KEY", KEY)
                    .replace("b/", "--bundle bundles/")
                    .replace(".s ", ".sigstore.json ")
                    .replace("DOC", "artifacts/doc.txt"))
            .split(" +"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "ALICE b/keyless-email.s DOC",
        "ALICE --require-log --require-timestamp b/keyless-email.s DOC",
        "ALICE --at 2026-11-22 b/keyless-email.s DOC",
        "ALICE b/keyless-email.s"
            + " sha256:4443be544ec4feb689f10a34c47f0134dd193507cf3d19d5946b3871dde23626",
        "WORKFLOW b/keyless-workflow.s artifacts/blob.bin",
        "KEY b/key-p256.s DOC",
        "KEY --hash sha256 b/key-p256.s DOC",
        "KEY --trusted-root roots/trusted_root.json --require-log b/key-p256.s DOC",
        "KEY --trusted-root roots/trusted_root.json --require-timestamp b/key-p256.s DOC",
        "KEY b/key-log-entry-missing.s DOC",
        "ALICE b/attestation-email.s DOC",
      })
  void whatIsSignedAsDemandedIsVerified(String line) {
    assertThat(verify(line).ok().out()).startsWith("VERIFIED ");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "ALICE b/keyless-email.s artifacts/other.txt               | signature-digest-mismatch",
        "ALICE b/keyless-workflow.s artifacts/blob.bin             | signer-identity-mismatch",
        "ALICE --at 2026-11-20T00:00:00Z b/keyless-email.s DOC     | timestamp-invalid",
        "ALICE --type cyclonedx b/attestation-email.s DOC          | statement-missing",
        "ALICE --type custom b/keyless-email.s DOC                 | statement-missing",
        "ALICE --certificate-claim build-trigger=push b/keyless-email.s DOC"
            + " | signer-identity-mismatch",
        "WORKFLOW --certificate-github-workflow-name other b/keyless-workflow.s artifacts/blob.bin"
            + " | signer-identity-mismatch",
        "KEY --hash sha512 b/key-p256.s DOC                        | signature-invalid",
        "--key keys/other.pub b/key-p256.s DOC                     | signer-not-trusted",
        "--key keys/k384.pub b/key-p256.s DOC                      | signer-not-trusted",
        "KEY b/keyless-email.s DOC                                 | signer-not-trusted",
        "KEY --trusted-root roots/trusted_root.json b/key-log-entry-missing.s DOC"
            + " | log-entry-missing",
        "KEY --bundle broken.json DOC                              | signature-malformed",
      })
  void whatIsNotIsRefusedWithItsReason(String line, String code) {
    Ran ran = verify(line + " --output json").ended(3);

    assertThat(ran.json().path("verified").asBoolean()).isFalse();
    assertThat(ran.json().path("failure").path("code").asString()).isEqualTo(code);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "b/key-p256.s DOC                                              | usage              | 2",
        "KEY --hash md5 b/key-p256.s DOC | usage | 2",
        "KEY --type nonsense b/key-p256.s DOC | usage | 2",
        "KEY --trust-policy x b/key-p256.s DOC | usage | 2",
        "KEY b/key-p256.s artifacts | usage | 2",
        "KEY b/key-p256.s sha256:12 | usage | 2",
        "KEY DOC                                                       | usage              | 2",
        "KEY --certificate-identity a b/key-p256.s DOC                 | usage              | 2",
        "KEY --require-log b/key-p256.s DOC                            | log-entry-missing  | 3",
        "KEY --require-timestamp b/key-p256.s DOC                      | timestamp-missing  | 3",
        "KEY --at 2026-11-22 b/key-p256.s DOC                          | usage              | 2",
        "KEY --check-claims=perhaps b/key-p256.s DOC                   | usage              | 2",
        "ALICE --at yesterday b/keyless-email.s DOC                    | usage              | 2",
        "ALICE --certificate-claim build-triger=push b/keyless-email.s DOC | usage          | 2",
        "ALICE --certificate-identity-regexp a b/keyless-email.s DOC   | usage              | 2",
        "--certificate-identity a --trusted-root roots/trusted_root.json b/key-p256.s DOC"
            + " | usage | 2",
        "--certificate-identity a --certificate-oidc-issuer b b/key-p256.s DOC | usage      | 2",
        "KEY b/absent.s DOC                                            | file-not-found     | 2",
        "KEY b/key-p256.s absent.txt                                   | file-not-found     | 2",
        "KEY --trusted-root absent.json b/key-p256.s DOC               | file-not-found     | 2",
        "KEY --trusted-root broken.json b/key-p256.s DOC               | trust-root-invalid | 3",
        "KEY --trusted-root roots/no_log.json --require-log b/key-p256.s DOC"
            + " | log-entry-missing | 3",
      })
  void everyMistakeIsTold(String line, String code, int exit) {
    Ran ran = verify(line).ended(exit);

    assertThat(ran.err()).contains("[" + code + "]").doesNotContain("internal error");
    assertThat(ran.out()).isEmpty();
  }

  @Test
  void theKeyMayBeInAVariableOrBehindAProgramThatIsAskedOnce() throws IOException {
    String pem = Files.readString(temp.resolve("keys/k256.pub"));
    String[] words = "--bundle bundles/key-p256.sigstore.json artifacts/doc.txt".split(" ");
    caller.run(Map.of("PUB", pem), verifyBlob("env://PUB", words)).ok();
    caller.run(verifyBlob("env://PUB", words)).failed(ErrorCode.TRUST_KEY_INVALID);

    String encoded = Base64.getEncoder().encodeToString(pem.getBytes(StandardCharsets.US_ASCII));
    Path program = temp.resolve("bin/sigstore-kms-lab");
    Files.createDirectories(program.getParent());
    Files.writeString(
        program,
        "#!/bin/sh\necho asked >>asked\necho '{\"publicKey\":{\"publicKeyPEM\":\"%s\"}}'\n"
            .formatted(encoded));
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
    Map<String, String> path = Map.of("PATH", "/usr/bin:/bin:" + program.getParent());
    assertThat(caller.run(path, verifyBlob("lab://k", words)).ok().out()).startsWith("VERIFIED ");
    assertThat(temp.resolve("asked")).hasContent("asked\n");
    caller.run(verifyBlob("lab://k", words)).failed(ErrorCode.KEY_INVALID);
  }

  private static String[] verifyBlob(String key, String... words) {
    return Stream.concat(Stream.of("verify-blob", "--key", key), Stream.of(words))
        .toArray(String[]::new);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--certificate keys/k256.pub b/key-p256.s DOC     | --key FILE with that certificate",
        "ALICE --certificate-chain x b/keyless-email.s DOC | trusted-root create",
        "ALICE --insecure-ignore-tlog --require-log b/keyless-email.s DOC | exclude each other",
        "KEY --sct x b/key-p256.s DOC                     | exclude each other",
        "KEY --use-signed-timestamps b/key-p256.s DOC     | --require-timestamp",
        "--sk b/key-p256.s DOC                            | pkcs11:",
      })
  void whoIsUsedToOtherOptionsOfCosignIsToldWhatToWrite(String line, String next) {
    Ran ran = verify(line).failed(ErrorCode.USAGE);

    assertThat(ran.err()).contains(next);
  }

  @Test
  void whatChangesNothingIsPassedOver() {
    verify("KEY --insecure-ignore-tlog=true --new-bundle-format b/key-p256.s DOC").ok();
  }

  @Test
  void claimThatIsMistypedNamesTheNearest() {
    assertThat(verify("ALICE --certificate-claim build-triger=push b/keyless-email.s DOC").err())
        .contains("build-trigger");
  }
}
