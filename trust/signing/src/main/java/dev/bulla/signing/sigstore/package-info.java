/**
 * What Sigstore adds to a signature and how it is judged: trusted roots, log entries, certificates,
 * timestamps, identities.
 */
@NullMarked
package dev.bulla.signing.sigstore;

import org.jspecify.annotations.NullMarked;
