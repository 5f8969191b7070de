package dev.bulla.cli.command;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.keys.Certificates;
import dev.bulla.keys.KeyFiles;
import dev.bulla.signing.authority.AuthorityPolicy;
import dev.bulla.signing.authority.PolicyFiles;
import dev.bulla.signing.pack.EvidencePack;
import dev.bulla.signing.pack.PackManifest;
import dev.bulla.signing.pack.RecordedRevocation;
import dev.bulla.signing.pack.WritePack;
import dev.bulla.signing.trust.TrustStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What images are judged by, into an evidence pack and out of it again: the options of {@code
 * verify}, and the files that they name.
 */
final class PackedTrust {
  private static final Set<String> FILES =
      Set.of(
          "--key",
          "--certificate",
          "--sct",
          "--trusted-root",
          "--trust",
          "--policy",
          "--trust-policy",
          "--trust-store",
          "--crl",
          "--ocsp-response");

  /** What else may be in a pack: nothing that reaches out of it, such as plugins. */
  private static final Set<String> VALUES =
      Set.of(
          "--accept-unknown-critical-attributes",
          "--certificate-claim",
          "--certificate-github-workflow-name",
          "--certificate-github-workflow-ref",
          "--certificate-github-workflow-repository",
          "--certificate-github-workflow-sha",
          "--certificate-github-workflow-trigger",
          "--certificate-identity",
          "--certificate-identity-regexp",
          "--certificate-oidc-issuer",
          "--certificate-oidc-issuer-regexp",
          "--check-claims",
          "--hash",
          "--insecure-ignore-tlog",
          "--max-signatures",
          "--require-log",
          "--require-timestamp",
          "--scope",
          "--type",
          "--user-metadata");

  private static final int MAX_STORE_FILES = 1000;

  private final Session session;
  private final JudgeOptions options;
  private final GivenOptions given;
  private final WritePack pack;

  PackedTrust(Session session, JudgeOptions options, WritePack pack) {
    this.session = session;
    this.options = options;
    this.given = GivenOptions.of(options);
    this.pack = pack;
  }

  /** Puts everything into the pack. */
  void write(RecordedRevocation asked) {
    given
        .values()
        .forEach((name, values) -> {
          for (int i = 0; i < values.size(); i++) {
            option(name, values.get(i), i);
          }
        });
    options
        .notationPlace(session)
        .filter(place -> !given.has("--trust-policy"))
        .ifPresent(place -> {
          single("--trust-policy", place.policy(), 0);
          store(place.store());
        });
    if ((given.namesIdentity() || given.has("--trust")) && !given.has("--trusted-root")) {
      fetchedRoot();
    }
    for (int i = 0; i < asked.lists().size(); i++) {
      revocation("--crl", "trust/revocation/list-%d.crl".formatted(i), asked.lists().get(i));
    }
    for (int i = 0; i < asked.responses().size(); i++) {
      String name = "trust/revocation/response-%d.ocsp".formatted(i);
      revocation("--ocsp-response", name, asked.responses().get(i));
    }
  }

  private void option(String name, String value, int number) {
    switch (name) {
      case "--trust" -> authorities(session.existing(value));
      case "--key" -> key();
      case "--trust-store" -> store(session.path(value));
      default -> {
        if (FILES.contains(name)) {
          single(name, session.existing(value), number);
        } else if (VALUES.contains(name)) {
          pack.option(name, value);
        }
      }
    }
  }

  /** The public key alone, wherever it was: years later no token need be at hand. */
  private void key() {
    String name = "trust/key-0/key.pub";
    pack.file(name, KeyFiles.publicKeyPem(options.publicKey(session)));
    pack.fileOption("--key", name);
  }

  private void single(String option, Path file, int number) {
    String name = "trust/%s-%d/%s".formatted(option.substring(2), number, safe(file));
    pack.file(name, InputFiles.read(session, file.toString()));
    pack.fileOption(option, name);
  }

  private void revocation(String option, String name, byte[] content) {
    pack.file(name, content);
    pack.fileOption(option, name);
  }

  private static String safe(Path file) {
    return String.valueOf(file.getFileName()).replaceAll("[^A-Za-z0-9._-]", "_");
  }

  /** The root that was fetched, without which nobody could judge identities later. */
  private void fetchedRoot() {
    String cache = given.has("--trusted-root-cache") ? given.value("--trusted-root-cache") : null;
    CachedTrust.find(session, cache, given.has("--offline"))
        .ifPresent(root ->
            revocation(
                "--trusted-root", "trust/trusted-root-0/trusted_root.json", root.trustedRoot()));
  }

  private void store(Path directory) {
    Path x509 = directory.resolve("x509");
    try (Stream<Path> below = Files.walk(x509, 3)) {
      List<Path> files =
          below
              .filter(one -> Files.isRegularFile(one, LinkOption.NOFOLLOW_LINKS))
              .sorted()
              .toList();
      if (files.size() > MAX_STORE_FILES) {
        throw new BullaException(
            ErrorCode.TRUST_STORE_INVALID,
            "%s: more than %d files".formatted(directory, MAX_STORE_FILES));
      }
      for (Path file : files) {
        String relative = x509.relativize(file).toString().replace('\\', '/');
        pack.file("trust/trust-store/x509/" + relative, InputFiles.read(session, file.toString()));
      }
    } catch (IOException e) {
      throw new BullaException(
          ErrorCode.TRUST_STORE_INVALID, "cannot read %s: %s".formatted(x509, e), e);
    }
    pack.fileOption("--trust-store", "trust/trust-store");
  }

  /** A trust policy with every file that it names, under the names that it has for them. */
  private void authorities(Path file) {
    byte[] bytes = InputFiles.read(session, file.toString());
    PolicyFiles beside = PolicyFiles.beside(file);
    PolicyFiles recording =
        new PolicyFiles() {
          @Override
          public byte[] read(String path) {
            byte[] content = beside.read(path);
            pack.file(below(path), content);
            return content;
          }

          @Override
          public TrustStore store(String path) {
            TrustStore store = beside.store(path);
            return name -> {
              var certificates = store.certificates(name);
              String place =
                  "%s/x509/%s/%s/certificates.pem".formatted(below(path), name.type(), name.name());
              pack.file(place, Certificates.pem(certificates));
              return certificates;
            };
          }
        };
    AuthorityPolicy.parse(bytes, file.toString(), recording, options.defaultRoot(session));
    pack.file("trust/trust-0/" + safe(file), bytes);
    pack.fileOption("--trust", "trust/trust-0/" + safe(file));
  }

  private static String below(String path) {
    Path relative = Path.of(path).normalize();
    if (relative.isAbsolute() || relative.startsWith("..")) {
      throw new BullaException(
          ErrorCode.USAGE,
          "the trust policy names %s, which is not below its own directory"
              .formatted(Shown.text(path)),
          "A pack keeps the names; put the file beside the trust policy.");
    }
    return "trust/trust-0/" + relative.toString().replace('\\', '/');
  }

  /**
   * The options of a pack as a command line has them, with the files where they were unpacked.
   *
   * @throws BullaException {@link ErrorCode#EVIDENCE_PACK_INVALID} for an option that may not be
   *     there, or a file that is not
   */
  static List<String> arguments(PackManifest manifest, Path unpacked) {
    List<String> all = new ArrayList<>();
    for (PackManifest.TrustOption one : manifest.trust()) {
      boolean isFile = FILES.contains(one.name());
      if (isFile != one.file() || !isFile && !VALUES.contains(one.name())) {
        throw invalid("the option %s may not be in a pack".formatted(Shown.text(one.name())));
      }
      String value = one.value();
      if (isFile) {
        Path file = EvidencePack.within(unpacked, value);
        if (!Files.exists(file)) {
          throw invalid("%s names %s, which is not in it".formatted(one.name(), Shown.text(value)));
        }
        value = file.toString();
      }
      all.add(value.isEmpty() ? one.name() : one.name() + "=" + value);
    }
    return all;
  }

  /**
   * Reads the trust policy of a pack once, so that one that names files outside the pack is refused
   * before anything else reads them.
   */
  static void confine(Session session, JudgeOptions options) {
    GivenOptions given = GivenOptions.of(options);
    if (!given.has("--trust")) {
      return;
    }
    Path file = Path.of(given.value("--trust"));
    PolicyFiles beside = PolicyFiles.beside(file);
    PolicyFiles confined =
        new PolicyFiles() {
          @Override
          public byte[] read(String path) {
            below(path);
            return beside.read(path);
          }

          @Override
          public TrustStore store(String path) {
            below(path);
            return beside.store(path);
          }
        };
    byte[] bytes = InputFiles.read(session, file.toString());
    AuthorityPolicy.parse(bytes, file.toString(), confined, options.defaultRoot(session));
  }

  /** Only the answers about revocation, which harm nobody: they are signed. */
  static List<String> revocation(PackManifest manifest, Path unpacked) {
    return arguments(manifest, unpacked).stream()
        .filter(one -> one.startsWith("--crl=") || one.startsWith("--ocsp-response="))
        .toList();
  }

  private static BullaException invalid(String why) {
    return new BullaException(ErrorCode.EVIDENCE_PACK_INVALID, "evidence pack: " + why);
  }
}
