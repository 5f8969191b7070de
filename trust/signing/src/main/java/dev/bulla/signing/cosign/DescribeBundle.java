package dev.bulla.signing.cosign;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.MediaTypes;
import dev.bulla.core.envelope.DsseEnvelope;
import dev.bulla.core.json.Fields;
import dev.bulla.core.json.Json;
import dev.bulla.core.statement.Statement;
import dev.bulla.keys.Certificates;
import dev.bulla.signing.describe.DescribedStamp;
import dev.bulla.signing.describe.Description;
import dev.bulla.signing.sigstore.CertificateNames;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/** Reads Sigstore bundles and cosign's older layers without judging them. */
public final class DescribeBundle {
  private DescribeBundle() {}

  /**
   * A Sigstore bundle.
   *
   * @throws BullaException {@link ErrorCode#SIGNATURE_MALFORMED} and JSON errors
   */
  public static Description of(byte[] json) {
    Bundle bundle = Bundle.parse(json, "bundle");
    Map<String, String> attributes = new TreeMap<>();
    attributes.put(
        "mediaType",
        Fields.of(Json.parse(json, "bundle"), "bundle").optionalString("mediaType").orElse(""));
    return switch (bundle.content()) {
      case Bundle.Content.Dsse(DsseEnvelope envelope, var ignored) ->
          enveloped("sigstore-bundle", bundle, envelope, attributes);
      case Bundle.Content.Message(Optional<Digest> digest, var ignored) ->
          description(
              "sigstore-bundle",
              bundle,
              Optional.empty(),
              digest.map(Digest::toString).map(List::of).orElse(List.of()),
              Optional.empty(),
              Map.of(),
              attributes);
    };
  }

  /**
   * A layer under one of cosign's tags.
   *
   * @param annotations of the layer, which hold everything but the signed bytes
   * @param content of the layer: a DSSE envelope, or a payload in cosign's own form
   */
  public static Description ofLayer(
      Map<String, String> annotations, String mediaType, byte[] content) {
    if (mediaType.equals(MediaTypes.DSSE)) {
      DsseEnvelope envelope = DsseEnvelope.parse(Json.parse(content, "envelope"), "envelope");
      Bundle bundle = LegacyAnnotations.read(annotations, message());
      return enveloped("cosign-legacy", bundle, envelope, Map.of());
    }
    Bundle bundle = LegacyAnnotations.read(annotations, message());
    Fields root = Fields.of(Json.parse(content, "signed payload"), "signed payload");
    Fields critical = root.object("critical");
    Map<String, String> pairs = new TreeMap<>();
    root.optionalObject("optional").ifPresent(optional -> strings(optional, pairs));
    Map<String, String> attributes = new TreeMap<>();
    critical
        .optionalObject("identity")
        .flatMap(identity -> identity.optionalString("docker-reference"))
        .ifPresent(reference -> attributes.put("docker-reference", reference));
    return description(
        "cosign-legacy",
        bundle,
        critical.optionalString("type"),
        List.of(critical.object("image").string("docker-manifest-digest")),
        Optional.empty(),
        pairs,
        attributes);
  }

  private static Bundle.Content message() {
    return new Bundle.Content.Message(Optional.empty(), new byte[0]);
  }

  private static void strings(Fields fields, Map<String, String> into) {
    for (String name : fields.node().propertyNames()) {
      JsonNode value = fields.node().get(name);
      if (value.isString()) {
        into.put(name, value.stringValue());
      }
    }
  }

  private static Description enveloped(
      String format, Bundle bundle, DsseEnvelope envelope, Map<String, String> attributes) {
    Optional<Statement> statement =
        envelope.payloadType().equals(MediaTypes.IN_TOTO)
            ? Optional.of(Statement.parse(envelope.payload()))
            : Optional.empty();
    List<String> subjects = new ArrayList<>();
    Map<String, String> pairs = new TreeMap<>();
    statement.ifPresent(one ->
        one.subjects()
            .forEach(subject -> {
              subject.digests().forEach((name, hex) -> subjects.add(name + ":" + hex));
              pairs.putAll(subject.annotations());
            }));
    return description(
        format,
        bundle,
        Optional.of(envelope.payloadType()),
        subjects,
        statement,
        pairs,
        attributes);
  }

  private static Description description(
      String format,
      Bundle bundle,
      Optional<String> payloadType,
      List<String> subjects,
      Optional<Statement> statement,
      Map<String, String> pairs,
      Map<String, String> attributes) {
    List<X509Certificate> certificates =
        bundle.material() instanceof Bundle.Material.Certificate(X509Certificate leaf)
            ? List.of(leaf)
            : List.of();
    return new Description(
        format,
        certificates.stream().map(leaf -> Certificates.verifier(leaf).type().name()).findFirst(),
        signer(bundle.material()),
        payloadType,
        subjects,
        statement,
        pairs,
        attributes,
        certificates,
        Optional.empty(),
        Optional.empty(),
        bundle.timestamps().stream().map(DescribedStamp::response).toList(),
        bundle.logEntries());
  }

  private static Optional<String> signer(Bundle.Material material) {
    return switch (material) {
      case Bundle.Material.PublicKey(String hint) ->
          hint.isEmpty() ? Optional.empty() : Optional.of(key(hint));
      case Bundle.Material.Certificate(X509Certificate leaf) ->
          CertificateNames.identity(leaf)
              .or(() -> Optional.of(leaf.getSubjectX500Principal().getName()));
    };
  }

  /** cosign's hint is the SHA-256 of the key in base64; others may write anything. */
  private static String key(String hint) {
    try {
      byte[] hash = Base64.getDecoder().decode(hint);
      return hash.length == 32
          ? Digest.ofHash(Digest.Algorithm.SHA256, hash).toString()
          : "key " + hint;
    } catch (IllegalArgumentException e) {
      return "key " + hint;
    }
  }
}
