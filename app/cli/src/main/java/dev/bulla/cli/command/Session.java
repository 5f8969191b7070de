package dev.bulla.cli.command;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.json.Json;
import dev.bulla.server.Invocation;
import dev.bulla.store.Home;
import dev.bulla.store.StoreLocations;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** One run of one command: its surroundings and its output. */
public final class Session {
  /** The version of this program. */
  public static final String VERSION = "0.1.0";

  private final Invocation invocation;
  private final GlobalOptions global;

  public Session(Invocation invocation, GlobalOptions global) {
    this.invocation = invocation;
    this.global = global;
  }

  public Invocation invocation() {
    return invocation;
  }

  public Home home() {
    String named = global.home;
    return named == null
        ? Home.of(invocation.environment(), invocation.workingDirectory())
        : new Home(invocation.workingDirectory().resolve(named));
  }

  /**
   * Where the stores of the home are, by the options of a {@link HomeCommand} or the environment.
   */
  public StoreLocations stores() {
    return new StoreLocations(
            Optional.ofNullable(global.records), Optional.ofNullable(global.blobs))
        .or(StoreLocations.of(invocation.environment()))
        .from(invocation.workingDirectory());
  }

  /** Whether the user wants one JSON document. */
  public boolean json() {
    return global.output.equals("json");
  }

  /**
   * For people: standard output, or standard error when standard output is kept for the JSON
   * document.
   */
  public PrintStream text() {
    return json() ? invocation.err() : invocation.out();
  }

  public PrintStream err() {
    return invocation.err();
  }

  /** A path as the user wrote it. */
  public Path path(String written) {
    return invocation.workingDirectory().resolve(written);
  }

  /**
   * An existing file or directory as the user wrote it.
   *
   * @throws BullaException {@link ErrorCode#FILE_NOT_FOUND}
   */
  public Path existing(String written) {
    Path path = path(written);
    if (!Files.exists(path)) {
      throw new BullaException(ErrorCode.FILE_NOT_FOUND, "no such file or directory: " + written);
    }
    return path;
  }

  /** Writes the result document, if JSON is wanted. */
  public void document(JsonNode document) {
    if (json()) {
      raw(Json.pretty(document));
    }
  }

  /** Writes bytes to standard output as they are. */
  public void raw(byte[] bytes) {
    invocation.out().write(bytes, 0, bytes.length);
    invocation.out().flush();
  }

  /** Says what went wrong, in text and in the JSON document, and gives the exit code. */
  public int fail(BullaException e) {
    err().println("bulla: " + e.reason());
    if (!e.nextStep().isEmpty()) {
      err().println("       " + e.nextStep());
    }
    err().println("       [" + e.code().id() + "] " + e.code().page());
    if (invocation.environment().containsKey("BULLA_DEBUG")) {
      e.printStackTrace(err());
    }
    errorDocument(e.code(), e.reason(), e.nextStep());
    return e.code().exitCode();
  }

  /** The same for a fault of the program itself. */
  public int bug(RuntimeException e) {
    err().println("bulla: internal error: " + e);
    err().println("       This is a fault in Bulla; please report it with the trace below.");
    e.printStackTrace(err());
    errorDocument(ErrorCode.INTERNAL, String.valueOf(e), "");
    return ErrorCode.INTERNAL.exitCode();
  }

  /**
   * Says what went wrong with one of several things, and gives its part of the document.
   *
   * @param member under which the document names the thing
   */
  public ObjectNode failure(String member, String name, BullaException e) {
    err().println("bulla: " + name + ": " + e.reason() + " [" + e.code().id() + "]");
    ObjectNode part = Json.object().put(member, name);
    ObjectNode error = part.putObject("error").put("code", e.code().id());
    error.put("message", e.reason());
    if (!e.nextStep().isEmpty()) {
      error.put("nextStep", e.nextStep());
    }
    return part;
  }

  private void errorDocument(ErrorCode code, String message, String nextStep) {
    if (json()) {
      ObjectNode document = Json.object();
      ObjectNode error = document.putObject("error");
      error.put("code", code.id());
      error.put("message", message);
      if (!nextStep.isEmpty()) {
        error.put("nextStep", nextStep);
      }
      document(document);
    }
  }

  /** Text as UTF-8 to standard output. */
  public void print(String text) {
    raw(text.getBytes(StandardCharsets.UTF_8));
  }
}
