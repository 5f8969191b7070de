package dev.bulla.web;

import javax.net.ssl.SSLContext;

/**
 * What HTTPS listeners that other machines can reach answer with.
 *
 * @param asksForCertificates whether callers may show a certificate; {@code context} then knows
 *     whose to believe. One that it does not believe ends the handshake, none is no error.
 */
public record PublicTls(SSLContext context, boolean asksForCertificates) {}
