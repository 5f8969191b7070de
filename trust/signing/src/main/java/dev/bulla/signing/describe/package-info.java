/** What signatures say of themselves, without judging them. */
@NullMarked
package dev.bulla.signing.describe;

import org.jspecify.annotations.NullMarked;
