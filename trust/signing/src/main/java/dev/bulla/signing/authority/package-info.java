/**
 * The Bulla trust policy: which authorities are believed for which images, how many of them must
 * have signed, and the one verifier over the signatures of both families that goes by it.
 */
@NullMarked
package dev.bulla.signing.authority;

import org.jspecify.annotations.NullMarked;
