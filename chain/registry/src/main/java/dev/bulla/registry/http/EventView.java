package dev.bulla.registry.http;

import dev.bulla.access.Permission;
import dev.bulla.access.Principal;
import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.registry.Registry;
import dev.bulla.registry.events.EventLog;
import dev.bulla.store.Event;
import tools.jackson.databind.node.ObjectNode;

/**
 * What one caller may know of what happened. The owner may know everything; others what is about
 * repositories that they may read. Where a binding is enforced, readers learn of a manifest what
 * they could see: that it was pushed, tagged, admitted once it is; that it is gone or was taken
 * back if they were shown it before. Who did something is told to those who see also what is not
 * admitted.
 */
final class EventView {
  private final Registry registry;
  private final EventLog log;
  private final Principal caller;

  EventView(Registry registry, EventLog log, Principal caller) {
    this.registry = registry;
    this.log = log;
    this.caller = caller;
  }

  boolean shows(Event event) {
    if (caller.isOwner()) {
      return true;
    }
    String repository = EventLog.repositoryOf(event);
    if (repository.isEmpty() || !event.type().startsWith("registry.")) {
      return false;
    }
    if (seesAll(repository)) {
      return true;
    }
    return RegistryRoutes.may(registry, caller, Permission.PULL, repository)
        && (!registry.trust().enforced(repository) || showsReader(event, repository));
  }

  private boolean showsReader(Event event, String repository) {
    return switch (event.type()) {
      case "registry.manifest.pushed", "registry.tag.moved", "registry.trust.admitted" ->
          isVisible(repository, event.subject());
      case "registry.manifest.deleted", "registry.tag.deleted" ->
          event.payload().path("admitted").asBoolean(false);
      // only what was admitted can be taken back
      case "registry.trust.revoked", "registry.repository.deleted" -> true;
      default -> false;
    };
  }

  /** What cannot be decided is not visible. */
  private boolean isVisible(String repository, String digest) {
    try {
      return registry.trust().isVisible(repository, Digest.parse(digest));
    } catch (BullaException e) {
      return false;
    }
  }

  private boolean seesAll(String repository) {
    return RegistryRoutes.mayPushIfAsked(caller, repository)
        || caller.may(Permission.QUARANTINE_READ, repository)
        || caller.may(Permission.SIGN, repository);
  }

  ObjectNode describe(Event event) {
    ObjectNode node = log.describe(event);
    if (!caller.isOwner() && !seesAll(EventLog.repositoryOf(event))) {
      node.remove("authtype");
      node.remove("authid");
      if (event.payload().has("by")) {
        ObjectNode payload = event.payload().deepCopy();
        payload.remove("by");
        node.set("data", payload);
      }
    }
    return node;
  }
}
