/** Keys in tokens: PKCS#11 (Cryptoki 2.40), named by RFC 7512 URIs. */
@NullMarked
package dev.bulla.keys.pkcs11;

import org.jspecify.annotations.NullMarked;
