package dev.bulla.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class BuffersTest {
  @Test
  void answersThatNobodyReadsHoldLittleAndGiveBackWhatTheyHeld() {
    Buffers buffers = new Buffers();
    int all = Buffers.LARGE + Buffers.MEDIUM + 100;
    for (int round = 0; round < 2; round++) {
      List<ByteBuffer> out = IntStream.range(0, all).mapToObj(i -> buffers.take()).toList();
      assertThat(sizes(out.stream().filter(ByteBuffer::isDirect)))
          .isEqualTo((long) Buffers.LARGE * Buffers.SIZE);
      assertThat(sizes(out.stream().filter(one -> !one.isDirect()))).isLessThan(40L << 20);
      assertThat(out.getLast().capacity()).isEqualTo(4096);
      out.forEach(buffers::give);
    }
  }

  private static long sizes(Stream<ByteBuffer> buffers) {
    return buffers.mapToLong(ByteBuffer::capacity).sum();
  }
}
