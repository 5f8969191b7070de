/** One process that composes every service. */
@NullMarked
package dev.bulla.server;

import org.jspecify.annotations.NullMarked;
