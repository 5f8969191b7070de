/** Strict JSON and YAML, and the canonical form of RFC 8785. */
@NullMarked
package dev.bulla.core.json;

import org.jspecify.annotations.NullMarked;
