package dev.bulla.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.ds.PGSimpleDataSource;

class PostgresUrlTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          postgresql://ann@db.example.net:6543/bulla       | ann | db.example.net | 6543 | bulla
          postgres://db/bulla?user=bob&sslmode=verify-full | bob | db             | 5432 | bulla
          jdbc:postgresql://a%40b@[::1]:1/x%2Fy            | a@b | [::1]          | 1    | x/y
          """)
  void readsUrlsOfBothHabits(String text, String user, String host, int port, String database) {
    PGSimpleDataSource source = new PGSimpleDataSource();
    PostgresUrl url = PostgresUrl.parse(text);
    url.configure(source);

    assertThat(source.getUser()).isEqualTo(user);
    assertThat(source.getServerNames()).containsExactly(host);
    assertThat(source.getPortNumbers()).containsExactly(port);
    assertThat(source.getDatabaseName()).isEqualTo(database);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "postgresql://ann:Secret-1@db/bulla",
        "postgresql://db/bulla?password=Secret-1",
        "postgresql://db/bulla?socketFactory=Secret-1",
        "mysql://ann:Secret-1@db/bulla",
        "postgresql://db",
        "postgresql:///bulla",
        "postgresql://db:x/bulla",
        "postgresql://db/%zz",
        "postgresql://db/bulla?sslmode",
        ""
      })
  void refusesOthersAndShowsNoSecret(String text) {
    assertThatThrownBy(() -> PostgresUrl.parse(text))
        .isInstanceOfSatisfying(
            BullaException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.CONFIGURATION_INVALID);
              assertThat(e.reason() + e.nextStep()).doesNotContain("Secret-1");
            });
  }

  @Test
  void takesThePasswordFromAFileAndDoesNotShowIt(@TempDir Path directory) throws IOException {
    Path file = Files.writeString(directory.resolve("password"), "Secret-1\n");
    PostgresUrl url = PostgresUrl.parse("postgresql://ann@db,other:1/bulla?passwordFile=" + file);
    PGSimpleDataSource source = new PGSimpleDataSource();
    url.configure(source);

    assertThat(source.getPassword()).isEqualTo("Secret-1");
    assertThat(url).hasToString("postgresql://ann@db,other:1/bulla");
    assertThatThrownBy(() ->
            PostgresUrl.parse("postgresql://ann@db/bulla?passwordFile=" + file + ".absent")
                .configure(source))
        .isInstanceOf(BullaException.class);
  }
}
