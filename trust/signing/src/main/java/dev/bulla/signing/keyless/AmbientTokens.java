package dev.bulla.signing.keyless;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.json.Fields;
import dev.bulla.core.json.Json;
import dev.bulla.signing.http.ServiceClient;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * Where a token lies ready, in this order: the variable {@code SIGSTORE_ID_TOKEN} (also GitLab's
 * habit); the file {@code /var/run/sigstore/cosign/oidc-token} (a projected service account token,
 * or a SPIFFE identity that an agent writes); GitHub Actions, Buildkite's agent and Google Cloud's
 * metadata server, which are asked for one.
 */
public final class AmbientTokens {
  private static final Path MOUNTED = Path.of("/var/run/sigstore/cosign/oidc-token");
  private static final int MAX_ANSWER = 2 * IdentityToken.MAX_BYTES;
  private static final Duration TIME = Duration.ofSeconds(15);

  private static final Duration NEAR = Duration.ofSeconds(5);
  private static final Path MACHINE = Path.of("/sys/class/dmi/id/product_name");

  private final Map<String, String> environment;
  private final Path mounted;
  private final Path machine;
  private final ServiceClient client;

  public AmbientTokens(Map<String, String> environment, ServiceClient client) {
    this(environment, MOUNTED, MACHINE, client);
  }

  /**
   * @param mounted a file that may hold a token
   * @param machine a file that says who made this machine
   */
  AmbientTokens(Map<String, String> environment, Path mounted, Path machine, ServiceClient client) {
    this.environment = Map.copyOf(environment);
    this.mounted = mounted;
    this.machine = machine;
    this.client = client;
  }

  /**
   * The first token that there is; a source that should have one and has none is a failure, or
   * somebody else's token would be taken for it.
   *
   * @param audience that a token is asked for
   * @throws BullaException {@link ErrorCode#IDENTITY_TOKEN_INVALID}, {@link
   *     ErrorCode#SERVICE_UNAVAILABLE}
   */
  public Optional<IdentityToken> find(String audience) {
    Optional<String> given = variable("SIGSTORE_ID_TOKEN");
    if (given.isPresent()) {
      return given.map(IdentityToken::parse);
    }
    if (Files.isRegularFile(mounted)) {
      return Optional.of(ofFile(mounted));
    }
    Optional<String> address = variable("ACTIONS_ID_TOKEN_REQUEST_URL");
    Optional<String> credential = variable("ACTIONS_ID_TOKEN_REQUEST_TOKEN");
    if (address.isPresent() && credential.isPresent()) {
      return Optional.of(ofGitHub(address.get(), credential.get(), audience));
    }
    Optional<String> agent = variable("BUILDKITE_AGENT_ACCESS_TOKEN");
    Optional<String> job = variable("BUILDKITE_JOB_ID");
    if (agent.isPresent() && job.isPresent()) {
      return Optional.of(ofBuildkite(agent.get(), job.get(), audience));
    }
    return google().map(host -> ofGoogle(host, audience));
  }

  /** What somebody can do in a place whose tokens are not asked for here; empty elsewhere. */
  public String elsewhere() {
    if (variable("CIRCLECI").isPresent()) {
      return "In CircleCI, set SIGSTORE_ID_TOKEN to what this prints:"
          + " circleci run oidc get --claims '{\"aud\":\"sigstore\"}'. ";
    }
    if (variable("SPIFFE_ENDPOINT_SOCKET").isPresent()) {
      return "SPIFFE's socket is not asked: have the agent write the token to "
          + MOUNTED
          + ", or set SIGSTORE_ID_TOKEN to the JWT-SVID that 'spire-agent api fetch jwt"
          + " -audience sigstore' prints. ";
    }
    return "";
  }

  private Optional<String> variable(String name) {
    return Optional.ofNullable(environment.get(name)).filter(value -> !value.isBlank());
  }

  /**
   * The token that {@code file} holds.
   *
   * @throws BullaException {@link ErrorCode#FILE_NOT_FOUND} if it cannot be read
   */
  public static IdentityToken ofFile(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      return read(in);
    } catch (IOException e) {
      throw new BullaException(
          ErrorCode.FILE_NOT_FOUND, "cannot read the identity token " + file + ": " + e, e);
    }
  }

  /** The token that comes from {@code in}. */
  public static IdentityToken read(InputStream in) throws IOException {
    return IdentityToken.parse(
        new String(in.readNBytes(IdentityToken.MAX_BYTES + 1), StandardCharsets.ISO_8859_1));
  }

  /**
   * GitHub's service for the tokens of a run (GitHub documentation, "OpenID Connect reference",
   * "Requesting the JWT using environment variables").
   */
  private IdentityToken ofGitHub(String address, String credential, String audience) {
    String joint = address.contains("?") ? "&" : "?";
    URI question =
        SigningServices.checkedForSecrets(
            SigningServices.address(
                address
                    + joint
                    + "audience="
                    + URLEncoder.encode(audience, StandardCharsets.UTF_8)));
    if (!credential.matches("[\\x21-\\x7e]+")) {
      throw new BullaException(
          ErrorCode.USAGE, "ACTIONS_ID_TOKEN_REQUEST_TOKEN holds something that is no credential");
    }
    byte[] answer =
        client.ask(
            new ServiceClient.Service("GitHub's token service", question, MAX_ANSWER, TIME),
            HttpRequest.newBuilder()
                .header("Authorization", "Bearer " + credential)
                .header("Accept", "application/json")
                .GET());
    return read(
        answer,
        "value",
        "GitHub's token service",
        "Give the job the permission 'id-token: write'.");
  }

  /** Buildkite's agent API, {@code POST /jobs/ID/oidc/tokens}, by the token of the running job. */
  private IdentityToken ofBuildkite(String credential, String job, String audience) {
    String base = variable("BUILDKITE_AGENT_ENDPOINT").orElse("https://agent.buildkite.com/v3");
    if (!job.matches("[A-Za-z0-9-]{1,64}") || !credential.matches("[\\x21-\\x7e]+")) {
      throw new BullaException(
          ErrorCode.USAGE,
          "BUILDKITE_JOB_ID or BUILDKITE_AGENT_ACCESS_TOKEN holds something that is neither");
    }
    URI question =
        SigningServices.checkedForSecrets(
            SigningServices.below(SigningServices.address(base), "/jobs/" + job + "/oidc/tokens"));
    byte[] answer =
        client.ask(
            new ServiceClient.Service("Buildkite's agent service", question, MAX_ANSWER, TIME),
            HttpRequest.newBuilder()
                .header("Authorization", "Token " + credential)
                .header("Content-Type", "application/json")
                .POST(
                    HttpRequest.BodyPublishers.ofByteArray(
                        Json.write(Json.object().put("audience", audience)))));
    return read(
        answer, "token", "Buildkite's agent service", "Look whether the organisation allows it.");
  }

  /** The metadata server, if this is a machine of Google's, or the variable names one. */
  private Optional<String> google() {
    Optional<String> named = variable("GCE_METADATA_HOST");
    if (named.isPresent()) {
      return named;
    }
    try (InputStream in = Files.newInputStream(machine)) {
      String product = new String(in.readNBytes(100), StandardCharsets.ISO_8859_1);
      return product.startsWith("Google")
          ? Optional.of("metadata.google.internal")
          : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /**
   * Google Cloud documentation, "Verifying the identity of instances": the answer is the token
   * itself. The server is reached on the machine's own link, without TLS; the header keeps it from
   * answering a request that somebody was tricked into.
   */
  private IdentityToken ofGoogle(String host, String audience) {
    URI question =
        SigningServices.address(
            "http://"
                + host
                + "/computeMetadata/v1/instance/service-accounts/default/identity?format=full"
                + "&audience="
                + URLEncoder.encode(audience, StandardCharsets.UTF_8));
    ServiceClient.Service service =
        new ServiceClient.Service("Google's metadata server", question, MAX_ANSWER, NEAR);
    ServiceClient.Answer answer =
        client.exchange(
            service, HttpRequest.newBuilder().header("Metadata-Flavor", "Google").GET());
    if (!answer.granted()) {
      throw ServiceClient.refused(service, answer);
    }
    if (answer.headers().firstValue("Metadata-Flavor").filter("Google"::equals).isEmpty()) {
      throw new BullaException(
          ErrorCode.SERVICE_REFUSED,
          service + " does not say that it is one",
          "Check GCE_METADATA_HOST, or give --identity-token.");
    }
    return IdentityToken.parse(new String(answer.body(), StandardCharsets.ISO_8859_1));
  }

  private static IdentityToken read(byte[] answer, String member, String who, String next) {
    try {
      return IdentityToken.parse(
          Fields.of(Json.parse(answer, MAX_ANSWER, "token answer"), "token answer").string(member));
    } catch (BullaException e) {
      throw e.code() == ErrorCode.IDENTITY_TOKEN_INVALID
          ? e
          : new BullaException(ErrorCode.IDENTITY_TOKEN_INVALID, who + " gives no token", next, e);
    }
  }
}
