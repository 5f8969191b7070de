package dev.bulla.oci;

import static dev.bulla.oci.RepositoryContract.assertFails;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.core.ErrorCode;
import dev.bulla.core.Reference;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DockerConfigTest {
  private static final String ANN = "YW5uOnMzY3JldA=="; // ann:s3cret
  private static final Credential ANN_BASIC = new Credential.Basic("ann", "s3cret");

  @TempDir Path home;

  private CredentialSource source(String config) throws IOException {
    Files.createDirectories(home.resolve(".docker"));
    Files.writeString(home.resolve(".docker/config.json"), config);
    return CredentialSource.docker(
        Map.of("HOME", home.toString(), "PATH", home + "/bin:/usr/bin:/bin"));
  }

  private void program(String name, String script) throws IOException {
    Files.createDirectories(home.resolve("bin"));
    Path file = home.resolve("bin/docker-credential-" + name);
    Files.writeString(file, "#!/bin/sh\n" + script + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
  }

  private static Optional<Credential> find(CredentialSource source, String reference) {
    return source.find(Reference.parse(reference));
  }

  @Test
  void findsTheEntryOfARegistryHoweverItsKeyIsWritten() throws IOException {
    for (String key :
        new String[] {
          "reg.example:5000", "https://reg.example:5000", "http://reg.example:5000/v2/"
        }) {
      CredentialSource source =
          source("{\"auths\":{\"%s\":{\"auth\":\"%s\"}}}".formatted(key, ANN));
      assertThat(find(source, "reg.example:5000/a")).contains(ANN_BASIC);
      assertThat(find(source, "reg.example/a")).isEmpty();
    }
  }

  @Test
  void findsDockerHubUnderItsHistoricalName() throws IOException {
    CredentialSource source =
        source("{\"auths\":{\"https://index.docker.io/v1/\":{\"auth\":\"%s\"}}}".formatted(ANN));
    assertThat(find(source, "alpine")).contains(ANN_BASIC);
  }

  @Test
  void theMostSpecificPathWins() throws IOException {
    CredentialSource source =
        source(
            """
            {"auths":{"reg.example":{"auth":"Ym9iOng="},"reg.example/team":{"auth":"%s"}}}\
            """
                .formatted(ANN));
    assertThat(find(source, "reg.example/team/app")).contains(ANN_BASIC);
    assertThat(find(source, "reg.example/teams/app")).contains(new Credential.Basic("bob", "x"));
  }

  @Test
  void knowsTokensAndPlainFields() throws IOException {
    CredentialSource source =
        source(
            """
            {"auths":{"a.example":{"identitytoken":"id","auth":"%s"},
                      "b.example":{"registrytoken":"rt"},
                      "c.example":{"username":"ann","password":"s3cret"},
                      "d.example":{}}}\
            """
                .formatted(ANN));
    assertThat(find(source, "a.example/x")).contains(new Credential.IdentityToken("id"));
    assertThat(find(source, "b.example/x")).contains(new Credential.RegistryToken("rt"));
    assertThat(find(source, "c.example/x")).contains(ANN_BASIC);
    assertThat(find(source, "d.example/x")).isEmpty();
  }

  @Test
  void asksTheProgramOfTheRegistryBeforeTheOneForAll() throws IOException {
    program(
        "one",
        "read server; echo"
            + " \"{\\\"ServerURL\\\":\\\"$server\\\",\\\"Username\\\":\\\"one\\\",\\\"Secret\\\":\\\"$server\\\"}\"");
    program("all", "echo '{\"Username\":\"<token>\",\"Secret\":\"refresh\"}'");
    CredentialSource source =
        source("{\"credHelpers\":{\"a.example\":\"one\"},\"credsStore\":\"all\"}");

    assertThat(find(source, "a.example/x")).contains(new Credential.Basic("one", "a.example"));
    assertThat(find(source, "b.example/x")).contains(new Credential.IdentityToken("refresh"));
  }

  @Test
  void aProgramThatKnowsNothingIsNoFailure() throws IOException {
    program("none", "cat >/dev/null; echo 'credentials not found in native keychain'; exit 1");
    CredentialSource source =
        source(
            "{\"credsStore\":\"none\",\"auths\":{\"a.example\":{\"auth\":\"%s\"}}}".formatted(ANN));

    assertThat(find(source, "a.example/x")).contains(ANN_BASIC);
    assertThat(find(source, "b.example/x")).isEmpty();
  }

  @Test
  void aProgramThatFailsIsAFailureWithoutItsSecret() throws IOException {
    program("bad", "cat >/dev/null; echo '{\"Secret\":\"s3cret\"'; exit 0");
    program("broken", "exit 3");
    CredentialSource source =
        source(
            "{\"credHelpers\":{\"a.example\":\"bad\",\"b.example\":\"broken\",\"c.example\":\"absent\"}}");

    assertThatThrownBy(() -> find(source, "a.example/x")).hasMessageNotContaining("s3cret");
    assertFails(ErrorCode.CREDENTIALS_UNAVAILABLE, () -> find(source, "a.example/x"));
    assertFails(ErrorCode.CREDENTIALS_UNAVAILABLE, () -> find(source, "b.example/x"));
    assertFails(ErrorCode.CREDENTIALS_UNAVAILABLE, () -> find(source, "c.example/x"));
  }

  @Test
  void aProgramNameWithAPathIsRefused() throws IOException {
    CredentialSource source = source("{\"credsStore\":\"../../tmp/evil\"}");
    assertFails(ErrorCode.CREDENTIALS_UNAVAILABLE, () -> find(source, "a.example/x"));
  }

  @Test
  void aFileThatCannotBeReadIsAFailureAndAnAbsentOneIsNot() throws IOException {
    assertThat(find(CredentialSource.docker(Map.of("HOME", home + "/none")), "a.example/x"))
        .isEmpty();
    assertThat(find(CredentialSource.docker(Map.of()), "a.example/x")).isEmpty();
    CredentialSource duplicate = source("{\"auths\":{},\"auths\":{}}");
    assertFails(ErrorCode.CREDENTIALS_UNAVAILABLE, () -> find(duplicate, "a.example/x"));
    CredentialSource badBase64 = source("{\"auths\":{\"a.example\":{\"auth\":\"%%%\"}}}");
    assertFails(ErrorCode.CREDENTIALS_UNAVAILABLE, () -> find(badBase64, "a.example/x"));
  }

  @Test
  void readsPodmansFileToo() throws IOException {
    Path file = home.resolve("auth.json");
    Files.writeString(file, "{\"auths\":{\"a.example\":{\"auth\":\"%s\"}}}".formatted(ANN));
    CredentialSource source =
        CredentialSource.docker(Map.of("REGISTRY_AUTH_FILE", file.toString()));
    assertThat(find(source, "a.example/x")).contains(ANN_BASIC);
  }
}
