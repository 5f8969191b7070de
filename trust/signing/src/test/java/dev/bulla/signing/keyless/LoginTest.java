package dev.bulla.signing.keyless;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.core.BullaException;
import dev.bulla.signing.http.ServiceClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** People who log in, and tokens that are asked for; the issuers may lie. */
class LoginTest {
  @TempDir Path temp;

  private final List<String> told = new ArrayList<>();

  @Test
  void aPersonLogsInWithABrowserOnThisMachine() throws Exception {
    try (FakeIssuer issuer = new FakeIssuer("");
        ServiceClient client = new ServiceClient(Duration.ZERO)) {
      CompletableFuture<List<Integer>> browser = new CompletableFuture<>();
      IdentityToken token = login(issuer, client, browser).withBrowser(Duration.ofSeconds(30));

      assertThat(token).hasToString("identity token of alice by " + issuer.address());
      token.checkUsable(Instant.EPOCH, "sigstore");
      assertThat(browser.get()).containsExactly(404, 200);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "other-issuer, describes itself in a way",
    "far-token, describes itself in a way",
    "denied, access_denied",
    "other-state, nobody has logged in in time",
    "other-nonce, belongs to another question",
    "other-audience, belongs to another question",
    "no-token, no id_token",
  })
  void aLogInThatIsNotWhatWasAskedForGivesNoToken(String fault, String message) throws Exception {
    try (FakeIssuer issuer = new FakeIssuer(fault);
        ServiceClient client = new ServiceClient(Duration.ZERO)) {
      Duration time = Duration.ofMillis(fault.equals("other-state") ? 300 : 30_000);
      assertThatThrownBy(() -> login(issuer, client, new CompletableFuture<>()).withBrowser(time))
          .isInstanceOf(BullaException.class)
          .hasMessageContaining(message);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "'', ''",
    "never, nobody has logged in in time",
    "no-device, offers no log-in by a code",
    "other-audience, belongs to another question",
  })
  void aPersonTypesACodeAnywhere(String fault, String message) throws IOException {
    List<Duration> pauses = new ArrayList<>();
    Instant start = Instant.EPOCH;
    try (FakeIssuer issuer = new FakeIssuer(fault);
        ServiceClient client = new ServiceClient(Duration.ZERO)) {
      Login login = new Login(issuer.address(), "sigstore", client, told::add, new SecureRandom());
      IdentityToken token =
          login.withCode(
              () -> start.plus(pauses.stream().reduce(Duration.ZERO, Duration::plus)), pauses::add);

      assertThat(message).isEmpty();
      assertThat(token).hasToString("identity token of alice by " + issuer.address());
      assertThat(told).contains("  code ABCD-EFGH");
      assertThat(pauses)
          .containsExactly(Duration.ofSeconds(5), Duration.ofSeconds(5), Duration.ofSeconds(10));
    } catch (BullaException e) {
      assertThat(message).isNotEmpty();
      assertThat(e).hasMessageContaining(message);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "GET /auth/callback?state=s&code=c HTTP/1.1 | true",
        "GET /auth/callback?code=c&state=s HTTP/1.1 | true",
        "GET /auth/callback?state=t&code=c HTTP/1.1 | false",
        "GET /auth/callback?state=s&state=s HTTP/1.1 | false",
        "GET /auth/callback?state=s&code=%zz HTTP/1.1 | false",
        "GET /auth/callback?=s HTTP/1.1 | false",
        "GET /auth/callback HTTP/1.1 | false",
        "POST /auth/callback?state=s&code=c HTTP/1.1 | false",
        "GET /?state=s&code=c HTTP/1.1 | false",
        "nonsense | false",
      })
  void onlyWhoKnowsTheStateComesBack(String line, boolean counts) {
    assertThat(LoopbackReturn.parameters(line, "s").isPresent()).isEqualTo(counts);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "BUILDKITE_AGENT_ACCESS_TOKEN=agent-secret BUILDKITE_JOB_ID=j-1"
            + " BUILDKITE_AGENT_ENDPOINT=http://ISSUER | | of /jobs/j-1/oidc/tokens by i",
        "BUILDKITE_AGENT_ACCESS_TOKEN=wrong BUILDKITE_JOB_ID=j-1"
            + " BUILDKITE_AGENT_ENDPOINT=http://ISSUER | | refuses with status 401: no",
        "BUILDKITE_AGENT_ACCESS_TOKEN=agent-secret BUILDKITE_JOB_ID=../x"
            + " BUILDKITE_AGENT_ENDPOINT=http://ISSUER | | holds something that is neither",
        "BUILDKITE_AGENT_ACCESS_TOKEN=agent-secret BUILDKITE_JOB_ID=j-1"
            + " BUILDKITE_AGENT_ENDPOINT=http://far.test | | everybody on the way can read",
        "GCE_METADATA_HOST=ISSUER | | of g by i",
        "GCE_METADATA_HOST=ISSUER | no-flavor | does not say that it is one",
        "GCE_METADATA_HOST=:// | | is no address",
      })
  void tokensAreAskedForWhereTheyAreGiven(String variables, String fault, String words)
      throws IOException {
    try (FakeIssuer issuer = new FakeIssuer(fault == null ? "" : fault);
        ServiceClient client = new ServiceClient(Duration.ZERO)) {
      Map<String, String> environment = new HashMap<>();
      for (String one : variables.split(" ")) {
        String[] two = one.replace("ISSUER", issuer.address().getAuthority()).split("=", 2);
        environment.put(two[0], two[1]);
      }
      Path none = temp.resolve("none");
      AmbientTokens tokens = new AmbientTokens(environment, none, none, client);
      IdentityToken token = tokens.find("sigstore").orElseThrow();
      token.checkUsable(Instant.EPOCH, "sigstore");
      assertThat(token.toString()).endsWith(words);
    } catch (BullaException e) {
      assertThat(e).hasMessageContaining(words);
    }
  }

  @Test
  void placesThatAreNotAskedSayWhatToDoAndOtherMachinesAreLeftAlone() throws IOException {
    Path machine = temp.resolve("product_name");
    Files.writeString(machine, "Standard PC\n");
    try (ServiceClient client = new ServiceClient(Duration.ZERO)) {
      Path none = temp.resolve("none");
      assertThat(new AmbientTokens(Map.of(), none, machine, client).find("sigstore")).isEmpty();
      assertThat(new AmbientTokens(Map.of("CIRCLECI", "true"), client).elsewhere())
          .contains("circleci run oidc get");
      assertThat(new AmbientTokens(Map.of("SPIFFE_ENDPOINT_SOCKET", "x"), client).elsewhere())
          .contains("spire-agent");
      assertThat(new AmbientTokens(Map.of(), client).elsewhere()).isEmpty();
    }
  }

  /** The browser runs as soon as the person is shown where to go. */
  private Login login(
      FakeIssuer issuer, ServiceClient client, CompletableFuture<List<Integer>> browser) {
    return new Login(
        issuer.address(),
        "sigstore",
        client,
        line -> {
          if (line.contains("http")) {
            Thread.ofVirtual()
                .start(() -> {
                  try {
                    browser.complete(issuer.browse(line.strip()));
                  } catch (Exception e) {
                    browser.completeExceptionally(e);
                  }
                });
          }
        },
        new SecureRandom());
  }
}
