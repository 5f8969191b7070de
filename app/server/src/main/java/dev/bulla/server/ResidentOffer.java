package dev.bulla.server;

import java.util.Map;

/**
 * What a resident process has for its callers.
 *
 * @param surroundings of this process: callers must have the same
 * @param environment of this process
 */
public record ResidentOffer(
    CommandRunner commands, Surroundings surroundings, Map<String, String> environment) {
  public ResidentOffer {
    environment = Map.copyOf(environment);
  }

  /** With the surroundings of this process. */
  public static ResidentOffer of(CommandRunner commands, Map<String, String> environment) {
    return new ResidentOffer(commands, Surroundings.ofThisProcess(environment), environment);
  }
}
