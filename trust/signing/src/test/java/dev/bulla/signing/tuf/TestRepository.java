package dev.bulla.signing.tuf;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.json.Json;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A repository with consistent snapshots that its maintainer, or whoever has stolen keys of it, can
 * publish as he likes. The roles' documents are {@link #root} and so on; {@link #publish} signs one
 * and puts it out.
 */
final class TestRepository implements RepositoryFiles {
  static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");

  /** A key with its identifier; making one takes a moment, so that tests share them. */
  record Key(String id, KeyPair pair) {
    String hex() {
      byte[] spki = pair.getPublic().getEncoded();
      return HexFormat.of().formatHex(spki, spki.length - 32, spki.length);
    }

    String sign(byte[] message) {
      try {
        Signature engine = Signature.getInstance("Ed25519");
        engine.initSign(pair.getPrivate());
        engine.update(message);
        return HexFormat.of().formatHex(engine.sign());
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private static final Key[] KEYS = new Key[12];

  final Map<String, byte[]> metadata = new HashMap<>();
  final Map<String, byte[]> targets = new HashMap<>();
  final List<String> asked = new ArrayList<>();
  final Map<String, ObjectNode> roles = new LinkedHashMap<>();
  final Map<String, List<Key>> signers = new HashMap<>();
  boolean reachable = true;

  /** Everything in its first version; roots are signed by two of three, the rest by one. */
  TestRepository() {
    for (String role : List.of("root", "timestamp", "snapshot", "targets")) {
      roles.put(role, document(role));
    }
    signers.put("root", List.of(key(0), key(1), key(2)));
    signers.put("timestamp", List.of(key(3)));
    signers.put("snapshot", List.of(key(4)));
    signers.put("targets", List.of(key(5)));
    ObjectNode root = roles.get("root");
    root.put("consistent_snapshot", true);
    root.putObject("keys");
    ObjectNode named = root.putObject("roles");
    signers.forEach((role, keys) -> {
      named.putObject(role).putArray("keyids");
      keyIds(role, role.equals("root") ? 2 : 1, keys.toArray(Key[]::new));
    });
    roles.get("timestamp").putObject("meta").putObject("snapshot.json").put("version", 1);
    roles.get("snapshot").putObject("meta").putObject("targets.json").put("version", 1);
    roles.get("targets").putObject("targets");
    publish("root");
    offer("trusted_root.json", "the root".getBytes(java.nio.charset.StandardCharsets.UTF_8));
    publish("targets");
    publish("snapshot");
    publish("timestamp");
  }

  static Key key(int number) {
    synchronized (KEYS) {
      if (KEYS[number] == null) {
        try {
          KEYS[number] =
              new Key("key" + number, KeyPairGenerator.getInstance("Ed25519").generateKeyPair());
        } catch (GeneralSecurityException e) {
          throw new IllegalStateException(e);
        }
      }
      return KEYS[number];
    }
  }

  private static ObjectNode document(String type) {
    return Json.object()
        .put("_type", type)
        .put("spec_version", "1.0.34")
        .put("version", 1)
        .put("expires", NOW.plus(Duration.ofDays(7)).toString());
  }

  ObjectNode role(String name) {
    return roles.get(name);
  }

  /** Says in the root who signs for a role. */
  void keyIds(String role, int threshold, Key... keys) {
    ObjectNode entry = (ObjectNode) role("root").get("roles").get(role);
    entry.put("threshold", threshold);
    ArrayNode ids = entry.putArray("keyids");
    for (Key key : keys) {
      describe((ObjectNode) role("root").get("keys"), key);
      ids.add(key.id());
    }
  }

  static void describe(ObjectNode keys, Key key) {
    keys.putObject(key.id())
        .put("keytype", "ed25519")
        .put("scheme", "ed25519")
        .putObject("keyval")
        .put("public", key.hex());
  }

  /** Hands paths from one role to a new one, which key {@code number} signs. */
  ObjectNode delegate(String from, String to, int number, String... paths) {
    ObjectNode parent = role(from);
    ObjectNode delegations =
        parent.get("delegations") instanceof ObjectNode there
            ? there
            : parent.putObject("delegations");
    ObjectNode keys =
        delegations.get("keys") instanceof ObjectNode there ? there : delegations.putObject("keys");
    describe(keys, key(number));
    ArrayNode list =
        delegations.get("roles") instanceof ArrayNode there ? there : delegations.putArray("roles");
    ObjectNode entry = list.addObject().put("name", to).put("threshold", 1);
    entry.putArray("keyids").add(key(number).id());
    ArrayNode patterns = entry.putArray("paths");
    Arrays.stream(paths).forEach(patterns::add);
    if (!roles.containsKey(to)) {
      roles.put(to, document("targets"));
      role(to).putObject("targets");
      signers.put(to, List.of(key(number)));
    }
    return entry;
  }

  void offer(String path, byte[] content) {
    offer("targets", path, content);
  }

  void offer(String role, String path, byte[] content) {
    String hash = Digest.sha256(content).hex();
    ObjectNode entry = ((ObjectNode) role(role).get("targets")).putObject(path);
    entry.put("length", content.length).putObject("hashes").put("sha256", hash);
    int slash = path.lastIndexOf('/') + 1;
    targets.put(path.substring(0, slash) + hash + "." + path.substring(slash), content);
  }

  /** The next version of a role, and of those above it as far as they name it. */
  void next(String... changed) {
    for (String name : changed) {
      role(name).put("version", role(name).get("version").intValue() + 1);
      publish(name);
    }
  }

  /** Signs a role as it is, names its version and hash above it, and puts it out. */
  void publish(String name) {
    put(name, signed(role(name), signers.get(name)));
  }

  void put(String name, byte[] file) {
    int version = role(name).get("version").intValue();
    String place = name.equals("timestamp") ? name : version + "." + FileNames.quoted(name);
    metadata.put(place + ".json", file);
    if (name.equals("snapshot")) {
      list("timestamp", name, version, file);
    } else if (!name.equals("root") && !name.equals("timestamp")) {
      list("snapshot", name, version, file);
    }
  }

  private void list(String in, String name, int version, byte[] file) {
    ObjectNode entry = ((ObjectNode) role(in).get("meta")).putObject(name + ".json");
    entry.put("version", version).put("length", file.length);
    entry.putObject("hashes").put("sha256", Digest.sha256(file).hex());
  }

  static byte[] signed(ObjectNode document, List<Key> by) {
    ObjectNode file = Json.object();
    ArrayNode signatures = file.putArray("signatures");
    byte[] message = OlpcJson.write(document);
    by.forEach(key -> signatures.addObject().put("keyid", key.id()).put("sig", key.sign(message)));
    file.set("signed", document);
    return Json.write(file);
  }

  byte[] firstRoot() {
    return metadata.get("1.root.json");
  }

  @Override
  public Optional<byte[]> metadata(String name, int limit) {
    asked.add(name);
    return bounded(metadata.get(name), limit);
  }

  @Override
  public Optional<byte[]> target(String path, int limit) {
    asked.add(path);
    return bounded(targets.get(path), limit);
  }

  private Optional<byte[]> bounded(byte[] content, int limit) {
    if (!reachable) {
      throw new BullaException(ErrorCode.TRUST_REPOSITORY_UNAVAILABLE, "unreachable");
    }
    if (content != null && content.length > limit) {
      throw new BullaException(ErrorCode.INPUT_TOO_LARGE, "more than " + limit);
    }
    return Optional.ofNullable(content);
  }
}
