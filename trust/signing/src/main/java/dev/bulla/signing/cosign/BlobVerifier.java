package dev.bulla.signing.cosign;

import dev.bulla.core.BullaException;
import dev.bulla.core.Descriptor;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.claim.SignatureRecord;
import dev.bulla.core.claim.Verification;
import dev.bulla.signing.sigstore.SignedMaterial;
import dev.bulla.signing.trust.CheckList;
import dev.bulla.signing.trust.Outcomes;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Verifies a file and its Sigstore bundle; the file is hashed as a stream, or only its digest is
 * given. Thread-safe.
 */
public final class BlobVerifier {
  private static final String TYPE = "application/octet-stream";
  private static final int MAX_WHOLE = 1024 * 1024 * 1024;

  /** The verification of {@code file}; the record's evidence is the digest of the bundle. */
  public Verification verify(Path file, byte[] bundle, CosignTrust trust) {
    Map<Digest.Algorithm, Digest> digests = new EnumMap<>(Digest.Algorithm.class);
    SignedMaterial.Message hashed =
        algorithm -> Optional.of(digests.computeIfAbsent(algorithm, one -> digest(file, one)));
    return verify(
        describe(file, hashed),
        new SignedMessage.Hashed(hashed, Optional.of(() -> whole(file))),
        bundle,
        trust);
  }

  /**
   * The verification of a file that has {@code digest}. A signature over another hash of the file
   * than this cannot be verified. The subject's size is zero, for it is not known.
   */
  public Verification verify(Digest digest, byte[] bundle, CosignTrust trust) {
    SignedMaterial.Message hashed =
        algorithm -> Optional.of(digest).filter(one -> one.algorithm() == algorithm);
    return verify(
        new Descriptor(TYPE, digest, 0),
        new SignedMessage.Hashed(hashed, Optional.empty()),
        bundle,
        trust);
  }

  private static Verification verify(
      Descriptor subject, SignedMessage.Hashed artifact, byte[] bundle, CosignTrust trust) {
    CheckList checks = new CheckList(Digest.sha256(bundle), "sigstore-bundle");
    checks
        .attempt("evidence", () -> Bundle.parse(bundle, "bundle"))
        .ifPresent(parsed -> {
          checks.passed("evidence", "bundle read");
          switch (parsed.content()) {
            case Bundle.Content.Dsse ignored ->
                new BundleExamination(checks, trust).run(parsed, subject.digest());
            case Bundle.Content.Message message ->
                message(message, parsed, artifact, trust, checks);
          }
        });
    List<SignatureRecord> records = List.of(checks.record());
    return Outcomes.anyOf(subject, records, "a signature", false);
  }

  private static void message(
      Bundle.Content.Message message,
      Bundle bundle,
      SignedMessage.Hashed artifact,
      CosignTrust trust,
      CheckList checks) {
    Optional<Digest> found =
        message.digest().flatMap(claimed -> artifact.digests().digest(claimed.algorithm()));
    if (found.isPresent()) {
      if (!found.equals(message.digest())) {
        checks.failed(
            "digest",
            ErrorCode.SIGNATURE_DIGEST_MISMATCH,
            message.digest().orElseThrow().toString(),
            "the file has " + found.get());
        return;
      }
      checks.passed("digest", found.get().toString());
    }
    new BundleExamination(checks, trust).signed(bundle, artifact, message.signature());
  }

  private static Descriptor describe(Path file, SignedMaterial.Message hashed) {
    try {
      return new Descriptor(
          TYPE, hashed.digest(Digest.Algorithm.SHA256).orElseThrow(), Files.size(file));
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  private static Digest digest(Path file, Digest.Algorithm algorithm) {
    try (InputStream in = Files.newInputStream(file)) {
      return Digest.of(algorithm, in);
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  private static byte[] whole(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(MAX_WHOLE + 1);
      if (bytes.length > MAX_WHOLE) {
        throw new BullaException(
            ErrorCode.INPUT_TOO_LARGE,
            "%s: a pure Ed25519 signature is over the whole file, of which at most %d bytes are read"
                .formatted(file, MAX_WHOLE));
      }
      return bytes;
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  private static BullaException unreadable(Path file, IOException e) {
    return e instanceof NoSuchFileException
        ? new BullaException(ErrorCode.FILE_NOT_FOUND, file + ": there is no such file", e)
        : new BullaException(ErrorCode.INPUT_UNAVAILABLE, file + ": cannot be read: " + e, e);
  }
}
