package dev.bulla.registry;

import static dev.bulla.registry.Caller.digestOf;
import static dev.bulla.registry.Caller.json;

import java.net.http.HttpResponse;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** A repository with its home in the region {@code east}, of which {@code west} may have a copy. */
abstract class TwoRegions {
  static final String APP = "team/app";

  @TempDir Path homes;
  TrialRegion east;
  TrialRegion west;
  Caller home;
  Caller copy;

  @BeforeEach
  void start() {
    east = new TrialRegion("east", homes.resolve("east"));
    west = new TrialRegion("west", homes.resolve("west"));
    home = new Caller(east.address());
    copy = new Caller(west.address());
  }

  @AfterEach
  void stop() {
    home.close();
    copy.close();
    west.close();
    east.close();
  }

  HttpResponse<byte[]> get(String reference) {
    return copy.call("GET", path(reference));
  }

  static String path(String reference) {
    return "/v2/" + APP + "/manifests/" + reference;
  }

  JsonNode standing(ObjectNode image) {
    return east.regions.describe(east.registry, APP, digestOf(image)).path("replicas").path(0);
  }

  JsonNode receiptsOf(ObjectNode image) {
    return json(home.call("GET", "/v2/" + APP + "/_replicas/" + digestOf(image))).path("receipts");
  }
}
