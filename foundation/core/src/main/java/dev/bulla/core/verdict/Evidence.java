package dev.bulla.core.verdict;

import dev.bulla.core.Digest;
import java.util.Optional;

/**
 * What a rule looked at.
 *
 * @param kind what it is: a predicate type, {@code component}, {@code signature}, {@code template}
 * @param digest of the document that says so, if it is one
 * @param detail for people: the component, the path, the identity
 */
public record Evidence(String kind, Optional<Digest> digest, String detail) {}
