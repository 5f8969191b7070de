/** The chain as one run. */
@NullMarked
package dev.bulla.pipeline;

import org.jspecify.annotations.NullMarked;
