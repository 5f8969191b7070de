package dev.bulla.pipeline;

import dev.bulla.core.Digest;
import dev.bulla.core.json.Json;
import dev.bulla.core.statement.PredicateTypes;
import dev.bulla.core.statement.Statement;
import dev.bulla.inventory.CycloneDxJson;
import dev.bulla.inventory.Inventory;
import dev.bulla.inventory.SbomOptions;
import dev.bulla.inventory.SpdxJson;
import java.time.Instant;

/** SBOM documents as statements about an image: the predicate is the document. */
public final class Sboms {
  private Sboms() {}

  public static Statement cycloneDx(Inventory inventory, Digest image, Instant at, String version) {
    byte[] document = CycloneDxJson.write(inventory, new SbomOptions(at, version));
    return Statement.about(image, PredicateTypes.CYCLONEDX, Json.parse(document, "CycloneDX"));
  }

  public static Statement spdx(Inventory inventory, Digest image, Instant at, String version) {
    byte[] document = SpdxJson.write(inventory, new SbomOptions(at, version));
    return Statement.about(image, PredicateTypes.SPDX, Json.parse(document, "SPDX"));
  }
}
