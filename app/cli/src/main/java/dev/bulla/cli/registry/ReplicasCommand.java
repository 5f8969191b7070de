package dev.bulla.cli.registry;

import dev.bulla.cli.command.HomeCommand;
import dev.bulla.cli.command.Session;
import dev.bulla.core.Reference;
import dev.bulla.core.Shown;
import dev.bulla.core.json.Json;
import dev.bulla.registry.http.ReplicationRoutes;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;

/** {@code bulla registry replicas}: how content stands with the registries that copy it. */
@CommandLine.Command(
    description = {
      "Shows which registries keep copies of this one's repositories, how far behind they are, and",
      "for an image whether each of them shows it, and why not. They say so by signed receipts."
    },
    footer = {
      "",
      "Examples:",
      "  bulla registry replicas",
      "  bulla registry replicas team/app",
      "  bulla registry replicas team/app:1.0",
      "  bulla registry replicas --forget west",
      "",
      "A region is admitted (readers there see it), refused (its policy does not accept it),",
      "incomplete (something could not be had), or pending (it has not said anything yet). It has",
      "the same closure if the image with its parts and all evidence is the same there as here."
    })
public final class ReplicasCommand extends HomeCommand {
  @CommandLine.Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "REF",
      description = "REPOSITORY, REPOSITORY:TAG or REPOSITORY@DIGEST, with or without the host.")
  @Nullable String ref;

  @CommandLine.Option(
      names = "--forget",
      paramLabel = "REGION",
      description = "Forget a region, its key and what it told.")
  @Nullable String forget;

  @Override
  public int run(Session session) {
    if (forget != null) {
      return forget(session, forget);
    }
    String repository = "";
    String reference = "";
    if (ref != null) {
      int slash = ref.indexOf('/');
      String first = slash < 0 ? "" : ref.substring(0, slash);
      boolean host = first.contains(".") || first.contains(":") || first.equals("localhost");
      Reference parsed = Reference.parse(host ? ref : "localhost/" + ref);
      repository = parsed.repository();
      boolean named = parsed.digest().isPresent() || ref.endsWith(":" + parsed.selector());
      reference = named ? parsed.selector() : "";
    }
    String wanted = repository;
    String selector = reference;
    JsonNode replicas =
        ReplicationWork.ask(
            session,
            server ->
                server.get(
                    "/v1/registry/replicas?repository=%s&reference=%s"
                        .formatted(
                            URLEncoder.encode(wanted, StandardCharsets.UTF_8),
                            URLEncoder.encode(selector, StandardCharsets.UTF_8))),
            (home, service) ->
                ReplicationRoutes.replicas(home.registry(), service.regions(), wanted, selector));
    show(session, replicas);
    session.document(replicas);
    return 0;
  }

  private static void show(Session session, JsonNode replicas) {
    for (JsonNode one : replicas.path("replicas")) {
      long behind = one.path("behind").asLong(0);
      String verdict = one.path("verdict").asString("");
      String reason = Shown.text(one.path("reason").asString(""));
      session
          .text()
          .printf(
              "%-20s %s %s%s%s, %s%n",
              one.path("region").asString(""),
              one.path("repository").asString(""),
              verdict.isEmpty()
                  ? ""
                  : verdict + (reason.isEmpty() ? "" : " (" + reason + ")") + ", ",
              behind == 0 ? "up to date" : behind + " behind",
              closure(one),
              "last heard of " + one.path("at").asString(""));
    }
    if (replicas.path("replicas").isEmpty()) {
      session.text().println("No registry has said that it keeps a copy.");
    }
  }

  /** Whether the same belongs to the image there as here. */
  private static String closure(JsonNode replica) {
    JsonNode closure = replica.path("closure");
    if (!closure.isObject()) {
      return "";
    }
    if (closure.path("same").asBoolean(false)) {
      return ", same closure";
    }
    StringBuilder text = new StringBuilder(", another closure");
    closure.path("lacks").forEach(one -> text.append(", lacks ").append(one.asString("")));
    closure.path("more").forEach(one -> text.append(", has also ").append(one.asString("")));
    return text.toString();
  }

  private static int forget(Session session, String region) {
    JsonNode forgotten =
        ReplicationWork.ask(
            session,
            server ->
                server.post("/v1/registry/replicas/forget", Json.object().put("region", region)),
            (home, service) ->
                Json.object()
                    .put("region", region)
                    .put("forgotten", service.regions().forget(region)));
    boolean was = forgotten.path("forgotten").asBoolean(false);
    session.text().println(was ? "Forgot " + region + "." : "There is no region " + region + ".");
    session.document(forgotten);
    return was ? 0 : 1;
  }
}
