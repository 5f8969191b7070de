/** DSSE envelopes and their to-be-signed bytes. */
@NullMarked
package dev.bulla.core.envelope;

import org.jspecify.annotations.NullMarked;
