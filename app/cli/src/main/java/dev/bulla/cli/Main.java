package dev.bulla.cli;

import dev.bulla.cli.command.GlobalOptions;
import dev.bulla.cli.command.Session;
import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.keys.CryptoProvider;
import dev.bulla.server.Invocation;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The process's entry: the only place that reads the process's globals and ends it. */
public final class Main {
  private Main() {}

  public static void main(String[] args) {
    StandardOutput written = new StandardOutput();
    PrintStream out = new PrintStream(written, false, StandardCharsets.UTF_8);
    PrintStream err = stream(FileDescriptor.err);
    boolean terminal = System.console() != null && System.console().isTerminal();
    Invocation invocation =
        new Invocation(
            List.of(args),
            Path.of("").toAbsolutePath(),
            System.getenv(),
            System.in,
            out,
            err,
            Invocation.understandsAnsi(terminal, System.getenv()));
    int code = run(invocation);
    out.flush();
    err.flush();
    end(invocation, written.lost(err) && code == 0 ? ErrorCode.INTERNAL.exitCode() : code);
  }

  /** Remembers that something could not be written, which a {@code PrintStream} keeps to itself. */
  private static final class StandardOutput extends FileOutputStream {
    private Optional<String> fault = Optional.empty();

    StandardOutput() {
      super(FileDescriptor.out);
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
      try {
        super.write(bytes, from, length);
      } catch (IOException e) {
        fault = fault.or(() -> Optional.of(String.valueOf(e.getMessage())));
        throw e;
      }
    }

    /** Tells it; that nobody listens, or nobody any more, is no fault. */
    boolean lost(PrintStream err) {
      Optional<String> told =
          fault.filter(one -> !one.contains("Broken pipe") && !one.contains("descriptor"));
      told.ifPresent(one -> err.println("bulla: standard output cannot be written: " + one));
      err.flush();
      return told.isPresent();
    }
  }

  /**
   * {@code System.exit} first looks for somebody to tell, in every jar of the class path. Short
   * commands that only read leave nothing to be tidied up at the end, and may just end.
   */
  private static void end(Invocation invocation, int code) {
    boolean watched = !invocation.environment().getOrDefault("BULLA_JAVA_OPTS", "").isEmpty();
    if (!watched && Bulla.leavesNothing(invocation.arguments())) {
      Runtime.getRuntime().halt(code);
    }
    System.exit(code);
  }

  private static int run(Invocation invocation) {
    String crypto = invocation.environment().getOrDefault(CryptoProvider.VARIABLE, "");
    try {
      CryptoProvider.choose(CryptoProvider.Choice.parse(crypto));
    } catch (BullaException e) {
      return new Session(invocation, new GlobalOptions()).fail(e);
    }
    return new Bulla().run(invocation);
  }

  private static PrintStream stream(FileDescriptor descriptor) {
    return new PrintStream(new FileOutputStream(descriptor), false, StandardCharsets.UTF_8);
  }
}
