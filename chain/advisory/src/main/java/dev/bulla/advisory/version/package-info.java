/** How each ecosystem orders its versions. */
@NullMarked
package dev.bulla.advisory.version;

import org.jspecify.annotations.NullMarked;
