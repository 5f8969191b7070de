package dev.bulla.keys;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CRL;
import java.security.cert.CertPathBuilder;
import java.security.cert.CertStore;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.PKIXRevocationChecker;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.CertPathTrustManagerParameters;
import javax.net.ssl.ManagerFactoryParameters;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Whose certificates callers may show: authorities in a PEM file and, if there are any, their
 * revocation lists (RFC 5280 section 5), PEM or DER, one after the other in a file.
 *
 * <p><b>Fail closed.</b> With lists, every certificate of a chain below the authority must be
 * decided by a list of its issuer that is current: one that is not on the list, or whose issuer has
 * none or an old one, is not believed. Nothing is fetched.
 *
 * <p>The lists are looked at again while connections and requests come in, so a new one counts
 * without a restart, also for connections that are open ({@link #isTrusted}). What cannot be read
 * changes nothing; the last good lists stay until they are too old. Thread-safe.
 */
public final class ClientAuthorities {
  private static final Duration LOOKED_AT = Duration.ofSeconds(1);
  private static final Duration REMEMBERED = Duration.ofSeconds(10);
  private static final int MAX_REMEMBERED = 1_000;
  private static final long MAX_LISTS = 64L * 1024 * 1024;

  /** Any will do: nothing depends on how a client's key will be used. */
  private static final String KEY_USE = "UNKNOWN";

  private record Current(Object stamp, X509ExtendedTrustManager manager) {}

  private record Verdict(Object stamp, Instant at, boolean trusted) {}

  private final KeyStore authorities;
  private final Optional<Path> lists;
  private final InstantSource clock;
  private final Map<X509Certificate, Verdict> verdicts = new ConcurrentHashMap<>();
  private volatile Current current;
  private volatile Instant looked;

  private ClientAuthorities(Path authorities, Optional<Path> lists, InstantSource clock) {
    this.authorities = read(authorities);
    this.lists = lists;
    this.clock = clock;
    this.looked = clock.instant();
    this.current = load();
  }

  /**
   * @param lists empty believes every certificate until it ends
   * @throws BullaException {@link ErrorCode#FILE_NOT_FOUND}, {@link ErrorCode#KEY_INVALID}
   */
  public static ClientAuthorities open(
      Path authorities, Optional<Path> lists, InstantSource clock) {
    return new ClientAuthorities(authorities, lists, clock);
  }

  /** Whether a certificate can end before its time. */
  public boolean hasLists() {
    return lists.isPresent();
  }

  /** Whether a chain that was believed when its connection began still is. */
  public boolean isTrusted(List<X509Certificate> chain) {
    Current now = current();
    Instant time = clock.instant();
    Verdict known = verdicts.get(chain.getFirst());
    if (known != null
        && known.stamp().equals(now.stamp())
        && Duration.between(known.at(), time).abs().compareTo(REMEMBERED) < 0) {
      return known.trusted();
    }
    boolean trusted;
    try {
      now.manager().checkClientTrusted(chain.toArray(X509Certificate[]::new), KEY_USE);
      trusted = true;
    } catch (CertificateException e) {
      trusted = false;
    }
    if (verdicts.size() >= MAX_REMEMBERED) {
      verdicts.clear();
    }
    verdicts.put(chain.getFirst(), new Verdict(now.stamp(), time, trusted));
    return trusted;
  }

  /** Decides during handshakes, always by the current lists. */
  TrustManager trustManager() {
    return new CurrentTrust(() -> current().manager());
  }

  private Current current() {
    Instant now = clock.instant();
    if (lists.isEmpty() || Duration.between(looked, now).abs().compareTo(LOOKED_AT) < 0) {
      return current;
    }
    synchronized (this) {
      looked = now;
      try {
        if (!stamp(lists.get()).equals(current.stamp())) {
          current = load();
        }
      } catch (BullaException e) {
        System.getLogger("bulla.tls")
            .log(
                System.Logger.Level.WARNING,
                "the new revocation lists are not used: " + e.reason());
      }
      return current;
    }
  }

  private Current load() {
    try {
      TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
      Object stamp = "none";
      if (lists.isEmpty()) {
        factory.init(authorities);
      } else {
        stamp = stamp(lists.get());
        factory.init(revocable(lists.get()));
      }
      for (TrustManager one : factory.getTrustManagers()) {
        if (one instanceof X509ExtendedTrustManager manager) {
          return new Current(stamp, manager);
        }
      }
      throw new IllegalStateException("this Java runtime has no PKIX trust manager");
    } catch (GeneralSecurityException e) {
      throw new BullaException(
          ErrorCode.KEY_INVALID, "client certificates cannot be checked: " + e.getMessage(), e);
    }
  }

  private ManagerFactoryParameters revocable(Path file) throws GeneralSecurityException {
    PKIXRevocationChecker checker =
        (PKIXRevocationChecker) CertPathBuilder.getInstance("PKIX").getRevocationChecker();
    checker.setOptions(
        EnumSet.of(
            PKIXRevocationChecker.Option.PREFER_CRLS, PKIXRevocationChecker.Option.NO_FALLBACK));
    PKIXBuilderParameters parameters =
        new PKIXBuilderParameters(authorities, new X509CertSelector());
    parameters.addCertStore(
        CertStore.getInstance("Collection", new CollectionCertStoreParameters(readLists(file))));
    parameters.addCertPathChecker(checker);
    return new CertPathTrustManagerParameters(parameters);
  }

  private static Collection<? extends CRL> readLists(Path file) throws GeneralSecurityException {
    try {
      if (Files.size(file) > MAX_LISTS) {
        throw new BullaException(
            ErrorCode.INPUT_TOO_LARGE, "%s has more than %d bytes".formatted(file, MAX_LISTS));
      }
      Collection<? extends CRL> found =
          CertificateFactory.getInstance("X.509")
              .generateCRLs(new ByteArrayInputStream(Files.readAllBytes(file)));
      if (found.isEmpty()) {
        throw new BullaException(ErrorCode.KEY_INVALID, file + " holds no revocation list");
      }
      return found;
    } catch (IOException e) {
      throw new BullaException(ErrorCode.FILE_NOT_FOUND, "cannot read " + file, e);
    }
  }

  private static KeyStore read(Path file) {
    try {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      int number = 0;
      for (X509Certificate one : KeyFiles.certificates(file)) {
        store.setCertificateEntry("authority-" + number++, one);
      }
      return store;
    } catch (IOException e) {
      throw new IllegalStateException("an empty key store reads nothing", e);
    } catch (GeneralSecurityException e) {
      throw new BullaException(
          ErrorCode.KEY_INVALID, file + " holds no authorities: " + e.getMessage(), e);
    }
  }

  private static Object stamp(Path file) {
    try {
      return List.of(Files.getLastModifiedTime(file), Files.size(file), file.toRealPath());
    } catch (IOException e) {
      throw new BullaException(ErrorCode.FILE_NOT_FOUND, "cannot read " + file, e);
    }
  }
}
