package dev.bulla.signing.tuf;

import static dev.bulla.signing.tuf.TestRepository.NOW;
import static dev.bulla.signing.tuf.TestRepository.key;
import static dev.bulla.signing.tuf.TufAttacksTest.versions;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.json.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

class TufClientTest {
  private final TestRepository repository = new TestRepository();
  @TempDir Path directory;

  private TufClient client(Instant now) {
    return new TufClient(new MetadataCache(directory), () -> now);
  }

  private TufClient begun() {
    new MetadataCache(directory).begin(repository.firstRoot());
    return client(NOW);
  }

  private Optional<byte[]> fetch(TufClient client, String path) {
    return client.refresh(repository, session -> session.find(path).map(session::download));
  }

  @Test
  void theFilesAreAskedForInTheOrderOfTheSpecification() {
    assertThat(fetch(begun(), "trusted_root.json"))
        .hasValueSatisfying(bytes -> assertThat(bytes).asString().isEqualTo("the root"));
    assertThat(repository.asked)
        .containsExactly(
            "2.root.json",
            "timestamp.json",
            "1.snapshot.json",
            "1.targets.json",
            Digest.sha256("the root".getBytes(StandardCharsets.UTF_8)).hex()
                + ".trusted_root.json");
  }

  @Test
  void whatIsAtHandIsNotAskedForAgain() {
    fetch(begun(), "nothing");
    repository.asked.clear();
    fetch(client(NOW), "nothing");
    assertThat(repository.asked).containsExactly("2.root.json", "timestamp.json");
  }

  @Test
  void fileNamesWithoutVersionsWhereTheRootSaysSo() {
    repository.role("root").put("consistent_snapshot", false);
    repository.publish("root");
    repository.metadata.put("snapshot.json", repository.metadata.remove("1.snapshot.json"));
    repository.metadata.put("targets.json", repository.metadata.remove("1.targets.json"));
    repository.targets.put("trusted_root.json", "the root".getBytes(StandardCharsets.UTF_8));
    assertThat(fetch(begun(), "trusted_root.json")).isPresent();
  }

  @Test
  void theExpiryOfRootsOnTheWayDoesNotCount() {
    TufClient client = begun();
    repository.role("root").put("expires", "2020-01-01T00:00:00+01:00");
    repository.next("root");
    repository.role("root").put("expires", "2030-01-01T00:00:00.25Z");
    repository.next("root");
    fetch(client, "nothing");
    assertThat(versions(directory)).isEqualTo("3 1 1 1");
  }

  @Test
  void everyKeyOfTheRootCanBeReplacedStepByStep() {
    TufClient client = begun();
    repository.keyIds("root", 2, key(6), key(7), key(8));
    repository.signers.put("root", List.of(key(0), key(1), key(6), key(8)));
    repository.next("root");
    repository.signers.put("root", List.of(key(7), key(8)));
    repository.next("root");
    fetch(client, "nothing");
    assertThat(versions(directory)).startsWith("3 ");
  }

  @Test
  void aThiefsHighVersionsAreLeftBehindWithHisKey() {
    TufClient client = begun();
    for (String role : List.of("snapshot", "timestamp")) {
      repository.role(role).put("version", 1_000_000);
      repository.publish(role);
    }
    fetch(client, "nothing");
    assertThat(versions(directory)).isEqualTo("1 1000000 1000000 1");

    repository.role("snapshot").put("version", 1);
    repository.role("timestamp").put("version", 1);
    repository.next("snapshot", "timestamp");
    assertThatThrownBy(() -> fetch(client, "nothing"))
        .isInstanceOfSatisfying(
            BullaException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.TRUST_METADATA_ROLLBACK));

    repository.keyIds("timestamp", 1, key(9));
    repository.keyIds("snapshot", 1, key(10));
    repository.signers.put("timestamp", List.of(key(9)));
    repository.signers.put("snapshot", List.of(key(10)));
    repository.next("root", "snapshot", "timestamp");
    fetch(client, "nothing");
    assertThat(versions(directory)).isEqualTo("2 3 3 1");
  }

  @Test
  void aTimestampThatChangesWithoutANewVersionChangesNothing() {
    TufClient client = begun();
    fetch(client, "nothing");
    ((ObjectNode) repository.role("timestamp").get("meta").get("snapshot.json")).put("version", 9);
    repository.publish("timestamp");
    fetch(client, "nothing");
    assertThat(versions(directory)).isEqualTo("1 1 1 1");
    assertThatThrownBy(() -> fetch(client(NOW.plus(Duration.ofDays(7))), "nothing"))
        .hasMessageContaining("expired");
  }

  @Test
  void whatNobodyKnowsIsSignedTooAndHarmless() {
    TufClient client = begun();
    ObjectNode root = repository.role("root");
    root.put("x-comment", "ü \"\\ \n \uD83D\uDE00").putObject("x-object").put("b", 1).put("a", -2);
    TestRepository.describe((ObjectNode) root.get("keys"), key(11));
    ((ObjectNode) root.get("keys").get("key11")).put("scheme", "dilithium");
    repository.keyIds("timestamp", 1, key(3));
    ((ArrayNode) root.get("roles").get("timestamp").get("keyids")).add("key11");
    repository.next("root");
    fetch(client, "nothing");
    assertThat(versions(directory)).startsWith("2 ");
  }

  @Test
  void onlySignaturesThatVerifyCountAndTheOthersDoNoHarm() {
    TufClient client = begun();
    repository.next("timestamp");
    ObjectNode file = Json.parseObject(repository.metadata.get("timestamp.json"), "timestamp");
    ArrayNode signatures = (ArrayNode) file.get("signatures");
    signatures.addObject().put("keyid", "somebody").put("sig", "");
    signatures.addObject().put("keyid", "else").put("sig", "no hex");
    signatures.addObject().put("keyid", "third");
    repository.metadata.put("timestamp.json", Json.write(file));
    fetch(client, "nothing");
    assertThat(versions(directory)).isEqualTo("1 2 1 1");
  }

  @Test
  void aFileThatIsNotTheSignedOneIsRefused() {
    TufClient client = begun();
    for (String wrong : List.of("the toor", "the root and more", "")) {
      repository.targets.replaceAll((name, was) -> wrong.getBytes(StandardCharsets.UTF_8));
      assertThatThrownBy(() -> fetch(client, "trusted_root.json"))
          .isInstanceOf(BullaException.class);
    }
  }

  @Test
  void aFileThatOnlyHasAnUnknownHashCannotBeHad() {
    ObjectNode entry =
        (ObjectNode) repository.role("targets").get("targets").get("trusted_root.json");
    entry.putObject("hashes").put("blake3", "00");
    repository.next("targets", "snapshot", "timestamp");
    assertThat(fetch(begun(), "trusted_root.json")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "targetfile,         '',    true",
    "README.md,          A,     true",
    "releases/README.md, '',    false",
    "foo-1.tgz,          A,     true",
    "foo-alpha.tgz,      '',    false",
    "releases/x/v1,      'B C', true",
    "releases/y/v1.zip,  'B D', true",
    "releases/z/v1.zip,  B,     false",
    "README.MD,          '',    false",
    "loop,               'E F', false",
  })
  void rolesAreAskedInTheOrderOfTheDelegations(String path, String asked, boolean found) {
    repository.delegate("targets", "A", 6, "*.md", "foo-?.tgz");
    repository.delegate("targets", "B", 6, "releases/*/*").put("terminating", true);
    repository.delegate("targets", "G", 6, "releases/*/*");
    repository.delegate("B", "C", 7, "releases/x/*");
    repository.delegate("B", "D", 7, "releases/y/*.zip");
    repository.delegate("targets", "E", 8, "loop");
    repository.delegate("E", "F", 8, "loop");
    repository.delegate("F", "E", 8, "loop");
    byte[] content = path.getBytes(StandardCharsets.UTF_8);
    repository.offer("targets", "targetfile", content);
    repository.offer("A", "README.md", content);
    repository.offer("A", "foo-1.tgz", content);
    repository.offer("A", "foo-alpha.tgz", content);
    repository.offer("C", "releases/x/v1", content);
    repository.offer("D", "releases/y/v1.zip", content);
    repository.offer("D", "releases/z/v1.zip", content);
    repository.offer("G", "releases/z/v1.zip", content);
    for (String role : List.of("A", "B", "C", "D", "E", "F", "G")) {
      repository.publish(role);
    }
    repository.next("targets", "snapshot", "timestamp");
    assertThat(fetch(begun(), path).isPresent()).isEqualTo(found);
    assertThat(
            repository.asked.stream()
                .filter(name -> name.matches("1\\.[A-G]\\.json"))
                .map(name -> name.substring(2, 3)))
        .containsExactly(asked.isEmpty() ? new String[0] : asked.split(" "));
  }

  @Test
  void aRoleSpeaksOnlyThroughWhoeverDelegatedToItWithItsKey() {
    repository.delegate("targets", "A", 6, "a/*");
    repository.delegate("targets", "B", 7, "b/*");
    repository.delegate("A", "shared", 8, "a/*");
    repository.delegate("B", "shared", 9, "b/*");
    repository.offer("shared", "a/file", new byte[] {1});
    repository.offer("shared", "b/file", new byte[] {2});
    List.of("A", "B", "shared").forEach(repository::publish);
    repository.next("targets", "snapshot", "timestamp");
    TufClient client = begun();
    assertThat(fetch(client, "a/file")).isPresent();
    assertThatThrownBy(() -> fetch(client, "b/file")).hasMessageContaining("signed by 0");
  }

  @Test
  void pathsCanBeDelegatedToBinsAndOnlyTheRightOneIsAsked() {
    List<String> bins = List.of("bin-0", "bin-1", "bin-2", "bin-3");
    ObjectNode entry = Json.object();
    bins.forEach(bin -> repository.delegate("targets", bin, 6));
    ObjectNode delegations = (ObjectNode) repository.role("targets").get("delegations");
    ArrayNode described = (ArrayNode) delegations.remove("roles");
    entry.set("keyids", described.get(0).get("keyids"));
    entry.put("threshold", 1).put("bit_length", 2).put("name_prefix", "bin");
    delegations.set("succinct_roles", entry);
    // sha256 of "by/hash" begins with the bits 10
    bins.forEach(bin ->
        repository.offer(bin, bin.equals("bin-2") ? "by/hash" : "elsewhere", new byte[] {1}));
    bins.forEach(repository::publish);
    repository.next("targets", "snapshot", "timestamp");
    assertThat(fetch(begun(), "by/hash")).isPresent();
    assertThat(repository.asked).contains("1.bin-2.json").doesNotContain("1.bin-3.json");

    delegations.set("roles", described);
    repository.next("targets", "snapshot", "timestamp");
    assertThatThrownBy(() -> fetch(client(NOW), "by/hash")).hasMessageContaining("beside roles");
  }

  @Test
  void pathsCanBeDelegatedByTheirHash() {
    String hash = Digest.sha256("by/hash".getBytes(StandardCharsets.UTF_8)).hex();
    ObjectNode entry = repository.delegate("targets", "A", 6);
    entry.remove("paths");
    entry.putArray("path_hash_prefixes").add(hash.substring(0, 4));
    repository.offer("A", "by/hash", new byte[] {1});
    repository.offer("A", "not/by/hash", new byte[] {1});
    repository.publish("A");
    repository.next("targets", "snapshot", "timestamp");
    assertThat(fetch(begun(), "by/hash")).isPresent();
    assertThat(fetch(begun(), "not/by/hash")).isEmpty();
  }

  @Test
  void namesOfRolesLeadNowhereElse() throws IOException {
    for (String name : List.of("../outside", "?", "#")) {
      repository.delegate("targets", name, 6, "*");
      repository.publish(name);
    }
    repository.next("targets", "snapshot", "timestamp");
    assertThat(fetch(begun(), "unknown")).isEmpty();
    assertThat(repository.asked).contains("1...%2Foutside.json", "1.%3F.json", "1.%23.json");
    try (var files = Files.list(directory)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .contains("..%2Foutside.json", "%3F.json", "%23.json");
    }
    repository.delegate("targets", "Root", 6, "*");
    repository.next("targets", "snapshot", "timestamp");
    assertThatThrownBy(() -> fetch(client(NOW), "unknown")).hasMessageContaining("Root");
  }

  @Test
  void noMoreThanThirtyTwoRolesAreAsked() {
    String from = "targets";
    for (int i = 0; i < TufClient.MAX_ROLES + 1; i++) {
      repository.delegate(from, "role" + i, 6, "*");
      from = "role" + i;
    }
    for (int i = 0; i < TufClient.MAX_ROLES + 1; i++) {
      repository.publish("role" + i);
    }
    repository.next("targets", "snapshot", "timestamp");
    assertThatThrownBy(() -> fetch(begun(), "unknown"))
        .hasMessageContaining("more than 32 roles may know it");
  }

  @Test
  void damagedFilesInTheCacheAreFetchedAgainAndADamagedRootIsRefused() throws IOException {
    TufClient client = begun();
    fetch(client, "nothing");
    for (String role : List.of("timestamp", "snapshot", "targets")) {
      Files.writeString(directory.resolve(role + ".json"), "{\"cut");
    }
    Files.writeString(directory.resolve("targets.json.new"), "left by somebody who was killed");
    fetch(client, "nothing");
    assertThat(versions(directory)).isEqualTo("1 1 1 1");

    byte[] root = Files.readAllBytes(directory.resolve("root.json"));
    Files.write(directory.resolve("root.json"), Arrays.copyOf(root, root.length - 2));
    repository.asked.clear();
    assertThatThrownBy(() -> fetch(client, "nothing"))
        .isInstanceOfSatisfying(
            BullaException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.TRUST_METADATA_INVALID));
    assertThat(repository.asked).isEmpty();
  }

  @Test
  void manyAtOnceWaitForEachOther() throws Exception {
    TufClient client = begun();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Boolean>> all =
          java.util.stream.IntStream.range(0, 16)
              .mapToObj(i -> threads.submit(() -> fetch(client, "trusted_root.json").isPresent()))
              .toList();
      for (Future<Boolean> one : all) {
        assertThat(one.get()).isTrue();
      }
    }
    assertThat(versions(directory)).isEqualTo("1 1 1 1");
  }
}
