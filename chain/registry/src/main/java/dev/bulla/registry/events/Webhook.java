package dev.bulla.registry.events;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.core.json.Json;
import dev.bulla.registry.NamePattern;
import dev.bulla.store.Event;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Somebody who is told of events.
 *
 * @param name of the webhook, unique
 * @param url to which events are posted: https, or http on this machine
 * @param glob the repositories whose events are sent; with {@code **} also events about none
 * @param types patterns of types as {@link Event#type} writes them, such as {@code
 *     registry.manifest.*}; empty for all
 * @param allowPrivate whether the address may be in a private network
 * @param giveUp how long nothing may get through before nothing is sent any more
 */
public record Webhook(
    String name, URI url, String glob, List<String> types, boolean allowPrivate, Duration giveUp) {
  /** Unless another time is given. */
  public static final Duration GIVE_UP = Duration.ofDays(7);

  private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9._-]{0,62}");
  private static final Pattern TYPE = Pattern.compile("[a-z*][a-z.*-]{0,99}");
  private static final int MAX_TYPES = 50;
  private static final int MAX_URL = 2_000;

  public Webhook {
    types = List.copyOf(types);
    if (!NAME.matcher(name).matches()) {
      throw invalid("its name is '%s'".formatted(Shown.text(name)), "Use a-z, 0-9, . _ and -.");
    }
    NamePattern.checkRepositories(glob);
    if (types.size() > MAX_TYPES || !types.stream().allMatch(t -> TYPE.matcher(t).matches())) {
      throw invalid("its types are " + Shown.text(types.toString()), "For example registry.tag.*");
    }
    if (giveUp.compareTo(Duration.ofMinutes(1)) < 0 || giveUp.compareTo(Duration.ofDays(30)) > 0) {
      throw invalid("it would be given up after " + giveUp, "Give a minute to 30 days.");
    }
    boolean web = "https".equals(url.getScheme()) || "http".equals(url.getScheme());
    if (!web
        || url.getHost() == null
        || url.getRawUserInfo() != null
        || url.getFragment() != null) {
      throw invalid(
          "'%s' is not where it could be".formatted(Shown.text(url.toString())),
          "Give an address such as https://HOST/PATH, without a user's name.");
    }
  }

  /**
   * @throws BullaException {@link ErrorCode#USAGE}
   */
  public static URI address(String text) {
    try {
      if (text.length() <= MAX_URL) {
        return URI.create(new URI(text).toASCIIString());
      }
    } catch (URISyntaxException e) {
      // told below
    }
    throw invalid("'%s' is no address".formatted(Shown.text(text)), "Give https://HOST/PATH.");
  }

  /** Whether it is told of an event. */
  public boolean wants(Event event) {
    String repository = EventLog.repositoryOf(event);
    return (repository.isEmpty() ? glob.equals("**") : NamePattern.matches(glob, repository))
        && (types.isEmpty()
            || types.stream().anyMatch(type -> NamePattern.matches(type, event.type())));
  }

  ObjectNode toJson() {
    ObjectNode node = Json.object().put("name", name).put("url", url.toString());
    node.put("repositories", glob);
    ArrayNode all = node.putArray("types");
    types.forEach(all::add);
    node.put("allowPrivate", allowPrivate).put("giveUpSeconds", giveUp.toSeconds());
    return node;
  }

  static BullaException invalid(String why, String next) {
    return new BullaException(ErrorCode.USAGE, "the webhook is refused: " + why, next);
  }
}
