/** Notation and Cosign/Sigstore: sign and verify. */
@NullMarked
package dev.bulla.signing;

import org.jspecify.annotations.NullMarked;
