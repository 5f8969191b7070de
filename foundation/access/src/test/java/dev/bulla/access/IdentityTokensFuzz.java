package dev.bulla.access;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.bulla.core.BullaException;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Optional;

class IdentityTokensFuzz {
  private static final String KEYS =
      "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":\"a\","
          + "\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
          + "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}]}";
  private final IdentityTokens tokens =
      new IdentityTokens(
          url ->
              Optional.of(
                  new Issuer("https://issuer.example", "a", Optional.of(KEYS), Optional.empty())),
          new IssuerKeys(InstantSource.system()),
          InstantSource.system());

  /** Whatever the head, the claims and the signature: refused, and nothing else happens. */
  @FuzzTest
  void verify(FuzzedDataProvider data) {
    String head = data.consumeString(200);
    String claims = data.consumeString(400);
    String token =
        encoded(head) + "." + encoded(claims) + "." + encoded(data.consumeRemainingAsString());
    try {
      tokens.verify(token);
      throw new IllegalStateException("believed: " + token);
    } catch (BullaException e) {
      // as it should be
    }
  }

  /** Key sets are read or refused. */
  @FuzzTest
  void keys(byte[] json) {
    try {
      IssuerKeys.parse(json);
    } catch (BullaException e) {
      // as it should be
    }
  }

  private static String encoded(String text) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }
}
