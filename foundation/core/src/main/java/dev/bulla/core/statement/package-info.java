/** in-toto statements and the predicate types Bulla speaks. */
@NullMarked
package dev.bulla.core.statement;

import org.jspecify.annotations.NullMarked;
