@NullMarked
package dev.bulla.advisory;

import org.jspecify.annotations.NullMarked;
