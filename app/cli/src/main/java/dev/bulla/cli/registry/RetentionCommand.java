package dev.bulla.cli.registry;

import dev.bulla.cli.command.HomeCommand;
import dev.bulla.cli.command.Session;
import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.core.json.Json;
import dev.bulla.registry.RetentionRule;
import dev.bulla.registry.http.RuleRoutes;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code bulla registry retention}: which tags and manifests may go. */
@CommandLine.Command(
    description = {
      "Sets, lists, removes and runs rules by which tags go. A tag that a rule names goes unless"
          + " one",
      "of its reasons keeps it, or another rule does; tags that no rule names stay. A manifest"
          + " goes",
      "with its last tag, together with its evidence. What is locked, immutable or held stays.",
      "A server runs the rules before each of its collections."
    },
    footer = {
      "",
      "Examples:",
      "  bulla registry retention set 'team/*:pr-*' --keep-newer 14d --keep-pulled 7d",
      "  bulla registry retention set 'team/**' --keep-last 20 --keep-newer 90d --untagged 7d",
      "  bulla registry retention run --dry-run",
      "  bulla registry retention list",
      "  bulla registry retention remove 'team/*:pr-*'",
      "",
      "Times are written 90s, 30m, 24h, 7d. What went can be restored for a week ('bulla registry",
      "restore')."
    })
public final class RetentionCommand extends HomeCommand {
  @CommandLine.Parameters(
      index = "0",
      paramLabel = "set|list|remove|run",
      description = "What to do.")
  String verb = "";

  @CommandLine.Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "REPO-GLOB[:TAG-GLOB]",
      description = "set, remove: of which tags; all tags unless given.")
  @Nullable String pattern;

  @CommandLine.Option(
      names = "--keep-last",
      paramLabel = "N",
      description = "Keep so many of these tags in each repository: those that moved last.")
  @Nullable Long keepLast;

  @CommandLine.Option(
      names = "--keep-newer",
      paramLabel = "TIME",
      description = "Keep tags that were pushed or moved within this time.")
  @Nullable String keepNewer;

  @CommandLine.Option(
      names = "--keep-pulled",
      paramLabel = "TIME",
      description = "Keep tags whose manifest was pulled within this time.")
  @Nullable String keepPulled;

  @CommandLine.Option(
      names = "--untagged",
      paramLabel = "TIME",
      description = "Let manifests go after this time that no tag leads to.")
  @Nullable String untagged;

  @CommandLine.Option(names = "--dry-run", description = "run: change nothing; list what would go.")
  boolean dryRun;

  @Override
  public int run(Session session) {
    return switch (verb) {
      case "set" -> change(session, rule());
      case "remove" -> change(session, named().put("remove", true));
      case "list" -> list(session);
      case "run" -> runRules(session);
      default ->
          throw new BullaException(
              ErrorCode.USAGE, "'" + Shown.text(verb) + "' is neither set, list, remove nor run");
    };
  }

  private ObjectNode named() {
    if (pattern == null) {
      throw new BullaException(
          ErrorCode.USAGE, verb + " needs a pattern", "For example 'team/*:pr-*'.");
    }
    String[] patterns = RetentionRule.patterns(pattern);
    return Json.object().put("repositories", patterns[0]).put("tags", patterns[1]);
  }

  private ObjectNode rule() {
    ObjectNode rule = named();
    if (keepLast != null) {
      rule.put("keepLast", keepLast);
    }
    put(rule, "keepNewerSeconds", "--keep-newer", keepNewer);
    put(rule, "keepPulledSeconds", "--keep-pulled", keepPulled);
    put(rule, "untaggedSeconds", "--untagged", untagged);
    RuleRoutes.retentionRule(rule); // a mistake is told before anybody is asked
    return rule;
  }

  private int change(Session session, ObjectNode request) {
    JsonNode done =
        HomeWork.ask(
            session,
            server -> server.post("/v1/registry/retention", request),
            registry -> RuleRoutes.setRetention(registry, request, "owner"));
    boolean failed = done.has("removed") && !done.path("removed").asBoolean(false);
    session
        .text()
        .println(
            failed
                ? "There is no rule " + pattern + "."
                : done.has("removed") ? "Removed " + pattern + "." : "Set: " + shown(done));
    session.document(done);
    return failed ? 1 : 0;
  }

  private static int list(Session session) {
    JsonNode rules =
        HomeWork.ask(
            session, server -> server.get("/v1/registry/retention"), RuleRoutes::retention);
    rules.path("rules").forEach(rule -> session.text().println(shown(rule)));
    session.document(rules);
    return 0;
  }

  private int runRules(Session session) {
    ObjectNode request = Json.object().put("dryRun", dryRun);
    JsonNode report =
        HomeWork.run(
            session,
            "retain",
            request,
            (registry, progress) ->
                registry.upkeep().retain(registry.retention(), dryRun, progress).toJson());
    for (JsonNode one : report.path("removed")) {
      StringBuilder tags = new StringBuilder();
      one.path("tags").forEach(tag -> tags.append(' ').append(tag.asString("")));
      session
          .text()
          .printf(
              "%s %s@%s%s (%s)%n",
              one.path("manifest").asBoolean(false) ? "manifest" : "tag     ",
              one.path("repository").asString(""),
              one.path("digest").asString(""),
              tags,
              one.path("reason").asString(""));
    }
    session
        .text()
        .printf(
            "%d manifests and %d tags %s.%n",
            report.path("manifests").asLong(0),
            report.path("tags").asLong(0),
            dryRun ? "would go" : "went");
    session.document(report);
    return 0;
  }

  private static String shown(JsonNode rule) {
    StringBuilder text = new StringBuilder();
    text.append(rule.path("repositories").asString("")).append(':');
    text.append(rule.path("tags").asString(""));
    if (rule.has("keepLast")) {
      text.append(", keep the last ").append(rule.path("keepLast").asLong(0));
    }
    time(text, rule, "keepNewerSeconds", ", keep what moved within ");
    time(text, rule, "keepPulledSeconds", ", keep what was pulled within ");
    time(text, rule, "untaggedSeconds", ", untagged after ");
    return text.toString();
  }

  private static void time(StringBuilder text, JsonNode rule, String member, String words) {
    if (rule.has(member)) {
      Duration time = Duration.ofSeconds(rule.path(member).asLong(0));
      text.append(words);
      text.append(
          time.toDays() > 0 && time.toSecondsPart() == 0 && time.toHoursPart() == 0
              ? time.toDays() + "d"
              : time.toString().substring(2).toLowerCase(java.util.Locale.ROOT));
    }
  }

  private static void put(ObjectNode rule, String member, String option, @Nullable String text) {
    if (text != null) {
      rule.put(member, Age.parse(option, text).toSeconds());
    }
  }
}
