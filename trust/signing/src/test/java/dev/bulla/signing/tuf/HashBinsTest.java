package dev.bulla.signing.tuf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.core.BullaException;
import dev.bulla.core.json.Fields;
import dev.bulla.core.json.Json;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which of many roles speaks of a path (TAP 15); the names are those that python-tuf computes. */
class HashBinsTest {

  @ParameterizedTest
  @CsvSource({
    "1, a, bin-1",
    "2, targetfile.txt, bin-0",
    "4, dir/file, bin-2",
    "5, x, bin-05",
    "8, trusted_root.json, bin-ab",
    "13, x/y/z, bin-03c0",
    "32, signing_config.v0.2.json, bin-3e981cc3"
  })
  void theFirstBitsOfTheHashNameTheRole(int bits, String path, String name) {
    Delegation role = parsed("~bit_length~:" + bits + ",~name_prefix~:~bin~").of(path);

    assertThat(role.name()).isEqualTo(name);
    assertThat(role.terminating()).isTrue();
    assertThat(role.covers(path)).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "~bit_length~:0,~name_prefix~:~b~ | bit_length",
        "~bit_length~:33,~name_prefix~:~b~ | bit_length",
        "~bit_length~:8,~name_prefix~:~~ | name_prefix",
        "~bit_length~:8 | name_prefix",
        "~name_prefix~:~b~ | bit_length"
      })
  void whatDescribesNoBinsIsRefused(String members, String field) {
    assertThatThrownBy(() -> parsed(members))
        .isInstanceOf(BullaException.class)
        .hasMessageContaining(field);
  }

  private static HashBins parsed(String members) {
    String json = "{~keyids~:[],~threshold~:1," + members + "}";
    byte[] bytes = json.replace('~', '"').getBytes(StandardCharsets.UTF_8);
    return HashBins.parse(Fields.of(Json.parse(bytes, "bins"), "bins"), Map.of());
  }
}
