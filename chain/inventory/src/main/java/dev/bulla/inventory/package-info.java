/** Image, directory or layout to components and licences; SPDX and CycloneDX. */
@NullMarked
package dev.bulla.inventory;

import org.jspecify.annotations.NullMarked;
