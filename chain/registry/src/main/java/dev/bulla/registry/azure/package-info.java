/** The own REST interface of Azure Container Registry. */
@NullMarked
package dev.bulla.registry.azure;

import org.jspecify.annotations.NullMarked;
