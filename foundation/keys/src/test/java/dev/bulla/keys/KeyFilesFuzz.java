package dev.bulla.keys;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.bulla.core.BullaException;
import java.util.List;
import java.util.Optional;

/** Key files and certificates are read or refused, whatever their bytes. */
class KeyFilesFuzz {

  @FuzzTest(maxDuration = "10s")
  void privateKeysAreReadOrRefused(byte[] bytes) {
    try {
      KeyFiles.signer(bytes, name -> Secret.of(""), "key");
    } catch (BullaException e) {
      e.code();
    }
  }

  @FuzzTest(maxDuration = "10s")
  void derPrivateKeysAreReadOrRefused(byte[] bytes) {
    for (String label :
        new String[] {
          "PRIVATE KEY",
          "EC PRIVATE KEY",
          "RSA PRIVATE KEY",
          CosignKeyFile.LABEL,
          EncryptedPkcs8.LABEL
        }) {
      privateKeysAreReadOrRefused(
          Pem.encode(label, bytes).getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    }
  }

  @FuzzTest(maxDuration = "10s")
  void pkcs12FilesAreReadOrRefused(byte[] bytes) {
    try (Secret password = Secret.of("fixture-pass")) {
      Pkcs12File.signer(bytes, password, Optional.empty(), "key");
    } catch (BullaException e) {
      e.code();
    }
  }

  @FuzzTest(maxDuration = "10s")
  void publicKeysAreReadOrRefused(byte[] bytes) {
    for (byte[] text : List.of(bytes, Pem.encode("RSA PUBLIC KEY", bytes).getBytes(US_ASCII))) {
      try {
        PublicKeyVerifier.ofPem(text, "key");
      } catch (BullaException e) {
        e.code();
      }
    }
    try {
      PublicKeyVerifier.of(bytes, "key");
    } catch (BullaException e) {
      e.code();
    }
  }

  @FuzzTest(maxDuration = "10s")
  void certificatesAreReadOrRefused(byte[] bytes) {
    try {
      Certificates.parseAll(bytes, "certificates")
          .forEach(one -> Certificates.isIssuedBy(one, one));
    } catch (BullaException e) {
      e.code();
    }
  }

  @FuzzTest(maxDuration = "10s")
  void ecdsaSignaturesHaveOneSpelling(byte[] bytes) {
    try {
      byte[] raw = EcdsaSignatures.toRaw(bytes, 32);
      if (!java.util.Arrays.equals(EcdsaSignatures.toDer(raw, 32), bytes)) {
        throw new AssertionError("two spellings of one signature");
      }
    } catch (BullaException e) {
      e.code();
    }
  }
}
