package dev.bulla.registry;

import dev.bulla.core.Digest;
import java.util.ArrayList;
import java.util.List;
import org.jdbi.v3.core.Handle;

/**
 * What a decision about a manifest rests on, so that one that was taken while this changed, here or
 * in another process, is not stored over a newer one.
 */
final class DecisionBasis {
  private static final List<String> KINDS = List.of(".sig", ".att", ".sbom");

  private static final String REFERRERS =
      """
      SELECT count(*) || '/' || coalesce(max(m.id), 0) FROM referrer f
        JOIN manifest m ON m.repository = f.repository AND m.digest = f.digest
       WHERE f.repository = ? AND f.subject = ?\
      """;

  private static final String TAG = "SELECT digest FROM tag WHERE repository = ? AND name = ?";

  private static final String DECIDED =
      """
      SELECT state || '/' || epoch || '/' || decided || '/' || via FROM admission
       WHERE repository = ? AND digest = ?\
      """;

  private static final String WAIVERS =
      """
      SELECT w.id || '/' || w.revoked || '/' || count(a.approver) FROM waiver w
        LEFT JOIN waiver_approval a ON a.waiver = w.id
       WHERE w.repository = ? AND w.digest = ? GROUP BY w.id, w.revoked ORDER BY w.id\
      """;

  private static final String WITHDRAWN =
      """
      SELECT CAST(withdrawn AS TEXT) FROM withdrawal WHERE repository = ? AND digest = ?\
      """;

  private DecisionBasis() {}

  static String of(Handle handle, long repository, Digest digest) {
    List<String> parts = new ArrayList<>();
    for (String sql : List.of(REFERRERS, DECIDED, WAIVERS, WITHDRAWN)) {
      parts.add(
          String.valueOf(
              handle.select(sql, repository, digest.toString()).mapTo(String.class).list()));
    }
    String stem = digest.algorithm().id() + "-" + digest.hex();
    for (String kind : KINDS) {
      parts.add(
          String.valueOf(handle.select(TAG, repository, stem + kind).mapTo(String.class).list()));
    }
    return String.join("\n", parts);
  }
}
