package dev.bulla.signing.kms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.core.BullaException;
import dev.bulla.core.crypto.SignatureAlgorithm;
import dev.bulla.keys.KeyAlgorithm;
import dev.bulla.keys.KeyFiles;
import dev.bulla.keys.LocalSigner;
import dev.bulla.signing.SigningKeys;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Keys behind programs: what is asked, and what programs do that should not be trusted. */
class KmsSignerTest {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final LocalSigner KEY = KeyAlgorithm.ECDSA_P384.generate(RANDOM);
  private static final byte[] MESSAGE = {1, 2, 3};
  private static final InstantSource CLOCK =
      InstantSource.fixed(Instant.parse("2026-11-21T18:00:00.5Z"));

  /** The public half of a key that openssl made. */
  private static final String RSA =
      """
      -----BEGIN PUBLIC KEY-----
      MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAr0zv1YGv8xy6Syar7LUD
      bVgeDv+8uvWYcSdEjO0ogLq7+TslHqxR8n5Z4p/6CuVhs5S+LU+D3NNFVJ77UBt4
      z5eVb6tjiO7vHHMti3jgYAM57ct9KualHSlHSGArE3HkjxDth2V8u8XdF2md9idJ
      S8d5pi2FLEuGqf1VLmoi6iBxCcTutD81A3mT1VHrxAT/+uJyE3HE0W574c59AtI+
      souQk+s9pxPse2tWCf8A4o/xiEGGUXqaeFvlwya3ATxU9YzjEvIbqnOleDfXlB/C
      EDCHf8XxRm4RngRFnfyEmxwyS3IrNzVyF7/seK6s5PRvGGMlNNErxZgkeH5mlgA5
      /QIDAQAB
      -----END PUBLIC KEY-----
      """;

  @TempDir static Path temp;

  @BeforeAll
  static void whatAGoodProgramAnswers() throws IOException {
    Base64.Encoder base64 = Base64.getEncoder();
    answer(
        "publicKey", "publicKeyPEM", base64.encodeToString(KeyFiles.publicKeyPem(KEY.verifier())));
    answer(
        "signMessage",
        "signature",
        base64.encodeToString(KEY.sign(SignatureAlgorithm.ECDSA_P384_SHA384, MESSAGE)));
  }

  private static void answer(String method, String name, String value) throws IOException {
    Files.writeString(
        temp.resolve(method), "{\"%s\":{\"%s\":\"%s\"}}".formatted(method, name, value));
  }

  /** The arguments are kept in a file, and the prepared answer of the method is given. */
  private static final String GOOD =
      """
      printf '%s\\n%s\\n' "$1" "$2" >>asked
      case $2 in
        *'"methodName":"publicKey"'*) cat publicKey ;;
        *) cat >message; cat signMessage ;;
      esac
      """;

  @Test
  void asksAsCosignDoesAndGivesOutAVerifiedSignature() throws IOException {
    Files.deleteIfExists(temp.resolve("asked"));
    KmsSigner signer = open(GOOD, Duration.ofSeconds(60));
    byte[] made = signer.sign(SignatureAlgorithm.ECDSA_P384_SHA384, MESSAGE);
    assertThat(KEY.verifier().verify(SignatureAlgorithm.ECDSA_P384_SHA384, MESSAGE, made)).isTrue();
    assertThat(signer.publicKey()).isEqualTo(KEY.publicKey());
    assertThat(temp.resolve("message")).hasBinaryContent(MESSAGE);
    String init =
        "{\"initOptions\":{\"ctxDeadline\":\"2026-11-21T18:01:00Z\",\"protocolVersion\":\"v1\","
            + "\"keyResourceID\":\"keys/1\",\"hashFunc\":%d,\"rpcOptions\":{\"keyVersion\":\"\","
            + "\"remoteVerification\":false}},\"methodName\":";
    String rpc = "\"rpcOptions\":{\"keyVersion\":\"\",\"remoteVerification\":false}";
    assertThat(Files.readAllLines(temp.resolve("asked")))
        .containsExactly(
            "v1",
            init.formatted(5) + "\"publicKey\",\"publicKey\":{\"publicKeyOptions\":{" + rpc + "}}}",
            "v1",
            init.formatted(6)
                + "\"signMessage\",\"signMessage\":{\"signOptions\":{"
                + rpc
                + ",\"messageOptions\":{\"digest\":null}}}}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "echo '{\"errorMessage\":\"no such key\"}'; exit 3 | refuses: no such key | ''",
        "echo 'log in first' >&2; exit 1 | gives no usable answer | It says: log in first",
        "echo '{}' | publicKey | ''",
        "echo '{\"publicKey\":{\"publicKeyPEM\":\"%%\"}}' | is not base64 | ''",
        "echo '{\"publicKey\":{\"publicKeyPEM\":\"QQ==\"}}' | no public key in it | ''",
        "echo '{\"publicKey\":{},\"publicKey\":{}}' | gives no usable answer | ''",
        "cat publicKey publicKey | gives no usable answer | ''",
        "head -c 2000000 /dev/zero | has written more than 1048576 bytes | ''",
        "head -c 2000000 /dev/zero >&2; cat publicKey | has written more than 1048576 bytes | ''",
        "exec sleep 30 | has not answered within 200 ms | ''",
        "cat publicKey; sleep 600 & | has left a process behind that holds its output open | ''",
        "echo '{\"errorMessage\":\"\\u001b[31mred\"}' | refuses: \\u001b[31mred | ''",
        "case $2 in *signMessage*) echo '{\"signMessage\":{\"signature\":\"AAAA\"}}' ;;"
            + " *) cat publicKey ;; esac | does not verify as ECDSA_P384_SHA384 | ''",
        "case $2 in *signMessage*) cat publicKey ;; *) cat publicKey ;; esac | signMessage | ''"
      })
  void aProgramThatMisbehavesIsRefused(String script, String message, String next)
      throws IOException {
    Duration time = script.contains("exec sleep") ? Duration.ofMillis(200) : Duration.ofSeconds(60);
    assertThatThrownBy(
            () -> open(script + "\n", time).sign(SignatureAlgorithm.ECDSA_P384_SHA384, MESSAGE))
        .isInstanceOfSatisfying(
            BullaException.class,
            e -> {
              assertThat(e.code().id()).isEqualTo("key-invalid");
              assertThat(e.nextStep()).contains(next);
            })
        .hasMessageContaining("lab://keys/1")
        .hasMessageContaining(message);
  }

  @Test
  void onlyAProgramInAnAbsoluteDirectoryOfPathIsFound() throws IOException {
    write(GOOD);
    for (String path : new String[] {"", ".", ":", "/nowhere"}) {
      SigningKeys keys = new SigningKeys(temp, Map.of("PATH", path), name -> null);
      assertThatThrownBy(() -> keys.open("lab://keys/1"))
          .hasMessageContaining("no program 'sigstore-kms-lab'");
    }
    SigningKeys keys = new SigningKeys(temp, Map.of("PATH", "/usr/bin:/bin:" + temp), name -> null);
    assertThat(keys.publicKey("lab://keys/1")).isEqualTo(KEY.verifier());
    assertThatThrownBy(() -> keys.withAlias("x").open("lab://keys/1"))
        .hasMessageContaining("only keys in a PKCS#12 file have an alias");
  }

  @Test
  void ofTheEnvironmentTheProgramSeesWhatItNeeds() throws IOException {
    open("env >environment\n" + GOOD, Duration.ofSeconds(60));
    assertThat(Files.readAllLines(temp.resolve("environment")))
        .contains("LAB_SLOT=7", "SHOWN=y")
        .noneMatch(line -> line.startsWith("HIDDEN"));
    Map<String, String> cloud = Map.of("AWS_PROFILE", "a", "VAULT_TOKEN", "b", "HOME", "c");
    assertThat(KmsReference.parse("awskms:///k").orElseThrow().seen(cloud, Set.of()))
        .containsOnlyKeys("AWS_PROFILE", "HOME");
  }

  @ParameterizedTest
  @CsvSource({
    "program, rwxrwxr-x, can be written by others",
    "program, rwx---rwx, can be written by others",
    "directory, rwxrwxrwx, can be written by others",
    "directory, rwxrwx---, ''"
  })
  void aProgramThatOthersCanWriteIsNotRun(String which, String permissions, String message)
      throws IOException {
    write(GOOD);
    Path directory = Files.createDirectories(temp.resolve("bin"));
    Path program = directory.resolve("sigstore-kms-lab");
    Files.copy(temp.resolve("sigstore-kms-lab"), program, StandardCopyOption.COPY_ATTRIBUTES);
    Files.setPosixFilePermissions(
        which.equals("program") ? program : directory,
        PosixFilePermissions.fromString(permissions));
    SigningKeys keys =
        new SigningKeys(temp, Map.of("PATH", directory + ":/usr/bin:/bin"), name -> null);
    try {
      assertThat(keys.verificationKey("lab://keys/1")).isEqualTo(KEY.verifier());
      assertThat(message).isEmpty();
    } catch (BullaException e) {
      assertThat(e).hasMessageContaining(message.isEmpty() ? "nothing" : message);
    } finally {
      Files.delete(program);
      Files.delete(directory);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "https://example.test/cosign.pub, download it",
    "k8s://ns/secret, kubectl get secret",
    "github://acme/app, env://COSIGN_PUBLIC_KEY",
    "awskms:///alias/x, Install that program"
  })
  void whatCosignKnowsBesidesIsRefusedWithAWayOut(String reference, String next) {
    SigningKeys keys = new SigningKeys(temp, Map.of("PATH", "/nowhere"), name -> null);
    assertThatThrownBy(() -> keys.verificationKey(reference))
        .isInstanceOfSatisfying(BullaException.class, e -> assertThat(e.nextStep()).contains(next));
  }

  @Test
  void paddingThatTheProtocolCannotAskForIsRefused() throws IOException {
    Files.writeString(
        temp.resolve("rsa"),
        "{\"publicKey\":{\"publicKeyPEM\":\"%s\"}}"
            .formatted(
                Base64.getEncoder().encodeToString(RSA.getBytes(StandardCharsets.US_ASCII))));
    assertThatThrownBy(() ->
            open("cat rsa\n", Duration.ofSeconds(60))
                .sign(SignatureAlgorithm.RSA_PSS_SHA256, MESSAGE))
        .hasMessageContaining("cannot be asked for RSA_PSS_SHA256");
  }

  private static KmsSigner open(String script, Duration time) throws IOException {
    write(script);
    return KmsSigner.open(
        KmsReference.parse("lab://keys/1").orElseThrow(),
        temp,
        Map.of("PATH", "/usr/bin:/bin:" + temp, "LAB_SLOT", "7", "HIDDEN", "x", "SHOWN", "y"),
        Set.of("SHOWN"),
        time,
        CLOCK);
  }

  private static void write(String script) throws IOException {
    Path program = temp.resolve("sigstore-kms-lab");
    Files.deleteIfExists(program);
    Files.writeString(program, "#!/bin/sh\n" + script);
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
  }
}
