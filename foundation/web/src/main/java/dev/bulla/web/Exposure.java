package dev.bulla.web;

/** Who may reach a route at all, decided before its handler runs. */
public enum Exposure {
  /** Anybody who reaches the listener: health, discovery, key sets. */
  PUBLIC,
  /** Whoever the {@link Guard} lets in; nobody when the server has no guard. The default. */
  GUARDED,
  /** The handler asks for access itself, because the answer depends on what is addressed. */
  DECIDED_BY_HANDLER
}
