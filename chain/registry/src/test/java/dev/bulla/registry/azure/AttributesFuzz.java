package dev.bulla.registry.azure;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.registry.Attributes;
import java.util.EnumSet;

class AttributesFuzz {

  /** A change of attributes is read, and changes nothing that it does not name, or is refused. */
  @FuzzTest
  void changeIsReadOrRefused(byte[] body) {
    Attributes some = new Attributes(false, true, false, true);
    try {
      Attributes first = AzureRoutes.changed(body, some);
      assertThat(AzureRoutes.changed(body, first)).as("twice is once").isEqualTo(first);
    } catch (BullaException e) {
      assertThat(e.code())
          .isIn(
              EnumSet.of(
                  ErrorCode.JSON_MALFORMED,
                  ErrorCode.JSON_DUPLICATE_KEY,
                  ErrorCode.JSON_TOO_DEEP,
                  ErrorCode.INPUT_TOO_LARGE,
                  ErrorCode.FIELD_UNKNOWN,
                  ErrorCode.FIELD_INVALID));
    }
  }
}
