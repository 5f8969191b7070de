package dev.bulla.signing.notation;

import dev.bulla.core.Descriptor;
import dev.bulla.core.Digest;

/** What a signature has to be about. */
@FunctionalInterface
interface SignedSubject {
  /**
   * The descriptor that must have been signed.
   *
   * @param hash of the signature's algorithm, by which files are named
   * @param mediaType that was signed, for a subject that is not bound to one
   */
  Descriptor as(Digest.Algorithm hash, String mediaType);
}
