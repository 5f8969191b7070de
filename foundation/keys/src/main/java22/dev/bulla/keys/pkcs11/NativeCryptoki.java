package dev.bulla.keys.pkcs11;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Calls a PKCS#11 module through the JDK's foreign-function interface (JEP 454): Cryptoki 2.40 on
 * 64 bit Linux and macOS, where {@code CK_ULONG} has eight bytes and structures are aligned
 * naturally.
 *
 * <p>Functions are taken from {@code CK_FUNCTION_LIST}: a version of two bytes, padding up to
 * eight, then the pointers in the order of the standard (section 5.2, {@code pkcs11f.h}).
 */
final class NativeCryptoki implements Cryptoki {
  private static final Linker LINKER = Linker.nativeLinker();

  private static final int INITIALIZE = 0;
  private static final int GET_SLOT_LIST = 4;
  private static final int GET_TOKEN_INFO = 6;
  private static final int OPEN_SESSION = 12;
  private static final int CLOSE_SESSION = 13;
  private static final int LOGIN = 18;
  private static final int GET_ATTRIBUTE_VALUE = 24;
  private static final int FIND_OBJECTS_INIT = 26;
  private static final int FIND_OBJECTS = 27;
  private static final int FIND_OBJECTS_FINAL = 28;
  private static final int SIGN_INIT = 42;
  private static final int SIGN = 43;
  private static final int FUNCTIONS = 44;

  private static final long CKF_OS_LOCKING_OK = 2;
  private static final long CKF_SERIAL_SESSION = 4;
  private static final long CKU_USER = 1;
  private static final long CKR_OK = 0;
  private static final long CKR_ATTRIBUTE_SENSITIVE = 0x11;
  private static final long CKR_ATTRIBUTE_TYPE_INVALID = 0x12;
  private static final long CKR_USER_ALREADY_LOGGED_IN = 0x100;
  private static final long CKR_ALREADY_INITIALIZED = 0x191;
  private static final long UNAVAILABLE = -1;

  /** CK_C_INITIALIZE_ARGS: four callbacks, flags, a reserved pointer. */
  private static final int INITIALIZE_ARGS = 48;

  private static final int TOKEN_INFO = 208;
  private static final int TOKEN_FLAGS = 96;
  private static final int ATTRIBUTE = 24;
  private static final int MAX_SLOTS = 256;
  private static final int MAX_OBJECTS = 256;
  private static final int MAX_VALUE = 64 * 1024;
  private static final int MAX_SIGNATURE = 4096;

  private final MemorySegment functions;

  private final MethodHandle pointer;
  private final MethodHandle slots;
  private final MethodHandle numberAndPointer;
  private final MethodHandle open;
  private final MethodHandle number;
  private final MethodHandle login;
  private final MethodHandle attributes;
  private final MethodHandle templates;
  private final MethodHandle objects;
  private final MethodHandle init;
  private final MethodHandle sign;

  private NativeCryptoki(MemorySegment functions) {
    this.functions = functions;
    this.pointer = handle(INITIALIZE, ADDRESS);
    this.slots = handle(GET_SLOT_LIST, JAVA_BYTE, ADDRESS, ADDRESS);
    this.numberAndPointer = handle(GET_TOKEN_INFO, JAVA_LONG, ADDRESS);
    this.open = handle(OPEN_SESSION, JAVA_LONG, JAVA_LONG, ADDRESS, ADDRESS, ADDRESS);
    this.number = handle(CLOSE_SESSION, JAVA_LONG);
    this.login = handle(LOGIN, JAVA_LONG, JAVA_LONG, ADDRESS, JAVA_LONG);
    this.attributes = handle(GET_ATTRIBUTE_VALUE, JAVA_LONG, JAVA_LONG, ADDRESS, JAVA_LONG);
    this.templates = handle(FIND_OBJECTS_INIT, JAVA_LONG, ADDRESS, JAVA_LONG);
    this.objects = handle(FIND_OBJECTS, JAVA_LONG, ADDRESS, JAVA_LONG, ADDRESS);
    this.init = handle(SIGN_INIT, JAVA_LONG, ADDRESS, JAVA_LONG);
    this.sign = handle(SIGN, JAVA_LONG, ADDRESS, JAVA_LONG, ADDRESS, ADDRESS);
  }

  /**
   * Loads and initialises a module; it stays until the process ends.
   *
   * @throws IllegalArgumentException if it is no library for this machine, or not of this kind
   */
  static Cryptoki load(Path module) {
    MemorySegment list =
        SymbolLookup.libraryLookup(module, Arena.global())
            .find("C_GetFunctionList")
            .orElseThrow(() -> new IllegalArgumentException("it has no C_GetFunctionList"));
    MethodHandle get = LINKER.downcallHandle(list, FunctionDescriptor.of(JAVA_LONG, ADDRESS));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment found = arena.allocate(ADDRESS);
      check("C_GetFunctionList", (long) get.invokeExact(found));
      NativeCryptoki loaded =
          new NativeCryptoki(found.get(ADDRESS, 0).reinterpret(8 + 8L * FUNCTIONS).asReadOnly());
      MemorySegment arguments = arena.allocate(INITIALIZE_ARGS, 8);
      arguments.set(JAVA_LONG, 32, CKF_OS_LOCKING_OK);
      long result = (long) loaded.pointer.invokeExact(arguments);
      if (result != CKR_ALREADY_INITIALIZED) {
        check("C_Initialize", result);
      }
      return loaded;
    } catch (Throwable e) {
      throw thrown(e);
    }
  }

  private MethodHandle handle(int index, MemoryLayout... arguments) {
    return LINKER.downcallHandle(
        functions.get(ADDRESS, 8 + 8L * index), FunctionDescriptor.of(JAVA_LONG, arguments));
  }

  @Override
  public List<TokenInfo> tokens() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment count = arena.allocate(JAVA_LONG);
      MemorySegment ids = arena.allocate(JAVA_LONG, MAX_SLOTS);
      count.set(JAVA_LONG, 0, MAX_SLOTS);
      check("C_GetSlotList", (long) slots.invokeExact((byte) 1, ids, count));
      List<TokenInfo> all = new ArrayList<>();
      for (int i = 0; i < Math.min(count.get(JAVA_LONG, 0), MAX_SLOTS); i++) {
        long slot = ids.getAtIndex(JAVA_LONG, i);
        MemorySegment info = arena.allocate(TOKEN_INFO, 8);
        if ((long) numberAndPointer.invokeExact(slot, info) == CKR_OK) {
          all.add(
              new TokenInfo(
                  slot,
                  text(info, 0, 32),
                  text(info, 32, 32),
                  text(info, 64, 16),
                  text(info, 80, 16),
                  info.get(JAVA_LONG, TOKEN_FLAGS)));
        }
      }
      return all;
    } catch (Throwable e) {
      throw thrown(e);
    }
  }

  private static String text(MemorySegment info, long at, int length) {
    byte[] bytes = info.asSlice(at, length).toArray(JAVA_BYTE);
    return new String(bytes, StandardCharsets.UTF_8).stripTrailing();
  }

  @Override
  public long openSession(long slot) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment session = arena.allocate(JAVA_LONG);
      check(
          "C_OpenSession",
          (long)
              open.invokeExact(
                  slot, CKF_SERIAL_SESSION, MemorySegment.NULL, MemorySegment.NULL, session));
      return session.get(JAVA_LONG, 0);
    } catch (Throwable e) {
      throw thrown(e);
    }
  }

  @Override
  public void closeSession(long session) {
    try {
      long ignored = (long) number.invokeExact(session);
    } catch (Throwable e) {
      throw thrown(e);
    }
  }

  @Override
  public void login(long session, byte[] pin) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment text = arena.allocate(Math.max(1, pin.length));
      MemorySegment.copy(pin, 0, text, JAVA_BYTE, 0, pin.length);
      try {
        long result = (long) login.invokeExact(session, CKU_USER, text, (long) pin.length);
        if (result != CKR_USER_ALREADY_LOGGED_IN) {
          check("C_Login", result);
        }
      } finally {
        text.fill((byte) 0);
      }
    } catch (Throwable e) {
      throw thrown(e);
    }
  }

  @Override
  public List<Long> find(long session, Map<Long, byte[]> wanted) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment template = arena.allocate((long) ATTRIBUTE * wanted.size(), 8);
      long at = 0;
      for (Map.Entry<Long, byte[]> one : wanted.entrySet()) {
        template.set(JAVA_LONG, at, one.getKey());
        template.set(ADDRESS, at + 8, copied(arena, one.getValue()));
        template.set(JAVA_LONG, at + 16, one.getValue().length);
        at += ATTRIBUTE;
      }
      check(
          "C_FindObjectsInit",
          (long) templates.invokeExact(session, template, (long) wanted.size()));
      try {
        MemorySegment found = arena.allocate(JAVA_LONG, MAX_OBJECTS);
        MemorySegment count = arena.allocate(JAVA_LONG);
        check(
            "C_FindObjects", (long) objects.invokeExact(session, found, (long) MAX_OBJECTS, count));
        List<Long> handles = new ArrayList<>();
        for (int i = 0; i < Math.min(count.get(JAVA_LONG, 0), MAX_OBJECTS); i++) {
          handles.add(found.getAtIndex(JAVA_LONG, i));
        }
        return handles;
      } finally {
        MethodHandle end = handle(FIND_OBJECTS_FINAL, JAVA_LONG);
        long ignored = (long) end.invokeExact(session);
      }
    } catch (Throwable e) {
      throw thrown(e);
    }
  }

  @Override
  public Optional<byte[]> attribute(long session, long object, long type) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment template = arena.allocate(ATTRIBUTE, 8);
      template.set(JAVA_LONG, 0, type);
      long result = (long) attributes.invokeExact(session, object, template, 1L);
      long length = template.get(JAVA_LONG, 16);
      if (result == CKR_ATTRIBUTE_SENSITIVE
          || result == CKR_ATTRIBUTE_TYPE_INVALID
          || length == UNAVAILABLE) {
        return Optional.empty();
      }
      check("C_GetAttributeValue", result);
      if (length < 0 || length > MAX_VALUE) {
        throw new Failure("C_GetAttributeValue: a value of " + length + " bytes", result);
      }
      MemorySegment value = arena.allocate(Math.max(1, length));
      template.set(ADDRESS, 8, value);
      check("C_GetAttributeValue", (long) attributes.invokeExact(session, object, template, 1L));
      long given = Math.min(length, Math.max(0, template.get(JAVA_LONG, 16)));
      return Optional.of(value.asSlice(0, given).toArray(JAVA_BYTE));
    } catch (Throwable e) {
      throw thrown(e);
    }
  }

  @Override
  public byte[] sign(long session, long key, long mechanism, byte[] parameters, byte[] data) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment chosen = arena.allocate(24, 8);
      chosen.set(JAVA_LONG, 0, mechanism);
      if (parameters.length > 0) {
        chosen.set(ADDRESS, 8, copied(arena, parameters));
      }
      chosen.set(JAVA_LONG, 16, parameters.length);
      check("C_SignInit", (long) init.invokeExact(session, chosen, key));
      MemorySegment signature = arena.allocate(MAX_SIGNATURE);
      MemorySegment length = arena.allocate(JAVA_LONG);
      length.set(JAVA_LONG, 0, MAX_SIGNATURE);
      check(
          "C_Sign",
          (long)
              sign.invokeExact(
                  session, copied(arena, data), (long) data.length, signature, length));
      long made = Math.clamp(length.get(JAVA_LONG, 0), 0, MAX_SIGNATURE);
      return signature.asSlice(0, made).toArray(JAVA_BYTE);
    } catch (Throwable e) {
      throw thrown(e);
    }
  }

  /** With eight bytes alignment, as numbers in attributes and parameters need it. */
  private static MemorySegment copied(Arena arena, byte[] bytes) {
    MemorySegment copy = arena.allocate(Math.max(1, bytes.length), 8);
    MemorySegment.copy(bytes, 0, copy, JAVA_BYTE, 0, bytes.length);
    return copy;
  }

  @Override
  public byte[] number(long value) {
    return ByteBuffer.allocate(8).order(ByteOrder.nativeOrder()).putLong(value).array();
  }

  @Override
  public long number(byte[] value) {
    return value.length == 8
        ? ByteBuffer.wrap(value).order(ByteOrder.nativeOrder()).getLong()
        : UNAVAILABLE;
  }

  private static void check(String function, long result) {
    if (result != CKR_OK) {
      throw new Failure(function, result);
    }
  }

  /** A method handle may throw anything by its signature; only our own failures really come. */
  private static RuntimeException thrown(Throwable e) {
    return switch (e) {
      case Error error -> throw error;
      case RuntimeException known -> known;
      default -> new IllegalStateException(e);
    };
  }
}
