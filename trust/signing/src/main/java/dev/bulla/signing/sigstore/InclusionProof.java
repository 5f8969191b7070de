package dev.bulla.signing.sigstore;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.json.Fields;
import dev.bulla.core.json.Json;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A leaf's path to the root of a Merkle tree (RFC 6962 section 2.1.1), with the checkpoint that
 * signs that root.
 *
 * @param index of the leaf, from zero
 * @param size of the tree in leaves
 * @param hashes from the leaf's sibling upwards
 * @param checkpoint the signed note; only its root hash is believed
 */
record InclusionProof(
    long index, long size, byte[] rootHash, List<byte[]> hashes, String checkpoint) {
  private static final int HASH = 32;
  private static final int MAX_HASHES = 64;

  static InclusionProof parse(Fields fields) {
    fields.only("logIndex", "rootHash", "treeSize", "hashes", "checkpoint");
    List<byte[]> hashes = new ArrayList<>();
    for (String hash : fields.strings("hashes")) {
      hashes.add(ProtoJson.decode(hash, fields, "hashes"));
    }
    checkHashes(hashes, fields);
    long index = ProtoJson.number(fields, "logIndex");
    if (index < 0) {
      throw fields.invalid("logIndex", "negative");
    }
    return new InclusionProof(
        index,
        ProtoJson.number(fields, "treeSize"),
        ProtoJson.optionalBytes(fields, "rootHash").orElse(new byte[0]),
        hashes,
        fields
            .optionalObject("checkpoint")
            .map(checkpoint -> checkpoint.only("envelope"))
            .flatMap(checkpoint -> checkpoint.optionalString("envelope"))
            .orElseThrow(() -> fields.invalid("checkpoint", "missing")));
  }

  /** The form in which Rekor v1 answers. */
  static InclusionProof parseVersion1(Fields fields) {
    List<byte[]> hashes = new ArrayList<>();
    for (String hash : fields.strings("hashes")) {
      hashes.add(ProtoJson.hex(hash, fields, "hashes"));
    }
    checkHashes(hashes, fields);
    long index = fields.integer("logIndex");
    if (index < 0) {
      throw fields.invalid("logIndex", "negative");
    }
    return new InclusionProof(
        index,
        fields.integer("treeSize"),
        ProtoJson.hex(fields.string("rootHash"), fields, "rootHash"),
        hashes,
        fields.string("checkpoint"));
  }

  private static void checkHashes(List<byte[]> hashes, Fields fields) {
    if (hashes.size() > MAX_HASHES || hashes.stream().anyMatch(hash -> hash.length != HASH)) {
      throw fields.invalid(
          "hashes", "not at most %d hashes of %d bytes".formatted(MAX_HASHES, HASH));
    }
  }

  ObjectNode toJson() {
    Base64.Encoder base64 = Base64.getEncoder();
    ObjectNode root = Json.object();
    root.put("logIndex", String.valueOf(index));
    root.put("rootHash", base64.encodeToString(rootHash));
    root.put("treeSize", String.valueOf(size));
    ArrayNode all = root.putArray("hashes");
    hashes.forEach(hash -> all.add(base64.encodeToString(hash)));
    root.putObject("checkpoint").put("envelope", checkpoint);
    return root;
  }

  /** The hash of a leaf. */
  static byte[] leafHash(byte[] entry) {
    MessageDigest hash = sha256();
    hash.update((byte) 0);
    return hash.digest(entry);
  }

  /**
   * The root of the tree of {@code size} leaves that has {@code leaf} at {@code index}, if the path
   * has the length that it must have; empty otherwise.
   */
  Optional<byte[]> root(byte[] leaf) {
    if (index < 0 || index >= size || leaf.length != HASH) {
      return Optional.empty();
    }
    byte[] node = leaf;
    long at = index;
    long last = size - 1;
    for (byte[] sibling : hashes) {
      if (last == 0) {
        return Optional.empty();
      }
      if ((at & 1) == 1 || at == last) {
        node = parent(sibling, node);
        while ((at & 1) == 0 && at != 0) {
          at >>= 1;
          last >>= 1;
        }
      } else {
        node = parent(node, sibling);
      }
      at >>= 1;
      last >>= 1;
    }
    return last == 0 ? Optional.of(node) : Optional.empty();
  }

  static byte[] parent(byte[] left, byte[] right) {
    MessageDigest hash = sha256();
    hash.update((byte) 1);
    hash.update(left);
    return hash.digest(right);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new BullaException(ErrorCode.INTERNAL, "this Java runtime lacks SHA-256", e);
    }
  }
}
