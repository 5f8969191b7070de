package dev.bulla.graph;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import java.util.List;
import java.util.Optional;

/** Cursors come back from anybody. */
class CursorFuzz {
  @FuzzTest
  void aCursorIsReadOrRefused(FuzzedDataProvider data) {
    try {
      List<Object> key =
          Cursor.read("question", Optional.of(data.consumeRemainingAsString()), "", 0L);
      assertThat(key).hasSize(2);
      assertThat(
              Cursor.read("question", Optional.of(Cursor.write("question", key.toArray())), "", 0L))
          .isEqualTo(key);
    } catch (BullaException e) {
      assertThat(e.code()).isEqualTo(ErrorCode.REQUEST_INVALID);
    }
  }
}
