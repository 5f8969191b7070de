/** Manifests, indexes, layouts and the distribution client. */
@NullMarked
package dev.bulla.oci;

import org.jspecify.annotations.NullMarked;
