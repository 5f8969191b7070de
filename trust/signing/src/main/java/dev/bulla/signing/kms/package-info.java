/** Keys behind programs: the {@code sigstore-kms-NAME} protocol of cosign. */
@NullMarked
package dev.bulla.signing.kms;

import org.jspecify.annotations.NullMarked;
