/** The knowledge graph and its questions. */
@NullMarked
package dev.bulla.graph;

import org.jspecify.annotations.NullMarked;
