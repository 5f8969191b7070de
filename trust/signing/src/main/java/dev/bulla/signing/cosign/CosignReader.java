package dev.bulla.signing.cosign;

import dev.bulla.core.BullaException;
import dev.bulla.core.Descriptor;
import dev.bulla.core.Digest;
import dev.bulla.core.MediaTypes;
import dev.bulla.oci.Manifest;
import dev.bulla.oci.Repository;
import dev.bulla.signing.trust.CheckList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Finds and reads what stands beside a manifest in Cosign's formats. Judges nothing. Thread-safe as
 * far as the repository is.
 */
public final class CosignReader {
  private static final int MAX_BUNDLE = 64 * 1024 * 1024;

  private final Repository repository;
  private final Descriptor subject;

  public CosignReader(Repository repository, Descriptor subject) {
    this.repository = repository;
    this.subject = subject;
  }

  /**
   * Whether a listed referrer may be a bundle: one whose listing already names another kind of
   * artifact is not fetched.
   */
  public static boolean mayBeBundle(Descriptor referrer) {
    return referrer
        .artifactType()
        .map(type ->
            type.startsWith(Bundle.TYPE_PREFIX)
                || type.equals(MediaTypes.OCI_EMPTY)
                || type.equals(MediaTypes.DUAL_SIGNATURE))
        .orElse(true);
  }

  /**
   * Whether the listing of a bundle names a wanted predicate type, or none. The listing is not
   * signed: it may decide what is read first, never what is believed.
   */
  public static boolean mayBeOfType(Descriptor referrer, Predicate<String> wanted) {
    String listed = referrer.annotations().getOrDefault(CosignSigner.PREDICATE, "");
    return listed.isEmpty() || wanted.test(listed);
  }

  /** The bundle in a referrer; empty if it is another kind of artifact after all. */
  public Optional<CosignEvidence> bundle(Descriptor referrer) {
    Digest digest = referrer.digest();
    CheckList reading = new CheckList(digest, CosignEvidence.BUNDLE);
    Optional<Manifest> manifest = reading.attempt("evidence", () -> repository.manifest(referrer));
    if (manifest.isEmpty()) {
      return Optional.of(
          CosignEvidence.unreadable(digest, CosignEvidence.BUNDLE, reading.record().checks()));
    }
    if (isDual(manifest.get())) {
      return Optional.of(
          CosignEvidence.read(
              digest,
              DualEnvelope.FORMAT,
              "manifest and envelope read",
              () -> DualEnvelope.parse(content(manifest.get()), subject.digest())));
    }
    return manifest
        .filter(CosignReader::isBundle)
        .map(one ->
            CosignEvidence.read(
                digest, CosignEvidence.BUNDLE, "manifest and bundle read", () -> read(one)));
  }

  /**
   * The signatures of cosign 1 and 2 in the tag {@code sha256-….sig} and among the referrers, each
   * read when asked for.
   *
   * @param referrers of the subject
   */
  public List<LegacyLayer> legacySignatures(List<Descriptor> referrers) {
    return new LegacyTags(repository, subject).signatures(referrers);
  }

  /** The attestations in the tag {@code sha256-….att}. */
  public List<LegacyLayer> legacyAttestations() {
    return new LegacyTags(repository, subject).attestations();
  }

  private static boolean isBundle(Manifest manifest) {
    return manifest.layers().size() == 1
        && manifest.layers().getFirst().mediaType().startsWith(Bundle.TYPE_PREFIX);
  }

  private static boolean isDual(Manifest manifest) {
    return manifest.artifactType().equals(Optional.of(MediaTypes.DUAL_SIGNATURE))
        && manifest.layers().size() == 1
        && manifest.layers().getFirst().mediaType().equals(MediaTypes.DSSE);
  }

  private byte[] content(Manifest manifest) {
    if (!manifest.subject().map(Descriptor::digest).equals(Optional.of(subject.digest()))) {
      throw Bundle.malformed("bundle manifest", "it names another subject");
    }
    return repository.blobBytes(manifest.layers().getFirst(), MAX_BUNDLE);
  }

  /**
   * @throws BullaException if it is malformed or about something else
   */
  private CosignEvidence.Content read(Manifest manifest) {
    return new Bundled(
        Bundle.parse(
            content(manifest), "bundle " + manifest.layers().getFirst().digest().shortHex()),
        subject.digest());
  }

  private record Bundled(Bundle bundle, Digest subject) implements CosignEvidence.Content {
    @Override
    public void examine(CheckList checks, CosignTrust trust) {
      new BundleExamination(checks, trust).run(bundle, subject);
    }

    @Override
    public Optional<Bundle.Material> material() {
      return Optional.of(bundle.material());
    }
  }
}
