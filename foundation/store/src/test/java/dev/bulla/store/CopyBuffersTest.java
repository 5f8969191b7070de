package dev.bulla.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CopyBuffersTest {
  @Test
  void bodiesThatDoNotComeHoldLittleAndGiveBackWhatTheyHeld() {
    CopyBuffers buffers = new CopyBuffers();
    for (int round = 0; round < 2; round++) {
      List<byte[]> out =
          IntStream.range(0, CopyBuffers.AT_ONCE + 100).mapToObj(i -> buffers.take()).toList();
      assertThat(out.stream().filter(one -> one.length == CopyBuffers.SIZE))
          .hasSize(CopyBuffers.AT_ONCE);
      assertThat(out.getLast()).hasSize(CopyBuffers.LITTLE);
      out.forEach(buffers::give);
    }
  }
}
