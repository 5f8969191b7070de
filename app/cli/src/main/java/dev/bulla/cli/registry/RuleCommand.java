package dev.bulla.cli.registry;

import dev.bulla.access.Grant;
import dev.bulla.access.Rule;
import dev.bulla.access.WorkloadRoutes;
import dev.bulla.cli.command.Session;
import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.core.json.Json;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code bulla registry rule}: what those may do whom somebody else vouches for. */
@CommandLine.Command(
    description = {
      "Adds, lists and removes rules: what the holder of an identity token, or of a client",
      "certificate, may do. All conditions of a rule must hold; the grants of all rules that fit",
      "add up. Without a fitting rule a token is refused, and a certificate gives nothing."
    },
    footer = {
      "",
      "A claim is a name, or a JSON Pointer to a nested one. In patterns * is anything but a"
          + " slash,",
      "** anything. Of certificates: subject, issuer, dns, uri, email, ip.",
      "",
      "Examples:",
      "  bulla registry rule add release --issuer https://token.actions.githubusercontent.com \\",
      "    --claim repository=acme/app --claim 'ref=refs/tags/*' --grant 'acme/app=AcrPush'",
      "  bulla registry rule add cluster --issuer https://kubernetes.default.svc \\",
      "    --claim /kubernetes.io/namespace=prod --grant '**=AcrPull'",
      "  bulla registry rule add nodes --certificate --claim 'dns=*.nodes.example' --grant"
          + " '**=pull'",
      "  bulla registry rule list",
      "  bulla registry rule remove release"
    })
public final class RuleCommand extends EntriesCommand {
  @CommandLine.Parameters(index = "1", arity = "0..1", paramLabel = "NAME", description = "Which.")
  @Nullable String name;

  @CommandLine.Option(
      names = "--issuer",
      paramLabel = "URL",
      description = "add: for tokens of this issuer.")
  @Nullable String issuer;

  @CommandLine.Option(names = "--certificate", description = "add: for client certificates.")
  boolean certificate;

  @CommandLine.Option(
      names = "--claim",
      paramLabel = "NAME=PATTERN",
      description = "add: a condition; repeatable, at least one.")
  List<String> claims = List.of();

  @CommandLine.Option(
      names = "--grant",
      paramLabel = "PATTERN=ROLES",
      description = "add: what may be done, as for 'bulla registry robot'; repeatable.")
  List<String> grants = List.of();

  @Override
  int add(Session session) {
    if ((issuer != null) == certificate) {
      throw new BullaException(
          ErrorCode.USAGE, "a rule is either for an --issuer or for --certificate");
    }
    Rule rule =
        new Rule(
            named(),
            issuer == null ? Rule.CERTIFICATE : issuer,
            conditions(),
            grants.stream().map(Grant::parse).toList());
    ObjectNode request = Json.object().put("name", rule.name()).put("source", rule.source());
    ObjectNode conditions = request.putObject("conditions");
    rule.conditions().forEach(conditions::put);
    ArrayNode all = request.putArray("grants");
    rule.grants().forEach(grant -> all.add(grant.toString()));
    JsonNode added =
        HomeWork.workloads(
            session,
            server -> server.post("/v1/access/rules", request),
            workloads -> WorkloadRoutes.add(workloads, request));
    session.text().printf("Rule %s counts.%n", rule.name());
    session.document(added);
    return 0;
  }

  @Override
  int list(Session session) {
    JsonNode listed =
        HomeWork.workloads(
            session, server -> server.get("/v1/access/rules"), WorkloadRoutes::rules);
    for (JsonNode one : listed.path("rules")) {
      StringBuilder line = new StringBuilder("%-24s".formatted(one.path("name").asString("")));
      line.append(one.path("source").asString(""));
      for (String claim : one.path("conditions").propertyNames()) {
        line.append(' ')
            .append(claim)
            .append('=')
            .append(one.path("conditions").path(claim).asString(""));
      }
      one.path("grants").forEach(grant -> line.append(" -> ").append(grant.asString("")));
      session.text().println(line);
    }
    session.document(listed);
    return 0;
  }

  @Override
  int remove(Session session) {
    ObjectNode request = Json.object().put("name", named());
    JsonNode removed =
        HomeWork.workloads(
            session,
            server -> server.post("/v1/access/rules/remove", request),
            workloads -> WorkloadRoutes.remove(workloads, request));
    boolean was = removed.path("removed").asBoolean(false);
    session.text().println(was ? "Removed " + name + "." : "There is no rule " + name + ".");
    session.document(removed);
    return was ? 0 : 1;
  }

  private Map<String, String> conditions() {
    Map<String, String> conditions = new LinkedHashMap<>();
    for (String claim : claims) {
      int equals = claim.indexOf('=');
      if (equals <= 0
          || conditions.put(claim.substring(0, equals), claim.substring(equals + 1)) != null) {
        throw new BullaException(
            ErrorCode.USAGE,
            "the condition '%s' is not NAME=PATTERN, or one of several for the same claim"
                .formatted(Shown.text(claim)));
      }
    }
    return conditions;
  }

  private String named() {
    return required(name, "the name of a rule");
  }
}
