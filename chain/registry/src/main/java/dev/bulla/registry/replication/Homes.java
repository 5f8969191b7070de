package dev.bulla.registry.replication;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.json.Fields;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Where a copy comes from: the fingerprints of the keys of the registries on its way, the next one
 * first, the home last. If a registry stands in the way of what it is to copy, they stand in a ring
 * in which nobody could write the repository any more.
 *
 * <p>What a source tells of its way is not signed. Who leaves something out keeps a ring from being
 * noticed, by which he wins nothing.
 */
final class Homes {
  /** The most registries between a copy and its home, with the home. */
  static final int MAX = 16;

  private static final Pattern FINGERPRINT = Pattern.compile("[0-9a-f]{64}");

  private Homes() {}

  static List<String> parse(Fields fields) {
    List<String> homes = fields.strings("homes");
    if (homes.size() > MAX || !homes.stream().allMatch(one -> FINGERPRINT.matcher(one).matches())) {
      throw fields.invalid("homes", "not up to %d fingerprints of keys".formatted(MAX));
    }
    return homes;
  }

  /**
   * @param told how the source comes by the repository; empty if it has its home there
   * @throws BullaException {@link ErrorCode#CONFIGURATION_INVALID} if a copy here would close a
   *     ring, or be too far from home
   */
  static void require(Seal here, String source, String repository, List<String> told) {
    if (told.stream().anyMatch(here::isOwn)) {
      String by = here.isOwn(told.getFirst()) ? "" : ", by way of others,";
      throw new BullaException(
          ErrorCode.CONFIGURATION_INVALID,
          "%s copies %s%s from this registry".formatted(source, repository, by),
          "A repository has one home. Use a pattern without it, or end one of the replications of"
              + " the ring first.");
    }
    if (told.size() >= MAX) {
      throw new BullaException(
          ErrorCode.CONFIGURATION_INVALID,
          "%s is %d registries away from the home of %s".formatted(source, told.size(), repository),
          "Copy it from a registry that is nearer to its home.");
    }
  }
}
