/** Image template to image: layers, lock, provenance. */
@NullMarked
package dev.bulla.build;

import org.jspecify.annotations.NullMarked;
