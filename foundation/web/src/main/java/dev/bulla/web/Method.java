package dev.bulla.web;

/** The request methods that Bulla's protocols use (RFC 9110 section 9). */
public enum Method {
  GET,
  HEAD,
  POST,
  PUT,
  PATCH,
  DELETE
}
