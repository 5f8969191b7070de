/** The chain as one run: {@code ship}, its gates, and what the server does with the result. */
@NullMarked
package dev.bulla.pipeline;

import org.jspecify.annotations.NullMarked;
