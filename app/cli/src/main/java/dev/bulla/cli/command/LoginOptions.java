package dev.bulla.cli.command;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.signing.http.ServiceClient;
import dev.bulla.signing.keyless.AmbientTokens;
import dev.bulla.signing.keyless.IdentityToken;
import dev.bulla.signing.keyless.Login;
import dev.bulla.signing.keyless.SigningServices;
import java.net.URI;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where an identity token comes from if none is given: from around, or a person logs in. */
final class LoginOptions {
  @Option(
      names = "--oidc-issuer",
      paramLabel = "URL",
      description =
          "Where to log in if no token is around and this is a terminal (default: what the signing"
              + " config names).")
  @Nullable String issuer;

  @Option(
      names = "--fulcio-auth-flow",
      paramLabel = "FLOW",
      description =
          "How: normal, with a browser on this machine (default), or device, by a code that is"
              + " typed into a browser anywhere.")
  @Nullable String flow;

  @Option(
      names = "--oidc-disable-ambient-providers",
      description = "Log in even if a token is around.")
  boolean ignoreAmbient;

  boolean given() {
    return issuer != null || flow != null || ignoreAmbient;
  }

  /**
   * @param wanted audience
   * @param configured issuer of the signing config
   */
  IdentityToken token(
      Session session, ServiceClient client, String wanted, Optional<URI> configured) {
    if (flow != null && !flow.equals("normal") && !flow.equals("device")) {
      throw usage(
          "--fulcio-auth-flow is '%s', expected normal or device".formatted(Shown.text(flow)),
          flow.equals("token") ? "A token is given with --identity-token FILE." : "");
    }
    AmbientTokens ambient = new AmbientTokens(session.invocation().environment(), client);
    Optional<IdentityToken> around = ignoreAmbient ? Optional.empty() : ambient.find(wanted);
    return around.orElseGet(() -> login(session, client, wanted, configured, ambient.elsewhere()));
  }

  private IdentityToken login(
      Session session,
      ServiceClient client,
      String wanted,
      Optional<URI> configured,
      String elsewhere) {
    Optional<URI> where =
        Optional.ofNullable(issuer).map(SigningServices::address).or(() -> configured);
    if (!session.invocation().terminal() || where.isEmpty()) {
      throw usage(
          where.isEmpty()
              ? "signing without a key needs an identity token, and none was found"
              : "signing without a key needs an identity token, none was found, and nobody can log"
                  + " in, for this is no terminal",
          elsewhere
              + "Give --identity-token FILE or set SIGSTORE_ID_TOKEN; in GitHub Actions, give the"
              + " job the permission 'id-token: write'; at a terminal, give --oidc-issuer URL. Or"
              + " sign with --key.");
    }
    Login login =
        new Login(
            where.get(), wanted, client, line -> session.err().println(line), new SecureRandom());
    return "device".equals(flow)
        ? login.withCode(InstantSource.system(), time -> LockSupport.parkNanos(time.toNanos()))
        : login.withBrowser(Login.TIME);
  }

  private static BullaException usage(String reason, String nextStep) {
    return new BullaException(ErrorCode.USAGE, reason, nextStep);
  }
}
