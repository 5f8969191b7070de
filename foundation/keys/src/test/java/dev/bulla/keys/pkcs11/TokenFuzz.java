package dev.bulla.keys.pkcs11;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.bulla.core.BullaException;
import dev.bulla.keys.Secret;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;

/** Names of keys, and what tokens say of theirs, are understood or refused, whatever they are. */
class TokenFuzz {
  private static final byte[] ID = {1};

  @FuzzTest(maxDuration = "10s")
  void namesAreReadOrRefused(byte[] bytes) {
    try {
      Pkcs11Uri.parse(Pkcs11Uri.SCHEME + new String(bytes, StandardCharsets.UTF_8)).pinFile();
    } catch (BullaException e) {
      e.code();
    }
  }

  @FuzzTest(maxDuration = "10s")
  void keysOfTokensAreReadOrRefused(byte[] bytes) {
    int middle = bytes.length / 2;
    byte[] first = Arrays.copyOf(bytes, middle);
    byte[] second = Arrays.copyOfRange(bytes, middle, bytes.length);
    for (long type : new long[] {Cryptoki.CKK_RSA, Cryptoki.CKK_EC, Cryptoki.CKK_EC_EDWARDS}) {
      PretendedToken token = new PretendedToken();
      token.objects.add(
          Map.of(
              Cryptoki.CKA_CLASS, token.number(Cryptoki.CKO_PRIVATE_KEY),
              Cryptoki.CKA_KEY_TYPE, token.number(type),
              Cryptoki.CKA_ID, ID));
      token.objects.add(
          Map.of(
              Cryptoki.CKA_CLASS, token.number(Cryptoki.CKO_PUBLIC_KEY),
              Cryptoki.CKA_ID, ID,
              Cryptoki.CKA_EC_PARAMS, first,
              Cryptoki.CKA_EC_POINT, second,
              Cryptoki.CKA_MODULUS, first,
              Cryptoki.CKA_PUBLIC_EXPONENT, second));
      token.objects.add(
          Map.of(
              Cryptoki.CKA_CLASS,
              token.number(Cryptoki.CKO_CERTIFICATE),
              Cryptoki.CKA_VALUE,
              bytes));
      try {
        Pkcs11Signer.open(new TokenKey(token, Pkcs11Uri.parse("pkcs11:"), name -> Secret.of("1")));
      } catch (BullaException e) {
        e.code();
      }
    }
  }
}
