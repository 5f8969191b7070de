package dev.bulla.cli.command;

import picocli.CommandLine.Mixin;

/** A command: options filled in by the parser, then run once. */
public abstract class Command {
  @Mixin private final GlobalOptions global = new GlobalOptions();

  public final GlobalOptions global() {
    return global;
  }

  /**
   * @return the exit code
   * @throws dev.bulla.core.BullaException for what could not be done; its code fixes the exit code
   */
  public abstract int run(Session session);
}
