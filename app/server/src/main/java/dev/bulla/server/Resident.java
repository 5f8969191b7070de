package dev.bulla.server;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.store.Home;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import jdk.net.ExtendedSocketOptions;

/**
 * Runs short commands for launchers of the same user, so that they need no Java runtime of their
 * own: a UNIX socket that speaks HTTP/1.1, one command for each connection.
 *
 * <p>Whoever reaches the socket has the rights of this process, therefore: a directory and a socket
 * for the owner alone, the user at the other end asked of the operating system, and only commands
 * that read. A caller who is refused, or whose connection breaks before the answer, has seen
 * nothing of the command and runs it himself. A caller who hangs up interrupts the command.
 */
public final class Resident implements AutoCloseable {
  /** The variables that a launcher hands over; one that gives others is refused. */
  public static final Set<String> ENVIRONMENT = ResidentRequest.ENVIRONMENT;

  private static final int MAX_CALLERS = 64;
  private static final int BACKLOG = 256;

  private final Home home;
  private final ResidentAddress address;
  private final CommandRunner commands;
  private final Surroundings surroundings;
  private final UserPrincipal user;
  private final Runnable used;
  private final Runnable stop;
  private final ServerSocketChannel listening;
  private final Semaphore places = new Semaphore(MAX_CALLERS);
  private final Set<ResidentCall> calls = ConcurrentHashMap.newKeySet();

  private Resident(
      Home home,
      ResidentAddress address,
      ServerSocketChannel listening,
      ResidentOffer offer,
      Runnable used,
      Runnable stop)
      throws IOException {
    this.home = home;
    this.address = address;
    this.listening = listening;
    this.commands = offer.commands();
    this.surroundings = offer.surroundings();
    this.user = Files.getOwner(address.socket());
    this.used = used;
    this.stop = stop;
  }

  /**
   * Listens, and says in the home how it is reached, in place of an earlier one.
   *
   * @param used called for each command
   * @param stop called when the owner wants this process to end
   * @throws BullaException {@link ErrorCode#HOME_UNUSABLE}
   */
  public static Resident open(Home home, ResidentOffer offer, Runnable used, Runnable stop) {
    home.create();
    try {
      long process = ProcessHandle.current().pid();
      Path socket =
          ResidentAddress.socketFor(
              home, Optional.ofNullable(offer.environment().get("XDG_RUNTIME_DIR")), process);
      Files.deleteIfExists(socket);
      ServerSocketChannel listening = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
      try {
        listening.bind(UnixDomainSocketAddress.of(socket), BACKLOG);
        Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-------"));
        Surroundings own = offer.surroundings();
        String build = own.build().isEmpty() ? "-" : own.build();
        ResidentAddress address = new ResidentAddress(process, build, socket, own.options());
        Resident resident = new Resident(home, address, listening, offer, used, stop);
        Thread.ofVirtual().name("resident").start(resident::accept);
        address.write(home);
        return resident;
      } catch (IOException | RuntimeException e) {
        listening.close();
        Files.deleteIfExists(socket);
        throw e;
      }
    } catch (IOException e) {
      throw new BullaException(
          ErrorCode.HOME_UNUSABLE,
          "cannot listen for commands of %s: %s".formatted(home.directory(), e.getMessage()),
          "Make the home writable for this user, or name another with --home or $BULLA_HOME.",
          e);
    }
  }

  /** Says again how it is reached, if nobody says so any more. */
  public void announce() {
    if (!Files.exists(ResidentAddress.file(home)) && listening.isOpen()) {
      try {
        address.write(home);
      } catch (IOException e) {
        // the home is gone: there is nobody to tell
      }
    }
  }

  public ResidentAddress address() {
    return address;
  }

  /** No new commands; those that run are interrupted, and their callers run them themselves. */
  @Override
  public void close() throws IOException {
    listening.close();
    calls.forEach(ResidentCall::close);
    address.remove(home);
  }

  private void accept() {
    while (listening.isOpen()) {
      try {
        SocketChannel channel = listening.accept();
        if (!places.tryAcquire()) {
          channel.close();
          continue;
        }
        Thread.ofVirtual().start(() -> serve(channel));
      } catch (ClosedChannelException e) {
        return;
      } catch (IOException e) {
        pause(); // no more file descriptors, perhaps for a moment only
      }
    }
  }

  private void serve(SocketChannel channel) {
    ResidentCall call = new ResidentCall(channel);
    calls.add(call);
    try (call) {
      if (!user.equals(channel.getOption(ExtendedSocketOptions.SO_PEERCRED).user())) {
        return;
      }
      ResidentRequest request = call.request();
      switch (request.path()) {
        case "/run" -> call.answer(run(call, request));
        case "/stop" -> {
          call.answer(ResidentAnswer.STOPPING);
          stop.run();
        }
        default -> call.answer(ResidentAnswer.COLD);
      }
    } catch (IOException | IllegalArgumentException e) {
      // a caller who hung up or did not speak the protocol gets no answer
    } finally {
      calls.remove(call);
      places.release();
    }
  }

  private byte[] run(ResidentCall call, ResidentRequest request) {
    Recording recording = new Recording();
    UnreadInput in = new UnreadInput();
    Invocation invocation =
        new Invocation(
            request.arguments(),
            request.workingDirectory(),
            request.environment(),
            in,
            recording.out(),
            recording.err(),
            Invocation.understandsAnsi(request.terminal(), request.environment()));
    if (!surroundings.sameAs(request.surroundings())
        || !request.isAscii() && !bothSpeakUnicode(request)
        || !commands.mayRunResident(invocation)) {
      return ResidentAnswer.COLD;
    }
    used.run();
    int code = call.whileConnected(() -> commands.run(invocation));
    used.run();
    invocation.out().flush();
    invocation.err().flush();
    return in.wanted() ? ResidentAnswer.COLD : ResidentAnswer.of(code, recording);
  }

  private boolean bothSpeakUnicode(ResidentRequest request) {
    return surroundings.speaksUnicode() && request.surroundings().speaksUnicode();
  }

  private static void pause() {
    try {
      Thread.sleep(20);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
