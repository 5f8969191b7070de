package dev.bulla.signing.tuf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.core.BullaException;
import dev.bulla.core.json.Json;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class OlpcJsonTest {
  @Test
  void membersAreSortedByCodePointAndStringsHaveTwoEscapes() {
    assertThat(
            canonical(
                "{\"b\": [1, -0, 12345678901234567890, true, null],"
                    + " \"\\uff5e\": 1, \"\\ud83d\\ude00\": 2,"
                    + " \"a\": \"q\\\" s\\\\ n\\n u\\u00fc /\\/\"}"))
        .isEqualTo(
            "{\"a\":\"q\\\" s\\\\ n\n uü //\",\"b\":[1,0,12345678901234567890,true,null],"
                + "\"\uff5e\":1,\"\ud83d\ude00\":2}");
  }

  @Test
  void fractionsHaveNoCanonicalForm() {
    assertThatThrownBy(() -> canonical("[1.5]")).isInstanceOf(BullaException.class);
    assertThatThrownBy(() -> canonical("[1e3]")).isInstanceOf(BullaException.class);
  }

  private static String canonical(String json) {
    byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
    return new String(OlpcJson.write(Json.parse(bytes, "test")), StandardCharsets.UTF_8);
  }
}
