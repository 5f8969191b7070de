/** Who is calling and what they may do. */
@NullMarked
package dev.bulla.access;

import org.jspecify.annotations.NullMarked;
