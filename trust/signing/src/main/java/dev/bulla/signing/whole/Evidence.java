package dev.bulla.signing.whole;

import dev.bulla.core.Descriptor;
import dev.bulla.core.Digest;
import dev.bulla.core.MediaTypes;
import dev.bulla.core.statement.PredicateTypes;
import dev.bulla.oci.Manifest;
import java.util.Locale;
import java.util.Optional;

/**
 * One thing that somebody has put beside an image or beside other evidence: a manifest that names
 * it as its subject, or that a tag made of its digest stands for.
 *
 * @param subject what it is about
 * @param tag the tag by which it is found; empty for a referrer
 * @param type the artifact type, or of an attestation the predicate type where the listing says it
 * @param depth 1 beside the image or one of its parts, 2 beside evidence of depth 1, …
 */
public record Evidence(
    Manifest manifest,
    Digest subject,
    Optional<String> tag,
    Kind kind,
    Format format,
    String type,
    int depth) {

  private static final String PREDICATE = "dev.sigstore.bundle.predicateType";
  private static final String CONTENT = "dev.sigstore.bundle.content";
  private static final String BUNDLE = "application/vnd.dev.sigstore.bundle";
  private static final String COSIGN_ARTIFACT = "application/vnd.dev.cosign.artifact.sig.v1+json";

  /** What it is for, as far as names tell; nothing is verified. */
  public enum Kind {
    SIGNATURE,
    ATTESTATION,
    SBOM,
    /** The list of referrers that clients keep under a tag where the registry keeps none. */
    LIST,
    OTHER;

    public String id() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** In whose form it is. */
  public enum Format {
    NOTATION("notation"),
    SIGSTORE_BUNDLE("sigstore-bundle"),
    /** A tag of cosign 1 and 2, or the referrer of its experiment. */
    COSIGN_LEGACY("cosign-legacy"),
    NONE("");

    private final String id;

    Format(String id) {
      this.id = id;
    }

    public String id() {
      return id;
    }
  }

  public Digest digest() {
    return manifest.descriptor().digest();
  }

  public Descriptor descriptor() {
    return manifest.descriptor();
  }

  static Evidence referrer(Manifest manifest, Digest subject, int depth) {
    String type =
        manifest
            .effectiveArtifactType()
            .filter(one -> !one.equals(MediaTypes.OCI_EMPTY))
            .or(() -> manifest.layers().stream().findFirst().map(Descriptor::mediaType))
            .orElse(manifest.descriptor().mediaType());
    String predicate = manifest.annotations().getOrDefault(PREDICATE, "");
    if (type.equals(MediaTypes.NOTATION_SIGNATURE)) {
      return of(manifest, subject, Kind.SIGNATURE, Format.NOTATION, type, depth);
    }
    if (type.equals(COSIGN_ARTIFACT)) {
      return of(manifest, subject, Kind.SIGNATURE, Format.COSIGN_LEGACY, type, depth);
    }
    if (type.startsWith(BUNDLE)) {
      boolean signature =
          predicate.equals(PredicateTypes.COSIGN_SIGN_V1)
              || "message-signature".equals(manifest.annotations().get(CONTENT));
      return of(
          manifest,
          subject,
          signature ? Kind.SIGNATURE : Kind.ATTESTATION,
          Format.SIGSTORE_BUNDLE,
          predicate.isEmpty() ? type : predicate,
          depth);
    }
    String lower = type.toLowerCase(Locale.ROOT);
    boolean sbom = lower.contains("sbom") || lower.contains("cyclonedx") || lower.contains("spdx");
    boolean inToto = lower.contains("in-toto");
    Kind kind = sbom ? Kind.SBOM : inToto ? Kind.ATTESTATION : Kind.OTHER;
    return of(manifest, subject, kind, Format.NONE, type, depth);
  }

  private static Evidence of(
      Manifest manifest, Digest subject, Kind kind, Format format, String type, int depth) {
    return new Evidence(manifest, subject, Optional.empty(), kind, format, type, depth);
  }

  /**
   * @param suffix what follows {@code sha256-HEX} in the tag: {@code .sig}, or nothing for the list
   */
  static Evidence tagged(Manifest manifest, Digest subject, String tag, String suffix, int depth) {
    Kind kind =
        switch (suffix) {
          case "" -> Kind.LIST;
          case ".sig" -> Kind.SIGNATURE;
          case ".att" -> Kind.ATTESTATION;
          case ".sbom" -> Kind.SBOM;
          default -> Kind.OTHER;
        };
    boolean cosign = kind == Kind.SIGNATURE || kind == Kind.ATTESTATION || kind == Kind.SBOM;
    return new Evidence(
        manifest,
        subject,
        Optional.of(tag),
        kind,
        cosign ? Format.COSIGN_LEGACY : Format.NONE,
        manifest.layers().stream()
            .findFirst()
            .map(Descriptor::mediaType)
            .orElse(manifest.descriptor().mediaType()),
        depth);
  }
}
