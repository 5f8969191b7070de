package dev.bulla.cli.registry;

import dev.bulla.cli.command.HomeCommand;
import dev.bulla.cli.command.Session;
import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.json.Json;
import dev.bulla.registry.http.RuleRoutes;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code bulla registry quota}: what a project may have at most. */
@CommandLine.Command(
    description = {
      "Sets what a project may have at most; limits that are not given are taken away. A push that",
      "would go beyond is refused, nothing is deleted. Without a project, lists the quotas."
    },
    footer = {
      "",
      "Examples:",
      "  bulla registry quota team --bytes 10GiB --tags 5000",
      "  bulla registry quota team --none",
      "",
      "Bytes are those of blobs, each counted once for the project. 'bulla registry usage' shows",
      "what is used."
    })
public final class QuotaCommand extends HomeCommand {
  @CommandLine.Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "PROJECT",
      description = "The part of repository names before the first slash.")
  @Nullable String project;

  @CommandLine.Option(
      names = "--bytes",
      paramLabel = "SIZE",
      description = "Of blobs, for example 500MiB or 10GiB.")
  @Nullable String bytes;

  @CommandLine.Option(names = "--repositories", paramLabel = "N", description = "How many.")
  @Nullable Long repositories;

  @CommandLine.Option(names = "--manifests", paramLabel = "N", description = "How many.")
  @Nullable Long manifests;

  @CommandLine.Option(names = "--tags", paramLabel = "N", description = "How many.")
  @Nullable Long tags;

  @CommandLine.Option(names = "--none", description = "Take all limits away.")
  boolean none;

  @Override
  public int run(Session session) {
    if (project == null) {
      return list(session);
    }
    ObjectNode request = Json.object().put("project", project);
    if (bytes != null) {
      request.put("bytes", Bytes.parse("--bytes", bytes));
    }
    put(request, "repositories", repositories);
    put(request, "manifests", manifests);
    put(request, "tags", tags);
    if (none == request.size() > 1) {
      throw new BullaException(
          ErrorCode.USAGE, "quota needs limits, or --none", "For example --bytes 10GiB.");
    }
    JsonNode done =
        HomeWork.ask(
            session,
            server -> server.post("/v1/registry/quotas", request),
            registry -> RuleRoutes.setQuota(registry, request, "owner"));
    session.text().printf("Quota of %s: %s%n", project, shown(done.path("quota")));
    session.document(done);
    return 0;
  }

  private static int list(Session session) {
    JsonNode quotas =
        HomeWork.ask(session, server -> server.get("/v1/registry/quotas"), RuleRoutes::quotas);
    for (Map.Entry<String, JsonNode> one : quotas.path("quotas").properties()) {
      session.text().printf("%-30s %s%n", one.getKey(), shown(one.getValue()));
    }
    session.document(quotas);
    return 0;
  }

  /** A quota in words. */
  static String shown(JsonNode quota) {
    StringBuilder text = new StringBuilder();
    for (Map.Entry<String, JsonNode> one : quota.properties()) {
      text.append(text.isEmpty() ? "" : ", ");
      long limit = one.getValue().asLong(0);
      text.append(one.getKey().equals("bytes") ? Bytes.shown(limit) : limit + " " + one.getKey());
    }
    return text.isEmpty() ? "none" : text.toString();
  }

  private static void put(ObjectNode request, String name, @Nullable Long value) {
    if (value != null) {
      if (value < 0) {
        throw new BullaException(ErrorCode.USAGE, "--%s is negative".formatted(name));
      }
      request.put(name, value);
    }
  }
}
