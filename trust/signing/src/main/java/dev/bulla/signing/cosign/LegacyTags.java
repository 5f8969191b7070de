package dev.bulla.signing.cosign;

import dev.bulla.core.BullaException;
import dev.bulla.core.Descriptor;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.MediaTypes;
import dev.bulla.core.Shown;
import dev.bulla.core.envelope.DsseEnvelope;
import dev.bulla.core.json.Fields;
import dev.bulla.core.json.Json;
import dev.bulla.oci.Manifest;
import dev.bulla.oci.Repository;
import dev.bulla.signing.trust.CheckList;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * The registry layout of cosign 1 and 2: one manifest under a tag made of the subject's digest, one
 * layer per signature (simple signing) or attestation (DSSE); of signatures, by way of experiment,
 * also as a referrer without a tag.
 */
final class LegacyTags {
  private static final String SIMPLE_SIGNING = "application/vnd.dev.cosign.simplesigning.v1+json";
  private static final String SIGNATURE = "dev.cosignproject.cosign/signature";
  private static final String REFERRER = "application/vnd.dev.cosign.artifact.sig.v1+json";
  private static final String TYPE = "cosign container image signature";
  private static final int MAX_PAYLOAD = 1024 * 1024;
  private static final int MAX_ENVELOPE = 64 * 1024 * 1024;

  private final Repository repository;
  private final Descriptor subject;

  LegacyTags(Repository repository, Descriptor subject) {
    this.repository = repository;
    this.subject = subject;
  }

  /**
   * @param referrers of the subject, among which cosign's experiment with OCI 1.1 keeps the same
   *     manifests without a tag
   */
  List<LegacyLayer> signatures(List<Descriptor> referrers) {
    String passed = "manifest and payload read";
    Function<Descriptor, CheckList.Step<CosignEvidence.Content>> reader =
        layer -> () -> signature(layer);
    List<LegacyLayer> all = new ArrayList<>(search(".sig", SIMPLE_SIGNING, passed, reader));
    for (Descriptor referrer : referrers) {
      if (referrer.artifactType().map(REFERRER::equals).orElse(true)) {
        all.addAll(layers(referrer, () -> attached(referrer), SIMPLE_SIGNING, passed, reader));
      }
    }
    return all;
  }

  private Manifest attached(Descriptor referrer) {
    Manifest manifest = repository.manifest(referrer);
    if (!manifest.subject().map(Descriptor::digest).equals(Optional.of(subject.digest()))) {
      throw Bundle.malformed("signature manifest", "it names another subject");
    }
    return manifest;
  }

  List<LegacyLayer> attestations() {
    return search(
        ".att", MediaTypes.DSSE, "manifest and envelope read", layer -> () -> attestation(layer));
  }

  /** What is under a tag of the subject, each layer read when it is asked for. */
  private List<LegacyLayer> search(
      String suffix,
      String layerType,
      String passed,
      Function<Descriptor, CheckList.Step<CosignEvidence.Content>> reader) {
    Digest digest = subject.digest();
    Optional<Descriptor> tagged =
        repository.resolve(digest.algorithm().id() + "-" + digest.hex() + suffix);
    return tagged
        .map(one -> layers(one, () -> repository.manifest(one), layerType, passed, reader))
        .orElse(List.of());
  }

  private static List<LegacyLayer> layers(
      Descriptor holder,
      CheckList.Step<Manifest> fetch,
      String layerType,
      String passed,
      Function<Descriptor, CheckList.Step<CosignEvidence.Content>> reader) {
    Digest evidence = holder.digest();
    CheckList reading = new CheckList(evidence, CosignEvidence.LEGACY);
    Optional<Manifest> manifest = reading.attempt("evidence", fetch);
    if (manifest.isEmpty()) {
      CosignEvidence unread =
          CosignEvidence.unreadable(evidence, CosignEvidence.LEGACY, reading.record().checks());
      return List.of(new LegacyLayer(evidence, 0, () -> unread));
    }
    List<LegacyLayer> found = new ArrayList<>();
    for (Descriptor layer : manifest.get().layers()) {
      if (layer.mediaType().equals(layerType)) {
        found.add(
            new LegacyLayer(
                evidence,
                found.size(),
                () ->
                    CosignEvidence.read(
                        evidence, CosignEvidence.LEGACY, passed, reader.apply(layer))));
      }
    }
    return found;
  }

  private CosignEvidence.Content signature(Descriptor layer) {
    byte[] payload = repository.blobBytes(layer, MAX_PAYLOAD);
    byte[] signature = signatureOf(layer);
    return (checks, trust) ->
        checks
            .attempt("evidence", () -> bundle(layer, signature, trust))
            .ifPresent(bundle -> {
              BundleExamination examination = new BundleExamination(checks, trust);
              if (examination.signed(bundle, new SignedMessage.Bytes(payload), signature)) {
                checks
                    .attempt("payload-type", () -> simpleSigning(payload))
                    .ifPresent(root -> claims(checks, root, trust, examination));
              }
            });
  }

  /** What a layer's annotations say beside the signature, in the form of a bundle. */
  private static Bundle bundle(Descriptor layer, byte[] signature, CosignTrust trust) {
    return LegacyAnnotations.bundle(
        layer.annotations(),
        new Bundle.Content.Message(Optional.empty(), signature),
        trust.signer());
  }

  private void claims(
      CheckList checks, Fields root, CosignTrust trust, BundleExamination examination) {
    checks.passed("payload-type", TYPE);
    if (!trust.checkClaims()) {
      checks.skipped("digest", "not checked, as demanded");
      return;
    }
    String signed = root.object("critical").object("image").string("docker-manifest-digest");
    String wanted = subject.digest().toString();
    if (!signed.equals(wanted)) {
      checks.failed("digest", ErrorCode.SIGNATURE_DIGEST_MISMATCH, wanted, Shown.text(signed));
      return;
    }
    checks.passed("digest", signed);
    examination.annotations(pairs(root));
  }

  private CosignEvidence.Content attestation(Descriptor layer) {
    byte[] bytes = repository.blobBytes(layer, MAX_ENVELOPE);
    DsseEnvelope envelope = DsseEnvelope.parse(Json.parse(bytes, "DSSE envelope"), "DSSE envelope");
    return (checks, trust) ->
        checks
            .attempt("evidence", () -> bundle(layer, new byte[0], trust))
            .ifPresent(bundle ->
                new BundleExamination(checks, trust).run(envelope, bundle, subject.digest()));
  }

  private static byte[] signatureOf(Descriptor layer) {
    // cosign attach keeps the line feed that base64 tools write at the end
    String text = layer.annotations().getOrDefault(SIGNATURE, "").strip();
    try {
      if (!text.isEmpty() && text.length() % 4 == 0) { // padded, as cosign demands
        return Base64.getDecoder().decode(text);
      }
    } catch (IllegalArgumentException e) {
      throw new BullaException(
          ErrorCode.SIGNATURE_MALFORMED, "the annotation " + SIGNATURE + " is not base64", e);
    }
    throw new BullaException(
        ErrorCode.SIGNATURE_MALFORMED,
        "the layer has no annotation %s with padded base64".formatted(SIGNATURE));
  }

  private static Fields simpleSigning(byte[] payload) {
    Fields root = Fields.of(Json.parse(payload, "signed payload"), "signed payload");
    String type = root.object("critical").string("type");
    root.object("critical").object("image").string("docker-manifest-digest");
    if (!type.equals(TYPE)) {
      throw new BullaException(
          ErrorCode.SIGNATURE_PAYLOAD_TYPE,
          "the payload's type is '%s', expected '%s'".formatted(Shown.text(type), TYPE));
    }
    return root;
  }

  private static Map<String, String> pairs(Fields root) {
    Map<String, String> pairs = new java.util.TreeMap<>();
    root.optionalObject("optional")
        .ifPresent(optional -> {
          for (String name : optional.node().propertyNames()) {
            if (optional.node().get(name).isString()) {
              pairs.put(name, optional.node().get(name).stringValue());
            }
          }
        });
    return pairs;
  }
}
