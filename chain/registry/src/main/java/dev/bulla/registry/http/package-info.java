/** The distribution protocol, version 1.1, in front of the registry. */
@NullMarked
package dev.bulla.registry.http;

import org.jspecify.annotations.NullMarked;
