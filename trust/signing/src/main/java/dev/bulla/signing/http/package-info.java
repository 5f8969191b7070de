/** Short exchanges with services that need not be trusted. */
@NullMarked
package dev.bulla.signing.http;

import org.jspecify.annotations.NullMarked;
