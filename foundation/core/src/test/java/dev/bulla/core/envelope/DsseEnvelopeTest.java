package dev.bulla.core.envelope;

import static dev.bulla.core.Failing.assertFails;
import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.core.ErrorCode;
import dev.bulla.core.json.Json;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DsseEnvelopeTest {

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static DsseEnvelope parse(String json) {
    return DsseEnvelope.parse(Json.parse(bytes(json), "envelope"), "envelope");
  }

  @Test // the example of the DSSE v1 protocol
  void encodesWhatIsSigned() {
    assertThat(Pae.encode("http://example.com/HelloWorld", bytes("hello world")))
        .isEqualTo(bytes("DSSEv1 29 http://example.com/HelloWorld 11 hello world"));
  }

  @Test
  void countsBytesAndNotCharacters() {
    assertThat(Pae.encode("ä", bytes("€"))).isEqualTo(bytes("DSSEv1 2 ä 3 €"));
    assertThat(Pae.encode("", new byte[0])).isEqualTo(bytes("DSSEv1 0  0 "));
  }

  @Test
  void readsBackWhatItWrites() {
    DsseEnvelope envelope =
        new DsseEnvelope(
            "type",
            bytes("payload"),
            List.of(
                new DsseEnvelope.Signature(Optional.of("key"), new byte[] {1, (byte) 0xff}),
                new DsseEnvelope.Signature(Optional.empty(), new byte[] {2})));
    DsseEnvelope read = DsseEnvelope.parse(envelope.toJson(), "envelope");

    assertThat(read.payload()).isEqualTo(bytes("payload"));
    assertThat(read.toBeSigned()).isEqualTo(Pae.encode("type", bytes("payload")));
    assertThat(read.signatures().get(0).keyId()).contains("key");
    assertThat(read.signatures().get(0).value()).containsExactly(1, 0xff);
    assertThat(read.signatures().get(1).keyId()).isEmpty();
  }

  @Test
  void readsBothAlphabetsOfBase64() {
    String template =
        "{\"payloadType\":\"t\",\"payload\":\"%s\",\"signatures\":[{\"sig\":\"AA==\",\"keyid\":\"\"}]}";
    assertThat(parse(template.formatted("-_8=")).payload()).containsExactly(0xfb, 0xff);
    assertThat(parse(template.formatted("+/8=")).payload()).containsExactly(0xfb, 0xff);
    assertThat(parse(template.formatted("+/8")).payload()).containsExactly(0xfb, 0xff);
    assertFails(ErrorCode.SIGNATURE_MALFORMED, () -> parse(template.formatted("*")));
  }

  @Test
  void refusesNoneAndTooManySignatures() {
    String template = "{\"payloadType\":\"t\",\"payload\":\"\",\"signatures\":[%s]}";
    assertFails(ErrorCode.SIGNATURE_MALFORMED, () -> parse(template.formatted("")));
    String one = "{\"sig\":\"AA==\"}";
    assertFails(
        ErrorCode.SIGNATURE_MALFORMED,
        () -> parse(template.formatted(one + ("," + one).repeat(64))));
    assertFails(
        ErrorCode.FIELD_INVALID, () -> parse("{\"payload\":\"\",\"signatures\":[" + one + "]}"));
  }

  @Test
  void nobodyChangesThePayloadFromOutside() {
    byte[] payload = bytes("a");
    DsseEnvelope envelope = new DsseEnvelope("t", payload, List.of());
    payload[0] = 'b';
    envelope.payload()[0] = 'c';
    assertThat(envelope.payload()).isEqualTo(bytes("a"));
  }
}
