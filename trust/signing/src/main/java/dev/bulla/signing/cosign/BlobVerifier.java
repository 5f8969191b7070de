package dev.bulla.signing.cosign;

import dev.bulla.core.BullaException;
import dev.bulla.core.Descriptor;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.claim.SignatureRecord;
import dev.bulla.core.claim.Verification;
import dev.bulla.core.crypto.SignatureAlgorithm;
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

/** Verifies a file and its Sigstore bundle by a public key; the file is hashed as a stream. Thread-safe. */
public final class BlobVerifier {
  private static final String TYPE = "application/octet-stream";

  /** The verification of {@code file}; the record's evidence is the digest of the bundle. */
  public Verification verify(Path file, byte[] bundle, CosignTrust trust) {
    Descriptor subject = describe(file);
    CheckList checks = new CheckList(Digest.sha256(bundle), "sigstore-bundle");
    checks
        .attempt("evidence", () -> Bundle.parse(bundle, "bundle"))
        .ifPresent(
            parsed -> {
              checks.passed("evidence", "bundle read");
              switch (parsed.content()) {
                case Bundle.Content.Dsse ignored ->
                    new BundleExamination(checks, trust).run(parsed, subject.digest());
                case Bundle.Content.Message message -> message(message, parsed, file, trust, checks);
              }
            });
    List<SignatureRecord> records = List.of(checks.record());
    return Outcomes.anyOf(subject, records, "a signature", false);
  }

  private static void message(
      Bundle.Content.Message message, Bundle bundle, Path file, CosignTrust trust, CheckList checks) {
    if (message.digest().isPresent()) {
      Digest claimed = message.digest().get();
      Digest found = digest(file, claimed.algorithm());
      if (!found.equals(claimed)) {
        checks.failed("digest", ErrorCode.SIGNATURE_DIGEST_MISMATCH, claimed.toString(), file + " has " + found);
        return;
      }
      checks.passed("digest", found.toString());
    }
    Map<Digest.Algorithm, byte[]> hashes = new EnumMap<>(Digest.Algorithm.class);
    for (SignatureAlgorithm algorithm : CosignAlgorithms.forVerifying(trust.key().type(), trust.hash())) {
      Optional<Digest.Algorithm> hash = trust.key().prehash(algorithm);
      if (hash.isPresent()
          && trust
              .key()
              .verifyPrehashed(
                  algorithm,
                  hashes.computeIfAbsent(hash.get(), one -> digest(file, one).bytes()),
                  message.signature())) {
        checks.authority(trust.name());
        checks.identity("sha256:" + trust.key().fingerprint());
        checks.passed("integrity", algorithm + " signature by the key " + trust.name());
        return;
      }
    }
    new BundleExamination(checks, trust).refuse(BundleExamination.hint(bundle));
  }

  private static Descriptor describe(Path file) {
    try {
      return new Descriptor(TYPE, digest(file, Digest.Algorithm.SHA256), Files.size(file));
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

  private static BullaException unreadable(Path file, IOException e) {
    return e instanceof NoSuchFileException
        ? new BullaException(ErrorCode.FILE_NOT_FOUND, file + ": there is no such file", e)
        : new BullaException(ErrorCode.INPUT_UNAVAILABLE, file + ": cannot be read: " + e, e);
  }
}
