package dev.bulla.server;

import dev.bulla.registry.Registry;
import dev.bulla.store.Home;
import java.security.SecureRandom;
import java.time.InstantSource;

/** Gives a registry who judges and who signs what was decided. */
final class RegistryTrust {
  private RegistryTrust() {}

  static void prepare(Registry registry, Home home, InstantSource clock, SecureRandom random) {
    BindingJudge judge = new BindingJudge(clock);
    registry.trust().judgeBy(judge);
    registry.trust().sealBy(new SealDecisions(judge, home, clock, random));
  }
}
