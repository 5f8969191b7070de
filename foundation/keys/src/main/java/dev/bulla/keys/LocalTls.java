package dev.bulla.keys;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/**
 * HTTPS for servers of this machine: an authority of its own that can certify nothing but loopback
 * names (RFC 5280 section 4.2.1.10), and one certificate for all of them. It has nothing to do with
 * the signing identity.
 *
 * <p>Four files in one directory (mode 0700): {@code authority.crt} (to be given to clients),
 * {@code authority.key} (0600), {@code server.crt} (leaf and authority), {@code server.key} (0600).
 */
public final class LocalTls {
  private static final String AUTHORITY = "authority.crt";
  private static final String AUTHORITY_KEY = "authority.key";
  private static final String SERVER = "server.crt";
  private static final String SERVER_KEY = "server.key";
  private static final Duration RENEWED_BEFORE = Duration.ofDays(30);
  private static final char[] NO_PASSWORD = {};

  private LocalTls() {}

  /** The file that clients such as curl, crane and docker have to trust. */
  public static Path authority(Path directory) {
    return directory.resolve(AUTHORITY);
  }

  /**
   * What a server answers with: the certificate in {@code directory}, made if there is none and
   * renewed a month before it ends.
   *
   * @throws BullaException {@link ErrorCode#KEY_INVALID} for files that do not belong together or
   *     that others may read, {@link ErrorCode#HOME_UNUSABLE} if the directory cannot be written
   */
  public static SSLContext server(Path directory, InstantSource clock, SecureRandom random) {
    PrivateFiles.createDirectory(directory);
    LocalSigner leaf =
        CreationLock.whileHeld(
            directory,
            () -> {
              CertificateMaker maker = new CertificateMaker(clock.instant(), random);
              LocalSigner authority = authority(directory, maker, random);
              return leaf(directory, maker, authority, clock, random);
            });
    try {
      KeyStore keys = empty();
      X509Certificate[] chain = leaf.certificateChain().toArray(X509Certificate[]::new);
      keys.setKeyEntry("server", leaf.privateKey(), NO_PASSWORD, chain);
      KeyManagerFactory factory =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      factory.init(keys, NO_PASSWORD);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(factory.getKeyManagers(), null, random);
      return context;
    } catch (GeneralSecurityException e) {
      throw new BullaException(
          ErrorCode.KEY_INVALID, directory + ": cannot be used for TLS: " + e.getMessage(), e);
    }
  }

  /** What a client of this machine trusts: the authority of {@code directory} besides the usual. */
  public static Optional<SSLContext> client(Path directory) {
    if (!Files.exists(authority(directory))) {
      return Optional.empty();
    }
    X509Certificate own = KeyFiles.certificates(authority(directory)).getFirst();
    try {
      KeyStore trusted = empty();
      trusted.setCertificateEntry("bulla", own);
      int number = 0;
      for (X509Certificate root : usualRoots()) {
        trusted.setCertificateEntry("root-" + number++, root);
      }
      TrustManagerFactory factory = trustManagers();
      factory.init(trusted);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, factory.getTrustManagers(), null);
      return Optional.of(context);
    } catch (GeneralSecurityException e) {
      throw new BullaException(
          ErrorCode.KEY_INVALID,
          authority(directory) + ": cannot be trusted: " + e.getMessage(),
          e);
    }
  }

  private static LocalSigner authority(
      Path directory, CertificateMaker maker, SecureRandom random) {
    Path key = directory.resolve(AUTHORITY_KEY);
    if (Files.exists(key)) {
      return open(key, authority(directory));
    }
    KeyPair pair = SigningIdentity.newKey(random);
    X509Certificate certificate = maker.tlsAuthority(pair);
    LocalSigner signer = signer(pair).withChain(List.of(certificate));
    PrivateFiles.delete(authority(directory));
    PrivateFiles.createPublic(authority(directory), Certificates.pem(List.of(certificate)));
    KeyFiles.write(key, signer);
    return signer;
  }

  private static LocalSigner leaf(
      Path directory,
      CertificateMaker maker,
      LocalSigner authority,
      InstantSource clock,
      SecureRandom random) {
    Path key = directory.resolve(SERVER_KEY);
    Path chain = directory.resolve(SERVER);
    X509Certificate issuer = authority.certificateChain().getFirst();
    if (Files.exists(key)) {
      LocalSigner opened = open(key, chain);
      X509Certificate certificate = opened.certificateChain().getFirst();
      Date soon = Date.from(clock.instant().plus(RENEWED_BEFORE));
      if (certificate.getNotAfter().after(soon) && Certificates.isIssuedBy(certificate, issuer)) {
        return opened;
      }
    }
    KeyPair pair = SigningIdentity.newKey(random);
    X509Certificate certificate =
        maker.tlsServer(
            pair.getPublic(), new KeyPair(authority.publicKey(), authority.privateKey()), issuer);
    LocalSigner signer = signer(pair).withChain(List.of(certificate, issuer));
    PrivateFiles.delete(key);
    PrivateFiles.delete(chain);
    PrivateFiles.createPublic(chain, Certificates.pem(signer.certificateChain()));
    KeyFiles.write(key, signer);
    return signer;
  }

  private static LocalSigner open(Path key, Path chain) {
    return KeyFiles.signer(key, PasswordSource.none()).withChain(KeyFiles.certificates(chain));
  }

  private static LocalSigner signer(KeyPair pair) {
    return new LocalSigner(pair.getPrivate(), PublicKeyVerifier.of(pair.getPublic()), List.of());
  }

  private static KeyStore empty() throws GeneralSecurityException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    try {
      store.load(null, null);
    } catch (IOException e) {
      throw new IllegalStateException("an empty key store reads nothing", e);
    }
    return store;
  }

  private static X509Certificate[] usualRoots() throws GeneralSecurityException {
    TrustManagerFactory factory = trustManagers();
    factory.init((KeyStore) null);
    for (TrustManager manager : factory.getTrustManagers()) {
      if (manager instanceof X509TrustManager roots) {
        return roots.getAcceptedIssuers();
      }
    }
    return new X509Certificate[0];
  }

  private static TrustManagerFactory trustManagers() throws GeneralSecurityException {
    return TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
  }
}
