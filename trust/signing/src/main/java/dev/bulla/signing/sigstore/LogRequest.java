package dev.bulla.signing.sigstore;

import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.json.Json;
import dev.bulla.keys.Certificates;
import dev.bulla.keys.KeyFiles;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** What a log is asked to take, in the forms of both versions of Rekor. */
public final class LogRequest {
  private static final Base64.Encoder BASE64 = Base64.getEncoder();

  private LogRequest() {}

  /**
   * A {@code hashedRekordRequestV002}: of an envelope, the hash of what was signed.
   *
   * @throws dev.bulla.core.BullaException {@link ErrorCode#LOG_ENTRY_INVALID} for a signature that
   *     such a log does not take
   */
  public static byte[] version2(SignedMaterial signed) {
    ObjectNode root = Json.object();
    ObjectNode request = root.putObject("hashedRekordRequestV002");
    request.put("digest", BASE64.encodeToString(LogBody.digest(signed).bytes()));
    request.set("signature", LogBody.signature(signed));
    return Json.write(root);
  }

  /** A proposed {@code dsse} entry for an envelope, {@code hashedrekord} for anything else. */
  public static byte[] version1(SignedMaterial signed) {
    ObjectNode root = Json.object();
    root.put("apiVersion", "0.0.1")
        .put("kind", signed.envelope().isPresent() ? "dsse" : "hashedrekord");
    ObjectNode spec = root.putObject("spec");
    signed
        .envelope()
        .ifPresentOrElse(
            envelope -> {
              ObjectNode proposed = spec.putObject("proposedContent");
              proposed.put(
                  "envelope", new String(Json.write(envelope.toJson()), StandardCharsets.UTF_8));
              proposed.putArray("verifiers").add(signer(signed));
            },
            () -> {
              Digest digest = LogBody.digest(signed);
              spec.putObject("data")
                  .putObject("hash")
                  .put("algorithm", digest.algorithm().id())
                  .put("value", digest.hex());
              spec.putObject("signature")
                  .put("content", BASE64.encodeToString(signed.signature()))
                  .putObject("publicKey")
                  .put("content", signer(signed));
            });
    return Json.write(root);
  }

  private static String signer(SignedMaterial signed) {
    return BASE64.encodeToString(
        signed
            .certificate()
            .map(one -> Certificates.pem(List.of(one)))
            .orElseGet(() -> KeyFiles.publicKeyPem(signed.key())));
  }
}
