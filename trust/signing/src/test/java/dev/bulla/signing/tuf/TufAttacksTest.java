package dev.bulla.signing.tuf;

import static dev.bulla.core.ErrorCode.INPUT_TOO_LARGE;
import static dev.bulla.core.ErrorCode.TRUST_METADATA_EXPIRED;
import static dev.bulla.core.ErrorCode.TRUST_METADATA_INVALID;
import static dev.bulla.core.ErrorCode.TRUST_METADATA_ROLLBACK;
import static dev.bulla.core.ErrorCode.TRUST_REPOSITORY_UNAVAILABLE;
import static dev.bulla.signing.tuf.TestRepository.NOW;
import static dev.bulla.signing.tuf.TestRepository.key;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.json.Json;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.node.ObjectNode;

/**
 * What an attacker between client and repository, or with some of its keys, can try. In each case
 * the client has seen version 2 of everything; afterwards it has at most what was rightly signed.
 */
class TufAttacksTest {
  private static final String PAST = "2026-11-20T12:00:00Z";

  /**
   * @param kept versions of root, timestamp, snapshot and targets that the client then trusts
   */
  record Attack(
      String name, ErrorCode code, String kept, String says, Consumer<TestRepository> how) {
    @Override
    public String toString() {
      return name;
    }
  }

  @TempDir Path directory;

  static Stream<Attack> attacks() {
    return Stream.of(
        new Attack(
            "a root that only its own keys sign",
            TRUST_METADATA_INVALID,
            "2 2 2 2",
            "signed by 0 of the keys that root version 2 names, expected 2",
            repository -> {
              repository.keyIds("root", 2, key(6), key(7), key(8));
              repository.signers.put("root", List.of(key(6), key(7), key(8)));
              repository.next("root");
            }),
        new Attack(
            "a root that only the old keys sign",
            TRUST_METADATA_INVALID,
            "2 2 2 2",
            "signed by 0 of the keys that root version 3 names, expected 2",
            repository -> {
              repository.keyIds("root", 2, key(6), key(7));
              repository.next("root");
            }),
        new Attack(
            "a root that one stolen key signs",
            TRUST_METADATA_INVALID,
            "2 2 2 2",
            "signed by 1 of",
            repository -> {
              repository.signers.put("root", List.of(key(0)));
              repository.next("root");
            }),
        new Attack(
            "one key under two identifiers",
            TRUST_METADATA_INVALID,
            "3 2 2 2",
            "signed by 1 of the keys that root version 3 names, expected 2",
            repository -> {
              TestRepository.Key again = new TestRepository.Key("again", key(3).pair());
              repository.keyIds("timestamp", 2, key(3), again);
              repository.signers.put("timestamp", List.of(key(3), again));
              repository.next("root", "timestamp");
            }),
        new Attack(
            "two signatures of one key",
            TRUST_METADATA_INVALID,
            "2 2 2 2",
            "two of one key",
            repository -> {
              repository.signers.put("timestamp", List.of(key(3), key(3)));
              repository.next("timestamp");
            }),
        new Attack(
            "a root that leaves out a version",
            TRUST_METADATA_INVALID,
            "2 2 2 2",
            "of version 4, expected 3",
            repository -> {
              repository.role("root").put("version", 4);
              repository.publish("root");
              repository.metadata.put("3.root.json", repository.metadata.remove("4.root.json"));
            }),
        new Attack(
            "an old root under the name of a new one",
            TRUST_METADATA_ROLLBACK,
            "2 2 2 2",
            "of version 1, and version 2 was there before",
            repository -> repository.metadata.put("3.root.json", repository.firstRoot())),
        new Attack(
            "more roots than anybody makes",
            TRUST_METADATA_INVALID,
            "258 2 2 2",
            "more than 256 new roots in one run",
            repository -> {
              repository.signers.put("root", List.of(key(0), key(1)));
              for (int i = 0; i < Refresh.MAX_ROOTS + 1; i++) {
                repository.next("root");
              }
            }),
        new Attack(
            "freeze: the newest root has expired",
            TRUST_METADATA_EXPIRED,
            "3 2 2 2",
            "expired at " + PAST,
            repository -> {
              repository.role("root").put("expires", PAST);
              repository.next("root");
            }),
        new Attack(
            "freeze: the timestamp has expired",
            TRUST_METADATA_EXPIRED,
            "2 2 2 2",
            "timestamp.json: expired",
            repository -> {
              repository.role("timestamp").put("expires", PAST);
              repository.next("timestamp");
            }),
        new Attack(
            "freeze: the snapshot has expired, to the second",
            TRUST_METADATA_EXPIRED,
            "2 3 2 2",
            "3.snapshot.json: expired",
            repository -> {
              repository.role("snapshot").put("expires", NOW.toString());
              repository.next("snapshot", "timestamp");
            }),
        new Attack(
            "freeze: the targets have expired",
            TRUST_METADATA_EXPIRED,
            "2 3 3 2",
            "3.targets.json: expired",
            repository -> {
              repository.role("targets").put("expires", PAST);
              repository.next("targets", "snapshot", "timestamp");
            }),
        new Attack(
            "rollback of the timestamp",
            TRUST_METADATA_ROLLBACK,
            "2 2 2 2",
            "of version 1, and version 2 was there before",
            repository -> {
              repository.role("timestamp").put("version", 1);
              repository.publish("timestamp");
            }),
        new Attack(
            "rollback of the snapshot",
            TRUST_METADATA_ROLLBACK,
            "2 2 2 2",
            "snapshot.json as the timestamp names it",
            repository -> {
              repository.role("snapshot").put("version", 1);
              repository.publish("snapshot");
              repository.next("timestamp");
            }),
        new Attack(
            "rollback of the targets",
            TRUST_METADATA_ROLLBACK,
            "2 3 2 2",
            "targets.json as the snapshot lists it",
            repository -> {
              repository.role("targets").put("version", 1);
              repository.publish("targets");
              repository.next("snapshot", "timestamp");
            }),
        new Attack(
            "a role that is listed no more",
            TRUST_METADATA_ROLLBACK,
            "2 3 2 2",
            "other.json was listed before",
            repository -> {
              ((ObjectNode) repository.role("snapshot").get("meta")).remove("other.json");
              repository.next("snapshot", "timestamp");
            }),
        new Attack(
            "mix-and-match: another snapshot than the timestamp names",
            TRUST_METADATA_INVALID,
            "2 3 2 2",
            "not of the length or hash that was signed for it",
            repository -> {
              repository.next("snapshot", "timestamp");
              byte[] old = repository.metadata.get("2.snapshot.json");
              repository.metadata.put("3.snapshot.json", old);
            }),
        new Attack(
            "mix-and-match without hashes: the version betrays it",
            TRUST_METADATA_INVALID,
            "2 3 2 2",
            "of version 2, expected 3",
            repository -> {
              repository.next("snapshot");
              ((ObjectNode) repository.role("timestamp").get("meta"))
                  .putObject("snapshot.json")
                  .put("version", 3);
              repository.next("timestamp");
              byte[] old = repository.metadata.get("2.snapshot.json");
              repository.metadata.put("3.snapshot.json", old);
            }),
        new Attack(
            "mix-and-match: other targets than the snapshot lists",
            TRUST_METADATA_INVALID,
            "2 3 3 2",
            "not of the length or hash",
            repository -> {
              repository.next("targets", "snapshot", "timestamp");
              byte[] old = repository.metadata.get("2.targets.json");
              repository.metadata.put("3.targets.json", old);
            }),
        new Attack(
            "endless data where nobody signed a length",
            INPUT_TOO_LARGE,
            "2 2 2 2",
            "more than 65536",
            repository -> repository.metadata.put("timestamp.json", new byte[1 << 20])),
        new Attack(
            "endless data where the length is signed",
            INPUT_TOO_LARGE,
            "2 3 3 2",
            "more than",
            repository -> {
              repository.next("targets", "snapshot", "timestamp");
              repository.metadata.put("3.targets.json", new byte[1 << 20]);
            }),
        new Attack(
            "a snapshot in the place of the timestamp",
            TRUST_METADATA_INVALID,
            "3 2 2 2",
            "a 'snapshot', expected a 'timestamp'",
            repository -> {
              repository.keyIds("timestamp", 1, key(3), key(4));
              repository.next("root");
              repository.metadata.put("timestamp.json", repository.metadata.get("2.snapshot.json"));
            }),
        new Attack(
            "a signed part that was changed",
            TRUST_METADATA_INVALID,
            "2 2 2 2",
            "signed by 0 of",
            repository -> {
              repository.next("timestamp");
              String text =
                  new String(repository.metadata.get("timestamp.json"), StandardCharsets.UTF_8);
              repository.metadata.put(
                  "timestamp.json",
                  text.replace("\"version\":3", "\"version\":4").getBytes(StandardCharsets.UTF_8));
            }),
        new Attack(
            "another major version of the specification",
            TRUST_METADATA_INVALID,
            "2 2 2 2",
            "of version '2.0'",
            repository -> {
              repository.role("timestamp").put("spec_version", "2.0");
              repository.next("timestamp");
            }),
        new Attack(
            "a threshold of none",
            TRUST_METADATA_INVALID,
            "2 2 2 2",
            "/signed/roles/timestamp/threshold is 0",
            repository -> {
              repository.keyIds("timestamp", 0);
              repository.next("root");
            }),
        new Attack(
            "bytes that are no JSON",
            TRUST_METADATA_INVALID,
            "2 2 2 2",
            "timestamp.json",
            repository -> repository.metadata.put("timestamp.json", new byte[] {'{', '"'})),
        new Attack(
            "nothing at all",
            TRUST_REPOSITORY_UNAVAILABLE,
            "2 2 2 2",
            "has no timestamp.json",
            repository -> repository.metadata.clear()),
        new Attack(
            "the targets are held back",
            TRUST_REPOSITORY_UNAVAILABLE,
            "2 3 3 2",
            "has no 3.targets.json",
            repository -> {
              repository.next("targets", "snapshot", "timestamp");
              repository.metadata.remove("3.targets.json");
            }));
  }

  @ParameterizedTest
  @MethodSource("attacks")
  void failsAndLeavesWhatWasTrusted(Attack attack) {
    TestRepository repository = new TestRepository();
    ((ObjectNode) repository.role("snapshot").get("meta"))
        .putObject("other.json")
        .put("version", 5);
    repository.next("root", "targets", "snapshot", "timestamp");
    MetadataCache cache = new MetadataCache(directory);
    cache.begin(repository.firstRoot());
    TufClient client = new TufClient(cache, () -> NOW);
    client.refresh(repository, session -> session);
    attack.how.accept(repository);

    assertThatThrownBy(() -> client.refresh(repository, session -> session))
        .isInstanceOfSatisfying(
            BullaException.class,
            e -> {
              assertThat(e.reason()).contains(attack.says);
              assertThat(e.code()).isEqualTo(attack.code);
            });
    assertThat(versions(directory)).isEqualTo(attack.kept);
  }

  /** Versions of root, timestamp, snapshot and targets; 0 for one that is not there. */
  static String versions(Path directory) {
    Map<Role, Long> versions = new TreeMap<>();
    for (Role role : Role.values()) {
      Path file = directory.resolve(role.id() + ".json");
      try {
        versions.put(
            role,
            Files.exists(file)
                ? Json.parse(Files.readAllBytes(file), "test")
                    .get("signed")
                    .get("version")
                    .longValue()
                : 0L);
      } catch (java.io.IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
    }
    return String.join(" ", versions.values().stream().map(String::valueOf).toList());
  }
}
