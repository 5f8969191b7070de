/** Cosign's signatures by key: Sigstore bundles as referrers, and the older tags. */
@NullMarked
package dev.bulla.signing.cosign;

import org.jspecify.annotations.NullMarked;
