package dev.bulla.keys;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.UnrecoverableKeyException;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * PKCS#12 files (RFC 7292): a private key with its certificate chain, under one password. The JDK
 * reads them and bounds their iterations.
 */
final class Pkcs12File {
  private static final int MAX_ENTRIES = 64;

  private Pkcs12File() {}

  /** Whether the bytes begin as a PFX does: a sequence whose first element is the version 3. */
  static boolean looksLikeOne(byte[] content) {
    if (content.length < 8 || content[0] != 0x30) {
      return false;
    }
    int length = content[1] & 0xff;
    int at = length < 128 ? 2 : 2 + (length & 0x7f);
    return at + 3 <= content.length
        && content[at] == 2
        && content[at + 1] == 1
        && content[at + 2] == 3;
  }

  /**
   * The key under {@code alias}, or the only one, with its chain.
   *
   * @throws BullaException {@link ErrorCode#KEY_INVALID} for a wrong password, a damaged file, an
   *     alias that is not there, or several keys and no alias
   */
  static LocalSigner signer(byte[] content, Secret password, Optional<String> alias, String what) {
    char[] characters = characters(password);
    try {
      KeyStore store = load(content, characters, what);
      String chosen = choose(store, alias, what);
      Key key = store.getKey(chosen, characters);
      if (!(key instanceof PrivateKey)) {
        throw new BullaException(
            ErrorCode.KEY_INVALID, what + ": '" + Shown.text(chosen) + "' is no private key");
      }
      byte[] pkcs8 = key.getEncoded();
      LocalSigner signer = PrivateKeys.fromPkcs8(pkcs8, what);
      Arrays.fill(pkcs8, (byte) 0);
      List<X509Certificate> chain = chain(store.getCertificateChain(chosen), what);
      return chain.isEmpty() ? signer : signer.withChain(chain);
    } catch (UnrecoverableKeyException e) {
      throw wrongPassword(what, e);
    } catch (GeneralSecurityException e) {
      throw damaged(what, e);
    } finally {
      Arrays.fill(characters, '\0');
    }
  }

  private static KeyStore load(byte[] content, char[] password, String what)
      throws GeneralSecurityException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    try {
      store.load(new ByteArrayInputStream(content), password);
      return store;
    } catch (IOException e) {
      if (e.getCause() instanceof UnrecoverableKeyException) {
        throw wrongPassword(what, e);
      }
      throw damaged(what, e);
    } catch (RuntimeException e) { // the JDK's parser lets some through
      throw damaged(what, e);
    }
  }

  private static String choose(KeyStore store, Optional<String> alias, String what)
      throws GeneralSecurityException {
    List<String> keys = new ArrayList<>();
    for (String one : Collections.list(store.aliases())) {
      if (store.isKeyEntry(one)) {
        keys.add(one);
      }
    }
    if (keys.size() > MAX_ENTRIES) {
      throw new BullaException(
          ErrorCode.INPUT_TOO_LARGE, what + ": more than " + MAX_ENTRIES + " keys in the file");
    }
    String listed = Shown.text(String.join(", ", keys));
    if (alias.isPresent()) {
      // the JDK keeps aliases in lower case
      return keys.stream()
          .filter(one -> one.equalsIgnoreCase(alias.get()))
          .findFirst()
          .orElseThrow(() ->
              new BullaException(
                  ErrorCode.KEY_INVALID,
                  "%s: no key has the alias '%s'".formatted(what, Shown.text(alias.get())),
                  keys.isEmpty() ? "The file holds no key." : "There are: " + listed + "."));
    }
    if (keys.isEmpty()) {
      throw new BullaException(ErrorCode.KEY_INVALID, what + ": no private key in the file");
    }
    if (keys.size() > 1) {
      throw new BullaException(
          ErrorCode.KEY_INVALID,
          what + ": the file holds " + keys.size() + " keys, and no alias says which",
          "Name one of: " + listed + ".");
    }
    return keys.getFirst();
  }

  private static List<X509Certificate> chain(Certificate[] found, String what) {
    List<X509Certificate> chain = new ArrayList<>();
    if (found != null) {
      for (Certificate one : found) {
        if (!(one instanceof X509Certificate certificate)) {
          throw new BullaException(
              ErrorCode.CERTIFICATE_INVALID, what + ": a certificate that is not X.509");
        }
        chain.add(certificate);
      }
    }
    return chain;
  }

  private static char[] characters(Secret password) {
    byte[] bytes = password.copy();
    CharBuffer decoded = StandardCharsets.UTF_8.decode(ByteBuffer.wrap(bytes));
    char[] characters = new char[decoded.remaining()];
    decoded.get(characters);
    Arrays.fill(decoded.array(), '\0');
    Arrays.fill(bytes, (byte) 0);
    return characters;
  }

  private static BullaException wrongPassword(String what, Exception e) {
    return new BullaException(
        ErrorCode.KEY_INVALID,
        what + ": the PKCS#12 file cannot be opened: wrong password",
        PasswordSource.CHECK,
        e);
  }

  private static BullaException damaged(String what, Exception e) {
    return new BullaException(
        ErrorCode.KEY_INVALID,
        what + ": not a readable PKCS#12 file: " + Shown.text(String.valueOf(e.getMessage())),
        e);
  }
}
