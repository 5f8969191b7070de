package dev.bulla.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.core.BullaException;
import dev.bulla.store.Home;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ResidentTest {
  private static final Surroundings HERE = Surroundings.ofThisProcess(Map.of("BULLA_BUILD", "b"));

  @TempDir Path temp;
  private final AtomicInteger stopped = new AtomicInteger();
  private Home home;
  private Resident resident;

  /** Words are what to do. */
  private final class Echo implements CommandRunner {
    private final CountDownLatch started = new CountDownLatch(1);
    private final CountDownLatch interrupted = new CountDownLatch(1);

    @Override
    public int run(Invocation invocation) {
      for (String word : invocation.arguments()) {
        switch (word.charAt(0)) {
          case 'o' -> invocation.out().print(word);
          case 'e' -> invocation.err().print(word);
          case 'O' -> invocation.out().print("x".repeat(Integer.parseInt(word.substring(1))));
          case 'E' -> invocation.err().print("y".repeat(Integer.parseInt(word.substring(1))));
          case 'z' -> invocation.out().write(0);
          case 'i' -> read(invocation);
          case 'w' -> await();
          default -> throw new IllegalArgumentException(word);
        }
      }
      return invocation.arguments().size();
    }

    private void read(Invocation invocation) {
      assertThatThrownBy(() -> invocation.in().read()).isInstanceOf(IOException.class);
    }

    private void await() {
      started.countDown();
      try {
        Thread.sleep(Duration.ofHours(1));
      } catch (InterruptedException e) {
        interrupted.countDown();
      }
    }

    @Override
    public boolean mayRunResident(Invocation invocation) {
      return !invocation.arguments().contains("forbidden");
    }
  }

  private final Echo echo = new Echo();

  @BeforeEach
  void open() {
    home = new Home(temp.resolve("home"));
    resident =
        Resident.open(
            home, new ResidentOffer(echo, HERE, Map.of()), () -> {}, stopped::incrementAndGet);
  }

  @AfterEach
  void close() throws IOException {
    resident.close();
  }

  private SocketChannel send(String path, String form) throws IOException {
    SocketChannel channel =
        SocketChannel.open(UnixDomainSocketAddress.of(resident.address().socket()));
    String head = "POST %s HTTP/1.1\r\nContent-Length: %d\r\n\r\n".formatted(path, form.length());
    channel.write(ByteBuffer.wrap((head + form).getBytes(StandardCharsets.ISO_8859_1)));
    return channel;
  }

  private String ask(String path, String form) throws IOException {
    try (SocketChannel channel = send(path, form)) {
      return new String(
          Channels.newInputStream(channel).readAllBytes(), StandardCharsets.ISO_8859_1);
    }
  }

  private static String form(String... words) {
    StringBuilder form = new StringBuilder("d=/tmp&b=b&o=%7C%7C%7C%7C&m=" + HERE.mounts());
    for (String word : words) {
      form.append("&a=").append(word);
    }
    return form.toString();
  }

  private String run(String... words) throws IOException {
    return ask("/run", form(words));
  }

  private static boolean cold(String answer) {
    return answer.startsWith("HTTP/1.1 409 ");
  }

  @Test
  void piecesOfBothOutputsComeInTheirOrderWithTheExitCode() throws IOException {
    assertThat(run("o1", "o2", "e%0A", "o%5C%7C", "z").lines().toList())
        .startsWith("HTTP/1.1 200 OK", "Content-Type: 5|oo1o2|ee\\0012|oo\\0134\\0174\\0000");
  }

  @Test
  void muchStandardOutputIsTheBodyAndWhatIsTooMuchIsForTheCaller() throws IOException {
    assertThat(run("O100000", "e")).contains("Content-Type: 2|ee\r\n").endsWith("x".repeat(100));
    assertThat(cold(run("E60000"))).isTrue();
    assertThat(cold(run("O20000000", "O20000000"))).isTrue();
  }

  @Test
  void commandThatReadsStandardInputOrIsNotAllowedIsForTheCaller() throws IOException {
    assertThat(cold(run("o", "i", "o"))).isTrue();
    assertThat(cold(run("forbidden"))).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"b=b", "o=%7C%7C%7C%7C", "m="})
  void otherSurroundingsAreRefused(String field) throws IOException {
    assertThat(cold(run("o"))).isFalse();
    assertThat(cold(ask("/run", form("o").replace(field, field + "x")))).isTrue();
    assertThat(cold(ask("/run", form("o") + "&e=TZ=Mars"))).isTrue();
    assertThat(cold(ask("/run", form("o") + "&e=LANG=de_DE"))).isTrue();
    assertThat(cold(ask("/run", form("o") + "&e=LANG=en_GB.UTF-8"))).isFalse();
    assertThat(cold(ask("/run", form("o%C3%A9") + "&e=LC_ALL=C"))).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "GET / HTTP/1.1\r\n\r\n",
        "POST /run HTTP/1.0\r\nContent-Length: 0\r\n\r\n",
        "POST /run HTTP/1.1\r\n\r\n",
        "POST /run HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na",
        "POST /run HTTP/1.1\r\nContent-Length: 300000\r\n\r\na",
        "POST /run HTTP/1.1\r\nContent-Length: -1\r\n\r\na",
        "POST /run HTTP/1.1\r\nContent-Length: 9\r\n\r\na=b",
        "POST /run HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST /run HTTP/1.1\r\nContent-Length: 3\r\n\r\nx=b",
        "POST /run HTTP/1.1\r\nContent-Length: 3\r\n\r\nd=b",
        "POST /run HTTP/1.1\r\nContent-Length: 7\r\n\r\nt=1&t=1",
        "POST /run HTTP/1.1\r\nContent-Length: 3\r\n\r\na= ",
        "POST /run HTTP/1.1\r\nContent-Length: 5\r\n\r\na=%zz",
        "POST /run HTTP/1.1\r\nContent-Length: 5\r\n\r\na=%00",
        "POST /run HTTP/1.1\r\nContent-Length: 5\r\n\r\na=%ff",
        "POST /run HTTP/1.1\r\nContent-Length: 8\r\n\r\ne=PATH=x",
        "POST /run HTTP/1.1\r\nContent-Length: 6\r\n\r\ne=HOME"
      })
  void whatIsNoRequestIsRefused(String bytes) {
    assertThatThrownBy(() ->
            ResidentRequest.read(
                new ByteArrayInputStream(bytes.getBytes(StandardCharsets.ISO_8859_1))))
        .isInstanceOf(IOException.class);
  }

  @Test
  void callerWhoHangsUpInterruptsTheCommand() throws Exception {
    SocketChannel channel = send("/run", form("w"));
    assertThat(echo.started.await(100, TimeUnit.SECONDS)).isTrue();
    channel.close();

    assertThat(echo.interrupted.await(100, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void endOfTheProcessInterruptsTheCommandAndTheCallerGetsNoAnswer() throws Exception {
    try (SocketChannel channel = send("/run", form("o", "w"))) {
      assertThat(echo.started.await(100, TimeUnit.SECONDS)).isTrue();
      resident.close();

      assertThat(echo.interrupted.await(100, TimeUnit.SECONDS)).isTrue();
      assertThat(Channels.newInputStream(channel).read()).isEqualTo(-1);
    }
    assertThat(home.resident()).doesNotExist();
  }

  @Test
  void stopIsForTheOwner() throws Exception {
    assertThat(ResidentClient.stop(home)).contains(resident.address());
    while (stopped.get() == 0) {
      Thread.sleep(1); // it answers before it stops
    }
    assertThat(stopped).hasValue(1);
    resident.close();
    assertThat(ResidentClient.stop(home)).isEmpty();
  }

  @Test
  void nobodyElseReachesTheSocket() throws IOException {
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(home.resident())))
        .isEqualTo("rwx------");
    assertThat(
            PosixFilePermissions.toString(
                Files.getPosixFilePermissions(resident.address().socket())))
        .isEqualTo("rw-------");
  }

  @Test
  void directoryThatOthersMayEnterIsRefused() throws IOException {
    Home open = new Home(temp.resolve("open"));
    Files.createDirectories(open.resident());
    Files.setPosixFilePermissions(open.resident(), PosixFilePermissions.fromString("rwxr-xr-x"));
    Home linked = new Home(temp.resolve("linked")).create();
    Files.createSymbolicLink(linked.resident(), home.resident());
    for (Home one : List.of(open, linked)) {
      assertThatThrownBy(
              () -> Resident.open(one, new ResidentOffer(echo, HERE, Map.of()), () -> {}, () -> {}))
          .isInstanceOf(BullaException.class)
          .hasMessageContaining("for this user alone");
    }
  }

  @Test
  void laterProcessTakesTheAddressAndTheEarlierLeavesItThere() throws IOException {
    ResidentAddress other = new ResidentAddress(1, "b", Path.of("/nowhere"), "||||");
    other.write(home);
    resident.announce();
    resident.close();

    assertThat(ResidentAddress.read(home)).contains(other);
    Files.delete(ResidentAddress.file(home));
  }
}
