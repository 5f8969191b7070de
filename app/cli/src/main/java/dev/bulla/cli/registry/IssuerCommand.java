package dev.bulla.cli.registry;

import dev.bulla.access.WorkloadRoutes;
import dev.bulla.cli.command.Session;
import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code bulla registry issuer}: whose identity tokens are believed. */
@CommandLine.Command(
    description = {
      "Adds, lists and removes issuers of identity tokens (OpenID Connect): CI services,"
          + " Kubernetes",
      "clusters. What the holder of a token may do, rules say: see 'bulla registry rule'."
    },
    footer = {
      "",
      "The issuer's keys are found by its discovery document, and asked for anew when they change;",
      "with --jwks they come from a file, and nobody is asked.",
      "",
      "Examples:",
      "  bulla registry issuer add https://token.actions.githubusercontent.com --audience bulla",
      "  bulla registry issuer add https://kubernetes.default.svc --audience bulla --jwks"
          + " keys.json",
      "  bulla registry issuer list",
      "  bulla registry issuer remove https://token.actions.githubusercontent.com"
    })
public final class IssuerCommand extends EntriesCommand {
  private static final int MAX_FILE = 512 * 1024;

  @CommandLine.Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "URL",
      description = "The issuer, as the claim 'iss' of its tokens says it.")
  @Nullable String url;

  @CommandLine.Option(
      names = "--audience",
      paramLabel = "TEXT",
      description = "add: what the claim 'aud' of tokens for this registry must say.")
  @Nullable String audience;

  @CommandLine.Option(
      names = "--jwks",
      paramLabel = "FILE",
      description = "add: the issuer's keys (JSON Web Key Set), so that it is not asked for them.")
  @Nullable String jwks;

  @CommandLine.Option(
      names = "--ca",
      paramLabel = "FILE",
      description = "add: certificates in PEM that vouch for the issuer's HTTPS, and no others.")
  @Nullable String authority;

  @Override
  int add(Session session) {
    if (audience == null) {
      throw new BullaException(
          ErrorCode.USAGE,
          "an issuer needs --audience: tokens that were made for others must not be taken",
          "Name what your workloads ask their issuer for, for example --audience bulla.");
    }
    ObjectNode request = Json.object().put("issuer", named()).put("audience", audience);
    if (jwks != null) {
      request.put("jwks", read(session.path(jwks)));
    }
    if (authority != null) {
      request.put("authority", read(session.path(authority)));
    }
    JsonNode added =
        HomeWork.workloads(
            session,
            server -> server.post("/v1/access/issuers", request),
            workloads -> WorkloadRoutes.trust(workloads, request));
    session.text().printf("Tokens of %s for '%s' are believed.%n", url, audience);
    session.document(added);
    return 0;
  }

  @Override
  int list(Session session) {
    JsonNode listed =
        HomeWork.workloads(
            session, server -> server.get("/v1/access/issuers"), WorkloadRoutes::issuers);
    for (JsonNode one : listed.path("issuers")) {
      session
          .text()
          .printf(
              "%s  audience %s%s%n",
              one.path("issuer").asString(""),
              one.path("audience").asString(""),
              one.path("jwks").asBoolean(false) ? ", keys supplied" : "");
    }
    session.document(listed);
    return 0;
  }

  @Override
  int remove(Session session) {
    ObjectNode request = Json.object().put("issuer", named());
    JsonNode removed =
        HomeWork.workloads(
            session,
            server -> server.post("/v1/access/issuers/remove", request),
            workloads -> WorkloadRoutes.distrust(workloads, request));
    boolean was = removed.path("removed").asBoolean(false);
    session.text().println(was ? "Removed " + url + "." : url + " was not trusted.");
    session.document(removed);
    return was ? 0 : 1;
  }

  private String named() {
    return required(url, "the URL of an issuer");
  }

  private static String read(Path file) {
    try {
      if (Files.size(file) > MAX_FILE) {
        throw new BullaException(
            ErrorCode.INPUT_TOO_LARGE, "%s has more than %d bytes".formatted(file, MAX_FILE));
      }
      return Files.readString(file);
    } catch (IOException e) {
      throw new BullaException(ErrorCode.FILE_NOT_FOUND, "cannot read " + file, e);
    }
  }
}
