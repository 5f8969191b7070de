/** Key files, certificates and chains: signers and verifiers behind the ports of core. */
@NullMarked
package dev.bulla.keys;

import org.jspecify.annotations.NullMarked;
