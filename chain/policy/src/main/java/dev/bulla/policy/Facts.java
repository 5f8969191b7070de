package dev.bulla.policy;

import dev.bulla.core.Digest;
import dev.bulla.core.json.Json;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/**
 * What is known of a subject at one moment, as one document ({@code facts/v1}, docs/policy.md).
 * Everything in it comes from verified statements, from the template that is about to be built, or
 * from the caller's clock; a policy reads nothing else.
 *
 * <p>Every member is always there: a section without evidence is empty and says {@code present:
 * false}. Immutable.
 */
public final class Facts {
  /** The version of the document's shape. */
  public static final String VERSION = "facts/v1";

  private final Phase phase;
  private final Optional<Digest> subject;
  private final String name;
  private final byte[] canonical;
  private final Digest digest;

  Facts(Phase phase, Optional<Digest> subject, String name, ObjectNode document) {
    this.phase = phase;
    this.subject = subject;
    this.name = name;
    this.canonical = Json.canonical(document);
    this.digest = Digest.sha256(canonical);
  }

  public Phase phase() {
    return phase;
  }

  /** The image, once there is one. */
  public Optional<Digest> subject() {
    return subject;
  }

  /** What people call the subject: its first reference, else its digest, else the template. */
  public String name() {
    return name;
  }

  /** The document in canonical form (RFC 8785): the bytes that {@link #digest} is of. */
  public byte[] canonical() {
    return canonical.clone();
  }

  public Digest digest() {
    return digest;
  }

  /** A fresh copy of the document, read from the canonical bytes. */
  ObjectNode document() {
    return (ObjectNode) Json.parse(canonical, "facts");
  }
}
