package dev.bulla.keys;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/**
 * A key with a certificate chain of its own making: what a laptop or a small team signs with before
 * there is a certificate authority.
 *
 * <p>Five files in one directory (mode 0700): {@code signing.key} (PKCS#8, 0600), {@code
 * signing.crt} (leaf and root, PEM), {@code signing.pub} (for {@code cosign verify --key}), {@code
 * root.crt} (for a Notation trust store), {@code root.key} (0600). The signing key is written last:
 * without it there is no identity.
 *
 * @param signer signs with {@code signing.key} and carries the chain
 * @param root the certificate to put into a trust store
 */
public record SigningIdentity(LocalSigner signer, X509Certificate root) {
  private static final String KEY = "signing.key";
  private static final String CHAIN = "signing.crt";
  private static final String PUBLIC = "signing.pub";
  private static final String ROOT = "root.crt";
  private static final String ROOT_KEY = "root.key";

  /**
   * Whether {@code directory} holds an identity; a key that is a link counts even if the link leads
   * nowhere just now.
   */
  public static boolean exists(Path directory) {
    return Files.exists(directory.resolve(KEY), LinkOption.NOFOLLOW_LINKS);
  }

  /**
   * Makes a root authority and a code-signing certificate (both ECDSA P-256) and writes the files.
   *
   * <p>Of several processes that do this at once, one makes the identity and the others are told of
   * the conflict. A creation that is killed leaves no identity, and nothing that hinders the next.
   *
   * @param clock the certificates are valid from five minutes before its time: leaf three years,
   *     root ten
   * @param name the common name of the signer, such as the user's name; shown in every verification
   * @throws BullaException {@link ErrorCode#CONFLICT} if the directory already holds an identity
   */
  public static SigningIdentity create(
      Path directory, InstantSource clock, SecureRandom random, String name) {
    PrivateFiles.createDirectory(directory);
    return CreationLock.whileHeld(
            directory,
            () ->
                exists(directory)
                    ? Optional.<SigningIdentity>empty()
                    : Optional.of(make(directory, clock, random, name)))
        .orElseThrow(() ->
            new BullaException(
                ErrorCode.CONFLICT,
                directory.resolve(KEY) + ": there is a signing identity already",
                "Use it, or move the directory away to make a new one."));
  }

  private static SigningIdentity make(
      Path directory, InstantSource clock, SecureRandom random, String name) {
    KeyPair rootPair = newKey(random);
    KeyPair pair = newKey(random);
    CertificateMaker maker = new CertificateMaker(clock.instant(), random);
    X509Certificate root = maker.root(rootPair, name + " root");
    X509Certificate leaf = maker.codeSigning(pair.getPublic(), rootPair, root, name);
    LocalSigner signer =
        new LocalSigner(pair.getPrivate(), PublicKeyVerifier.of(pair.getPublic()), List.of())
            .withChain(List.of(leaf, root));
    LocalSigner rootSigner =
        new LocalSigner(
            rootPair.getPrivate(), PublicKeyVerifier.of(rootPair.getPublic()), List.of());
    removeLeftovers(directory);
    KeyFiles.write(directory.resolve(ROOT_KEY), rootSigner);
    PrivateFiles.createPublic(directory.resolve(ROOT), Certificates.pem(List.of(root)));
    PrivateFiles.createPublic(
        directory.resolve(CHAIN), Certificates.pem(signer.certificateChain()));
    PrivateFiles.createPublic(directory.resolve(PUBLIC), KeyFiles.publicKeyPem(signer.verifier()));
    KeyFiles.write(directory.resolve(KEY), signer);
    return new SigningIdentity(signer, root);
  }

  /**
   * Reads an identity and checks that its files belong together.
   *
   * @throws BullaException {@link ErrorCode#FILE_NOT_FOUND}, {@link ErrorCode#KEY_INVALID} (loose
   *     mode, files of different identities)
   */
  public static SigningIdentity open(Path directory) {
    LocalSigner key = KeyFiles.signer(directory.resolve(KEY), PasswordSource.none());
    List<X509Certificate> chain = KeyFiles.certificates(directory.resolve(CHAIN));
    LocalSigner signer = key.withChain(chain);
    X509Certificate root = KeyFiles.certificates(directory.resolve(ROOT)).getFirst();
    PublicKeyVerifier published = KeyFiles.verifier(directory.resolve(PUBLIC));
    if (!published.equals(signer.verifier()) || !root.equals(chain.getLast())) {
      throw new BullaException(
          ErrorCode.KEY_INVALID,
          directory
              + ": "
              + PUBLIC
              + ", "
              + ROOT
              + " and "
              + KEY
              + " belong to different identities",
          "Restore the directory from a copy, or move it away to make a new identity.");
    }
    return new SigningIdentity(signer, root);
  }

  /**
   * Opens the identity of {@code directory}, making it first if there is none; whoever comes second
   * opens the first's.
   */
  public static SigningIdentity openOrCreate(
      Path directory, InstantSource clock, SecureRandom random, String name) {
    if (exists(directory)) {
      return open(directory);
    }
    PrivateFiles.createDirectory(directory);
    return CreationLock.whileHeld(
        directory,
        () -> exists(directory) ? open(directory) : make(directory, clock, random, name));
  }

  /** The public key file of an identity's directory, for {@code cosign verify --key}. */
  public static Path publicKeyFile(Path directory) {
    return directory.resolve(PUBLIC);
  }

  /** Names the key and the signer, never the key itself. */
  @Override
  public String toString() {
    X509Certificate leaf = signer.certificateChain().getFirst();
    return "signing identity '%s' with %s"
        .formatted(leaf.getSubjectX500Principal(), signer.verifier());
  }

  /** A new ECDSA P-256 key. */
  static KeyPair newKey(SecureRandom random) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"), random);
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java runtime cannot make a P-256 key", e);
    }
  }

  /**
   * What a creation that was cut off left behind; nothing in it was ever used, for the signing key
   * comes last.
   */
  private static void removeLeftovers(Path directory) {
    PrivateFiles.deleteUnfinished(directory.resolve(KEY));
    for (String name : List.of(ROOT_KEY, ROOT, CHAIN, PUBLIC)) {
      PrivateFiles.deleteUnfinished(directory.resolve(name));
      PrivateFiles.delete(directory.resolve(name));
    }
  }
}
