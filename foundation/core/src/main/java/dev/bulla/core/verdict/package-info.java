/** Decisions as data: ordered rule results with their evidence. */
@NullMarked
package dev.bulla.core.verdict;

import org.jspecify.annotations.NullMarked;
