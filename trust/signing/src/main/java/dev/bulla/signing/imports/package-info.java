/**
 * Trust policies of other programs, carried over into a Bulla trust policy with a list of what
 * could not be.
 */
@NullMarked
package dev.bulla.signing.imports;

import org.jspecify.annotations.NullMarked;
