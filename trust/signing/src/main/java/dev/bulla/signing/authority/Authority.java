package dev.bulla.signing.authority;

import java.util.List;

/**
 * Somebody who is believed: a person, a team, a service. However many keys, certificates and
 * identities it has, it counts once.
 *
 * @param means at least one; each is enough
 */
public record Authority(String name, List<Means> means) {
  public Authority {
    means = List.copyOf(means);
  }

  boolean logged() {
    return means.stream().anyMatch(Means::logged);
  }
}
