package dev.bulla.signing.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.core.BullaException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Keys and settings as notation 1.3.2 writes them down ({@code key add}, its config.json). */
class NotationFilesTest {
  @TempDir Path directory;

  @Test
  void keysAreReadAsNotationWritesThem() throws IOException {
    Files.writeString(
        directory.resolve("signingkeys.json"),
        """
        {
            "default": "bulla.example",
            "keys": [
                {
                    "name": "bulla.example",
                    "keyPath": "/config/localkeys/bulla.example.key",
                    "certPath": "/config/localkeys/bulla.example.crt"
                },
                {
                    "name": "vault",
                    "id": "https://vault.example/keys/k/1",
                    "pluginName": "azure-kv",
                    "pluginConfig": {
                        "self_signed": "true"
                    }
                }
            ]
        }
        """);

    NotationKeys keys = new NotationDirectory(directory).keys();

    assertThat(keys.usual())
        .isEqualTo(
            new NotationKeys.InFile(
                "/config/localkeys/bulla.example.key", "/config/localkeys/bulla.example.crt"));
    assertThat(keys.named("vault"))
        .isEqualTo(
            new NotationKeys.InPlugin(
                "azure-kv",
                "https://vault.example/keys/k/1",
                java.util.Map.of("self_signed", "true")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{                                                        | signingkeys.json",
        "[]                                                       | signingkeys.json",
        "{\"keys\":{}}                                            | keys",
        "{\"default\":\"a\"}                                      | names no key of the list",
        "{\"keys\":[{\"name\":\"\",\"id\":\"i\",\"pluginName\":\"p\"}]} | name",
        "{\"keys\":[{\"name\":\"a\"}]}                            | with a file or with a plugin",
        "{\"keys\":[{\"name\":\"a\",\"keyPath\":\"k\"}]}          | certPath",
        "{\"keys\":[{\"name\":\"a\",\"id\":\"i\"}]}               | pluginName",
        "{\"keys\":[{\"name\":\"a\",\"keyPath\":\"k\",\"certPath\":\"c\",\"id\":\"i\"}]} | not with"
            + " both",
        "{\"keys\":[{\"name\":\"a\",\"id\":\"i\",\"pluginName\":\"p\",\"pluginConfig\":[]}]} |"
            + " pluginConfig",
        "{\"keys\":[{\"name\":\"a\",\"id\":\"i\",\"pluginName\":\"p\"},"
            + "{\"name\":\"a\",\"id\":\"j\",\"pluginName\":\"p\"}]} | there twice",
      })
  void aListThatIsNoneIsRefused(String json, String message) {
    byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
    assertThatThrownBy(() -> NotationKeys.parse(bytes, "signingkeys.json"))
        .isInstanceOfSatisfying(
            BullaException.class, e -> assertThat(e.code().id()).isEqualTo("key-invalid"))
        .hasMessageContaining(message);
  }

  @Test
  void settingsSayHowToSignAndWhereCredentialsAre() throws IOException {
    NotationDirectory notation = new NotationDirectory(directory);
    assertThat(notation.settings().cose()).isEmpty();
    assertThat(notation.settings().credentials()).isFalse();
    settings(
        """
        {"signatureFormat": "cose", "insecureRegistries": ["registry.example:5000"],
         "credHelpers": {"registry.example": "pass"}, "anything": 1}
        """);
    assertThat(notation.settings().cose()).contains(true);
    assertThat(notation.settings().insecureRegistries())
        .isEqualTo(List.of("registry.example:5000"));
    assertThat(notation.settings().credentials()).isTrue();
    for (String wrong :
        List.of("{", "{\"signatureFormat\":\"xml\"}", "{\"insecureRegistries\":\"a\"}")) {
      settings(wrong);
      assertThatThrownBy(notation::settings)
          .isInstanceOfSatisfying(
              BullaException.class,
              e -> assertThat(e.code().id()).isEqualTo("configuration-invalid"));
    }
  }

  private void settings(String json) throws IOException {
    Files.writeString(directory.resolve("config.json"), json);
  }
}
