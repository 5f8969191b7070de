/** Ports for signing and verifying; the adapters live in {@code keys}. */
@NullMarked
package dev.bulla.core.crypto;

import org.jspecify.annotations.NullMarked;
