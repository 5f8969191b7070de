package dev.bulla.core.json;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.common.Anchor;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.nodes.Tag;
import org.snakeyaml.engine.v2.resolver.CoreScalarResolver;
import org.snakeyaml.engine.v2.resolver.ScalarResolver;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Writes out the aliases ({@code *name}) and merge keys ({@code <<}) of one document while it is
 * read, as readers of Kubernetes manifests do.
 *
 * <p>What an alias stands for is counted each time that it is used, and at most {@value
 * #MAX_ALIASED} values may come from aliases, so that a document which doubles itself a few dozen
 * times ends here. Shared parts are shared in memory too; nobody may change the result.
 *
 * <p>Of several merged mappings the first that has a member gives it. What a mapping says itself
 * goes before what is merged, as the YAML merge key has it; but kubectl and Helm let a merge key
 * that stands <em>after</em> a member replace it. Where the two come to different values, nobody
 * can say which one is meant, and the document is refused.
 */
final class YamlAliases {
  static final int MAX_ALIASED = 10_000;
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
  private static final ScalarResolver SCALARS = new CoreScalarResolver(true);

  private final Iterator<Event> events;
  private final String what;
  private final Map<Anchor, Sized> anchors = new HashMap<>();
  private final Set<Anchor> open = new HashSet<>();
  private int aliased;

  /**
   * @param values how many there are in it, itself counted
   * @param depth of the deepest, 1 for a scalar
   */
  private record Sized(JsonNode node, int values, int depth) {}

  YamlAliases(Iterable<Event> events, String what) {
    this.events = events.iterator();
    this.what = what;
  }

  /**
   * The document's value; null if there is none.
   *
   * @throws BullaException {@link ErrorCode#INPUT_TOO_LARGE}, {@link ErrorCode#JSON_TOO_DEEP},
   *     {@link ErrorCode#JSON_DUPLICATE_KEY}, {@link ErrorCode#JSON_MALFORMED}
   * @throws org.snakeyaml.engine.v2.exceptions.YamlEngineException if it is no YAML
   */
  @Nullable JsonNode read() {
    events.next(); // the stream begins
    if (events.next().getEventId() == Event.ID.StreamEnd) {
      return null;
    }
    JsonNode root = value(events.next(), 1).node();
    events.next(); // the document ends
    Event last = events.next();
    if (last.getEventId() != Event.ID.StreamEnd) {
      throw malformed(last, "more than one document", "Give one at a time.");
    }
    return root;
  }

  private Sized value(Event event, int level) {
    if (level > Json.MAX_DEPTH) {
      throw tooDeep(event);
    }
    if (event instanceof AliasEvent alias) {
      return aliased(alias, level);
    }
    Optional<Anchor> anchor = ((NodeEvent) event).getAnchor();
    anchor.ifPresent(open::add);
    Sized value =
        switch (event.getEventId()) {
          case MappingStart -> mapping(level);
          case SequenceStart -> sequence(level);
          default -> new Sized(scalar((ScalarEvent) event), 1, 1);
        };
    anchor.ifPresent(name -> {
      open.remove(name);
      anchors.put(name, value);
    });
    return value;
  }

  private Sized aliased(AliasEvent alias, int level) {
    Sized meant = anchors.get(alias.getAlias());
    boolean within = open.contains(alias.getAlias());
    if (within || meant == null) {
      throw malformed(
          alias,
          "the alias *%s %s"
              .formatted(
                  Shown.text(alias.getAlias().getValue()),
                  within ? "stands within what it names" : "names nothing that stands before it"),
          "Correct the name, or write the value out.");
    }
    aliased += meant.values();
    if (aliased > MAX_ALIASED) {
      throw refused(
          ErrorCode.INPUT_TOO_LARGE,
          alias,
          "aliases stand for more than %d values".formatted(MAX_ALIASED),
          "Write the values out, in several documents.");
    }
    if (level + meant.depth() - 1 > Json.MAX_DEPTH) {
      throw tooDeep(alias);
    }
    return meant;
  }

  private Sized sequence(int level) {
    ArrayNode items = NODES.arrayNode();
    int values = 1;
    int depth = 0;
    for (Event event = events.next();
        event.getEventId() != Event.ID.SequenceEnd;
        event = events.next()) {
      Sized item = value(event, level + 1);
      items.add(item.node());
      values += item.values();
      depth = Math.max(depth, item.depth());
    }
    return new Sized(items, values, depth + 1);
  }

  private Sized mapping(int level) {
    ObjectNode own = NODES.objectNode();
    Map<String, JsonNode> merged = new LinkedHashMap<>();
    Set<String> saidBefore = new HashSet<>();
    Event last = events.next();
    int values = 1;
    int depth = 0;
    for (; last.getEventId() != Event.ID.MappingEnd; last = events.next()) {
      boolean merge = last instanceof ScalarEvent scalar && tag(scalar).equals(Tag.MERGE);
      String name = merge ? "" : name(last);
      Sized member = value(events.next(), level + 1);
      if (merge) {
        saidBefore.addAll(own.propertyNames());
        mappings(last, member.node())
            .forEach(
                one -> one.properties().forEach(e -> merged.putIfAbsent(e.getKey(), e.getValue())));
      } else if (own.has(name)) {
        throw refused(
            ErrorCode.JSON_DUPLICATE_KEY,
            last,
            "\"%s\" stands there twice".formatted(Shown.text(name)),
            "Remove one of them.");
      } else {
        own.set(name, member.node());
      }
      values += member.values();
      depth = Math.max(depth, member.depth());
    }
    for (Map.Entry<String, JsonNode> one : merged.entrySet()) {
      inherit(own, one, saidBefore, last);
    }
    return new Sized(own, values, depth + 1);
  }

  private void inherit(
      ObjectNode own, Map.Entry<String, JsonNode> one, Set<String> saidBefore, Event at) {
    JsonNode said = own.get(one.getKey());
    if (said == null) {
      own.set(one.getKey(), one.getValue());
    } else if (saidBefore.contains(one.getKey()) && !said.equals(one.getValue())) {
      throw malformed(
          at,
          "the merge key << stands after \"%s\" and says it differently"
              .formatted(Shown.text(one.getKey())),
          "Put the merge key first: programs do not agree on which of the two counts.");
    }
  }

  /** A member's name: a scalar, or an alias of one. */
  private String name(Event event) {
    if (event instanceof ScalarEvent || event instanceof AliasEvent) {
      JsonNode name =
          event instanceof ScalarEvent scalar && scalar.getAnchor().isEmpty()
              ? NODES.stringNode(scalar.getValue())
              : value(event, 1).node();
      if (name.isValueNode()) {
        return name.asString();
      }
    }
    throw malformed(event, "a member has no text as its name", "Name it by a text.");
  }

  private List<JsonNode> mappings(Event at, JsonNode value) {
    List<JsonNode> mappings = new ArrayList<>();
    if (value.isArray()) {
      value.forEach(mappings::add);
    } else {
      mappings.add(value);
    }
    if (!mappings.stream().allMatch(JsonNode::isObject)) {
      throw malformed(
          at,
          "the merge key << has something else than a mapping",
          "Give it a mapping, an alias of one, or a list of them.");
    }
    return mappings;
  }

  private static Tag tag(ScalarEvent scalar) {
    boolean plain = scalar.getImplicit().canOmitTagInPlainScalar();
    return plain || scalar.getTag().isEmpty()
        ? SCALARS.resolve(scalar.getValue(), plain)
        : new Tag(scalar.getTag().get());
  }

  private JsonNode scalar(ScalarEvent scalar) {
    String text = scalar.getValue();
    Tag tag = tag(scalar);
    boolean number = tag.equals(Tag.INT) || tag.equals(Tag.FLOAT);
    if (number && text.length() > Json.MAX_NUMBER) {
      throw malformed(
          scalar,
          "a number of more than %d characters".formatted(Json.MAX_NUMBER),
          "Write it as a text.");
    }
    try {
      if (tag.equals(Tag.NULL)) {
        return NODES.nullNode();
      } else if (tag.equals(Tag.BOOL)) {
        return NODES.booleanNode(Boolean.parseBoolean(text));
      } else if (tag.equals(Tag.INT)) {
        return integer(text);
      } else if (tag.equals(Tag.FLOAT)) {
        return NODES.numberNode(new BigDecimal(text));
      }
    } catch (NumberFormatException e) {
      throw malformed(scalar, "a number that JSON does not have", "Write it as a text.");
    }
    if (tag.equals(Tag.BINARY)) {
      throw malformed(scalar, "a value that JSON does not have", "Write it as a text.");
    }
    return NODES.stringNode(text);
  }

  private static JsonNode integer(String text) {
    boolean prefixed = text.startsWith("0x") || text.startsWith("0o");
    return NODES.numberNode(
        prefixed
            ? new BigInteger(text.substring(2), text.charAt(1) == 'x' ? 16 : 8)
            : new BigInteger(text));
  }

  private BullaException tooDeep(Event at) {
    return refused(
        ErrorCode.JSON_TOO_DEEP,
        at,
        "values nest more than %d levels deep".formatted(Json.MAX_DEPTH),
        "Nest them less deep.");
  }

  private BullaException malformed(Event at, String found, String nextStep) {
    return refused(ErrorCode.JSON_MALFORMED, at, found, nextStep);
  }

  private BullaException refused(ErrorCode code, Event at, String found, String nextStep) {
    String line = at.getStartMark().map(mark -> " at line " + (mark.getLine() + 1)).orElse("");
    return new BullaException(code, what + line + ": " + found, nextStep);
  }
}
