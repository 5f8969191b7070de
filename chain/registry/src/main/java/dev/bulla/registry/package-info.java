/** The OCI registry. */
@NullMarked
package dev.bulla.registry;

import org.jspecify.annotations.NullMarked;
