package dev.bulla.cli;

import dev.bulla.server.Invocation;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Somebody with a home and a working directory who types commands; all run in this process. */
record Caller(Path home, Path directory) {

  Ran run(String... words) {
    return run(Map.of(), words);
  }

  Ran run(Map<String, String> environment, String... words) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int code = new Bulla().run(invocation(environment, out, err, words));
    return new Ran(
        String.join(" ", words),
        code,
        out.toString(StandardCharsets.UTF_8),
        err.toString(StandardCharsets.UTF_8));
  }

  Invocation invocation(
      Map<String, String> environment,
      ByteArrayOutputStream out,
      ByteArrayOutputStream err,
      String... words) {
    Map<String, String> all = new HashMap<>(environment);
    all.putIfAbsent("BULLA_HOME", home.toString());
    all.putIfAbsent("BULLA_REHEARSAL", "off");
    all.put("HOME", directory.toString());
    return new Invocation(
        List.of(words),
        directory,
        all,
        InputStream.nullInputStream(),
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8),
        false);
  }
}
