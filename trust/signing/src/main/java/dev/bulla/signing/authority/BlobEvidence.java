package dev.bulla.signing.authority;

import dev.bulla.signing.notation.EnvelopeFormat;

/** What was delivered with a file to prove who signed it or what is said of it. */
public sealed interface BlobEvidence {
  /** A Sigstore bundle: a signature over the file, or a statement about it. */
  record SigstoreBundle(byte[] bytes) implements BlobEvidence {}

  /** A Notation signature of the file. */
  record NotationSignature(byte[] bytes, EnvelopeFormat format) implements BlobEvidence {}
}
