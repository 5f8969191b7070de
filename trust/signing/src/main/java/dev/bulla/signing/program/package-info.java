/**
 * Programs of other people that take part in signing: how they are found fit to run, run and ended.
 */
@NullMarked
package dev.bulla.signing.program;

import org.jspecify.annotations.NullMarked;
