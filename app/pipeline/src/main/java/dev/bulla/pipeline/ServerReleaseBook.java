package dev.bulla.pipeline;

import dev.bulla.core.Digest;
import dev.bulla.core.Reference;
import dev.bulla.core.json.Json;
import dev.bulla.core.verdict.Verdict;
import dev.bulla.policy.VerdictJson;
import tools.jackson.databind.node.ObjectNode;

/** The book as the native API of the server offers it. */
public final class ServerReleaseBook implements ReleaseBook {
  private final ServerClient server;

  public ServerReleaseBook(ServerClient server) {
    this.server = server;
  }

  @Override
  public void released(Reference reference, Digest image) {
    server.post("/v1/releases", body(reference, image, "PASSED"));
  }

  @Override
  public void refused(Reference kept, Digest image) {
    server.post("/v1/releases", body(kept, image, "FAILED"));
  }

  @Override
  public void refused(Verdict verdict) {
    server.post("/v1/verdicts", VerdictJson.write(verdict));
  }

  private static ObjectNode body(Reference reference, Digest image, String decision) {
    return Json.object()
        .put("reference", reference.toString())
        .put("digest", image.toString())
        .put("decision", decision);
  }
}
