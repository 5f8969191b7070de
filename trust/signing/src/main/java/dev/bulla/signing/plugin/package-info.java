/**
 * Host of Notation's plugin protocol 1.0 (Notary Project plugin-extensibility.md): programs of
 * other people that sign with keys elsewhere, or verify what only they understand.
 */
@NullMarked
package dev.bulla.signing.plugin;

import org.jspecify.annotations.NullMarked;
