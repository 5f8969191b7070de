package dev.bulla.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code bulla trust root}, and {@code verify-blob} by what it has fetched. */
class TrustRootTest {
  private static final Instant NOW = Instant.now().truncatedTo(ChronoUnit.SECONDS);
  private static final String VERIFY =
      "verify-blob --bundle bundles/keyless-email.sigstore.json --certificate-identity"
          + " alice@example.test --certificate-oidc-issuer http://127.0.0.1:8900 artifacts/doc.txt";

  @TempDir static Path temp;
  private static KeyPair key;

  @TempDir Path own;
  private Caller caller;
  private Path mirror;

  @BeforeAll
  static void unpack() throws IOException, GeneralSecurityException {
    Evidence.unpack(temp);
    key = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
  }

  @BeforeEach
  void serve() throws Exception {
    caller = new Caller(own.resolve("home"), temp);
    mirror = Files.createDirectories(own.resolve("mirror/targets")).getParent();
    publish(1, NOW.plus(Duration.ofDays(7)));
  }

  /** A repository with one key for everything; its documents have the same form in RFC 8785. */
  private void publish(int version, Instant expires) throws Exception {
    byte[] file = Files.readAllBytes(temp.resolve("roots/trusted_root.json"));
    String hash = Digest.sha256(file).hex();
    Files.write(mirror.resolve("targets/" + hash + ".trusted_root.json"), file);
    ObjectNode root = document("root", 1, NOW.plus(Duration.ofDays(100)));
    root.put("consistent_snapshot", true);
    byte[] spki = key.getPublic().getEncoded();
    ObjectNode described = root.putObject("keys").putObject("k");
    described.put("keytype", "ed25519").put("scheme", "ed25519");
    described
        .putObject("keyval")
        .put("public", HexFormat.of().formatHex(spki, spki.length - 32, spki.length));
    ObjectNode roles = root.putObject("roles");
    for (String role : new String[] {"root", "timestamp", "snapshot", "targets"}) {
      roles.putObject(role).put("threshold", 1).putArray("keyids").add("k");
    }
    write("1.root.json", root);
    ObjectNode targets = document("targets", version, expires);
    ObjectNode entry = targets.putObject("targets").putObject("trusted_root.json");
    entry.put("length", file.length).putObject("hashes").put("sha256", hash);
    write(version + ".targets.json", targets);
    ObjectNode snapshot = document("snapshot", version, expires);
    snapshot.putObject("meta").putObject("targets.json").put("version", version);
    write(version + ".snapshot.json", snapshot);
    ObjectNode timestamp = document("timestamp", version, expires);
    timestamp.putObject("meta").putObject("snapshot.json").put("version", version);
    write("timestamp.json", timestamp);
  }

  private static ObjectNode document(String type, int version, Instant expires) {
    return Json.object()
        .put("_type", type)
        .put("spec_version", "1.0.0")
        .put("version", version)
        .put("expires", expires.toString());
  }

  private void write(String name, ObjectNode document) throws Exception {
    Signature engine = Signature.getInstance("Ed25519");
    engine.initSign(key.getPrivate());
    engine.update(Json.canonical(document));
    ObjectNode file = Json.object();
    file.putArray("signatures")
        .addObject()
        .put("keyid", "k")
        .put("sig", HexFormat.of().formatHex(engine.sign()));
    file.set("signed", document);
    Files.write(mirror.resolve(name), Json.write(file));
  }

  private Ran run(String line) {
    return caller.run(line.split(" "));
  }

  private Ran init() {
    return run("trust root init --url %s --root %s/1.root.json".formatted(mirror.toUri(), mirror));
  }

  @Test
  void anIdentityIsJudgedByWhatWasFetched() throws Exception {
    assertThat(run(VERIFY).failed(ErrorCode.USAGE).err()).contains("bulla trust root init");
    assertThat(caller.home()).doesNotExist();

    assertThat(init().ok().out()).contains("trusted_root.json sha256:", "timestamp  version 1");
    JsonNode answer = run(VERIFY + " --output json").ok().json();
    assertThat(answer.get("note").stringValue())
        .contains("trusted root of " + mirror.toUri(), "asked 0 minutes ago", "expires ");
    assertThat(run(VERIFY + " --trusted-root roots/trusted_root.json").ok().out())
        .doesNotContain("asked");

    Files.move(mirror, own.resolve("gone"));
    run(VERIFY).ok();
    run(VERIFY + " --offline --at " + NOW).ok();
    run("trust root update").failed(ErrorCode.TRUST_REPOSITORY_UNAVAILABLE);
  }

  @Test
  void showSaysVersionsAgeAndExpiry() throws Exception {
    run("trust root show").failed(ErrorCode.TRUST_ROOT_INVALID);
    init().ok();
    publish(2, NOW.plus(Duration.ofDays(3)));
    run("trust root update").ok();
    JsonNode shown = run("trust root show --output json").ok().json();
    assertThat(shown.get("expires").stringValue())
        .isEqualTo(NOW.plus(Duration.ofDays(3)).toString());
    assertThat(shown.get("ageSeconds").longValue()).isBetween(0L, 600L);
    assertThat(shown.get("expired").booleanValue()).isFalse();
    assertThat(shown.get("usableOffline").booleanValue()).isTrue();
    assertThat(shown.get("roles").get(1).get("version").longValue()).isEqualTo(2);
    assertThat(shown.get("files").get(0).get("name").stringValue()).isEqualTo("trusted_root.json");
    publish(1, NOW.plus(Duration.ofDays(7)));
    run("trust root update").failed(ErrorCode.TRUST_METADATA_ROLLBACK);
    run(VERIFY).ok();
  }

  @Test
  void aCacheOfItsOwnNeedsNoHome() {
    run("trust root init --cache own --url %s --root %s/1.root.json"
            .formatted(mirror.toUri(), mirror))
        .ok();
    run(VERIFY + " --trusted-root-cache own").ok();
    run(VERIFY).failed(ErrorCode.USAGE);
    run(VERIFY + " --trusted-root-cache nowhere").failed(ErrorCode.USAGE);
    assertThat(caller.home()).doesNotExist();
  }

  @Test
  void staleTrustIsUsedUpToItsLimitAndSaysSo() throws Exception {
    init().ok();
    Path kept = caller.home().resolve("trust/tuf/trust.json");
    String text = Files.readString(kept);
    Instant longAgo = NOW.minus(Duration.ofDays(2));
    Files.writeString(
        kept, text.replaceFirst("\"refreshedAt\" : \"[^\"]*", "\"refreshedAt\" : \"" + longAgo));
    assertThat(run(VERIFY + " --offline").ok().out()).contains("asked 2 days ago");
    Files.move(mirror.resolve("timestamp.json"), mirror.resolve("held-back"));
    assertThat(run(VERIFY).ok().out()).contains("asked 2 days ago", "could not be asked again");
    Files.move(mirror.resolve("held-back"), mirror.resolve("timestamp.json"));
    assertThat(run(VERIFY).ok().out()).contains("asked 0 minutes ago");

    Files.writeString(
        kept,
        text.replaceFirst(
            "\"refreshedAt\" : \"[^\"]*", "\"refreshedAt\" : \"" + NOW.plus(Duration.ofDays(1))));
    run(VERIFY + " --offline").failed(ErrorCode.TRUST_METADATA_EXPIRED);
  }

  @Test
  void wrongWordsAreSaid() {
    run("trust").failed(ErrorCode.USAGE);
    assertThat(run("trust rot").failed(ErrorCode.USAGE).err()).contains("root");
    assertThat(run("trust --help").ok().out()).contains("root");
    assertThat(run("trust root --help").ok().out()).contains("--url");
    run("trust root forget").failed(ErrorCode.USAGE);
    run("trust root init").failed(ErrorCode.USAGE);
    run("trust root update --root x").failed(ErrorCode.USAGE);
    run("trust root init --url ftp://x.test --root " + mirror + "/1.root.json")
        .failed(ErrorCode.USAGE);
    run("trust root init --url " + mirror.toUri() + " --root artifacts/doc.txt")
        .failed(ErrorCode.TRUST_ROOT_INVALID);
    assertThat(caller.home()).doesNotExist();
  }
}
