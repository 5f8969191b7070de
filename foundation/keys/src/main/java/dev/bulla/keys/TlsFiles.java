package dev.bulla.keys;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * HTTPS with a certificate that somebody else has made: a PEM file with the chain, the leaf first,
 * and one with its key, for its owner only.
 *
 * <p>Both are looked at again while connections come in, so a renewed pair is used without a
 * restart. What cannot be read, or does not belong together because only one of the two has been
 * renewed so far, changes nothing: the last good pair stays. Thread-safe.
 */
public final class TlsFiles {
  private static final Duration LOOKED_AT = Duration.ofSeconds(1);
  private static final String ALIAS = "server";
  private static final int DNS = 2;
  private static final int IP = 7;

  private record Stamp(Object certificate, Object key) {}

  private record Pair(Stamp stamp, PrivateKey key, X509Certificate[] chain) {}

  private final Path certificate;
  private final Path key;
  private final InstantSource clock;
  private volatile Pair pair;
  private volatile Instant looked;

  private TlsFiles(Path certificate, Path key, InstantSource clock) {
    this.certificate = certificate;
    this.key = key;
    this.clock = clock;
    this.looked = clock.instant();
    this.pair = read(certificate, key);
  }

  /**
   * @throws BullaException {@link ErrorCode#FILE_NOT_FOUND}, {@link ErrorCode#KEY_INVALID}
   */
  public static TlsFiles open(Path certificate, Path key, InstantSource clock) {
    return new TlsFiles(certificate, key, clock);
  }

  /**
   * What a server answers with.
   *
   * @param clients whose certificates callers may show; empty asks callers for none
   */
  public SSLContext server(Optional<ClientAuthorities> clients, SecureRandom random) {
    try {
      TrustManager[] trusted =
          clients.stream().map(ClientAuthorities::trustManager).toArray(TrustManager[]::new);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(new KeyManager[] {new Renewed(this)}, trusted, random);
      return context;
    } catch (GeneralSecurityException e) {
      throw new BullaException(
          ErrorCode.KEY_INVALID, certificate + ": cannot be used for TLS: " + e.getMessage(), e);
    }
  }

  /** The names and addresses that the certificate is for, {@code *.} and all. */
  public List<String> names() {
    List<String> names = new ArrayList<>();
    try {
      Collection<List<?>> all = pair.chain()[0].getSubjectAlternativeNames();
      for (List<?> one : all == null ? List.<List<?>>of() : all) {
        String name = String.valueOf(one.get(1));
        if (Integer.valueOf(DNS).equals(one.get(0))) {
          names.add(name);
        } else if (Integer.valueOf(IP).equals(one.get(0))) {
          names.add(name.indexOf(':') < 0 ? name : "[" + name + "]");
        }
      }
    } catch (CertificateParsingException e) {
      throw new BullaException(
          ErrorCode.KEY_INVALID, certificate + ": its names cannot be read: " + e.getMessage(), e);
    }
    return names;
  }

  private Pair current() {
    Instant now = clock.instant();
    if (Duration.between(looked, now).abs().compareTo(LOOKED_AT) < 0) {
      return pair;
    }
    synchronized (this) {
      looked = now;
      try {
        if (!stamp(certificate, key).equals(pair.stamp())) {
          pair = read(certificate, key);
        }
      } catch (BullaException e) {
        System.getLogger("bulla.tls")
            .log(System.Logger.Level.WARNING, "the renewed certificate is not used: " + e.reason());
      }
      return pair;
    }
  }

  private static Pair read(Path certificate, Path key) {
    Stamp stamp = stamp(certificate, key);
    LocalSigner signer =
        KeyFiles.signer(key, PasswordSource.none()).withChain(KeyFiles.certificates(certificate));
    return new Pair(
        stamp, signer.privateKey(), signer.certificateChain().toArray(X509Certificate[]::new));
  }

  private static Stamp stamp(Path certificate, Path key) {
    return new Stamp(stamp(certificate), stamp(key));
  }

  private static Object stamp(Path file) {
    try {
      return List.of(Files.getLastModifiedTime(file), Files.size(file), file.toRealPath());
    } catch (IOException e) {
      throw new BullaException(ErrorCode.FILE_NOT_FOUND, "cannot read " + file, e);
    }
  }

  /** Offers the pair that is current when a connection comes in. */
  private static final class Renewed extends X509ExtendedKeyManager {
    private final TlsFiles files;

    Renewed(TlsFiles files) {
      this.files = files;
    }

    @Override
    public @Nullable String chooseEngineServerAlias(
        String keyType, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
      return fits(keyType) ? ALIAS : null;
    }

    @Override
    public @Nullable String chooseServerAlias(
        String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
      return fits(keyType) ? ALIAS : null;
    }

    @Override
    public X509Certificate @Nullable [] getCertificateChain(String alias) {
      return alias.equals(ALIAS) ? files.pair.chain().clone() : null;
    }

    @Override
    public @Nullable PrivateKey getPrivateKey(String alias) {
      return alias.equals(ALIAS) ? files.pair.key() : null;
    }

    @Override
    public String @Nullable [] getServerAliases(String keyType, Principal @Nullable [] issuers) {
      return fits(keyType) ? new String[] {ALIAS} : null;
    }

    @Override
    public String @Nullable [] getClientAliases(String keyType, Principal @Nullable [] issuers) {
      return null;
    }

    @Override
    public @Nullable String chooseClientAlias(
        String[] keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
      return null;
    }

    /** RSA and EC by their own names; TLS 1.2 asks as {@code EC_EC} too. */
    private boolean fits(String keyType) {
      String algorithm = files.current().key().getAlgorithm();
      return keyType.equals(algorithm)
          || keyType.startsWith(algorithm + "_")
          || algorithm.equals("EdDSA") && keyType.startsWith("Ed");
    }
  }
}
