package dev.bulla.build;

import dev.bulla.build.layer.Entry;
import dev.bulla.core.Digest;
import dev.bulla.core.json.Fields;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The small values that several parts of a template share. */
final class Values {
  private static final Pattern MODE = Pattern.compile("[0-7]{3,4}");
  private static final Pattern OWNER = Pattern.compile("(\\d{1,9}):(\\d{1,9})");
  private static final Pattern PORT = Pattern.compile("(\\d{1,5})(?:/(tcp|udp|sctp))?");
  private static final Pattern HEX = Pattern.compile("(?:sha256:)?([0-9a-fA-F]{64})");

  private Values() {}

  /** Permission bits as octal text. */
  static Optional<Integer> mode(Fields fields) {
    return fields
        .optionalString("mode")
        .map(text -> {
          if (!MODE.matcher(text).matches()) {
            throw fields.invalid("mode", "'" + text + "', expected octal digits such as \"0644\"");
          }
          return Integer.parseInt(text, 8);
        });
  }

  /** {@code UID:GID}. */
  static Optional<Entry.Owner> owner(Fields fields) {
    return fields
        .optionalString("owner")
        .map(text -> {
          Matcher matcher = OWNER.matcher(text);
          if (!matcher.matches()) {
            throw fields.invalid("owner", "'" + text + "', expected numbers such as \"1000:1000\"");
          }
          return new Entry.Owner(
              Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)));
        });
  }

  /** 64 hexadecimal digits, with or without {@code sha256:}. */
  static Optional<Digest> checksum(Fields fields, String name) {
    return fields
        .optionalString(name)
        .map(text -> {
          Matcher matcher = HEX.matcher(text);
          if (!matcher.matches()) {
            throw fields.invalid(name, "'" + text + "', expected a SHA-256 in hexadecimal");
          }
          return new Digest(Digest.Algorithm.SHA256, matcher.group(1).toLowerCase(Locale.ROOT));
        });
  }

  /** A list of strings, where an empty list says something else than none. */
  static Optional<List<String>> list(Fields fields, String name) {
    return fields.has(name) ? Optional.of(fields.strings(name)) : Optional.empty();
  }

  static List<String> ports(Fields fields) {
    return fields.strings("exposedPorts").stream()
        .map(text -> {
          Matcher matcher = PORT.matcher(text);
          int port = matcher.matches() ? Integer.parseInt(matcher.group(1)) : 0;
          if (port < 1 || port > 65535) {
            throw fields.invalid(
                "exposedPorts", "'" + text + "', expected PORT or PORT/tcp, udp, sctp");
          }
          return port + "/" + Optional.ofNullable(matcher.group(2)).orElse("tcp");
        })
        .toList();
  }
}
