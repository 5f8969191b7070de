package dev.bulla.keys;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** The key files of the tests. */
final class Keys {
  private Keys() {}

  static byte[] bytes(String name) {
    try (InputStream in = Keys.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalArgumentException(name);
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static LocalSigner signer(String name) {
    return KeyFiles.signer(bytes(name), PasswordSource.none(), name);
  }

  static PublicKeyVerifier verifier(String name) {
    return PublicKeyVerifier.ofPem(bytes(name), name);
  }
}
