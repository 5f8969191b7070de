package dev.bulla.signing.trust;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.keys.Certificates;
import dev.bulla.keys.KeyFiles;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Where the certificates of named trust stores come from. Thread-safe. */
@FunctionalInterface
public interface TrustStore {

  /**
   * The name of a store in a trust policy, {@code ca:acme}.
   *
   * @param type {@code ca}, {@code signingAuthority} or {@code tsa}
   */
  record Name(String type, String name) {
    private static final Set<String> TYPES = Set.of("ca", "signingAuthority", "tsa");

    public Name {
      if (!TYPES.contains(type) || !isFileName(name)) {
        throw TrustPolicy.PARSER.invalid(
            "the trust store '%s:%s' is not TYPE:NAME with type ca, signingAuthority or tsa"
                .formatted(Shown.text(type), Shown.text(name)));
      }
    }

    /**
     * @throws BullaException {@link ErrorCode#TRUST_POLICY_INVALID} if it is not {@code TYPE:NAME}
     */
    public static Name parse(String text) {
      int colon = text.indexOf(':');
      return new Name(text.substring(0, Math.max(colon, 0)), text.substring(colon + 1));
    }

    /** Letters, digits, dot, dash and underscore only, and not a way out of the directory. */
    private static boolean isFileName(String name) {
      return !name.isEmpty()
          && !name.equals(".")
          && !name.equals("..")
          && name.chars()
              .allMatch(c -> c < 128 && (Character.isLetterOrDigit(c) || "._-".indexOf(c) >= 0));
    }

    @Override
    public String toString() {
      return type + ":" + name;
    }
  }

  /**
   * The certificates of one store; at least one.
   *
   * @throws BullaException {@link ErrorCode#TRUST_STORE_INVALID} if there is no such store or it
   *     holds anything unfit
   */
  List<X509Certificate> certificates(Name name);

  /** Stores that are given, for programs and for a signing identity's own root. */
  static TrustStore of(Map<Name, List<X509Certificate>> stores) {
    Map<Name, List<X509Certificate>> kept = Map.copyOf(stores);
    return name -> {
      List<X509Certificate> found = kept.get(name);
      if (found == null || found.isEmpty()) {
        throw invalid(name, "there is no such store");
      }
      return found;
    };
  }

  /**
   * Stores in a directory as Notation lays it out: {@code x509/TYPE/NAME/FILE}, each file PEM or
   * DER. Read when needed.
   *
   * <p>Symbolic links and sub-directories are refused, and every certificate must be an authority
   * or self-signed, so that nobody turns a signer's certificate into a root by mistake.
   */
  static TrustStore directory(Path directory) {
    return name -> {
      Path store = directory.resolve("x509").resolve(name.type()).resolve(name.name());
      if (!Files.isDirectory(store, LinkOption.NOFOLLOW_LINKS)) {
        throw invalid(name, "there is no directory " + store);
      }
      List<Path> files = new ArrayList<>();
      try (DirectoryStream<Path> listed = Files.newDirectoryStream(store)) {
        listed.forEach(files::add);
      } catch (IOException e) {
        throw invalid(name, store + " cannot be read: " + e);
      }
      Collections.sort(files);
      List<X509Certificate> all = new ArrayList<>();
      for (Path file : files) {
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
          throw invalid(name, file + " is not a regular file (links and directories are refused)");
        }
        all.addAll(read(name, file));
      }
      if (all.isEmpty()) {
        throw invalid(name, store + " holds no certificate");
      }
      return List.copyOf(all);
    };
  }

  /**
   * Whether a certificate is fit for a store: an authority, or self-signed, so that nobody turns a
   * signer's certificate into a root by mistake.
   */
  static boolean mayBeRoot(X509Certificate certificate) {
    return certificate.getBasicConstraints() >= 0
        || Certificates.isIssuedBy(certificate, certificate);
  }

  private static List<X509Certificate> read(Name name, Path file) {
    List<X509Certificate> certificates;
    try {
      certificates = KeyFiles.certificates(file);
    } catch (BullaException e) {
      throw invalid(name, e.reason());
    }
    for (X509Certificate certificate : certificates) {
      if (!mayBeRoot(certificate)) {
        throw invalid(
            name, file + " holds a certificate that is neither an authority nor self-signed");
      }
    }
    return certificates;
  }

  private static BullaException invalid(Name name, String why) {
    return new BullaException(
        ErrorCode.TRUST_STORE_INVALID,
        "trust store %s: %s".formatted(name, why),
        "Put the certificates into x509/%s/%s of the trust store directory."
            .formatted(name.type(), name.name()));
  }
}
