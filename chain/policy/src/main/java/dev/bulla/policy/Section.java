package dev.bulla.policy;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** A part of the facts that exists only in some phases. */
public enum Section {
  TEMPLATE,
  SUBJECT,
  SIGNATURES,
  ATTESTATIONS,
  PROVENANCE,
  SBOM,
  VULNS;

  /** What is known of an image from its verified statements. */
  static final Set<Section> EVIDENCE = Set.copyOf(EnumSet.complementOf(EnumSet.of(TEMPLATE)));

  /** The member of the facts document. */
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * Whether the section says by its member {@code present} that there is anything; lists are simply
   * empty.
   */
  boolean hasPresence() {
    return this != SIGNATURES && this != ATTESTATIONS;
  }

  static Optional<Section> find(String id) {
    return Arrays.stream(values()).filter(section -> section.id().equals(id)).findFirst();
  }
}
