package dev.bulla.registry;

import dev.bulla.core.json.Json;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a check found.
 *
 * @param bytes of blobs that were read
 * @param findings the first {@value #MAX_FINDINGS}
 * @param more findings that are not listed
 */
public record CheckReport(
    long blobs, long bytes, long manifests, long tags, List<CheckFinding> findings, long more) {
  static final int MAX_FINDINGS = 1_000;

  public CheckReport {
    findings = List.copyOf(findings);
  }

  /** Whether nothing is lost: no damage, or all of it repaired. */
  public boolean isSound() {
    return more == 0 && findings.stream().noneMatch(f -> f.kind().isDamage() && !f.repaired());
  }

  public ObjectNode toJson() {
    ObjectNode node = Json.object();
    node.put("sound", isSound());
    node.put("blobs", blobs);
    node.put("bytes", bytes);
    node.put("manifests", manifests);
    node.put("tags", tags);
    ArrayNode all = node.putArray("findings");
    findings.forEach(finding -> all.add(finding.toJson()));
    node.put("moreFindings", more);
    return node;
  }
}
