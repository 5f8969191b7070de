package dev.bulla.oci;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** What a registry accepts as proof of who is asking. Secrets never show in {@code toString}. */
public sealed interface Credential {

  /** A user name and a password or access token, sent as HTTP Basic (RFC 7617). */
  record Basic(String username, String password) implements Credential {
    /** The value of the {@code Authorization} header. */
    String header() {
      String pair = username + ":" + password;
      return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public String toString() {
      return "Basic[username=" + username + ", password=***]";
    }
  }

  /** A refresh token of the registry's own token service, which Docker calls an identity token. */
  record IdentityToken(String token) implements Credential {
    @Override
    public String toString() {
      return "IdentityToken[***]";
    }
  }

  /** A bearer token that is used as it is. */
  record RegistryToken(String token) implements Credential {
    @Override
    public String toString() {
      return "RegistryToken[***]";
    }
  }
}
