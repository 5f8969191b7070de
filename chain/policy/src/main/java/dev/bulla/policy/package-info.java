/** Facts from verified statements, policy bundles, verdicts. */
@NullMarked
package dev.bulla.policy;

import org.jspecify.annotations.NullMarked;
