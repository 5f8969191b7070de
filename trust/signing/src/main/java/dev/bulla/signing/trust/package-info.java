/**
 * Who is believed: Notation trust policies, trust stores, distinguished names, and the record of
 * checks.
 */
@NullMarked
package dev.bulla.signing.trust;

import org.jspecify.annotations.NullMarked;
