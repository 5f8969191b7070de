/**
 * The knowledge graph and its questions: {@code graph.db}, typed relations over verified evidence.
 * It holds nothing that the evidence does not say, but for refusals before a build.
 *
 * <p>The door is {@link dev.bulla.graph.Graph}.
 */
@NullMarked
package dev.bulla.graph;

import org.jspecify.annotations.NullMarked;
