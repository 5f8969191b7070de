/** Puts the application together: unsigned jars, AOT caches. */
@NullMarked
package dev.bulla.dist;

import org.jspecify.annotations.NullMarked;
