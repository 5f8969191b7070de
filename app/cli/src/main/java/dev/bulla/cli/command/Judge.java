package dev.bulla.cli.command;

import dev.bulla.core.BullaException;
import dev.bulla.core.Descriptor;
import dev.bulla.core.claim.Verification;
import dev.bulla.oci.ImageLocation;
import dev.bulla.oci.Repository;

/** Judges images, one or many, by what a command line says is believed. Thread-safe. */
@FunctionalInterface
interface Judge {
  /**
   * @param location how the image was named, from which its scope in a trust policy follows
   * @throws BullaException only if the repository cannot be reached, denies access, or the scope is
   *     not known
   */
  Verification verify(ImageLocation location, Repository repository, Descriptor subject);
}
