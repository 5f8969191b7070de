/** Parsers of package databases, package metadata and program files; pure functions of bytes. */
@NullMarked
package dev.bulla.inventory.format;

import org.jspecify.annotations.NullMarked;
