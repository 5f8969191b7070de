/** What verification says about a signature or a signed statement. */
@NullMarked
package dev.bulla.core.claim;

import org.jspecify.annotations.NullMarked;
