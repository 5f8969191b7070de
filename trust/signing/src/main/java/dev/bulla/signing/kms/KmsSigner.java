package dev.bulla.signing.kms;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.crypto.SignatureAlgorithm;
import dev.bulla.core.crypto.Signer;
import dev.bulla.core.json.Fields;
import dev.bulla.core.json.Json;
import dev.bulla.keys.PublicKeyVerifier;
import java.nio.file.Path;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.node.ObjectNode;

/**
 * Signs with a key that a program holds (package {@code cliplugin} of sigstore, protocol v1). Every
 * signature is verified with the key's public half before it is given out. Thread-safe; each call
 * runs the program once.
 */
public final class KmsSigner implements Signer {
  /** As long as cosign waits. */
  public static final Duration TIME = Duration.ofMinutes(3);

  private static final int SHA256 = 5;
  private static final int SHA384 = 6;
  private static final int SHA512 = 7;

  private final KmsReference reference;
  private final KmsProgram program;
  private final InstantSource clock;
  private final PublicKeyVerifier publicKey;

  private KmsSigner(KmsReference reference, KmsProgram program, InstantSource clock) {
    this.reference = reference;
    this.program = program;
    this.clock = clock;
    this.publicKey = askForPublicKey();
  }

  /**
   * Finds the program and asks it for the public key.
   *
   * @param directory in which the program runs
   * @param environment whose PATH says where the program is; of the rest it sees what it needs
   * @param variables of the environment that the program sees besides
   * @param time how long one call may take
   * @param clock for the deadline that the program is told
   * @throws BullaException {@link ErrorCode#KEY_INVALID}, {@link ErrorCode#KEY_UNSUPPORTED}
   */
  public static KmsSigner open(
      KmsReference reference,
      Path directory,
      Map<String, String> environment,
      Set<String> variables,
      Duration time,
      InstantSource clock) {
    Path executable = reference.program(environment.getOrDefault("PATH", ""));
    return new KmsSigner(
        reference,
        new KmsProgram(
            reference.toString(),
            executable,
            directory,
            reference.seen(environment, variables),
            time),
        clock);
  }

  private PublicKeyVerifier askForPublicKey() {
    ObjectNode request = request("publicKey", SHA256);
    options(request.putObject("publicKey").putObject("publicKeyOptions").putObject("rpcOptions"));
    Fields answer = program.ask(request, new byte[0]);
    byte[] pem = bytes(answer, "publicKey", "publicKeyPEM");
    return PublicKeyVerifier.ofPem(pem, reference.toString());
  }

  @Override
  public PublicKey publicKey() {
    return publicKey.publicKey();
  }

  /** Always empty: the protocol knows no certificates. */
  @Override
  public List<X509Certificate> certificateChain() {
    return List.of();
  }

  @Override
  public byte[] sign(SignatureAlgorithm algorithm, byte[] message) {
    if (!publicKey.type().fits(algorithm)) {
      throw new BullaException(
          ErrorCode.KEY_UNSUPPORTED,
          "cannot sign with %s: the key is of type %s".formatted(algorithm, publicKey.type()));
    }
    ObjectNode request = request("signMessage", hash(algorithm));
    ObjectNode options = request.putObject("signMessage").putObject("signOptions");
    options(options.putObject("rpcOptions"));
    options.putObject("messageOptions").putNull("digest");
    byte[] made = bytes(program.ask(request, message), "signMessage", "signature");
    if (!publicKey.verify(algorithm, message, made)) {
      throw new BullaException(
          ErrorCode.KEY_INVALID,
          "%s: the program's signature does not verify as %s with the key's public half"
              .formatted(reference, algorithm),
          "Check that the program signs with the hash that it is asked for, and with this key.");
    }
    return made;
  }

  /** Numbers of Go's crypto.Hash. */
  private static int hash(SignatureAlgorithm algorithm) {
    return switch (algorithm) {
      case ECDSA_P256_SHA256, ECDSA_P384_SHA256, ECDSA_P521_SHA256, RSA_PKCS1_SHA256 -> SHA256;
      case ECDSA_P384_SHA384 -> SHA384;
      case ECDSA_P521_SHA512, ED25519 -> SHA512;
      case RSA_PSS_SHA256, RSA_PSS_SHA384, RSA_PSS_SHA512, ED25519PH, ML_DSA_65 ->
          throw new BullaException(
              ErrorCode.KEY_UNSUPPORTED,
              "keys behind sigstore-kms programs cannot be asked for %s".formatted(algorithm),
              "Sign in Cosign's format, or with an ECDSA key.");
    };
  }

  private ObjectNode request(String method, int hash) {
    ObjectNode request = Json.object();
    ObjectNode init = request.putObject("initOptions");
    init.put(
        "ctxDeadline",
        clock.instant().plus(program.time()).truncatedTo(ChronoUnit.SECONDS).toString());
    init.put("protocolVersion", KmsProgram.PROTOCOL);
    init.put("keyResourceID", reference.key());
    init.put("hashFunc", hash);
    options(init.putObject("rpcOptions"));
    request.put("methodName", method);
    return request;
  }

  private static void options(ObjectNode rpc) {
    rpc.put("keyVersion", "").put("remoteVerification", false);
  }

  private byte[] bytes(Fields answer, String method, String name) {
    try {
      return Base64.getDecoder().decode(answer.object(method).string(name));
    } catch (IllegalArgumentException e) {
      throw new BullaException(
          ErrorCode.KEY_INVALID,
          reference + ": " + name + " in the program's answer is not base64",
          e);
    } catch (BullaException e) {
      throw new BullaException(
          ErrorCode.KEY_INVALID, reference + ": the program's answer: " + e.reason(), e);
    }
  }

  @Override
  public String toString() {
    return "signer with " + publicKey + " behind " + reference;
  }
}
