package dev.bulla.signing.tuf;

import java.time.Instant;

/** The state of a role: {@code root}, {@code timestamp}, {@code snapshot} or {@code targets}. */
public record RoleState(String name, long version, Instant expires) {}
