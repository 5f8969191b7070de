package dev.bulla.signing.authority;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.signing.trust.ProcessFiles;
import dev.bulla.signing.trust.TrustStore;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/** Where a trust policy finds the files that it names. */
public interface PolicyFiles {
  /**
   * The whole of a file of at most 4 MiB.
   *
   * @throws BullaException {@link ErrorCode#TRUST_POLICY_INVALID} if it cannot be had
   */
  byte[] read(String path);

  /** The trust store in a directory as Notation lays it out. */
  TrustStore store(String path);

  /** Relative names are below the directory of {@code policy}. */
  static PolicyFiles beside(Path policy) {
    return new Beside(policy.toAbsolutePath().normalize());
  }

  /** A policy that must bring everything along in itself. */
  static PolicyFiles none() {
    return new PolicyFiles() {
      @Override
      public byte[] read(String path) {
        throw none(path);
      }

      @Override
      public TrustStore store(String path) {
        throw none(path);
      }
    };
  }

  private static BullaException none(String path) {
    return new BullaException(
        ErrorCode.TRUST_POLICY_INVALID,
        "names the file '%s', and a policy that comes without files may name none"
            .formatted(Shown.text(path)),
        "Write the key or certificate into the policy (pem).");
  }

  /** Files beside a policy file. */
  record Beside(Path policy) implements PolicyFiles {
    private static final int MAX_BYTES = 4 * 1024 * 1024;

    @Override
    public byte[] read(String path) {
      Path file = resolve(path);
      try (InputStream in = Files.newInputStream(file)) {
        byte[] bytes = in.readNBytes(MAX_BYTES + 1);
        if (bytes.length > MAX_BYTES) {
          throw new BullaException(
              ErrorCode.TRUST_POLICY_INVALID, file + " is larger than " + MAX_BYTES + " bytes");
        }
        return bytes;
      } catch (IOException e) {
        throw new BullaException(
            ErrorCode.TRUST_POLICY_INVALID,
            "the file %s cannot be read".formatted(file),
            "Names are relative to the directory of the policy.",
            e);
      }
    }

    @Override
    public TrustStore store(String path) {
      return TrustStore.directory(resolve(path));
    }

    private Path resolve(String path) {
      Path file;
      try {
        file = policy.resolveSibling(path).normalize();
      } catch (InvalidPathException e) {
        throw new BullaException(
            ErrorCode.TRUST_POLICY_INVALID, "'%s' is no file name".formatted(Shown.text(path)), e);
      }
      if (ProcessFiles.leadsThere(path, policy.resolveSibling(""))) {
        throw new BullaException(
            ErrorCode.TRUST_POLICY_INVALID,
            "'%s' is another file in each process".formatted(Shown.text(path)),
            "Name a file that is there for all, or write the key into the policy (pem).");
      }
      return file;
    }
  }
}
