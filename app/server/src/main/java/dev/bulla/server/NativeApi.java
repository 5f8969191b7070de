package dev.bulla.server;

import dev.bulla.advisory.AdvisorySet;
import dev.bulla.advisory.AdvisoryStore;
import dev.bulla.advisory.SetIdentity;
import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Reference;
import dev.bulla.core.json.Fields;
import dev.bulla.core.json.Json;
import dev.bulla.graph.Ask;
import dev.bulla.graph.Graph;
import dev.bulla.graph.Trust;
import dev.bulla.oci.RegistryClient;
import dev.bulla.pipeline.HomeIdentity;
import dev.bulla.pipeline.Question;
import dev.bulla.pipeline.RecordRelease;
import dev.bulla.policy.VerdictJson;
import dev.bulla.store.Home;
import dev.bulla.web.Exchange;
import dev.bulla.web.Route;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/** The routes below {@code /v1/}, all guarded; docs/serve.md lists them. */
final class NativeApi {
  private static final int MAX_BODY = 4 * 1024 * 1024;

  private final Home home;
  private final RecordRelease record;
  private final Graph graph;
  private final InstantSource clock;
  private final StopSignal stop;
  private final boolean background;
  private final Instant started;

  NativeApi(
      Home home,
      HomeIdentity identity,
      RegistryClient client,
      Graph graph,
      InstantSource clock,
      StopSignal stop,
      boolean background) {
    this.home = home;
    this.record = new RecordRelease(identity, client, graph, clock);
    this.graph = graph;
    this.clock = clock;
    this.stop = stop;
    this.background = background;
    this.started = clock.instant();
  }

  List<Route> routes() {
    return List.of(
        Route.get("/v1/status", this::status),
        Route.post("/v1/releases", this::release),
        Route.post("/v1/verdicts", this::verdict),
        Route.post("/v1/advisories", this::advisories),
        Route.get("/v1/ask/{question}", this::ask),
        Route.post("/v1/stop", this::stop));
  }

  private void status(Exchange exchange) throws IOException {
    ObjectNode body = Json.object();
    body.put("home", home.directory().toString());
    body.put("process", ProcessHandle.current().pid());
    body.put("background", background);
    body.put("started", started.toString());
    body.put("uptimeSeconds", Duration.between(started, clock.instant()).toSeconds());
    exchange.sendJson(body);
  }

  private void release(Exchange exchange) throws IOException {
    Fields body = body(exchange).only("reference", "digest", "decision");
    Reference reference = Reference.parse(body.string("reference"));
    Digest digest = Digest.parse(body.string("digest"));
    boolean published =
        switch (body.string("decision")) {
          case "PASSED" -> true;
          case "FAILED" -> false;
          default -> throw body.invalid("decision", "neither PASSED nor FAILED");
        };
    record.record(reference, digest, published);
    exchange.status(201).sendJson(Json.object().put("recorded", digest.toString()));
  }

  private void verdict(Exchange exchange) throws IOException {
    graph.record(VerdictJson.parse(body(exchange).node()));
    exchange.status(201).sendJson(Json.object().put("recorded", true));
  }

  /** Imports a set from files of this machine and answers questions by it from now on. */
  private void advisories(Exchange exchange) throws IOException {
    Path[] sources =
        body(exchange).only("paths").strings("paths").stream().map(Path::of).toArray(Path[]::new);
    exchange.status(201).sendJson(describe(importAdvisories(home, graph, sources)));
  }

  /** Shared with the command that imports without a server. */
  static SetIdentity importAdvisories(Home home, Graph graph, Path... sources) {
    AdvisoryStore store = new AdvisoryStore(home.directory());
    SetIdentity identity = store.importFrom(sources);
    AdvisorySet set =
        store
            .current()
            .orElseThrow(() ->
                new BullaException(
                    ErrorCode.ADVISORY_SET_MISSING, "the imported advisory set is not there"));
    // the graph reads the set for as long as it lives; both end with the process
    graph.importAdvisories(set);
    return identity;
  }

  static ObjectNode describe(SetIdentity set) {
    ObjectNode node = Json.object();
    node.put("name", set.name());
    node.put("digest", set.digest().toString());
    node.put("records", set.records());
    node.put("newest", set.newestModified().toString());
    node.put("demonstration", set.demonstration());
    node.put("description", set.description());
    return node;
  }

  private void ask(Exchange exchange) throws IOException {
    Question question = Question.parse(exchange.pathParam("question"));
    int limit = exchange.query("limit").map(NativeApi::number).orElse(100);
    boolean unverified = exchange.query("unverified").filter("true"::equals).isPresent();
    Optional<String> after = exchange.query("after").filter(cursor -> !cursor.isEmpty());
    Ask ask = new Ask(limit, after, unverified ? Trust.UNVERIFIED : Trust.VERIFIED);
    exchange.sendJson(question.ask(graph, exchange.queryAll("argument"), ask).toJson());
  }

  private void stop(Exchange exchange) throws IOException {
    exchange.status(202).sendJson(Json.object().put("stopping", true));
    stop.request();
  }

  private static Fields body(Exchange exchange) throws IOException {
    return Fields.of(Json.parse(exchange.bodyBytes(MAX_BODY), "request body"), "request body");
  }

  private static int number(String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw new BullaException(ErrorCode.REQUEST_INVALID, "'limit' is not a whole number", e);
    }
  }
}
