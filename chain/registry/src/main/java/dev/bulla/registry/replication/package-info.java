/** Copies of repositories in other registries that keep the chain of trust. */
@org.jspecify.annotations.NullMarked
package dev.bulla.registry.replication;
