package dev.bulla.signing.pack;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.oci.Layout;
import dev.bulla.oci.Repository;
import dev.bulla.oci.TarArchive;
import dev.bulla.signing.revocation.Revocation;
import dev.bulla.signing.timestamp.Rfc3161Token;
import dev.bulla.signing.timestamp.VerifiedStamp;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * An evidence pack, opened and checked: every file in it is listed with its size and digest, and
 * nothing else is there. That makes it whole, not true: who made it is not said by it. Thread-safe.
 */
public final class EvidencePack implements AutoCloseable {
  /** Where what it is judged by lies. */
  public static final String TRUST = "trust/";

  private static final long MAX_TRUST = 256L * 1024 * 1024;
  private static final int MAX_TRUST_FILE = 64 * 1024 * 1024;

  private final PackManifest manifest;
  private final Digest digest;
  private final byte[] listed;
  private final Optional<byte[]> stamp;
  private final TarArchive archive;
  private final Repository layout;

  private EvidencePack(
      PackManifest manifest,
      byte[] listed,
      Optional<byte[]> stamp,
      TarArchive archive,
      Repository layout) {
    this.manifest = manifest;
    this.digest = Digest.sha256(listed);
    this.listed = listed;
    this.stamp = stamp;
    this.archive = archive;
    this.layout = layout;
  }

  /**
   * Opens a pack and reads every byte of it once.
   *
   * @throws BullaException {@link ErrorCode#EVIDENCE_PACK_INVALID} if it is none or not whole;
   *     {@code ARCHIVE_INVALID}, {@code PATH_ESCAPE}, {@code FILE_NOT_FOUND}
   */
  public static EvidencePack open(Path file) {
    TarArchive archive = archive(file);
    try {
      byte[] listed = manifest(archive);
      PackManifest manifest = PackManifest.parse(listed);
      checkFiles(archive, manifest);
      Optional<byte[]> stamp = stamp(archive, listed);
      Repository layout = Layout.open(file);
      if (layout.resolve(manifest.image().digest().toString()).isEmpty()) {
        layout.close();
        throw PackManifest.invalid(
            "the image %s is not in it".formatted(manifest.image().digest()));
      }
      return new EvidencePack(manifest, listed, stamp, archive, layout);
    } catch (RuntimeException e) {
      archive.close();
      throw e;
    }
  }

  private static byte[] manifest(TarArchive archive) {
    Long size = archive.sizes().get(PackManifest.NAME);
    if (size == null || size > PackManifest.MAX_BYTES) {
      throw PackManifest.invalid(
          "there is no %s of at most %d bytes"
              .formatted(PackManifest.NAME, PackManifest.MAX_BYTES));
    }
    byte[] bytes = read(archive, PackManifest.NAME, PackManifest.MAX_BYTES);
    String sum = new String(read(archive, PackManifest.SUM, 65), StandardCharsets.US_ASCII);
    String found = Digest.sha256(bytes).hex();
    if (!sum.equals(found + "\n")) {
      throw PackManifest.invalid(
          "%s is sha256:%s, expected %s"
              .formatted(PackManifest.NAME, found, Shown.text(sum.strip())));
    }
    return bytes;
  }

  /** A stamp over another pack has no business in this one, whoever made it. */
  private static Optional<byte[]> stamp(TarArchive archive, byte[] listed) {
    if (!archive.sizes().containsKey(PackManifest.STAMP)) {
      return Optional.empty();
    }
    byte[] token = read(archive, PackManifest.STAMP, Rfc3161Token.MAX_BYTES);
    try {
      Rfc3161Token.parse(token).checkOver(listed);
    } catch (BullaException e) {
      throw new BullaException(
          ErrorCode.EVIDENCE_PACK_INVALID,
          "evidence pack: %s is no stamp over it: %s".formatted(PackManifest.STAMP, e.reason()),
          e);
    }
    return Optional.of(token);
  }

  private static void checkFiles(TarArchive archive, PackManifest manifest) {
    Map<String, Long> there = new LinkedHashMap<>(archive.sizes());
    there.remove(PackManifest.NAME);
    there.remove(PackManifest.SUM);
    there.remove(PackManifest.STAMP);
    long trust = 0;
    for (PackManifest.PackedFile one : manifest.files()) {
      Long size = there.remove(one.name());
      if (size == null || size != one.size()) {
        throw PackManifest.invalid(
            "the file %s is missing or has another size".formatted(Shown.text(one.name())));
      }
      if (one.name().startsWith(TRUST)) {
        trust += size;
      }
      Digest found = digest(archive, one);
      if (!found.equals(one.digest())) {
        throw PackManifest.invalid(
            "the file %s is %s, expected %s"
                .formatted(Shown.text(one.name()), found, one.digest()));
      }
    }
    if (!there.isEmpty()) {
      throw PackManifest.invalid(
          "the file %s is not listed".formatted(Shown.text(there.keySet().iterator().next())));
    }
    if (trust > MAX_TRUST) {
      throw PackManifest.invalid("more than %d bytes to be judged by".formatted(MAX_TRUST));
    }
  }

  private static Digest digest(TarArchive archive, PackManifest.PackedFile one) {
    try (InputStream in = archive.open(one.name())) {
      return Digest.of(one.digest().algorithm(), in);
    } catch (IOException e) {
      throw new BullaException(
          ErrorCode.EVIDENCE_PACK_INVALID, "evidence pack: %s: %s".formatted(one.name(), e), e);
    }
  }

  /** What is no archive at all is malformed evidence, like a pack with a wrong byte. */
  private static TarArchive archive(Path file) {
    try {
      return TarArchive.open(file);
    } catch (BullaException e) {
      throw e.code() == ErrorCode.ARCHIVE_INVALID
          ? new BullaException(ErrorCode.EVIDENCE_PACK_INVALID, e.reason(), e.nextStep(), e)
          : e;
    }
  }

  private static byte[] read(TarArchive archive, String name, int maxBytes) {
    try (InputStream in = archive.open(name)) {
      byte[] bytes = in.readNBytes(maxBytes + 1);
      if (bytes.length > maxBytes) {
        throw PackManifest.invalid("%s: more than %d bytes".formatted(name, maxBytes));
      }
      return bytes;
    } catch (IOException e) {
      throw new BullaException(
          ErrorCode.EVIDENCE_PACK_INVALID, "evidence pack: %s: %s".formatted(name, e), e);
    }
  }

  /** What a person may note or sign to know this very pack again: the digest of its list. */
  public Digest digest() {
    return digest;
  }

  public PackManifest manifest() {
    return manifest;
  }

  /** When the pack's stamp says that it was made, whoever says so; empty if there is none. */
  public Optional<Instant> stamped() {
    return stamp.map(token -> Rfc3161Token.parse(token).time());
  }

  /**
   * When the pack existed at the latest, by an authority that is believed; empty if it has no
   * stamp. The authority's chain must have been valid at that moment; that it has run out since
   * says nothing.
   *
   * @param roots of authorities
   * @param revocation whom to ask about the authority's certificates; empty to ask nobody
   * @throws BullaException {@link ErrorCode#TIMESTAMP_INVALID}, {@link
   *     ErrorCode#SIGNER_NOT_TRUSTED}
   */
  public Optional<VerifiedStamp> proven(
      List<X509Certificate> roots, Optional<Revocation> revocation) {
    return stamp.map(token -> VerifiedStamp.verify(token, listed, roots, revocation));
  }

  /** The image's manifests and all evidence; closed with the pack. */
  public Repository repository() {
    return layout;
  }

  /**
   * Writes what the image is judged by into an empty directory, under the names of the pack.
   *
   * @throws BullaException {@link ErrorCode#PATH_ESCAPE} for a name that leaves it
   */
  public void extractTrust(Path directory) {
    Path root = directory.toAbsolutePath().normalize();
    try {
      for (PackManifest.PackedFile one : manifest.files()) {
        if (one.name().startsWith(TRUST)) {
          Path target = within(root, one.name());
          byte[] bytes = read(archive, one.name(), MAX_TRUST_FILE);
          one.digest().verify(bytes, "evidence pack: " + one.name());
          Files.createDirectories(target.getParent());
          Files.write(target, bytes);
        }
      }
    } catch (IOException e) {
      throw new BullaException(
          ErrorCode.EVIDENCE_PACK_INVALID, "the pack cannot be unpacked: " + e, e);
    }
  }

  /**
   * Where a name of the pack comes to lie; it may not leave the directory.
   *
   * @throws BullaException {@link ErrorCode#PATH_ESCAPE}
   */
  public static Path within(Path directory, String name) {
    Path root = directory.toAbsolutePath().normalize();
    Path target;
    try {
      target = root.resolve(name).normalize();
    } catch (java.nio.file.InvalidPathException e) {
      throw new BullaException(
          ErrorCode.PATH_ESCAPE, "'%s' is no file name".formatted(Shown.text(name)), e);
    }
    boolean plain =
        Stream.of(name.split("/", -1))
            .noneMatch(part -> part.isEmpty() || part.equals(".") || part.equals(".."));
    if (!plain || !target.startsWith(root) || !name.startsWith(TRUST)) {
      throw new BullaException(
          ErrorCode.PATH_ESCAPE, "'%s' leaves the pack".formatted(Shown.text(name)));
    }
    return target;
  }

  @Override
  public void close() {
    layout.close();
    archive.close();
  }
}
