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
 * or a SPIFFE identity that an agent writes); GitHub Actions, which is asked for one.
 */
public final class AmbientTokens {
  private static final Path MOUNTED = Path.of("/var/run/sigstore/cosign/oidc-token");
  private static final int MAX_ANSWER = 2 * IdentityToken.MAX_BYTES;
  private static final Duration TIME = Duration.ofSeconds(15);

  private final Map<String, String> environment;
  private final Path mounted;
  private final ServiceClient client;

  public AmbientTokens(Map<String, String> environment, ServiceClient client) {
    this(environment, MOUNTED, client);
  }

  AmbientTokens(Map<String, String> environment, Path mounted, ServiceClient client) {
    this.environment = Map.copyOf(environment);
    this.mounted = mounted;
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
    return Optional.empty();
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
    try {
      return IdentityToken.parse(
          Fields.of(Json.parse(answer, MAX_ANSWER, "token answer"), "token answer")
              .string("value"));
    } catch (BullaException e) {
      throw e.code() == ErrorCode.IDENTITY_TOKEN_INVALID
          ? e
          : new BullaException(
              ErrorCode.IDENTITY_TOKEN_INVALID,
              "GitHub's token service gives no token",
              "Give the job the permission 'id-token: write'.",
              e);
    }
  }
}
