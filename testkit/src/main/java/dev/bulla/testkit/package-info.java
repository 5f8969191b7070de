/** Fakes and harnesses for tests. */
@NullMarked
package dev.bulla.testkit;

import org.jspecify.annotations.NullMarked;
