package dev.bulla.signing.tuf;

import dev.bulla.core.Digest;
import dev.bulla.core.json.Fields;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Files, and to whom others are handed on (TUF specification section 4.5). */
record Targets(
    long version,
    Instant expires,
    Map<String, TargetFile> files,
    List<Delegation> delegations,
    Optional<HashBins> bins) {
  Targets {
    files = Map.copyOf(files);
    delegations = List.copyOf(delegations);
  }

  static Targets parse(SignedFile file) {
    return Refused.unreadable(
        file.name(),
        () -> {
          Fields signed = file.ofType("targets").signed();
          Map<String, TargetFile> files = new HashMap<>();
          Fields targets = signed.object("targets");
          for (String path : targets.node().propertyNames()) {
            target(path, targets.object(path)).ifPresent(target -> files.put(path, target));
          }
          return new Targets(
              file.version(), file.expires(), files, delegations(signed), bins(signed));
        });
  }

  /** Empty if no hash of the file can be checked, so that it cannot be had. */
  private static Optional<TargetFile> target(String path, Fields entry) {
    long length = entry.integer("length");
    Map<String, String> written = entry.stringMap("hashes");
    if (length < 0 || written.isEmpty()) {
      throw entry.invalid("length", "negative, or there is no hash");
    }
    boolean known = written.keySet().stream().anyMatch(Targets::isKnown);
    return known
        ? Optional.of(new TargetFile(path, length, FileHashes.parse(entry).digests()))
        : Optional.empty();
  }

  private static boolean isKnown(String algorithm) {
    for (Digest.Algorithm known : Digest.Algorithm.values()) {
      if (known.id().equals(algorithm)) {
        return true;
      }
    }
    return false;
  }

  private static List<Delegation> delegations(Fields signed) {
    Optional<Fields> delegations = signed.optionalObject("delegations");
    List<Delegation> all = new ArrayList<>();
    if (delegations.isEmpty()) {
      return all;
    }
    if (delegations.get().has("succinct_roles")) {
      if (delegations.get().has("roles")) {
        throw delegations.get().invalid("succinct_roles", "beside roles");
      }
      return all;
    }
    Map<String, TufKey> keys = RoleKeys.allKeys(delegations.get());
    Set<String> names = new HashSet<>();
    for (Fields role : delegations.get().objects("roles")) {
      Delegation delegation = Delegation.parse(role, keys);
      if (!names.add(delegation.name())) {
        throw role.invalid("name", "there twice: " + delegation.name());
      }
      all.add(delegation);
    }
    return all;
  }

  private static Optional<HashBins> bins(Fields signed) {
    return signed
        .optionalObject("delegations")
        .flatMap(delegations ->
            delegations
                .optionalObject("succinct_roles")
                .map(bins -> HashBins.parse(bins, RoleKeys.allKeys(delegations))));
  }

  /** Who else may say something about {@code path}, in the order in which they are asked. */
  List<Delegation> covering(String path) {
    return bins.map(one -> List.of(one.of(path)))
        .orElseGet(() -> delegations.stream().filter(one -> one.covers(path)).toList());
  }
}
