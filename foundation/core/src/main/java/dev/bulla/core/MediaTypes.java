package dev.bulla.core;

/**
 * Media types of images, artifacts and signatures, as the specifications and the peers spell them.
 */
public final class MediaTypes {
  public static final String OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json";
  public static final String OCI_INDEX = "application/vnd.oci.image.index.v1+json";

  /** A draft of the specification had it; read, never written. */
  public static final String OCI_ARTIFACT = "application/vnd.oci.artifact.manifest.v1+json";

  public static final String OCI_CONFIG = "application/vnd.oci.image.config.v1+json";
  public static final String OCI_EMPTY = "application/vnd.oci.empty.v1+json";
  public static final String OCI_LAYER_TAR = "application/vnd.oci.image.layer.v1.tar";
  public static final String OCI_LAYER_GZIP = "application/vnd.oci.image.layer.v1.tar+gzip";
  public static final String OCI_LAYER_ZSTD = "application/vnd.oci.image.layer.v1.tar+zstd";
  public static final String DOCKER_MANIFEST =
      "application/vnd.docker.distribution.manifest.v2+json";
  public static final String DOCKER_MANIFEST_LIST =
      "application/vnd.docker.distribution.manifest.list.v2+json";
  public static final String DOCKER_CONFIG = "application/vnd.docker.container.image.v1+json";
  public static final String DOCKER_LAYER_GZIP =
      "application/vnd.docker.image.rootfs.diff.tar.gzip";

  public static final String SIGSTORE_BUNDLE = "application/vnd.dev.sigstore.bundle.v0.3+json";

  /** A statement in a DSSE envelope that an ECDSA and an ML-DSA key have both signed. */
  public static final String DUAL_SIGNATURE = "application/vnd.dev.bulla.dual-signature.v1+json";

  public static final String NOTATION_SIGNATURE = "application/vnd.cncf.notary.signature";
  public static final String NOTATION_PAYLOAD = "application/vnd.cncf.notary.payload.v1+json";
  public static final String JOSE = "application/jose+json";
  public static final String IN_TOTO = "application/vnd.in-toto+json";
  public static final String DSSE = "application/vnd.dsse.envelope.v1+json";

  private MediaTypes() {}
}
