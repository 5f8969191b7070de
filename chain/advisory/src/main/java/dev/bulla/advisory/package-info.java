/** Components to known vulnerabilities: OSV records, version ordering, matching. */
@NullMarked
package dev.bulla.advisory;

import org.jspecify.annotations.NullMarked;
