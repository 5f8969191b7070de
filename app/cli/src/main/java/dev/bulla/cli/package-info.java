/** The {@code bulla} command: a table of commands, each loaded when it is asked for. */
@NullMarked
package dev.bulla.cli;

import org.jspecify.annotations.NullMarked;
