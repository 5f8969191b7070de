package dev.bulla.keys.pkcs11;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A token with one slot whose objects are maps, and which can be told to fail. */
final class PretendedToken implements Cryptoki {
  final List<Map<Long, byte[]>> objects = new ArrayList<>();
  long loginEndsWith;
  long signingEndsWith;
  byte[] signature = new byte[0];
  int openSessions;

  @Override
  public List<TokenInfo> tokens() {
    return List.of(
        new TokenInfo(7, "pretended", "", "", "", CKF_LOGIN_REQUIRED | CKF_TOKEN_INITIALIZED));
  }

  @Override
  public long openSession(long slot) {
    openSessions++;
    return 1;
  }

  @Override
  public void closeSession(long session) {
    openSessions--;
  }

  @Override
  public void login(long session, byte[] pin) {
    check("C_Login", loginEndsWith);
  }

  @Override
  public List<Long> find(long session, Map<Long, byte[]> attributes) {
    List<Long> found = new ArrayList<>();
    for (int i = 0; i < objects.size(); i++) {
      Map<Long, byte[]> object = objects.get(i);
      if (attributes.entrySet().stream()
          .allMatch(one -> Arrays.equals(one.getValue(), object.get(one.getKey())))) {
        found.add((long) i);
      }
    }
    return found;
  }

  @Override
  public Optional<byte[]> attribute(long session, long object, long type) {
    return Optional.ofNullable(objects.get((int) object).get(type));
  }

  @Override
  public byte[] sign(long session, long key, long mechanism, byte[] parameters, byte[] data) {
    check("C_Sign", signingEndsWith);
    return signature;
  }

  @Override
  public byte[] number(long value) {
    return ByteBuffer.allocate(8).putLong(value).array();
  }

  @Override
  public long number(byte[] value) {
    return ByteBuffer.wrap(value).getLong();
  }

  private static void check(String function, long code) {
    if (code != 0) {
      throw new Failure(function, code);
    }
  }
}
