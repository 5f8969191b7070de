package dev.bulla.cli;

import picocli.CommandLine.Mixin;

/** A command: options filled in by the parser, then run once. */
public abstract class Command {
  @Mixin final GlobalOptions global = new GlobalOptions();

  /**
   * @return the exit code
   * @throws dev.bulla.core.BullaException for what could not be done; its code fixes the exit code
   */
  public abstract int run(Session session);
}
