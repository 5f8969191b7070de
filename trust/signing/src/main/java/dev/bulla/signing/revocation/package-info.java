/** Whether certificates were revoked: OCSP and CRL, asked over HTTP or supplied for offline use. */
@NullMarked
package dev.bulla.signing.revocation;

import org.jspecify.annotations.NullMarked;
