/** Reading tar layers and zip archives from untrusted bytes, without unpacking them. */
@NullMarked
package dev.bulla.inventory.archive;

import org.jspecify.annotations.NullMarked;
