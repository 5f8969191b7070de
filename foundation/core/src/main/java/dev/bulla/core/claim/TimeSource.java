package dev.bulla.core.claim;

/** How it is known when a signature was made. */
public enum TimeSource {
  /** Nothing says it. */
  NONE(false),
  /** The signer's own word, which is signed and proves nothing. */
  SIGNER(false),
  /** The word of a signing authority, in whose hands the key is. */
  SIGNING_AUTHORITY(true),
  /** An RFC 3161 timestamp of an authority that is believed. */
  TIMESTAMP(true),
  /** The promise of a transparency log that is believed. */
  LOG(true);

  private final boolean proven;

  TimeSource(boolean proven) {
    this.proven = proven;
  }

  /** Whether somebody other than the signer says it. */
  public boolean isProof() {
    return proven;
  }
}
