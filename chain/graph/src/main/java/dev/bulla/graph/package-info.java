/**
 * The knowledge graph and its questions: {@code graph.db}, typed relations over verified evidence,
 * rebuildable from it.
 *
 * <p>The door is {@link dev.bulla.graph.Graph}.
 */
@NullMarked
package dev.bulla.graph;

import org.jspecify.annotations.NullMarked;
