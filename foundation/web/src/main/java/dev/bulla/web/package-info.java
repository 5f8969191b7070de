/** The HTTP server: routes, streaming, problem details, metrics; knows no feature. */
@NullMarked
package dev.bulla.web;

import org.jspecify.annotations.NullMarked;
