package dev.bulla.registry.http;

import dev.bulla.access.Permission;
import dev.bulla.access.Principal;
import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.core.json.Fields;
import dev.bulla.core.json.Json;
import dev.bulla.registry.Admission;
import dev.bulla.registry.Binding;
import dev.bulla.registry.ContentTrust;
import dev.bulla.registry.Page;
import dev.bulla.registry.Registry;
import dev.bulla.registry.Waiver;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What one caller does with content trust, as far as he may: each call asks for the permission that
 * it needs, and answers with a JSON document.
 */
public final class TrustWork {
  private static final int MAX_REASON = 2_000;

  private final Registry registry;
  private final ContentTrust trust;
  private final Principal caller;

  public TrustWork(Registry registry, Principal caller) {
    this.registry = registry;
    this.trust = registry.trust();
    this.caller = caller;
  }

  /**
   * How things stand with a manifest. Those who see what is not admitted ask about the newest by
   * tag, others about what they see.
   */
  public ObjectNode describe(String repository, String reference) {
    boolean all =
        may(repository, Permission.PUSH, Permission.QUARANTINE_READ, Permission.SIGN)
            || may(repository, Permission.ADMIT, Permission.WAIVE);
    if (!all && !RegistryRoutes.may(registry, caller, Permission.PULL, repository)) {
      refuse(repository);
    }
    Digest digest =
        (all ? trust.newest(repository, reference) : trust.visible(repository, reference)).digest();
    return describe(repository, digest);
  }

  private ObjectNode describe(String repository, Digest digest) {
    ObjectNode body = Json.object().put("repository", repository);
    body.put("digest", digest.toString());
    Optional<Binding> binding = trust.binding(repository);
    body.put("mode", binding.map(one -> BindingWork.lower(one.mode())).orElse("open"));
    binding.ifPresent(one -> body.put("binding", one.glob()));
    boolean decided = binding.filter(Binding::decides).isPresent();
    if (decided) {
      body.put("policyDigest", binding.get().digest().toString());
      body.setAll(trust.admission(repository, digest).toJson());
      trust
          .receipt(repository, digest, false)
          .ifPresent(receipt -> body.put("receipt", receipt.toString()));
    }
    body.put("admitted", !decided || body.path("visible").asBoolean(false));
    return body;
  }

  /** Has the decision signed, also one against, and says where the summary is. */
  public ObjectNode receipt(String repository, String reference) {
    if (!may(repository, Permission.PUSH, Permission.QUARANTINE_READ, Permission.ADMIT)) {
      refuse(repository);
    }
    Digest digest = trust.newest(repository, reference).digest();
    trust.receipt(repository, digest, true);
    return describe(repository, digest);
  }

  /** What was decided last about the manifests of a repository. */
  public ObjectNode list(String repository, String state, String last, int limit) {
    require(repository, Permission.QUARANTINE_READ);
    Optional<Admission.State> only =
        state.isEmpty()
            ? Optional.empty()
            : Optional.of(
                Binding.parse(
                    Admission.State.class, "state", state.toLowerCase(java.util.Locale.ROOT)));
    Page<ContentTrust.Decided> page = trust.decided(repository, only, last, limit);
    ObjectNode body = Json.object().put("repository", repository);
    ArrayNode all = body.putArray("decisions");
    for (ContentTrust.Decided one : page.entries()) {
      ObjectNode node = Json.object().put("digest", one.digest().toString());
      all.add(node.setAll(one.admission().toJson()));
    }
    return more(body, page.more(), page.more() ? page.entries().getLast().digest().toString() : "");
  }

  /** Has a manifest decided now. The rules are the same; nothing is overridden. */
  public ObjectNode admit(String repository, String reference) {
    require(repository, Permission.ADMIT);
    Digest digest = trust.newest(repository, reference).digest();
    trust.reconsider(repository, digest);
    return describe(repository, digest);
  }

  /** Takes a manifest back from readers. */
  public ObjectNode revoke(String repository, String reference, JsonNode request) {
    require(repository, Permission.ADMIT);
    Fields fields = Fields.of(request, "request").only("repository", "reference", "reason");
    String reason = fields.string("reason");
    if (reason.isBlank() || reason.length() > MAX_REASON) {
      throw fields.invalid("reason", "not 1 to %d characters long".formatted(MAX_REASON));
    }
    Digest digest = trust.newest(repository, reference).digest();
    trust.withdraw(repository, digest, reason.strip(), caller.name());
    return describe(repository, digest);
  }

  /** Undoes {@link #revoke}; the image is judged by its evidence again. */
  public ObjectNode reinstate(String repository, String reference) {
    require(repository, Permission.ADMIT);
    Digest digest = trust.newest(repository, reference).digest();
    trust.reinstate(repository, digest);
    return describe(repository, digest);
  }

  /**
   * Asks for an exception. A digest need not be there yet.
   *
   * @param request with {@code reason}, {@code until} and either {@code clauses} or {@code all}
   */
  public ObjectNode waive(String repository, String reference, JsonNode request) {
    if (!may(repository, Permission.PUSH, Permission.SIGN)
        && !may(repository, Permission.ADMIT, Permission.WAIVE)) {
      refuse(repository);
    }
    Fields fields =
        Fields.of(request, "request")
            .only("repository", "reference", "reason", "until", "clauses", "all");
    boolean all = fields.optionalBoolean("all").orElse(false);
    List<String> clauses = fields.has("clauses") ? fields.strings("clauses") : List.of();
    if (all != clauses.isEmpty()) {
      throw fields.invalid(
          "clauses", all ? "given beside 'all'" : "empty; name clauses, or say \"all\": true");
    }
    Digest digest =
        Registry.isDigest(reference)
            ? Digest.parse(reference)
            : trust.newest(repository, reference).digest();
    Waiver waiver =
        trust
            .waivers()
            .request(
                repository,
                digest,
                clauses,
                fields.string("reason"),
                time(fields, "until"),
                caller.name());
    return trust.waivers().describe(waiver);
  }

  /** Requests and exceptions, the newest first; of all repositories only for the owner. */
  public ObjectNode waivers(String repository, long last, int limit) {
    if (repository.isEmpty() && !caller.isOwner()
        || !repository.isEmpty()
            && !may(repository, Permission.PUSH, Permission.QUARANTINE_READ, Permission.SIGN)
            && !may(repository, Permission.ADMIT, Permission.WAIVE)) {
      refuse(repository.isEmpty() ? "of any name" : repository);
    }
    Page<Waiver> page = trust.waivers().list(repository, last, limit);
    ObjectNode body = Json.object();
    ArrayNode all = body.putArray("waivers");
    page.entries().forEach(one -> all.add(trust.waivers().describe(one)));
    return more(body, page.more(), page.more() ? Long.toString(page.entries().getLast().id()) : "");
  }

  /** Agrees to an exception. */
  public ObjectNode approve(long id) {
    Waiver waiver = trust.waivers().get(id);
    require(waiver.repository(), Permission.WAIVE);
    return trust.waivers().describe(trust.waivers().approve(waiver, caller.name()));
  }

  /** Takes an exception back; its requester may too. */
  public ObjectNode unwaive(long id) {
    Waiver waiver = trust.waivers().get(id);
    if (caller.isAnonymous() || !waiver.requester().equals(caller.name())) {
      require(waiver.repository(), Permission.WAIVE);
    }
    return trust.waivers().describe(trust.waivers().revoke(waiver, caller.name()));
  }

  private static ObjectNode more(ObjectNode body, boolean more, String next) {
    return more ? body.put("next", next) : body;
  }

  /** Who may push counts also with a token for something less: nothing here is a push. */
  private boolean may(String repository, Permission... any) {
    for (Permission one : any) {
      if (one == Permission.PUSH
          ? RegistryRoutes.mayPushIfAsked(caller, repository)
          : caller.may(one, repository)) {
        return true;
      }
    }
    return false;
  }

  private void require(String repository, Permission permission) {
    if (!caller.may(permission, repository)) {
      refuse(repository);
    }
  }

  private void refuse(String repository) {
    RegistryRoutes.refuse(caller, repository);
  }

  private static Instant time(Fields fields, String name) {
    String text = fields.string(name);
    try {
      return OffsetDateTime.parse(text).toInstant();
    } catch (DateTimeException e) {
      throw fields.invalid(
          name, "'%s', expected a time such as 2026-12-31T12:00:00Z".formatted(Shown.text(text)));
    }
  }

  /**
   * The number of a waiver in an address.
   *
   * @throws BullaException {@link ErrorCode#ROUTE_NOT_FOUND}
   */
  static long id(String text) {
    if (!text.matches("[0-9]{1,18}")) {
      throw new BullaException(
          ErrorCode.ROUTE_NOT_FOUND, "'%s' is the number of no waiver".formatted(Shown.text(text)));
    }
    return Long.parseLong(text);
  }
}
