/** The bulla command. */
@NullMarked
package dev.bulla.cli;

import org.jspecify.annotations.NullMarked;
