/** The commands {@code bulla registry …}. */
@NullMarked
package dev.bulla.cli.registry;

import org.jspecify.annotations.NullMarked;
