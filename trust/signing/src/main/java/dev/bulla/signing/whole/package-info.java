/** Whole images: an index with all its children, and everything that is said about them. */
@NullMarked
package dev.bulla.signing.whole;

import org.jspecify.annotations.NullMarked;
