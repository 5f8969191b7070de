package dev.bulla.signing;

import static dev.bulla.signing.Workshop.CLOCK;
import static dev.bulla.signing.Workshop.NOW;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.core.BullaException;
import dev.bulla.core.Descriptor;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.MediaTypes;
import dev.bulla.core.claim.Check;
import dev.bulla.core.claim.SignatureRecord;
import dev.bulla.core.claim.Verification;
import dev.bulla.core.envelope.DsseEnvelope;
import dev.bulla.core.envelope.Pae;
import dev.bulla.core.json.Json;
import dev.bulla.core.statement.PredicateTypes;
import dev.bulla.core.statement.Statement;
import dev.bulla.keys.PublicKeyVerifier;
import dev.bulla.oci.BlobSource;
import dev.bulla.oci.Manifest;
import dev.bulla.oci.Repository;
import dev.bulla.signing.cosign.BlobVerifier;
import dev.bulla.signing.cosign.CertificateAtHand;
import dev.bulla.signing.cosign.CosignTrust;
import dev.bulla.signing.sigstore.DetachedTimestamp;
import dev.bulla.signing.sigstore.SignerIdentity;
import dev.bulla.signing.sigstore.TextPattern;
import dev.bulla.signing.sigstore.TrustedRoot;
import dev.bulla.signing.trust.BlobSubject;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

/**
 * Certificates and log entries beside the signatures of cosign 1 and 2, in the tags that those
 * wrote.
 */
class LegacyEvidenceTest {
  private static final PrivateSigstore SIGSTORE =
      new PrivateSigstore(NOW.minus(Duration.ofDays(30)));
  private static final TrustedRoot ROOT = SIGSTORE.trustedRoot();
  private static final Instant SIGNED = NOW.minus(Duration.ofDays(3));
  private static final PrivateSigstore.Signer ADA = SIGSTORE.certify("ada@example.test", SIGNED);

  @TempDir Path directory;

  private Repository layout;
  private Descriptor image;
  private byte[] payload;
  private byte[] signature;

  @BeforeEach
  void signAnImage() {
    layout = Workshop.layout(directory);
    image = Workshop.image(layout, "v1");
    payload = payload(image);
    signature = ADA.sign(payload);
  }

  @Test
  void aLoggedSignatureByACertificateIsAcceptedByIdentity() {
    attach(annotations(ADA.pem(), entry(signature, SIGNED.plusSeconds(60))));
    Verification verification = verify(identity("ada@example.test", ROOT));
    assertThat(verification.failure()).isEmpty();
    SignatureRecord record = verification.verified().getFirst();
    assertThat(record.identity()).isEqualTo("ada@example.test by " + PrivateSigstore.ISSUER);
    assertThat(record.signedAt()).contains(SIGNED.plusSeconds(60));
    assertThat(record.checks())
        .extracting(Check::name)
        .containsExactly(
            "evidence",
            "integrity",
            "log",
            "timestamp",
            "certificates",
            "certificate-log",
            "identity",
            "payload-type",
            "digest");
  }

  @Test
  void theSameManifestAsAReferrerWithoutATagIsFound() {
    CosignTrust key = new CosignTrust(PublicKeyVerifier.of(ADA.pair().getPublic()), "ada.pub");
    byte[] foreign = payload(Workshop.image(layout, "v2"));
    refer(foreign, ADA.sign(foreign));
    refused(key, ErrorCode.SIGNATURE_DIGEST_MISMATCH);
    refer(payload, signature);
    assertThat(verify(key).failure()).isEmpty();
  }

  /** As cosign does with {@code --registry-referrers-mode=oci-1-1} in its older format. */
  private void refer(byte[] signed, byte[] by) {
    Descriptor config = Descriptor.of(MediaTypes.OCI_EMPTY, "{}".getBytes(StandardCharsets.UTF_8));
    Descriptor layer =
        Descriptor.of("application/vnd.dev.cosign.simplesigning.v1+json", signed)
            .withAnnotations(
                Map.of(
                    "dev.cosignproject.cosign/signature", Base64.getEncoder().encodeToString(by)));
    layout.pushBlob(config, BlobSource.of("{}".getBytes(StandardCharsets.UTF_8)));
    layout.pushBlob(layer, BlobSource.of(signed));
    layout.pushManifest(
        Manifest.image(
            config,
            List.of(layer),
            Optional.of("application/vnd.dev.cosign.artifact.sig.v1+json"),
            Optional.of(image),
            Map.of()),
        List.of());
  }

  @Test
  void anotherIdentityIsRefusedAsSuch() {
    attach(annotations(ADA.pem(), entry(signature, SIGNED.plusSeconds(60))));
    refused(identity("eve@example.test", ROOT), ErrorCode.SIGNER_IDENTITY_MISMATCH);
  }

  @Test
  void aCertificateOfAnotherAuthorityIsRefusedAsSuch() {
    PrivateSigstore other = new PrivateSigstore(NOW.minus(Duration.ofDays(30)));
    PrivateSigstore.Signer impostor = other.certify("ada@example.test", SIGNED);
    byte[] forged = impostor.sign(payload);
    signature = forged;
    attach(
        annotations(
            impostor.pem(),
            SIGSTORE.logEntry(
                PrivateSigstore.hashedRecord(payload, forged, impostor.pem()),
                SIGNED.plusSeconds(60))));
    refused(identity("ada@example.test", ROOT), ErrorCode.SIGNER_NOT_TRUSTED);
  }

  @Test
  void aSignatureThatIsNotLoggedIsRefusedAsSuch() {
    attach(annotations(ADA.pem(), ""));
    refused(identity("ada@example.test", ROOT), ErrorCode.LOG_ENTRY_MISSING);
  }

  @Test
  void anEntryOfAnotherSignatureIsRefusedAsSuch() {
    byte[] second = ADA.sign(payload);
    attach(annotations(ADA.pem(), entry(second, SIGNED.plusSeconds(60))));
    refused(identity("ada@example.test", ROOT), ErrorCode.LOG_ENTRY_INVALID);
  }

  @Test
  void anEntryWhoseTimeWasChangedIsRefusedAsSuch() {
    String changed =
        entry(signature, SIGNED.plusSeconds(60))
            .replace(
                String.valueOf(SIGNED.plusSeconds(60).getEpochSecond()),
                String.valueOf(SIGNED.plusSeconds(61).getEpochSecond()));
    attach(annotations(ADA.pem(), changed));
    refused(identity("ada@example.test", ROOT), ErrorCode.LOG_ENTRY_INVALID);
  }

  @Test
  void aSignatureMadeAfterTheCertificateRanOutIsRefusedAsSuch() {
    attach(annotations(ADA.pem(), entry(signature, SIGNED.plus(Duration.ofMinutes(11)))));
    refused(identity("ada@example.test", ROOT), ErrorCode.LOG_ENTRY_INVALID);
  }

  @Test
  void aSignatureWithoutCertificateProvesNoIdentity() {
    attach(annotations("", entry(signature, SIGNED.plusSeconds(60))));
    refused(identity("ada@example.test", ROOT), ErrorCode.SIGNER_NOT_TRUSTED);
  }

  @Test
  void aTrustedRootThatNamesALogDemandsAnEntryAlsoOfAKey() {
    CosignTrust key = new CosignTrust(PublicKeyVerifier.of(ADA.pair().getPublic()), "ada.pub");
    attach(annotations("", ""));
    assertThat(verify(key).accepted()).as("a trusted key alone needs no log").isTrue();
    refused(key.withTrustedRoot(ROOT), ErrorCode.LOG_ENTRY_MISSING);
    String pem = PrivateSigstore.pem("PUBLIC KEY", ADA.pair().getPublic().getEncoded());
    attach(
        annotations(
            "",
            SIGSTORE.logEntry(
                PrivateSigstore.hashedRecord(payload, signature, pem), SIGNED.plusSeconds(60))));
    assertThat(verify(key.withTrustedRoot(ROOT)).failure()).isEmpty();
  }

  @Test
  void evidenceThatCannotBeReadIsRefusedWhereItCounts() {
    attach(annotations(ADA.pem(), "{}"));
    refused(identity("ada@example.test", ROOT), ErrorCode.SIGNATURE_MALFORMED);
    CosignTrust key = new CosignTrust(PublicKeyVerifier.of(ADA.pair().getPublic()), "ada.pub");
    assertThat(verify(key).accepted()).isTrue();
  }

  @Test
  void aLoggedAttestationIsAcceptedByIdentity() {
    byte[] statement = Statement.about(image.digest(), PredicateTypes.SPDX, Json.object()).toJson();
    byte[] sealed = ADA.sign(Pae.encode(MediaTypes.IN_TOTO, statement));
    DsseEnvelope envelope =
        new DsseEnvelope(
            MediaTypes.IN_TOTO,
            statement,
            List.of(new DsseEnvelope.Signature(Optional.empty(), sealed)));
    String entry =
        SIGSTORE.logEntry(
            PrivateSigstore.dsse(statement, sealed, ADA.pem()), SIGNED.plusSeconds(60));
    push(".att", MediaTypes.DSSE, Json.write(envelope.toJson()), annotations(ADA.pem(), entry));
    VerifyStatements verifier = new VerifyStatements();
    assertThat(
            verifier
                .require(layout, image, PredicateTypes.SPDX, identity("ada@example.test", ROOT))
                .failure())
        .isEmpty();
    assertThat(verifier.verified(layout, image, identity("eve@example.test", ROOT))).isEmpty();
  }

  @Test
  void aPromiseBesideTheCertificateCountsIfItIsOfALogOfTheRootAndAboutThisCertificate() {
    attach(annotations(ADA.pem(), entry(signature, SIGNED.plusSeconds(60))));
    TrustedRoot root = SIGSTORE.rootWithCertificateLog();
    refused(identity("ada@example.test", root), ErrorCode.CERTIFICATE_NOT_LOGGED);
    ObjectNode good = SIGSTORE.promise(ADA, SIGNED);
    assertThat(verify(promised(root, good)).failure()).isEmpty();
    PrivateSigstore.Signer eve = SIGSTORE.certify("ada@example.test", SIGNED);
    byte[] signed = Base64.getDecoder().decode(good.get("signature").stringValue());
    signed[signed.length - 1] ^= 1;
    byte[] otherHash = Base64.getDecoder().decode(good.get("signature").stringValue());
    otherHash[0] = 5;
    Base64.Encoder base64 = Base64.getEncoder();
    List.of(
            SIGSTORE.promise(eve, SIGNED),
            new PrivateSigstore(NOW.minus(Duration.ofDays(30))).promise(ADA, SIGNED),
            SIGSTORE.promise(ADA, NOW.minus(Duration.ofDays(31))),
            good.deepCopy().put("timestamp", SIGNED.toEpochMilli() + 1),
            good.deepCopy().put("extensions", "AA=="),
            good.deepCopy().put("signature", base64.encodeToString(signed)),
            good.deepCopy().put("signature", base64.encodeToString(otherHash)))
        .forEach(bad -> refused(promised(root, bad), ErrorCode.CERTIFICATE_NOT_LOGGED));
    List.of(
            good.deepCopy().put("sct_version", 1),
            good.deepCopy().put("id", "AAAA"),
            good.deepCopy().put("timestamp", "now"),
            good.deepCopy().put("signature", good.get("signature").stringValue() + "AAAA"),
            good.deepCopy().put("signature", "BAMA"),
            Json.object().put("sct_version", 0))
        .forEach(bad ->
            assertThatThrownBy(() -> DetachedTimestamp.parse(Json.write(bad)))
                .extracting(e -> ((BullaException) e).code())
                .isEqualTo(ErrorCode.CERTIFICATE_NOT_LOGGED));
  }

  @Test
  void withoutALogTheCertificateIsJudgedAsOfTheMomentThatIsGiven() {
    attach(annotations(ADA.pem(), ""));
    TrustedRoot root = ROOT.withoutLogs();
    refused(identity("ada@example.test", root), ErrorCode.LOG_ENTRY_MISSING);
    assertThat(verify(asOf(root, SIGNED.plusSeconds(60))).failure()).isEmpty();
    refused(asOf(root, NOW), ErrorCode.CERTIFICATE_EXPIRED);
  }

  private static CosignTrust asOf(TrustedRoot root, Instant moment) {
    return identity("ada@example.test", root)
        .withCertificate(
            new CertificateAtHand(Optional.empty(), Optional.empty(), Optional.of(moment)));
  }

  @Test
  void aCertificateThatTheCallerHasServesSignaturesThatCarryNone() {
    CosignTrust ada = identity("ada@example.test", ROOT).withCertificate(given(ADA));
    attach(annotations("", entry(signature, SIGNED.plusSeconds(60))));
    assertThat(verify(ada).failure()).isEmpty();
    PrivateSigstore.Signer eve = SIGSTORE.certify("ada@example.test", SIGNED);
    CosignTrust other = identity("ada@example.test", ROOT).withCertificate(given(eve));
    refused(other, ErrorCode.SIGNATURE_INVALID);
    attach(annotations(ADA.pem(), entry(signature, SIGNED.plusSeconds(60))));
    refused(other, ErrorCode.SIGNER_NOT_TRUSTED);
  }

  @Test
  void whatCosignTwoLeftBesideAFileIsJudgedLikeABundle() {
    byte[] file = "a file".getBytes(StandardCharsets.UTF_8);
    BlobSubject subject = BlobSubject.of(Digest.sha256(file));
    byte[] signed = ADA.sign(file);
    String base64 = Base64.getEncoder().encodeToString(signed);
    ObjectNode entry =
        Json.parseObject(
            SIGSTORE
                .logEntry(
                    PrivateSigstore.hashedRecord(file, signed, ADA.pem()), SIGNED.plusSeconds(60))
                .getBytes(StandardCharsets.UTF_8),
            "entry");
    ObjectNode bundle = Json.object().put("base64Signature", base64).put("cert", ADA.pem());
    bundle.set("rekorBundle", entry);
    CosignTrust ada = identity("ada@example.test", ROOT);
    BlobVerifier verifier = new BlobVerifier();
    assertThat(verifier.verify(subject, Json.write(bundle), ada).failure()).isEmpty();
    BlobSubject other = BlobSubject.of(Digest.sha256(signed));
    assertThat(verifier.verify(other, Json.write(bundle), ada).failure().orElseThrow().code())
        .isEqualTo(ErrorCode.SIGNATURE_INVALID);
    CosignTrust key = new CosignTrust(PublicKeyVerifier.of(ADA.pair().getPublic()), "ada.pub");
    byte[] text = (base64 + "\n").getBytes(StandardCharsets.US_ASCII);
    for (byte[] alone : List.of(text, signed)) {
      assertThat(verifier.verify(subject, alone, Optional.empty(), key).failure()).isEmpty();
      assertThat(verifier.verify(other, alone, Optional.empty(), key).accepted()).isFalse();
    }
    bundle.remove("rekorBundle");
    assertThat(verifier.verify(subject, Json.write(bundle), ada).failure().orElseThrow().code())
        .isEqualTo(ErrorCode.LOG_ENTRY_MISSING);
  }

  private static CosignTrust promised(TrustedRoot root, ObjectNode promise) {
    return identity("ada@example.test", root)
        .withCertificate(
            new CertificateAtHand(
                Optional.empty(),
                Optional.of(DetachedTimestamp.parse(Json.write(promise))),
                Optional.empty()));
  }

  private static CertificateAtHand given(PrivateSigstore.Signer signer) {
    return new CertificateAtHand(
        Optional.of(signer.certificate()), Optional.empty(), Optional.empty());
  }

  private static CosignTrust identity(String email, TrustedRoot root) {
    return new CosignTrust(
        new SignerIdentity(TextPattern.exactly(email), TextPattern.exactly(PrivateSigstore.ISSUER)),
        root,
        "ada");
  }

  private Verification verify(CosignTrust trust) {
    return new VerifyImage(CLOCK).verify(layout, image, new Trust.ByKey(trust));
  }

  private void refused(CosignTrust trust, ErrorCode code) {
    Verification verification = verify(trust);
    assertThat(verification.failure().map(Verification.Failure::code))
        .as(verification.failure().toString())
        .contains(code);
  }

  private String entry(byte[] over, Instant time) {
    return SIGSTORE.logEntry(PrivateSigstore.hashedRecord(payload, over, ADA.pem()), time);
  }

  private static Map<String, String> annotations(String certificate, String entry) {
    Map<String, String> all = new HashMap<>();
    if (!certificate.isEmpty()) {
      all.put("dev.sigstore.cosign/certificate", certificate);
    }
    if (!entry.isEmpty()) {
      all.put("dev.sigstore.cosign/bundle", entry);
    }
    return all;
  }

  private void attach(Map<String, String> annotations) {
    Map<String, String> all = new HashMap<>(annotations);
    all.put("dev.cosignproject.cosign/signature", Base64.getEncoder().encodeToString(signature));
    push(".sig", "application/vnd.dev.cosign.simplesigning.v1+json", payload, all);
  }

  private void push(String suffix, String type, byte[] content, Map<String, String> annotations) {
    Descriptor blob = Descriptor.of(type, content);
    layout.pushBlob(blob, BlobSource.of(content));
    byte[] config = "{}".getBytes(StandardCharsets.US_ASCII);
    Descriptor empty = Descriptor.of(MediaTypes.OCI_CONFIG, config);
    layout.pushBlob(empty, BlobSource.of(config));
    Descriptor layer =
        new Descriptor(
            type, blob.digest(), blob.size(), annotations, Optional.empty(), Optional.empty());
    layout.pushManifest(
        Manifest.image(empty, List.of(layer), Optional.empty(), Optional.empty(), Map.of()),
        List.of("sha256-" + image.digest().hex() + suffix));
  }

  private static byte[] payload(Descriptor image) {
    return """
    {"critical":{"identity":{"docker-reference":""},"image":{"docker-manifest-digest":"%s"},\
    "type":"cosign container image signature"},"optional":null}\
    """
        .formatted(image.digest())
        .getBytes(StandardCharsets.UTF_8);
  }
}
