package dev.bulla.registry.http;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.json.Fields;
import dev.bulla.core.json.Json;
import dev.bulla.registry.Registry;
import dev.bulla.registry.replication.AirGap;
import dev.bulla.registry.replication.Glob;
import dev.bulla.registry.replication.PassReport;
import dev.bulla.registry.replication.ReceiptFile;
import dev.bulla.registry.replication.Regions;
import dev.bulla.registry.replication.RemoteSource;
import dev.bulla.registry.replication.Replication;
import dev.bulla.registry.replication.Replications;
import dev.bulla.web.Exchange;
import dev.bulla.web.Route;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The owner's side of replication, below {@code /v1/registry/}; all guarded. */
public final class ReplicationRoutes {
  private static final int MAX_BODY = 64 * 1024;

  private final Registry registry;
  private final Replications replications;
  private final Regions regions;
  private final AirGap airGap;
  private final String defaultRegion;
  private final UpkeepJobs jobs;

  private ReplicationRoutes(
      Registry registry,
      Replications replications,
      Regions regions,
      AirGap airGap,
      String defaultRegion) {
    this.registry = registry;
    this.replications = replications;
    this.regions = regions;
    this.airGap = airGap;
    this.defaultRegion = defaultRegion;
    this.jobs = new UpkeepJobs(registry.background());
  }

  /**
   * @param defaultRegion what this registry calls itself to sources unless told otherwise
   */
  public static List<Route> of(
      Registry registry,
      Replications replications,
      Regions regions,
      AirGap airGap,
      String defaultRegion) {
    ReplicationRoutes own =
        new ReplicationRoutes(registry, replications, regions, airGap, defaultRegion);
    return List.of(
        Route.get("/v1/registry/replications", own::list),
        Route.post("/v1/registry/replications", own::save),
        Route.post("/v1/registry/replications/run", own::run),
        Route.get("/v1/registry/replications/jobs/{id}", own::job),
        Route.post("/v1/registry/replications/end", own::end),
        Route.post("/v1/registry/export", own::export),
        Route.post("/v1/registry/import", own::load),
        Route.post("/v1/registry/receipts/export", own::exportReceipts),
        Route.post("/v1/registry/receipts/import", own::importReceipts),
        Route.get("/v1/registry/replicas", own::replicas),
        Route.post("/v1/registry/replicas/forget", own::forget));
  }

  /** The replication that a JSON document asks for. */
  public static Replication replication(JsonNode document, String defaultRegion) {
    Fields fields =
        Fields.of(document, "request")
            .only("source", "glob", "follow", "credentials", "region", "bandwidth", "sourceKey");
    String source = fields.string("source");
    RemoteSource.registryOf(source);
    long bandwidth = fields.optionalInteger("bandwidth").orElse(0L);
    if (bandwidth < 0) {
      throw fields.invalid("bandwidth", "negative");
    }
    String region = fields.optionalString("region").orElse(defaultRegion);
    if (!region.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,62}")) {
      throw fields.invalid("region", "no name: use letters, digits, '.', '_' and '-'");
    }
    return new Replication(
        0,
        source,
        new Glob(fields.string("glob")),
        fields.optionalBoolean("follow").orElse(false),
        fields.optionalString("credentials").orElse(""),
        region,
        bandwidth,
        fields.optionalString("sourceKey").orElse(""),
        Optional.empty(),
        "");
  }

  public static ObjectNode describe(Replications replications) {
    ObjectNode body = Json.object();
    ArrayNode all = body.putArray("replications");
    replications.all().forEach(one -> all.add(one.toJson()));
    return body;
  }

  /** How a reference, a repository or everything stands with the regions that keep it. */
  public static ObjectNode replicas(
      Registry registry, Regions regions, String repository, String reference) {
    if (reference.isEmpty()) {
      return regions.describe(repository);
    }
    Digest digest =
        Registry.isDigest(reference)
            ? Digest.parse(reference)
            : registry.trust().newest(repository, reference).digest();
    return regions.describe(registry, repository, digest);
  }

  public static ObjectNode end(Replications replications, String glob) {
    return Json.object().put("glob", glob).put("ended", replications.end(glob));
  }

  private void list(Exchange exchange) throws IOException {
    exchange.sendJson(describe(replications));
  }

  private void save(Exchange exchange) throws IOException {
    exchange.sendJson(replications.save(replication(body(exchange), defaultRegion)).toJson());
  }

  private void run(Exchange exchange) throws IOException {
    Replication one = known(Fields.of(body(exchange), "request").only("glob").string("glob"));
    UpkeepJobs.Job job =
        jobs.start("replicate", progress -> replications.run(one, true, progress).toJson());
    exchange.status(202).sendJson(job.toJson());
  }

  private Replication known(String glob) {
    return replications
        .find(new Glob(glob))
        .orElseThrow(() ->
            new BullaException(ErrorCode.ROUTE_NOT_FOUND, "there is no replication of " + glob));
  }

  private void job(Exchange exchange) throws IOException {
    String id = exchange.pathParam("id");
    Optional<UpkeepJobs.Job> job =
        id.matches("[0-9]{1,18}") ? jobs.find(Long.parseLong(id)) : Optional.empty();
    exchange.sendJson(
        job.orElseThrow(
                () -> new BullaException(ErrorCode.ROUTE_NOT_FOUND, "this server has no such job"))
            .toJson());
  }

  private void end(Exchange exchange) throws IOException {
    exchange.sendJson(
        end(replications, Fields.of(body(exchange), "request").only("glob").string("glob")));
  }

  private void export(Exchange exchange) throws IOException {
    Fields fields = Fields.of(body(exchange), "request").only("glob", "file");
    Glob glob = new Glob(fields.string("glob"));
    Path file = Path.of(fields.string("file"));
    UpkeepJobs.Job job = jobs.start("export", progress -> airGap.export(glob, file, progress));
    exchange.status(202).sendJson(job.toJson());
  }

  private void exportReceipts(Exchange exchange) throws IOException {
    Fields fields = Fields.of(body(exchange), "request").only("glob", "file");
    Glob glob = new Glob(fields.string("glob"));
    Path file = Path.of(fields.string("file"));
    UpkeepJobs.Job job =
        jobs.start("receipts", progress -> ReceiptFile.write(replications, glob, file));
    exchange.status(202).sendJson(job.toJson());
  }

  private void importReceipts(Exchange exchange) throws IOException {
    Path file = Path.of(Fields.of(body(exchange), "request").only("file").string("file"));
    UpkeepJobs.Job job = jobs.start("receipts", progress -> ReceiptFile.read(regions, file));
    exchange.status(202).sendJson(job.toJson());
  }

  private void load(Exchange exchange) throws IOException {
    Fields fields = Fields.of(body(exchange), "request").only("file", "sourceKey", "region");
    String region = fields.optionalString("region").orElse(defaultRegion);
    Path file = Path.of(fields.string("file"));
    String key = fields.optionalString("sourceKey").orElse("");
    UpkeepJobs.Job job =
        jobs.start("import", progress -> describeImport(airGap.load(file, key, region, progress)));
    exchange.status(202).sendJson(job.toJson());
  }

  /** All repositories of a file in one report. */
  public static ObjectNode describeImport(List<PassReport> reports) {
    return new PassReport(
            true,
            reports.stream().flatMap(one -> one.repositories().stream()).toList(),
            reports.stream().allMatch(PassReport::kept))
        .toJson();
  }

  private void replicas(Exchange exchange) throws IOException {
    exchange.sendJson(
        replicas(
            registry,
            regions,
            exchange.query("repository").orElse(""),
            exchange.query("reference").orElse("")));
  }

  private void forget(Exchange exchange) throws IOException {
    String region = Fields.of(body(exchange), "request").only("region").string("region");
    exchange.sendJson(Json.object().put("region", region).put("forgotten", regions.forget(region)));
  }

  private static JsonNode body(Exchange exchange) throws IOException {
    return Json.parse(exchange.bodyBytes(MAX_BODY), "request");
  }
}
