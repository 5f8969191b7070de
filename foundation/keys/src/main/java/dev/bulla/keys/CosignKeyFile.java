package dev.bulla.keys;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.json.Fields;
import dev.bulla.core.json.Json;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import org.bouncycastle.crypto.engines.XSalsa20Engine;
import org.bouncycastle.crypto.generators.SCrypt;
import org.bouncycastle.crypto.macs.Poly1305;
import org.bouncycastle.crypto.params.KeyParameter;
import org.bouncycastle.crypto.params.ParametersWithIV;
import tools.jackson.databind.node.ObjectNode;

/**
 * The encrypted private key files of cosign: scrypt (RFC 7914) over the password gives the key of a
 * NaCl secretbox (XSalsa20 and Poly1305) around PKCS#8, described by a JSON object inside the PEM
 * block.
 *
 * <p>Only the three scrypt settings that cosign knows are accepted, so that a file cannot ask for
 * gigabytes of memory.
 */
final class CosignKeyFile {
  static final String LABEL = "ENCRYPTED SIGSTORE PRIVATE KEY";
  static final String OLD_LABEL = "ENCRYPTED COSIGN PRIVATE KEY";

  private static final int N = 65536;
  private static final int R = 8;
  private static final int P = 1;
  private static final int KEY = 32;
  private static final int NONCE = 24;
  private static final int TAG = 16;
  private static final int MAX_JSON = 64 * 1024;

  private CosignKeyFile() {}

  /** The PKCS#8 bytes inside; the caller overwrites them after use. */
  static byte[] decrypt(byte[] json, Secret password, String what) {
    Fields root = Fields.of(Json.parse(json, MAX_JSON, what), what);
    Fields kdf = root.object("kdf");
    Fields params = kdf.object("params");
    Fields cipher = root.object("cipher");
    long n = params.integer("N");
    if (!kdf.string("name").equals("scrypt")
        || !cipher.string("name").equals("nacl/secretbox")
        || n != 32768 && n != N && n != 131072
        || params.integer("r") != R
        || params.integer("p") != P) {
      throw new BullaException(
          ErrorCode.KEY_UNSUPPORTED,
          what + ": the key file asks for a key derivation or cipher that cosign does not write");
    }
    byte[] salt = bytes(kdf, "salt", what);
    byte[] nonce = bytes(cipher, "nonce", what);
    byte[] box = bytes(root, "ciphertext", what);
    if (salt.length == 0 || nonce.length != NONCE || box.length <= TAG) {
      throw new BullaException(
          ErrorCode.KEY_INVALID, what + ": salt, nonce or ciphertext have an impossible length");
    }
    byte[] key = derive(password, salt, (int) n);
    try {
      return open(key, nonce, box, what);
    } finally {
      Arrays.fill(key, (byte) 0);
    }
  }

  /** The JSON object that goes into the PEM block. */
  static byte[] encrypt(byte[] pkcs8, Secret password, SecureRandom random) {
    byte[] salt = new byte[32];
    byte[] nonce = new byte[NONCE];
    random.nextBytes(salt);
    random.nextBytes(nonce);
    byte[] key = derive(password, salt, N);
    byte[] box = seal(key, nonce, pkcs8);
    Arrays.fill(key, (byte) 0);
    Base64.Encoder base64 = Base64.getEncoder();
    ObjectNode root = Json.object();
    ObjectNode kdf = root.putObject("kdf");
    kdf.put("name", "scrypt");
    kdf.putObject("params").put("N", N).put("r", R).put("p", P);
    kdf.put("salt", base64.encodeToString(salt));
    root.putObject("cipher")
        .put("name", "nacl/secretbox")
        .put("nonce", base64.encodeToString(nonce));
    root.put("ciphertext", base64.encodeToString(box));
    return Json.write(root);
  }

  private static byte[] derive(Secret password, byte[] salt, int n) {
    byte[] text = password.copy();
    try {
      return SCrypt.generate(text, salt, n, R, P, KEY);
    } finally {
      Arrays.fill(text, (byte) 0);
    }
  }

  private static byte[] seal(byte[] key, byte[] nonce, byte[] message) {
    byte[] box = new byte[TAG + message.length];
    XSalsa20Engine stream = stream(key, nonce);
    Poly1305 mac = mac(stream);
    stream.processBytes(message, 0, message.length, box, TAG);
    mac.update(box, TAG, message.length);
    mac.doFinal(box, 0);
    return box;
  }

  private static byte[] open(byte[] key, byte[] nonce, byte[] box, String what) {
    XSalsa20Engine stream = stream(key, nonce);
    Poly1305 mac = mac(stream);
    byte[] tag = new byte[TAG];
    mac.update(box, TAG, box.length - TAG);
    mac.doFinal(tag, 0);
    if (!MessageDigest.isEqual(tag, Arrays.copyOf(box, TAG))) {
      throw new BullaException(
          ErrorCode.KEY_INVALID,
          what + ": the key cannot be decrypted: wrong password, or a damaged file",
          PasswordSource.CHECK);
    }
    byte[] message = new byte[box.length - TAG];
    stream.processBytes(box, TAG, message.length, message, 0);
    return message;
  }

  private static XSalsa20Engine stream(byte[] key, byte[] nonce) {
    XSalsa20Engine stream = new XSalsa20Engine();
    stream.init(true, new ParametersWithIV(new KeyParameter(key), nonce));
    return stream;
  }

  /** The one-time authenticator is keyed with the first 32 bytes of the stream. */
  private static Poly1305 mac(XSalsa20Engine stream) {
    byte[] macKey = new byte[KEY];
    stream.processBytes(macKey, 0, KEY, macKey, 0);
    Poly1305 mac = new Poly1305();
    mac.init(new KeyParameter(macKey));
    return mac;
  }

  private static byte[] bytes(Fields fields, String name, String what) {
    try {
      return Base64.getDecoder().decode(fields.string(name).getBytes(StandardCharsets.ISO_8859_1));
    } catch (IllegalArgumentException e) {
      throw new BullaException(ErrorCode.KEY_INVALID, what + ": " + name + " is not base64", e);
    }
  }
}
