package dev.bulla.signing.cosign;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.json.Fields;
import dev.bulla.core.json.Json;
import dev.bulla.keys.Certificates;
import dev.bulla.signing.sigstore.LogEntry;
import dev.bulla.signing.sigstore.ProtoJson;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What cosign 1 and 2 wrote beside a signature into the annotations of its layer: certificate, log
 * entry, timestamp.
 *
 * <p>They are read only if the trust asks for a root: a trusted key needs none of them.
 */
final class LegacyAnnotations {
  private static final String CERTIFICATE = "dev.sigstore.cosign/certificate";
  private static final String LOG_ENTRY = "dev.sigstore.cosign/bundle";
  private static final String TIMESTAMP = "dev.sigstore.cosign/rfc3161timestamp";
  private static final int MAX_BYTES = 4 * 1024 * 1024;

  private LegacyAnnotations() {}

  /**
   * @throws BullaException {@link ErrorCode#SIGNATURE_MALFORMED} and the errors of what is read
   */
  static Bundle bundle(
      Map<String, String> annotations, Bundle.Content content, TrustedSigner signer) {
    boolean asksNothing =
        signer instanceof TrustedSigner.Key(var ignored, var root) && root.isEmpty();
    if (asksNothing) {
      return new Bundle(new Bundle.Material.PublicKey(""), content, List.of(), List.of());
    }
    return read(annotations, content);
  }

  /** Everything that is written there, whoever is trusted. */
  static Bundle read(Map<String, String> annotations, Bundle.Content content) {
    return new Bundle(
        text(annotations, CERTIFICATE)
            .<Bundle.Material>map(LegacyAnnotations::certificate)
            .orElseGet(() -> new Bundle.Material.PublicKey("")),
        content,
        text(annotations, LOG_ENTRY)
            .map(text -> LogEntry.parseLegacy(fields(text, LOG_ENTRY)))
            .stream()
            .toList(),
        text(annotations, TIMESTAMP).map(LegacyAnnotations::timestamp).stream().toList());
  }

  private static Optional<String> text(Map<String, String> annotations, String name) {
    return Optional.ofNullable(annotations.get(name)).filter(text -> !text.isBlank());
  }

  private static Bundle.Material certificate(String pem) {
    return new Bundle.Material.Certificate(
        Certificates.parseAll(pem.getBytes(StandardCharsets.UTF_8), CERTIFICATE).getFirst());
  }

  private static byte[] timestamp(String json) {
    return ProtoJson.bytes(fields(json, TIMESTAMP), "SignedRFC3161Timestamp");
  }

  private static Fields fields(String json, String what) {
    return Fields.of(Json.parse(json.getBytes(StandardCharsets.UTF_8), MAX_BYTES, what), what);
  }
}
