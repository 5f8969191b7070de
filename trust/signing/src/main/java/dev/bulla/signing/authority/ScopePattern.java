package dev.bulla.signing.authority;

/** By what a scope applies to something. */
public sealed interface ScopePattern permits ImagePattern, BlobPattern {
  /** As written. */
  String text();
}
