/** One class per command. */
@NullMarked
package dev.bulla.cli.command;

import org.jspecify.annotations.NullMarked;
