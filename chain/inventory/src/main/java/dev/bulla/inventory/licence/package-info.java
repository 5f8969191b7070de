/** What packages call their licence, in the words of SPDX. */
@NullMarked
package dev.bulla.inventory.licence;

import org.jspecify.annotations.NullMarked;
