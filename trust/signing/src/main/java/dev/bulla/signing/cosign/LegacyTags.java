package dev.bulla.signing.cosign;

import dev.bulla.core.BullaException;
import dev.bulla.core.Descriptor;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.MediaTypes;
import dev.bulla.core.Shown;
import dev.bulla.core.claim.SignatureRecord;
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

/**
 * The registry layout of cosign 1 and 2: one manifest under a tag made of the subject's digest, one
 * layer per signature (simple signing) or attestation (DSSE).
 */
final class LegacyTags {
  private static final String FORMAT = "cosign-legacy";
  private static final String SIMPLE_SIGNING = "application/vnd.dev.cosign.simplesigning.v1+json";
  private static final String SIGNATURE = "dev.cosignproject.cosign/signature";
  private static final String TYPE = "cosign container image signature";
  private static final int MAX_PAYLOAD = 1024 * 1024;
  private static final int MAX_ENVELOPE = 64 * 1024 * 1024;

  private final Repository repository;
  private final CosignTrust trust;

  LegacyTags(Repository repository, CosignTrust trust) {
    this.repository = repository;
    this.trust = trust;
  }

  CosignVerifier.Found signatures(Descriptor subject) {
    return search(subject, ".sig", SIMPLE_SIGNING, this::signature);
  }

  CosignVerifier.Found attestations(Descriptor subject) {
    return search(subject, ".att", MediaTypes.DSSE, this::attestation);
  }

  private interface Examination {
    void run(CheckList checks, Descriptor layer, Digest subject);
  }

  private CosignVerifier.Found search(
      Descriptor subject, String suffix, String layerType, Examination examination) {
    Digest digest = subject.digest();
    Optional<Descriptor> tagged =
        repository.resolve(digest.algorithm().id() + "-" + digest.hex() + suffix);
    if (tagged.isEmpty()) {
      return new CosignVerifier.Found(List.of(), false);
    }
    CheckList reading = new CheckList(tagged.get().digest(), FORMAT);
    Optional<Manifest> manifest =
        reading.attempt("evidence", () -> repository.manifest(tagged.get()));
    if (manifest.isEmpty()) {
      return new CosignVerifier.Found(List.of(reading.record()), false);
    }
    List<SignatureRecord> records = new ArrayList<>();
    for (Descriptor layer : manifest.get().layers()) {
      if (!layer.mediaType().equals(layerType)) {
        continue;
      }
      if (records.size() == trust.maxSignatures()) {
        return new CosignVerifier.Found(records, true);
      }
      CheckList checks = new CheckList(tagged.get().digest(), FORMAT);
      examination.run(checks, layer, digest);
      records.add(checks.record());
    }
    return new CosignVerifier.Found(records, false);
  }

  private void signature(CheckList checks, Descriptor layer, Digest subject) {
    Optional<byte[]> payload =
        checks.attempt("evidence", () -> repository.blobBytes(layer, MAX_PAYLOAD));
    Optional<byte[]> signature = checks.attempt("evidence", () -> signatureOf(layer));
    if (payload.isEmpty() || signature.isEmpty()) {
      return;
    }
    Optional<Bundle> bundle = checks.attempt("evidence", () -> bundle(layer, signature.get()));
    if (bundle.isEmpty()) {
      return;
    }
    checks.passed("evidence", "manifest and payload read");
    BundleExamination examination = new BundleExamination(checks, trust);
    if (!examination.signed(
        bundle.get(), new SignedMessage.Bytes(payload.get()), signature.get())) {
      return;
    }
    checks
        .attempt("payload-type", () -> simpleSigning(payload.get()))
        .ifPresent(root -> claims(checks, root, subject, examination));
  }

  /** What a layer's annotations say beside the signature, in the form of a bundle. */
  private Bundle bundle(Descriptor layer, byte[] signature) {
    return LegacyAnnotations.bundle(
        layer.annotations(),
        new Bundle.Content.Message(Optional.empty(), signature),
        trust.signer());
  }

  private void claims(
      CheckList checks, Fields root, Digest subject, BundleExamination examination) {
    checks.passed("payload-type", TYPE);
    if (!trust.checkClaims()) {
      checks.skipped("digest", "not checked, as demanded");
      return;
    }
    String signed = root.object("critical").object("image").string("docker-manifest-digest");
    if (!signed.equals(subject.toString())) {
      checks.failed(
          "digest", ErrorCode.SIGNATURE_DIGEST_MISMATCH, subject.toString(), Shown.text(signed));
      return;
    }
    checks.passed("digest", signed);
    examination.annotations(pairs(root));
  }

  private void attestation(CheckList checks, Descriptor layer, Digest subject) {
    checks
        .attempt(
            "evidence",
            () -> {
              byte[] bytes = repository.blobBytes(layer, MAX_ENVELOPE);
              return DsseEnvelope.parse(Json.parse(bytes, "DSSE envelope"), "DSSE envelope");
            })
        .ifPresent(envelope -> {
          checks.passed("evidence", "manifest and envelope read");
          checks
              .attempt("evidence", () -> bundle(layer, new byte[0]))
              .ifPresent(
                  bundle -> new BundleExamination(checks, trust).run(envelope, bundle, subject));
        });
  }

  private static byte[] signatureOf(Descriptor layer) {
    // cosign attach keeps the line feed that base64 tools write at the end
    String text = layer.annotations().getOrDefault(SIGNATURE, "").strip();
    try {
      if (!text.isEmpty()) {
        return Base64.getDecoder().decode(text);
      }
    } catch (IllegalArgumentException e) {
      throw new BullaException(
          ErrorCode.SIGNATURE_MALFORMED, "the annotation " + SIGNATURE + " is not base64", e);
    }
    throw new BullaException(
        ErrorCode.SIGNATURE_MALFORMED, "the layer has no annotation " + SIGNATURE);
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
