package dev.bulla.access;

import java.time.Instant;
import java.util.List;

/** A machine with a name and a secret, and what it may do. */
public record Robot(String name, List<Grant> grants, Instant created) {
  public Robot {
    grants = List.copyOf(grants);
  }
}
