/** The Notary Project's signatures: envelopes, certificate rules, signing and verifying. */
@NullMarked
package dev.bulla.signing.notation;

import org.jspecify.annotations.NullMarked;
