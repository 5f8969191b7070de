/** Sandboxed CEL: typed environments, limits, compile once. */
@NullMarked
package dev.bulla.rules;

import org.jspecify.annotations.NullMarked;
