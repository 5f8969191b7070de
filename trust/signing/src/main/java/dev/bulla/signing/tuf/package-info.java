/**
 * The Update Framework (TUF specification 1.0): how trusted roots are fetched so that nobody on the
 * way can change them, hold them back unnoticed or play back old ones, and how they are kept for
 * use without a network.
 */
@NullMarked
package dev.bulla.signing.tuf;

import org.jspecify.annotations.NullMarked;
