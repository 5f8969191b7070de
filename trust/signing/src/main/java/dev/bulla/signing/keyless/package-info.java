/**
 * Signing without a key of one's own: identity tokens, the services that certify, stamp and log
 * (Fulcio, RFC 3161, Rekor), and which of them to use. What they answer is verified before it is
 * used.
 */
@NullMarked
package dev.bulla.signing.keyless;

import org.jspecify.annotations.NullMarked;
