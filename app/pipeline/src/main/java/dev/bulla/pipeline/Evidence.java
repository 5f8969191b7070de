package dev.bulla.pipeline;

import dev.bulla.core.Descriptor;
import dev.bulla.core.Digest;
import dev.bulla.core.claim.SignatureRecord;
import dev.bulla.core.statement.Statement;
import dev.bulla.keys.LocalSigner;
import dev.bulla.oci.Repository;
import dev.bulla.pipeline.ShipResult.SealedDocument;
import dev.bulla.signing.SignImage;
import dev.bulla.signing.VerifyStatements;
import dev.bulla.signing.cosign.CosignTrust;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Seals statements about one image into a layout, or takes over what an earlier run sealed, and
 * keeps a list of both. Not thread-safe.
 */
final class Evidence {
  private static final String BUNDLE = "sigstore-bundle";
  private static final String NOTATION = "notation-jws";

  private final Repository layout;
  private final Descriptor image;
  private final LocalSigner signer;
  private final SignImage sign;
  private final CosignTrust trust;
  private final List<EarlierEvidence> earlier;
  private final List<SealedDocument> documents = new ArrayList<>();
  private final List<Descriptor> manifests = new ArrayList<>();

  private int takenOver;

  Evidence(
      Repository layout,
      Descriptor image,
      LocalSigner signer,
      InstantSource clock,
      List<EarlierEvidence> earlier) {
    this.layout = layout;
    this.image = image;
    this.signer = signer;
    this.sign = new SignImage(signer, clock);
    this.trust = new CosignTrust(signer.verifier(), HomeIdentity.AUTHORITY);
    this.earlier = earlier;
  }

  /** Seals a statement in both formats, unless an earlier run did. */
  void seal(Statement statement) {
    Optional<SignImage.Sealed> before =
        earlier.stream().flatMap(one -> one.takeOver(statement, layout).stream()).findFirst();
    takenOver += before.isPresent() ? 1 : 0;
    SignImage.Sealed sealed = before.orElseGet(() -> sign.seal(layout, image, statement));
    manifests.add(sealed.bundle());
    add(statement.predicateType(), BUNDLE, sealed.bundle(), image);
    add(statement.predicateType(), NOTATION, sealed.notation(), sealed.bundle());
  }

  /** Signs the image itself in both formats, unless an earlier run did. */
  void signImage() {
    SignImage.Signatures signatures =
        earlier.stream()
            .flatMap(one -> one.takeOverSignatures(layout).stream())
            .findFirst()
            .orElseGet(() -> sign.sign(layout, image, Map.of()));
    add("signature", NOTATION, signatures.notation(), image);
    add("signature", BUNDLE, signatures.cosign(), image);
  }

  /**
   * What verification finds on the image in the layout: the bytes are read back, nothing is taken
   * from memory.
   */
  List<SignatureRecord> verified() {
    return new VerifyStatements().all(layout, image, trust);
  }

  CosignTrust trust() {
    return trust;
  }

  /** The manifests of the sealed statements. */
  List<Descriptor> statements() {
    return List.copyOf(manifests);
  }

  /** How many statements were taken over as an earlier run sealed them. */
  int takenOver() {
    return takenOver;
  }

  List<SealedDocument> documents() {
    return List.copyOf(documents);
  }

  private void add(String kind, String format, Descriptor manifest, Descriptor about) {
    String identity =
        format.equals(NOTATION)
            ? signer.certificateChain().getFirst().getSubjectX500Principal().getName()
            : signer.verifier().fingerprint();
    Digest digest = manifest.digest();
    documents.add(new SealedDocument(kind, format, identity, digest, about.digest()));
  }
}
