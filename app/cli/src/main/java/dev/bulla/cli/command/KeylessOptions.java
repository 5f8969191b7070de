package dev.bulla.cli.command;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.core.crypto.Signer;
import dev.bulla.keys.LocalTls;
import dev.bulla.signing.cosign.BundleSigner;
import dev.bulla.signing.http.ServiceClient;
import dev.bulla.signing.keyless.AmbientTokens;
import dev.bulla.signing.keyless.EvidenceServices;
import dev.bulla.signing.keyless.IdentityToken;
import dev.bulla.signing.keyless.KeylessIdentity;
import dev.bulla.signing.keyless.SigningConfig;
import dev.bulla.signing.keyless.SigningServices;
import dev.bulla.signing.sigstore.TrustedRoot;
import java.io.IOException;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Who stamps and logs a signature in Cosign's format and, without a key, who certifies; the names
 * are cosign's where it has them.
 */
final class KeylessOptions {
  @Option(
      names = {"--identity-token", "--identity-token-file"},
      paramLabel = "FILE",
      description =
          "Sign without a key, as whom this OpenID Connect token names; - reads it from standard"
              + " input (default: $$SIGSTORE_ID_TOKEN, a mounted token, GitHub Actions, Buildkite,"
              + " Google Cloud; else, at a terminal, you log in).")
  @Nullable String token;

  @Option(
      names = "--signing-config",
      paramLabel = "FILE",
      description =
          "signing_config.json of the Sigstore instance: its services (default: what 'bulla trust"
              + " root' keeps, with its trusted root).")
  @Nullable String config;

  @Option(
      names = "--trusted-root",
      paramLabel = "FILE",
      description = "trusted_root.json of the same instance: what its services answer is verified.")
  @Nullable String trustedRoot;

  @Option(
      names = "--fulcio-url",
      paramLabel = "URL",
      description = "Certificate authority, instead of --signing-config.")
  @Nullable String authority;

  @Option(
      names = "--rekor-url",
      paramLabel = "URL",
      description = "Transparency log, instead of --signing-config; repeatable.")
  List<String> logs = List.of();

  @Option(
      names = "--rekor-version",
      paramLabel = "N",
      description = "1 or 2, of --rekor-url (default: 2).")
  @Nullable Integer logVersion;

  @Option(
      names = "--timestamp-server-url",
      paramLabel = "URL",
      description = "RFC 3161 authority, instead of --signing-config; repeatable.")
  List<String> stampers = List.of();

  @Option(
      names = "--oidc-client-id",
      paramLabel = "ID",
      description = "Audience that the token must be for (default: sigstore).")
  @Nullable String audience;

  /** cosign asks before it writes to a public log, and scripts say yes; nothing is asked here. */
  @Option(
      names = {"-y", "--yes"},
      hidden = true)
  boolean yes;

  /** cosign's; here a log is written to only if one is named. */
  @Option(names = "--tlog-upload", hidden = true, arity = "0..1", fallbackValue = "true")
  @Nullable String upload;

  @Mixin private final LoginOptions login = new LoginOptions();

  /** Whether services are to be asked. */
  boolean given() {
    return login.given()
        || Stream.of(token, config, trustedRoot, authority, logVersion, audience)
            .anyMatch(one -> one != null)
        || !logs.isEmpty()
        || !stampers.isEmpty();
  }

  /**
   * Ready to sign in Cosign's format.
   *
   * @param client of the services, open until the last signature; empty if nobody is asked
   */
  record Sealing(BundleSigner signer, Optional<ServiceClient> client) implements AutoCloseable {
    @Override
    public void close() {
      client.ifPresent(ServiceClient::close);
    }
  }

  /**
   * By the services that are named; without any, by the key alone.
   *
   * @param keyGiven whether a key was named: otherwise services mean that it is done without one
   * @param key to sign with, if it is one
   */
  Sealing open(Session session, boolean keyGiven, Supplier<Signer> key) {
    if (upload != null && given() == upload.equals("false")) {
      throw usage(
          "--tlog-upload=%s does not go with what is named".formatted(Shown.text(upload)),
          given()
              ? "Leave the log out: name the other services by --fulcio-url and"
                  + " --timestamp-server-url, without --rekor-url."
              : "Name the log: --signing-config FILE or --rekor-url URL.");
    }
    if (!given()) {
      return new Sealing(BundleSigner.withKey(key.get()), Optional.empty());
    }
    if (keyGiven && (token != null || audience != null || login.given())) {
      throw usage("--key and an identity token exclude each other", "");
    }
    Optional<SigningServices> addressed = addressed();
    Instance instance = instance(session, addressed.isPresent());
    Instant now = InstantSource.system().instant();
    Optional<SigningConfig> document = instance.config.map(SigningConfig::parse);
    SigningServices services = addressed.orElseGet(() -> document.orElseThrow().select(now));
    Optional<URI> issuer = document.flatMap(one -> one.issuer(now));
    TrustedRoot root = instance.root;
    ServiceClient client = new ServiceClient(LocalTls.client(session.home().tls()));
    try {
      EvidenceServices evidence =
          new EvidenceServices(services, root, client, InstantSource.system(), new SecureRandom());
      BundleSigner signer =
          keyGiven
              ? BundleSigner.withKey(key.get(), evidence)
              : BundleSigner.keyless(identity(session, services, issuer, root, client), evidence);
      return new Sealing(signer, Optional.of(client));
    } catch (RuntimeException e) {
      client.close();
      throw e;
    }
  }

  /** The services that are named by their addresses, if any is. */
  private Optional<SigningServices> addressed() {
    boolean named = authority != null || !logs.isEmpty() || !stampers.isEmpty();
    if (config != null && (named || logVersion != null)) {
      throw usage("--signing-config and addresses of services exclude each other", "");
    }
    if (!named) {
      return Optional.empty();
    }
    int version = logVersion == null ? 2 : logVersion;
    return Optional.of(
        new SigningServices(
            Optional.ofNullable(authority).map(SigningServices::address),
            logs.stream()
                .map(url -> new SigningServices.Log(SigningServices.address(url), version))
                .toList(),
            stampers.stream().map(SigningServices::address).toList()));
  }

  /** By what services' answers are verified, and a document that names services. */
  private record Instance(TrustedRoot root, Optional<byte[]> config) {}

  /** As named; else what is kept of one, but never its services with the root of another. */
  private Instance instance(Session session, boolean addressed) {
    Optional<byte[]> named =
        Optional.ofNullable(config).map(file -> InputFiles.read(session, file));
    boolean services = addressed || named.isPresent();
    if (trustedRoot != null) {
      if (!services) {
        throw unnamed("nothing says which services to ask");
      }
      return new Instance(TrustedRoot.parse(InputFiles.read(session, trustedRoot)), named);
    }
    CachedTrust kept =
        CachedTrust.find(session, null, false)
            .orElseThrow(() ->
                usage(
                    "nothing says by what the services' answers are verified",
                    "Give --trusted-root trusted_root.json of the instance, or fetch it with"
                        + " 'bulla trust root init'."));
    if (!services && kept.signingConfig().isEmpty()) {
      throw unnamed("the trust repository does not say which services to ask");
    }
    return new Instance(
        TrustedRoot.parse(kept.trustedRoot()), services ? named : kept.signingConfig());
  }

  private static BullaException unnamed(String reason) {
    return usage(
        reason,
        "Give --signing-config FILE, or --fulcio-url, --timestamp-server-url and --rekor-url.");
  }

  private KeylessIdentity identity(
      Session session,
      SigningServices services,
      Optional<URI> issuer,
      TrustedRoot root,
      ServiceClient client) {
    URI certifies =
        services
            .authority()
            .orElseThrow(() ->
                usage(
                    "nobody is named who certifies, and there is no key",
                    "Give --key KEY, --fulcio-url URL, or a signing config with caUrls."));
    String wanted = audience == null ? IdentityToken.AUDIENCE : audience;
    IdentityToken shown = token(session, wanted, issuer, client);
    // a token that cannot be used is told before any work is done
    shown.checkUsable(InstantSource.system().instant(), wanted);
    return new KeylessIdentity(
        shown, wanted, certifies, root, client, InstantSource.system(), new SecureRandom());
  }

  private IdentityToken token(
      Session session, String wanted, Optional<URI> issuer, ServiceClient client) {
    if (token == null) {
      return login.token(session, client, wanted, issuer);
    }
    if (login.given()) {
      throw usage("--identity-token and logging in exclude each other", "");
    }
    if (token.matches("ey[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\..*")) {
      throw usage(
          "--identity-token is a token, expected the file that holds it",
          "Arguments can be seen by others: give a file, - for standard input, or set"
              + " SIGSTORE_ID_TOKEN.");
    }
    if (!token.equals("-")) {
      return AmbientTokens.ofFile(session.existing(token));
    }
    try {
      return AmbientTokens.read(session.invocation().in());
    } catch (IOException e) {
      throw new BullaException(
          ErrorCode.FILE_NOT_FOUND,
          "no identity token can be read from standard input: " + Shown.text("" + e.getMessage()),
          e);
    }
  }

  private static BullaException usage(String reason, String nextStep) {
    return new BullaException(ErrorCode.USAGE, reason, nextStep);
  }
}
