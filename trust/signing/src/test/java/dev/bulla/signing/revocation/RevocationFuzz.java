package dev.bulla.signing.revocation;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.bulla.core.BullaException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Lists and responses from outside are read or decide nothing, whatever their bytes. */
class RevocationFuzz {
  private static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");
  private static final X509Certificate ROOT = RevocableChain.shared().root();
  private static final X509Certificate LEAF = RevocableChain.shared().leaf();

  @FuzzTest(maxDuration = "10s")
  void lists(byte[] bytes) {
    try {
      RevocationList list = RevocationList.parse(bytes);
      list.freshest();
      list.state(LEAF, List.of(list), Optional.of(NOW));
      list.check(ROOT, LEAF, NOW);
      throw new AssertionError("a list that nobody signed was believed");
    } catch (BullaException e) {
      e.code();
    }
  }

  @FuzzTest(maxDuration = "10s")
  void responses(byte[] bytes) {
    try {
      if (new OcspQuestion(LEAF, ROOT).answer(bytes, NOW, Optional.of(NOW)).isPresent()) {
        throw new AssertionError("a response that nobody signed was believed");
      }
    } catch (BullaException e) {
      e.code();
    }
  }
}
