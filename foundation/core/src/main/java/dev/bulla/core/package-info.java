/** Values every room shares: digests, references, descriptors, error codes. */
@NullMarked
package dev.bulla.core;

import org.jspecify.annotations.NullMarked;
