package dev.bulla.cli.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.server.CommandRunner;
import dev.bulla.server.Invocation;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class SettingsFileTest {
  private static final CommandRunner NOBODY =
      new CommandRunner() {
        @Override
        public int run(Invocation invocation) {
          return 0;
        }

        @Override
        public boolean mayRunResident(Invocation invocation) {
          return false;
        }
      };

  @TempDir Path directory;
  private final ServeCommand command = new ServeCommand(NOBODY);

  @Test
  void optionsComeFromTheFileUnlessSomebodySaysOtherwise() throws IOException {
    apply(
        """
        home: elsewhere
        records: postgresql://db.example.net/bulla
        blobs: s3://bucket/prefix
        listen: [http://127.0.0.1:0, "https://127.0.0.1:0"]
        host: registry.example
        tls-certificate: tls.crt
        rate-limit: 7
        anonymous-rate-limit: 8
        """,
        Map.of("BULLA_RECORDS", "sqlite:other.db"),
        "--rate-limit=9",
        "--blobs=here");

    assertThat(command.listen).containsExactly("http://127.0.0.1:0", "https://127.0.0.1:0");
    assertThat(command.hosts).containsExactly("registry.example");
    assertThat(command.tlsCertificate).isEqualTo("tls.crt");
    assertThat(command.tlsKey).isNull();
    assertThat(command.rateLimit).isEqualTo(9);
    assertThat(command.anonymousRateLimit).isEqualTo(8);
    assertThat(command.global().home).isEqualTo("elsewhere");
    assertThat(command.global().records).isNull(); // the environment says it
    assertThat(command.global().blobs).isEqualTo("here");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "tls-certficate: a    | FIELD_UNKNOWN | 'tls-certificate'",
        "output: json         | FIELD_UNKNOWN | Known fields",
        "background: true     | FIELD_UNKNOWN | Known fields",
        "rate-limit: many     | FIELD_INVALID | whole number",
        "rate-limit: -1       | FIELD_INVALID | -1",
        "tls-key: 5           | FIELD_INVALID | expected a string",
        "listen: [1]          | FIELD_INVALID | strings only",
        "[listen]             | FIELD_INVALID | expected an object",
      })
  void whatDoesNotBelongThereIsRefused(String text, ErrorCode code, String words) {
    assertThatThrownBy(() -> apply(text, Map.of()))
        .isInstanceOfSatisfying(
            BullaException.class,
            e -> {
              assertThat(e.code()).isEqualTo(code);
              assertThat(e.getMessage() + e.nextStep()).contains(words);
            });
  }

  private void apply(String text, Map<String, String> environment, String... words)
      throws IOException {
    Files.writeString(directory.resolve("bulla.yaml"), text);
    PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream());
    Invocation invocation =
        new Invocation(
            List.of(words),
            directory,
            environment,
            InputStream.nullInputStream(),
            nowhere,
            nowhere,
            false);
    CommandLine parser = new CommandLine(command);
    parser.parseArgs(words);
    Session session = new Session(invocation, command.global());
    SettingsFile.apply(session, parser.getCommandSpec(), "bulla.yaml");
  }
}
