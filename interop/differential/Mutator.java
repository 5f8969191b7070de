import dev.bulla.core.BullaException;
import dev.bulla.core.json.Json;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Changes bytes at random: as bytes, or as JSON where they are JSON, also inside of base64 texts. A
 * change may leave the meaning as it was; that is what the peer is asked about.
 */
final class Mutator {
  private final Random random;

  /** What was done, for a report. */
  private final List<String> done = new ArrayList<>();

  Mutator(Random random) {
    this.random = random;
  }

  String done() {
    return String.join(", then ", done);
  }

  /**
   * @param other bytes of the same kind, of which pieces are taken
   */
  byte[] change(byte[] bytes, byte[] other) {
    byte[] changed = bytes;
    int times = random.nextInt(8) == 0 ? 2 : 1;
    for (int i = 0; i < times; i++) {
      changed = once(changed, other);
    }
    return changed;
  }

  private byte[] once(byte[] bytes, byte[] other) {
    JsonNode json = parsed(bytes);
    if (json == null || random.nextInt(6) == 0) {
      return changedBytes(bytes, other);
    }
    JsonNode donor = parsed(other);
    return changedJson(json, donor == null ? json : donor);
  }

  private static JsonNode parsed(byte[] bytes) {
    try {
      JsonNode node = Json.parse(bytes, "material");
      return node.isContainer() ? node : null;
    } catch (BullaException e) {
      return null;
    }
  }

  private byte[] changedBytes(byte[] bytes, byte[] other) {
    if (bytes.length == 0) {
      done.add("bytes: one added");
      return new byte[] {(byte) random.nextInt(256)};
    }
    int at = random.nextInt(bytes.length);
    int length = 1 + random.nextInt(Math.min(16, bytes.length - at));
    byte[] head = Arrays.copyOf(bytes, at);
    byte[] tail = Arrays.copyOfRange(bytes, at + length, bytes.length);
    switch (random.nextInt(7)) {
      case 0 -> {
        done.add("bytes: bit turned at " + at);
        byte[] turned = bytes.clone();
        turned[at] ^= (byte) (1 << random.nextInt(8));
        return turned;
      }
      case 1 -> {
        done.add("bytes: %d cut at %d".formatted(length, at));
        return joined(head, tail);
      }
      case 2 -> {
        done.add("bytes: %d doubled at %d".formatted(length, at));
        byte[] piece = Arrays.copyOfRange(bytes, at, at + length);
        return joined(head, piece, piece, tail);
      }
      case 3 -> {
        done.add("bytes: end cut at " + at);
        return head;
      }
      case 4 -> {
        String more = List.of(" ", "\n", "\0", "{}", "]", "\ufeff").get(random.nextInt(6));
        done.add(
            "bytes: '%s' at the end".formatted(more.replace("\n", "\\n").replace("\0", "\\0")));
        return joined(bytes, more.getBytes(StandardCharsets.UTF_8));
      }
      case 5 -> {
        done.add("bytes: one replaced at " + at);
        byte[] set = bytes.clone();
        set[at] = (byte) random.nextInt(256);
        return set;
      }
      default -> {
        int from = other.length == 0 ? 0 : random.nextInt(other.length);
        int much = Math.min(other.length - from, 1 + random.nextInt(64));
        done.add("bytes: %d of another at %d".formatted(much, at));
        byte[] spliced = bytes.clone();
        System.arraycopy(other, from, spliced, at, Math.min(much, bytes.length - at));
        return spliced;
      }
    }
  }

  private static byte[] joined(byte[]... parts) {
    int length = Arrays.stream(parts).mapToInt(part -> part.length).sum();
    byte[] all = new byte[length];
    int at = 0;
    for (byte[] part : parts) {
      System.arraycopy(part, 0, all, at, part.length);
      at += part.length;
    }
    return all;
  }

  private static final String TWICE = "__twice__";

  private byte[] changedJson(JsonNode root, JsonNode donor) {
    JsonNode changed = root.deepCopy();
    List<JsonNode> owners = new ArrayList<>();
    List<String> paths = new ArrayList<>();
    collect(changed, "", owners, paths);
    int pick = random.nextInt(owners.size());
    JsonNode owner = owners.get(pick);
    if (owner instanceof ArrayNode array) {
      changeArray(array, paths.get(pick));
    } else {
      changeObject((ObjectNode) owner, paths.get(pick), donor);
    }
    String text = new String(Json.write(changed), StandardCharsets.UTF_8);
    return text.replace("\"" + TWICE, "\"").getBytes(StandardCharsets.UTF_8);
  }

  private static void collect(
      JsonNode node, String path, List<JsonNode> owners, List<String> paths) {
    if (node.isContainer() && !node.isEmpty()) {
      owners.add(node);
      paths.add(path);
      if (node instanceof ObjectNode object) {
        object
            .propertyNames()
            .forEach(name -> collect(object.get(name), path + "/" + name, owners, paths));
      } else {
        int i = 0;
        for (JsonNode element : node) {
          collect(element, path + "/" + i++, owners, paths);
        }
      }
    }
  }

  private void changeArray(ArrayNode array, String path) {
    int index = random.nextInt(array.size());
    switch (random.nextInt(4)) {
      case 0 -> {
        done.add(path + ": element removed");
        array.remove(index);
      }
      case 1 -> {
        done.add(path + ": element doubled");
        array.insert(index, array.get(index).deepCopy());
      }
      case 2 -> {
        done.add(path + ": order changed");
        JsonNode moved = array.remove(index);
        array.add(moved);
      }
      default -> array.set(index, altered(array.get(index), path + "/" + index));
    }
  }

  private void changeObject(ObjectNode object, String path, JsonNode donor) {
    List<String> names = new ArrayList<>(object.propertyNames());
    String name = names.get(random.nextInt(names.size()));
    String place = path + "/" + name;
    switch (random.nextInt(10)) {
      case 0 -> {
        done.add(place + ": removed");
        object.remove(name);
      }
      case 1 -> {
        done.add(path + ": unknown member");
        object.put("unknown" + random.nextInt(10), "x");
      }
      case 2 -> {
        done.add(place + ": there twice");
        JsonNode value = object.get(name);
        object.set(TWICE + name, random.nextBoolean() ? value.deepCopy() : plain(value.deepCopy()));
      }
      case 3 -> {
        String renamed = renamed(name);
        done.add(place + ": renamed to " + renamed);
        JsonNode value = object.remove(name);
        object.set(renamed, value);
      }
      case 4 -> {
        done.add(place + ": null");
        object.putNull(name);
      }
      case 5, 6 -> {
        JsonNode there = donor.at(place.startsWith("/") ? place : "/" + place);
        if (there.isMissingNode()) {
          object.set(name, altered(object.get(name), place));
        } else {
          done.add(place + ": of another");
          object.set(name, there.deepCopy());
        }
      }
      default -> object.set(name, altered(object.get(name), place));
    }
  }

  private String renamed(String name) {
    return switch (random.nextInt(3)) {
      case 0 -> name.substring(0, 1).toUpperCase(Locale.ROOT) + name.substring(1);
      case 1 -> name.toLowerCase(Locale.ROOT);
      default -> name.replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
    };
  }

  private static JsonNode plain(JsonNode value) {
    return Json.array().add(value.isString() ? "AAAA" : "x").get(0);
  }

  private JsonNode altered(JsonNode value, String place) {
    if (value.isString()) {
      return text(alteredText(value.stringValue(), place));
    }
    if (value.isNumber()) {
      done.add(place + ": number changed");
      return switch (random.nextInt(3)) {
        case 0 -> Json.array().add(value.longValue() + 1).get(0);
        case 1 -> Json.array().add(-value.longValue()).get(0);
        default -> text(value.asString());
      };
    }
    done.add(place + ": replaced by nothing");
    return random.nextBoolean() ? Json.object() : Json.array();
  }

  private static JsonNode text(String text) {
    return Json.array().add(text).get(0);
  }

  private String alteredText(String text, String place) {
    byte[] inner = decoded(text);
    if (inner != null && random.nextInt(3) > 0) {
      boolean url = text.indexOf('-') >= 0 || text.indexOf('_') >= 0;
      boolean padded = text.endsWith("=") || text.length() % 4 == 0;
      done.add(place + " inside");
      byte[] changed = once(inner, inner);
      Base64.Encoder encoder = url ? Base64.getUrlEncoder() : Base64.getEncoder();
      return (padded ? encoder : encoder.withoutPadding()).encodeToString(changed);
    }
    int at = text.isEmpty() ? 0 : random.nextInt(text.length());
    switch (random.nextInt(8)) {
      case 0 -> {
        done.add(place + ": other base64 alphabet");
        return text.replace('+', '-').replace('/', '_');
      }
      case 1 -> {
        done.add(place + ": padding changed");
        return text.endsWith("=") ? text.replaceAll("=+$", "") : text + "=";
      }
      case 2 -> {
        done.add(place + ": white space at " + at);
        return text.substring(0, at) + (random.nextBoolean() ? "\n" : " ") + text.substring(at);
      }
      case 3 -> {
        done.add(place + ": emptied");
        return "";
      }
      case 4 -> {
        done.add(place + ": case changed");
        return random.nextBoolean() ? text.toUpperCase(Locale.ROOT) : text.toLowerCase(Locale.ROOT);
      }
      case 5 -> {
        done.add(place + ": end cut at " + at);
        return text.substring(0, at);
      }
      default -> {
        done.add(place + ": letter changed at " + at);
        char c = text.isEmpty() ? 'A' : text.charAt(at);
        String with = String.valueOf(c == 'A' ? 'B' : c == '1' ? '2' : 'A');
        return text.isEmpty() ? with : text.substring(0, at) + with + text.substring(at + 1);
      }
    }
  }

  private static byte[] decoded(String text) {
    if (text.length() < 8) {
      return null;
    }
    try {
      return Base64.getDecoder().decode(text.replace('-', '+').replace('_', '/'));
    } catch (IllegalArgumentException e) {
      return null;
    }
  }
}
