package dev.bulla.web;

/** Is told of every exchange after it was answered; must neither block nor throw. */
@FunctionalInterface
public interface Observer {
  /** Whatever came of it. */
  void answered(Exchange exchange, int status);
}
