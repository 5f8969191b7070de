package dev.bulla.signing.keyless;

import dev.bulla.core.Digest;
import dev.bulla.core.json.Json;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.util.Arrays;
import java.util.Base64;
import tools.jackson.databind.node.ObjectNode;

/** The logs of {@link FakeSigstore}: trees of two leaves, of which the second is the new entry. */
final class FakeLogs {
  static final String ENTRY_ID = "0".repeat(16) + "ab".repeat(32);

  private static final String HOST = "127.0.0.1";
  private static final byte[] SIBLING = Digest.sha256(new byte[] {1}).bytes();
  private static final Base64.Encoder BASE64 = Base64.getEncoder();

  private final FakeSigstore.Fault fault;
  private final KeyPair second = keys("Ed25519");
  private final KeyPair first = keys("EC");
  private final KeyPair stranger = keys("Ed25519");

  private volatile byte[] last = {};

  FakeLogs(FakeSigstore.Fault fault) {
    this.fault = fault;
  }

  /** The newest tree of version 2, which has one tile. */
  byte[] checkpoint() {
    return checkpoint2(root(last)).getBytes(StandardCharsets.UTF_8);
  }

  byte[] tile() {
    ByteArrayOutputStream tile = new ByteArrayOutputStream();
    tile.writeBytes(SIBLING);
    tile.writeBytes(hash(0, last));
    return tile.toByteArray();
  }

  byte[] key1() {
    return first.getPublic().getEncoded();
  }

  byte[] key2() {
    return second.getPublic().getEncoded();
  }

  byte[] id1() {
    return Digest.sha256(key1()).bytes();
  }

  /** The hash of name and key, as for signed notes. */
  byte[] id2() {
    ByteArrayOutputStream hashed = new ByteArrayOutputStream();
    hashed.writeBytes((HOST + "\n").getBytes(StandardCharsets.UTF_8));
    hashed.write(1);
    byte[] spki = key2();
    hashed.write(spki, spki.length - 32, 32);
    return Digest.sha256(hashed.toByteArray()).bytes();
  }

  byte[] version2(ObjectNode request) {
    ObjectNode asked = (ObjectNode) request.get("hashedRekordRequestV002");
    ObjectNode entry = Json.object().put("apiVersion", "0.0.2").put("kind", "hashedrekord");
    ObjectNode spec = entry.putObject("spec").putObject("hashedRekordV002");
    spec.putObject("data")
        .put("algorithm", "SHA2_256")
        .put("digest", asked.get("digest").stringValue());
    spec.set("signature", asked.get("signature"));
    byte[] body = Json.canonical(entry);
    byte[] logged = fault == FakeSigstore.Fault.OTHER_ENTRY ? new byte[] {'{', '}'} : body;
    last = logged;
    byte[] root = root(logged);
    byte[] id = fault == FakeSigstore.Fault.OTHER_LOG ? new byte[32] : id2();
    ObjectNode answer = Json.object().put("logIndex", "1");
    answer.putObject("logId").put("keyId", BASE64.encodeToString(id));
    answer.putObject("kindVersion").put("kind", "hashedrekord").put("version", "0.0.2");
    answer.put("integratedTime", "0").putNull("inclusionPromise");
    ObjectNode proof = answer.putObject("inclusionProof").put("logIndex", "1");
    proof.put("rootHash", BASE64.encodeToString(root)).put("treeSize", "2");
    proof.putArray("hashes").add(BASE64.encodeToString(sibling()));
    proof.putObject("checkpoint").put("envelope", checkpoint2(root));
    answer.put("canonicalizedBody", BASE64.encodeToString(body));
    return Json.write(answer);
  }

  private String checkpoint2(byte[] root) {
    KeyPair by = fault == FakeSigstore.Fault.OTHER_CHECKPOINT ? stranger : second;
    return note(HOST, HOST, id2(), root, by, "Ed25519");
  }

  /** What Rekor 1 makes of a proposal: a {@code dsse} entry holds hashes, not the envelope. */
  byte[] version1(ObjectNode proposal) {
    ObjectNode entry = proposal.deepCopy();
    if (entry.get("kind").stringValue().equals("dsse")) {
      var proposed = entry.get("spec").get("proposedContent");
      ObjectNode envelope =
          Json.parseObject(
              proposed.get("envelope").stringValue().getBytes(StandardCharsets.UTF_8), "envelope");
      ObjectNode spec = Json.object();
      byte[] payload = Base64.getDecoder().decode(envelope.get("payload").stringValue());
      spec.putObject("payloadHash")
          .put("algorithm", "sha256")
          .put("value", Digest.sha256(payload).hex());
      spec.putArray("signatures")
          .addObject()
          .put("signature", envelope.get("signatures").get(0).get("sig").stringValue())
          .put("verifier", proposed.get("verifiers").get(0).stringValue());
      entry.set("spec", spec);
    }
    byte[] body = Json.canonical(entry);
    byte[] root = root(body);
    long time = FakeSigstore.NOW.getEpochSecond();
    ObjectNode promised =
        Json.object()
            .put("body", BASE64.encodeToString(body))
            .put("integratedTime", time)
            .put("logID", FakeSigstore.hex(id1()))
            .put("logIndex", 100);
    ObjectNode logged = promised.deepCopy();
    ObjectNode proven = logged.putObject("verification");
    proven.put(
        "signedEntryTimestamp",
        BASE64.encodeToString(sign(first, "SHA256withECDSA", Json.canonical(promised))));
    ObjectNode proof = proven.putObject("inclusionProof").put("logIndex", 1).put("treeSize", 2);
    proof.put("rootHash", FakeSigstore.hex(root));
    proof.putArray("hashes").add(FakeSigstore.hex(sibling()));
    String name = "rekor.example.test";
    proof.put("checkpoint", note(name + " - 42", name, id1(), root, first, "SHA256withECDSA"));
    ObjectNode answer = Json.object();
    answer.set(ENTRY_ID, logged);
    return Json.write(answer);
  }

  private byte[] sibling() {
    return fault == FakeSigstore.Fault.WRONG_PROOF ? new byte[32] : SIBLING;
  }

  private static byte[] root(byte[] entry) {
    return hash(1, SIBLING, hash(0, entry));
  }

  private static byte[] hash(int prefix, byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.write(prefix);
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return Digest.sha256(all.toByteArray()).bytes();
  }

  private static String note(
      String origin, String name, byte[] id, byte[] root, KeyPair by, String algorithm) {
    String text = origin + "\n2\n" + BASE64.encodeToString(root) + "\n";
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    line.writeBytes(Arrays.copyOf(id, 4));
    line.writeBytes(sign(by, algorithm, text.getBytes(StandardCharsets.UTF_8)));
    return text + "\n\u2014 " + name + " " + BASE64.encodeToString(line.toByteArray()) + "\n";
  }

  static byte[] sign(KeyPair by, String algorithm, byte[] message) {
    try {
      Signature engine = Signature.getInstance(algorithm);
      engine.initSign(by.getPrivate());
      engine.update(message);
      return engine.sign();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** {@code EC} means P-256. */
  static KeyPair keys(String algorithm) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
      if (algorithm.equals("EC")) {
        generator.initialize(256);
      }
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
