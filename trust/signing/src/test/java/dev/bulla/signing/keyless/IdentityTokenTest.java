package dev.bulla.signing.keyless;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.signing.http.ServiceClient;
import dev.bulla.signing.keyless.FakeSigstore.Fault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IdentityTokenTest {
  private static final Instant NOW = Instant.ofEpochSecond(1000);

  private static final Path NOWHERE = Path.of("/nowhere");

  @TempDir Path temp;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'iss':'i','sub':'s','aud':'sigstore','exp':1000} | ran out",
        "{'iss':'i','sub':'s','aud':'sigstore','exp':2000,'nbf':1100} | counts from",
        "{'iss':'i','sub':'s','aud':'other','exp':2000} | audience",
        "{'iss':'i','sub':'s','exp':2000} | audience",
        "{'iss':'i','email':'e','aud':'sigstore','exp':2000} | not verified",
        "{'iss':'i','email':'e','aud':'sigstore','exp':2000,'email_verified':'no'} | not verified",
        "{'iss':'i','aud':'sigstore','exp':2000} | nobody",
        "{'sub':'s','aud':'sigstore','exp':2000} | iss",
        "{'iss':'i','sub':'s','aud':'sigstore'} | exp",
        "{'iss':'i','sub':'s','aud':'sigstore','exp':'2000'} | exp",
        "{'iss':'i','sub':'s','sub':'t','aud':'sigstore','exp':2000} | Duplicate",
        "[] | object",
      })
  void aTokenThatCannotBeUsedIsRefusedBeforeItIsSent(String claims, String why) {
    assertThatThrownBy(
            () -> {
              IdentityToken token =
                  IdentityToken.parse(FakeSigstore.jwt(claims.replace('\'', '"')));
              token.checkUsable(NOW, "sigstore");
            })
        .isInstanceOfSatisfying(
            BullaException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.IDENTITY_TOKEN_INVALID))
        .hasMessageContaining(why);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "a.b", "a.b.c.d", "?.?.?", "e30.e30.e30", "eyJhbGciOiJub25lIn0.e30.AA"})
  void whatIsNoTokenIsRefused(String text) {
    assertThatThrownBy(() -> IdentityToken.parse(text))
        .isInstanceOfSatisfying(
            BullaException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.IDENTITY_TOKEN_INVALID));
  }

  @Test
  void aGoodTokenIsTakenAndDoesNotShowItself() {
    String jwt =
        FakeSigstore.jwt("{\"iss\":\"i\",\"sub\":\"s\",\"aud\":[\"x\",\"sigstore\"],\"exp\":2000}");
    IdentityToken token = IdentityToken.parse(" " + jwt + "\n");

    token.checkUsable(NOW, "sigstore");
    assertThat(token.secret()).isEqualTo(jwt);
    assertThat(token).hasToString("identity token of s by i");
    assertThat(token.challenge()).isEqualTo("s");
  }

  @Test
  void tokensAreLookedForInTheDocumentedOrder() throws IOException {
    String mine = FakeSigstore.alice().secret();
    Path mounted = temp.resolve("token");
    try (FakeSigstore fake = new FakeSigstore(Fault.NONE);
        ServiceClient client = new ServiceClient(Duration.ZERO)) {
      Map<String, String> run =
          Map.of(
              "ACTIONS_ID_TOKEN_REQUEST_URL",
              fake.address() + "/token?v=1",
              "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
              "run-secret");
      assertThat(new AmbientTokens(Map.of(), mounted, NOWHERE, client).find("sigstore")).isEmpty();
      assertThat(new AmbientTokens(run, mounted, NOWHERE, client).find("sigstore").orElseThrow())
          .hasToString("identity token of repo:acme/app by " + FakeSigstore.ISSUER);
      Files.writeString(mounted, mine);
      assertThat(
              new AmbientTokens(run, mounted, NOWHERE, client)
                  .find("sigstore")
                  .orElseThrow()
                  .secret())
          .isEqualTo(mine);
      assertThatThrownBy(() ->
              new AmbientTokens(Map.of("SIGSTORE_ID_TOKEN", "nonsense"), mounted, NOWHERE, client)
                  .find("sigstore"))
          .isInstanceOf(BullaException.class);
      Map<String, String> wrong =
          Map.of(
              "ACTIONS_ID_TOKEN_REQUEST_URL",
              fake.address() + "/token",
              "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
              "wrong");
      assertThatThrownBy(() ->
              new AmbientTokens(wrong, temp.resolve("none"), NOWHERE, client).find("sigstore"))
          .isInstanceOfSatisfying(
              BullaException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.SERVICE_REFUSED));
    }
  }
}
