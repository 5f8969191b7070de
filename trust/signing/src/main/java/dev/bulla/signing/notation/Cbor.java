package dev.bulla.signing.notation;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The CBOR (RFC 8949) that COSE signatures are made of: definite lengths, integers, texts, bytes,
 * arrays, maps, tags. A value of any other kind, a key that is there twice, deep nesting and
 * trailing bytes are refused.
 */
sealed interface Cbor {
  record Whole(long value) implements Cbor {}

  record Text(String value) implements Cbor {}

  record Bytes(byte[] value) implements Cbor {}

  record Items(List<Cbor> values) implements Cbor {}

  /** Keys are {@link Whole} or {@link Text}. */
  record Table(Map<Cbor, Cbor> values) implements Cbor {}

  record Tagged(long tag, Cbor value) implements Cbor {}

  /** True, false or null. */
  record Simple(int value) implements Cbor {}

  /**
   * The one value that {@code bytes} are.
   *
   * @throws dev.bulla.core.BullaException {@code SIGNATURE_MALFORMED}
   */
  static Cbor parse(byte[] bytes) {
    Reader reader = new Reader(ByteBuffer.wrap(bytes));
    Cbor value = reader.value(0);
    if (reader.in.hasRemaining()) {
      throw ProtectedAttributes.malformed(
          "%d bytes after the CBOR value".formatted(reader.in.remaining()));
    }
    return value;
  }

  /** Reads one value after another; not thread-safe. */
  final class Reader {
    private static final int MAX_DEPTH = 8;
    private static final int MAX_ITEMS = 1024;
    private final ByteBuffer in;

    private Reader(ByteBuffer in) {
      this.in = in;
    }

    private Cbor value(int depth) {
      if (depth > MAX_DEPTH) {
        throw ProtectedAttributes.malformed("CBOR nested more than " + MAX_DEPTH + " levels");
      }
      int head = next();
      int major = head >> 5;
      int info = head & 0x1f;
      return switch (major) {
        case 0 -> new Whole(argument(info));
        case 1 -> new Whole(-1 - argument(info));
        case 2 -> new Bytes(bytes(argument(info)));
        case 3 -> new Text(text(bytes(argument(info))));
        case 4 -> items(argument(info), depth);
        case 5 -> table(argument(info), depth);
        case 6 -> new Tagged(argument(info), value(depth + 1));
        default -> simple(info);
      };
    }

    private static Cbor simple(int info) {
      if (info < 20 || info > 22) {
        throw ProtectedAttributes.malformed("a CBOR float or unknown simple value");
      }
      return new Simple(info);
    }

    private Items items(long count, int depth) {
      List<Cbor> values = new ArrayList<>();
      for (long i = checked(count); i > 0; i--) {
        values.add(value(depth + 1));
      }
      return new Items(List.copyOf(values));
    }

    private Table table(long count, int depth) {
      Map<Cbor, Cbor> values = new LinkedHashMap<>();
      for (long i = checked(count); i > 0; i--) {
        Cbor key = value(depth + 1);
        if (!(key instanceof Whole) && !(key instanceof Text)) {
          throw ProtectedAttributes.malformed("a CBOR map key that is neither integer nor text");
        }
        if (values.put(key, value(depth + 1)) != null) {
          throw ProtectedAttributes.malformed("a CBOR map key is there twice");
        }
      }
      return new Table(Map.copyOf(values));
    }

    private static long checked(long count) {
      if (count > MAX_ITEMS) {
        throw ProtectedAttributes.malformed(
            "a CBOR collection of %d items, at most %d are read".formatted(count, MAX_ITEMS));
      }
      return count;
    }

    private long argument(int info) {
      long value =
          switch (info) {
            case 24 -> next();
            case 25 -> (long) next() << 8 | next();
            case 26 -> (long) next() << 24 | next() << 16 | next() << 8 | next();
            case 27 -> {
              long high = (long) next() << 24 | next() << 16 | next() << 8 | next();
              long low = (long) next() << 24 | next() << 16 | next() << 8 | next();
              yield high << 32 | low;
            }
            default -> {
              if (info > 23) {
                throw ProtectedAttributes.malformed("CBOR of indefinite length");
              }
              yield info;
            }
          };
      if (value < 0) {
        throw ProtectedAttributes.malformed("a CBOR integer is too large");
      }
      return value;
    }

    private int next() {
      if (!in.hasRemaining()) {
        throw ProtectedAttributes.malformed("the CBOR ends too early");
      }
      return in.get() & 0xff;
    }

    private byte[] bytes(long length) {
      if (length > in.remaining()) {
        throw ProtectedAttributes.malformed("the CBOR ends too early");
      }
      byte[] bytes = new byte[(int) length];
      in.get(bytes);
      return bytes;
    }

    private static String text(byte[] bytes) {
      try {
        return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      } catch (CharacterCodingException e) {
        throw ProtectedAttributes.malformed("a CBOR text is not UTF-8");
      }
    }
  }
}
