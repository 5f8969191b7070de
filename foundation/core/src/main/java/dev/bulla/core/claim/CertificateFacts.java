package dev.bulla.core.claim;

import java.time.Instant;

/**
 * What a signer's certificate says, for people and records.
 *
 * @param subject distinguished name (RFC 2253); may be empty in a certificate of an identity
 * @param issuer distinguished name of who issued it
 * @param serial hexadecimal, lower case
 * @param sha256 of the whole certificate, hexadecimal, lower case
 */
public record CertificateFacts(
    String subject,
    String issuer,
    String serial,
    Instant notBefore,
    Instant notAfter,
    String sha256) {}
