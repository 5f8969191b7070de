package dev.bulla.keys;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.RSAPublicKey;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;

/**
 * Reads and writes key files. In PEM: private keys as PKCS#8 (encrypted too), SEC1, PKCS#1 or
 * cosign's encrypted form, public keys as SubjectPublicKeyInfo or PKCS#1, certificates. PKCS#12 is
 * read.
 *
 * <p>All methods are thread-safe and keep nothing.
 */
public final class KeyFiles {
  private static final String PUBLIC_KEY = "PUBLIC KEY";
  private static final String RSA_PUBLIC_KEY = "RSA PUBLIC KEY";
  private static final String PRIVATE_KEY = "PRIVATE KEY";

  private KeyFiles() {}

  /**
   * The signer of a private key file. A key that is not encrypted must be readable by its owner
   * only.
   *
   * @throws BullaException {@link ErrorCode#FILE_NOT_FOUND}, {@link ErrorCode#KEY_INVALID}
   *     (unreadable, loose mode, wrong password), {@link ErrorCode#KEY_UNSUPPORTED}
   */
  public static LocalSigner signer(Path file, PasswordSource passwords) {
    return signer(file, passwords, Optional.empty());
  }

  /**
   * As {@link #signer(Path, PasswordSource)}, also out of a PKCS#12 file, with the chain in it.
   *
   * @param alias of the key, needed if the PKCS#12 file holds several; nothing else has aliases
   */
  public static LocalSigner signer(Path file, PasswordSource passwords, Optional<String> alias) {
    byte[] text = PrivateFiles.read(file);
    try {
      if (Pkcs12File.looksLikeOne(text)) {
        return signer(text, passwords, alias, file.toString());
      }
      if (!isEncrypted(privateBlock(text, file.toString()))) {
        PrivateFiles.checkOwnerOnly(file);
      }
      return signer(text, passwords, alias, file.toString());
    } finally {
      Arrays.fill(text, (byte) 0);
    }
  }

  /**
   * The signer of a private key in PEM or of a PKCS#12 file's content.
   *
   * @param name of the key, for errors and for the password source
   */
  public static LocalSigner signer(
      byte[] content, PasswordSource passwords, Optional<String> alias, String name) {
    if (Pkcs12File.looksLikeOne(content)) {
      try (Secret password = passwords.passwordFor(name)) {
        return Pkcs12File.signer(content, password, alias, name);
      }
    }
    if (alias.isPresent()) {
      throw new BullaException(
          ErrorCode.USAGE,
          "%s: only keys in a PKCS#12 file have an alias, and this is none".formatted(name));
    }
    return signer(content, passwords, name);
  }

  /**
   * The signer of a private key in PEM.
   *
   * @param name of the key, for errors and for the password source
   */
  public static LocalSigner signer(byte[] pem, PasswordSource passwords, String name) {
    Pem block = privateBlock(pem, name);
    byte[] pkcs8 =
        switch (block.label()) {
          case PRIVATE_KEY -> block.content();
          case "EC PRIVATE KEY" -> PrivateKeys.fromSec1(block.content(), name);
          case "RSA PRIVATE KEY" -> PrivateKeys.fromPkcs1(block.content(), name);
          case EncryptedPkcs8.LABEL -> {
            try (Secret password = passwords.passwordFor(name)) {
              yield EncryptedPkcs8.decrypt(block.content(), password, name);
            }
          }
          case CosignKeyFile.LABEL, CosignKeyFile.OLD_LABEL -> {
            try (Secret password = passwords.passwordFor(name)) {
              yield CosignKeyFile.decrypt(block.content(), password, name);
            }
          }
          default ->
              throw new BullaException(
                  ErrorCode.KEY_UNSUPPORTED,
                  name
                      + ": a PEM block '"
                      + Shown.text(block.label())
                      + "' is not a supported private key",
                  "Convert it: openssl pkcs8 -topk8 -nocrypt -in OLD -out NEW.");
        };
    try {
      return PrivateKeys.fromPkcs8(pkcs8, name);
    } finally {
      Arrays.fill(pkcs8, (byte) 0);
    }
  }

  /**
   * The DER SubjectPublicKeyInfo of the first {@code PUBLIC KEY} or {@code RSA PUBLIC KEY} (PKCS#1)
   * block, or of the first certificate.
   *
   * @param name of the key, for errors
   * @throws BullaException {@link ErrorCode#KEY_INVALID} if there is neither
   */
  public static byte[] publicKey(byte[] pem, String name) {
    for (Pem block : Pem.parse(pem, name)) {
      switch (block.label()) {
        case PUBLIC_KEY -> {
          return block.content();
        }
        case RSA_PUBLIC_KEY -> {
          return wrapped(block.content(), name);
        }
        case Certificates.LABEL -> {
          return PublicKeyVerifier.encoded(
              Certificates.parse(block.content(), name).getPublicKey());
        }
        default -> {}
      }
    }
    throw new BullaException(
        ErrorCode.KEY_INVALID,
        name + ": no public key in it",
        "Give a PEM file that begins with -----BEGIN PUBLIC KEY-----.");
  }

  private static byte[] wrapped(byte[] pkcs1, String name) {
    try {
      return new SubjectPublicKeyInfo(
              new AlgorithmIdentifier(PKCSObjectIdentifiers.rsaEncryption, DERNull.INSTANCE),
              RSAPublicKey.getInstance(pkcs1))
          .getEncoded(ASN1Encoding.DER);
    } catch (IllegalArgumentException | IOException e) {
      throw new BullaException(ErrorCode.KEY_INVALID, name + ": no RSA public key in it", e);
    }
  }

  /**
   * The verifier of a file in which a public key or certificate stands before any private key;
   * empty for another file.
   */
  public static Optional<PublicKeyVerifier> published(Path file) {
    return published(PrivateFiles.read(file), file.toString());
  }

  /**
   * As {@link #published(Path)} of what such a file would hold.
   *
   * @param name of the key, for errors
   */
  public static Optional<PublicKeyVerifier> published(byte[] text, String name) {
    if (Pkcs12File.looksLikeOne(text)) {
      return Optional.empty();
    }
    return Pem.parse(text, name).stream()
        .filter(block -> block.label().equals(Certificates.LABEL) || block.label().endsWith(" KEY"))
        .findFirst()
        .filter(first -> !first.label().endsWith(PRIVATE_KEY))
        .map(first -> PublicKeyVerifier.ofPem(text, name));
  }

  /** The verifier of a public key file or certificate file. */
  public static PublicKeyVerifier verifier(Path file) {
    return PublicKeyVerifier.ofPem(PrivateFiles.read(file), file.toString());
  }

  /** All certificates of a PEM or DER file, in order. */
  public static List<X509Certificate> certificates(Path file) {
    return Certificates.parseAll(PrivateFiles.read(file), file.toString());
  }

  /** The PEM text of a public key, as cosign reads it. */
  public static byte[] publicKeyPem(PublicKeyVerifier key) {
    return ascii(Pem.encode(PUBLIC_KEY, key.subjectPublicKeyInfo()));
  }

  /**
   * Writes a private key as PKCS#8 with mode 0600 from its first moment.
   *
   * @throws BullaException {@link ErrorCode#CONFLICT} if the file exists
   */
  public static void write(Path file, LocalSigner signer) {
    byte[] pkcs8 = encoded(signer.privateKey());
    try {
      PrivateFiles.createSecret(file, ascii(Pem.encode(PRIVATE_KEY, pkcs8)));
    } finally {
      Arrays.fill(pkcs8, (byte) 0);
    }
  }

  /**
   * Writes a private key encrypted as cosign does, with mode 0600; {@link ErrorCode#CONFLICT} if
   * the file exists.
   */
  public static void writeEncrypted(
      Path file, LocalSigner signer, Secret password, SecureRandom random) {
    byte[] pkcs8 = encoded(signer.privateKey());
    try {
      byte[] json = CosignKeyFile.encrypt(pkcs8, password, random);
      PrivateFiles.createSecret(file, ascii(Pem.encode(CosignKeyFile.LABEL, json)));
    } finally {
      Arrays.fill(pkcs8, (byte) 0);
    }
  }

  private static Pem privateBlock(byte[] pem, String name) {
    return Pem.parse(pem, name).stream()
        .filter(block -> block.label().endsWith(PRIVATE_KEY))
        .findFirst()
        .orElseThrow(() ->
            new BullaException(
                ErrorCode.KEY_INVALID,
                name + ": no private key in it",
                "Give a PEM file with a PKCS#8, EC, RSA or cosign private key."));
  }

  private static boolean isEncrypted(Pem block) {
    return block.label().startsWith("ENCRYPTED ");
  }

  private static byte[] encoded(PrivateKey key) {
    byte[] encoded = key.getEncoded();
    if (encoded == null) {
      throw new BullaException(
          ErrorCode.KEY_UNSUPPORTED, "the private key cannot be written to a file");
    }
    return encoded;
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
