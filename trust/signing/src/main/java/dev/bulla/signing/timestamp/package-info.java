/** RFC 3161 timestamps, as both families of signatures carry them. */
@NullMarked
package dev.bulla.signing.timestamp;

import org.jspecify.annotations.NullMarked;
