package dev.bulla.signing.notation;

import dev.bulla.signing.trust.TrustStatement;
import dev.bulla.signing.trust.TrustStore;
import java.time.Instant;

/**
 * By what one signature is judged, whatever it signs.
 *
 * @param statement of the trust policy, the one that applies
 */
record Basis(TrustStatement statement, TrustStore stores, SignatureRules rules, Instant now) {}
