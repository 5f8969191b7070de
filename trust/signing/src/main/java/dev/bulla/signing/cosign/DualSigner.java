package dev.bulla.signing.cosign;

import dev.bulla.core.BullaException;
import dev.bulla.core.Descriptor;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.MediaTypes;
import dev.bulla.core.crypto.SignatureAlgorithm;
import dev.bulla.core.crypto.Signer;
import dev.bulla.core.envelope.DsseEnvelope;
import dev.bulla.core.envelope.Pae;
import dev.bulla.core.json.Json;
import dev.bulla.core.statement.Statement;
import dev.bulla.keys.PublicKeyVerifier;
import dev.bulla.oci.BlobSource;
import dev.bulla.oci.Manifest;
import dev.bulla.oci.Repository;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Signs every statement twice, with an ECDSA key and with an ML-DSA-65 key, in one envelope: what
 * one of the two algorithms is worth after the other has fallen. Experimental. Thread-safe.
 */
public final class DualSigner {
  private static final byte[] EMPTY = "{}".getBytes(StandardCharsets.US_ASCII);

  private final Signer classical;
  private final Signer lattice;
  private final TrustedSigner.Pair pair;
  private final InstantSource clock;

  /**
   * @throws BullaException {@link ErrorCode#KEY_UNSUPPORTED} for keys of other kinds
   */
  public DualSigner(Signer classical, Signer lattice, InstantSource clock) {
    this.classical = classical;
    this.lattice = lattice;
    this.clock = clock;
    this.pair =
        new TrustedSigner.Pair(
            PublicKeyVerifier.of(classical.publicKey()), PublicKeyVerifier.of(lattice.publicKey()));
  }

  /** Signs {@code subject}, with pairs. */
  public Descriptor sign(
      Repository repository, Descriptor subject, Map<String, String> annotations) {
    return attest(repository, subject, CosignSigner.signature(subject.digest(), annotations));
  }

  /** Signs a file of this digest: the envelope, as a document of its own. */
  public byte[] signBlob(Digest digest) {
    return seal(CosignSigner.signature(digest, Map.of()));
  }

  /**
   * Seals a statement about {@code subject} and stores it beside it.
   *
   * @return the manifest of the envelope
   */
  public Descriptor attest(Repository repository, Descriptor subject, Statement statement) {
    byte[] envelope = seal(statement);
    Descriptor config = Descriptor.of(MediaTypes.OCI_EMPTY, EMPTY);
    Descriptor layer = Descriptor.of(MediaTypes.DSSE, envelope);
    Manifest manifest =
        Manifest.image(
            config,
            List.of(layer),
            Optional.of(MediaTypes.DUAL_SIGNATURE),
            Optional.of(subject),
            Map.of(
                CosignSigner.PREDICATE,
                statement.predicateType(),
                CosignSigner.CREATED,
                clock.instant().truncatedTo(ChronoUnit.SECONDS).toString()));
    repository.pushBlob(config, BlobSource.of(EMPTY));
    repository.pushBlob(layer, BlobSource.of(envelope));
    repository.pushManifest(manifest, List.of());
    return manifest.descriptor();
  }

  /** The envelope, as a document of its own. */
  public byte[] seal(Statement statement) {
    byte[] payload = statement.toJson();
    byte[] signed = Pae.encode(MediaTypes.IN_TOTO, payload);
    SignatureAlgorithm first = CosignAlgorithms.forSigning(pair.classical().type());
    DsseEnvelope envelope =
        new DsseEnvelope(
            MediaTypes.IN_TOTO,
            payload,
            List.of(
                signature(pair.classical(), classical.sign(first, signed)),
                signature(pair.lattice(), lattice.sign(SignatureAlgorithm.ML_DSA_65, signed))));
    return Json.write(envelope.toJson());
  }

  private static DsseEnvelope.Signature signature(PublicKeyVerifier key, byte[] value) {
    return new DsseEnvelope.Signature(Optional.of(key.hint()), value);
  }
}
